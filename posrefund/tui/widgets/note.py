"""A text that takes no room while there is nothing to say."""

from textual.content import Content
from textual.widgets import Static


class Note(Static):
    """Plain text or ready content; never markup."""

    DEFAULT_CSS = "Note { display: none; }"

    def say(self, text: str | Content) -> None:
        """Show the text, or nothing."""
        content = text if isinstance(text, Content) else Content(text)
        self.update(content)
        self.display = bool(content)
