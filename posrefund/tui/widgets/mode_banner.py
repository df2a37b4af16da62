"""The line at the top of every screen that says whose money this is."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from posrefund.language import N_, _
from posrefund.safe_text import safe_text
from posrefund.tui.board import Desk

MEANING = {
    N_("PRACTICE"): N_("the sandbox on this machine; nothing leaves it"),
    N_("TEST"): N_("CCV's test world; no real money"),
    N_("LIVE"): N_("real money"),
}
"""Each mode, and whose money it moves. Looked up in the current language where it is shown."""


class ModeBanner(Horizontal):
    """Mode, what it means, and the name of the counter."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(classes=f"mode-{desk.mode.lower()}")
        self._desk = desk

    def compose(self) -> ComposeResult:
        """Words first: the colour only helps."""
        mode = self._desk.mode
        meaning = _(MEANING.get(mode, ""))
        yield Static(Content(f" {_(mode)} "), id="mode-name")
        yield Static(Content(f" {meaning}"), id="mode-meaning")
        yield Static(Content(f"{safe_text(self._desk.counter, limit=28)} "), id="mode-counter")
