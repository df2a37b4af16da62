"""The smallest Textual app that shows a text and answers a key: what B2 is measured against.

It is run as a program, by an interpreter that has no more than Textual.
"""

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static


class EmptyApp(App):
    """Shows that it is there, then the key that was pressed."""

    def compose(self) -> ComposeResult:
        yield Static("it is there", id="text")

    def on_key(self, event: Key) -> None:
        self.query_one("#text", Static).update(f"heard {event.character}")


if __name__ == "__main__":
    EmptyApp().run()
