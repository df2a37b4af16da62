"""The line at the top of every screen that says whose money this is."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from posrefund.safe_text import safe_text
from posrefund.tui.board import Desk

MEANING = {
    "PRACTICE": "the sandbox on this machine; nothing leaves it",
    "TEST": "CCV's test world; no real money",
    "LIVE": "real money",
}


class ModeBanner(Horizontal):
    """Mode, what it means, and the name of the counter."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(classes=f"mode-{desk.mode.lower()}")
        self._desk = desk

    def compose(self) -> ComposeResult:
        """Words first: the colour only helps."""
        mode = self._desk.mode
        meaning = MEANING.get(mode, "")
        yield Static(Content(f" {mode} "), id="mode-name")
        yield Static(Content(f" {meaning}"), id="mode-meaning")
        yield Static(Content(f"{safe_text(self._desk.counter, limit=28)} "), id="mode-counter")
