"""What every full screen has: the banner above, the keys below."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer

from posrefund.refund.model import Refund
from posrefund.tui.board import Desk
from posrefund.tui.widgets.mode_banner import ModeBanner


class Page(Screen[None]):
    """A full screen. What is special about it comes from `compose_page`."""

    DEAF_TO_SCANNERS: ClassVar[bool] = False
    """Letters act here, so what a scanner types outside an input is thrown away by the app."""

    LEADS_ON: ClassVar[bool] = False
    """A form: over once it has led to another screen, and not to be come back to."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.successor: Page | None = None
        """The screen that takes this one's place as soon as nothing covers it."""

    @property
    def is_drawn(self) -> bool:
        """Are its parts there? Not before the first frame, and not while the program ends."""
        return self.is_attached and bool(self.children)

    def on_screen_resume(self) -> None:
        """Give way to a successor that came while another screen lay on top."""
        if self.successor is not None:
            self.app.switch_screen(self.successor)

    def compose(self) -> ComposeResult:
        """Banner, the page itself, footer."""
        yield ModeBanner(self.desk)
        yield from self.compose_page()
        yield Footer(show_command_palette=False)

    def compose_page(self) -> ComposeResult:
        """Yield what is between banner and footer."""
        yield from ()

    def follows(self, refund: Refund) -> bool:
        """Is it about this refund?"""
        return False

    @classmethod
    def suits(cls, refund: Refund) -> bool:
        """Is this the screen for a refund in that state?"""
        return False

    def action_leave(self) -> None:
        """Go back to the screen below. Nothing that was begun ends by it."""
        if self.is_current:
            self.dismiss()
