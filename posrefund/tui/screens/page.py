"""What every full screen has: the banner above; below, what else is open, and the keys."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Footer, Input, Select

from posrefund.refund.model import Refund
from posrefund.tui.board import Desk
from posrefund.tui.messages import PageShown
from posrefund.tui.screens.spoken import Spoken
from posrefund.tui.widgets.mode_banner import ModeBanner
from posrefund.tui.widgets.open_strip import OpenStrip
from posrefund.tui.widgets.size_note import SizeNote

Kind = TypeVar("Kind", bound=Widget)


class Page(Spoken[None]):
    """A full screen. What is special about it comes from `compose_page`."""

    DEAF_TO_SCANNERS: ClassVar[bool] = False
    """Letters act here, so what a scanner types outside an input is thrown away by the app."""

    LEADS_ON: ClassVar[bool] = False
    """A form: over once it has led to another screen, and not to be come back to."""

    HELP: ClassVar[str] = ""
    """What to do here, for the help: English, marked with `N_`, translated when it is shown."""

    @property
    def help_text(self) -> str:
        """What to do here now, in English."""
        return self.HELP

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.successor: Page | None = None
        """The screen that takes this one's place as soon as nothing covers it."""
        self._is_speaking_again = False

    @property
    def is_drawn(self) -> bool:
        """Are its parts there? Not before the first frame, and not while the program ends."""
        return self.is_attached and bool(self.children) and not self._is_speaking_again

    def on_screen_resume(self) -> None:
        """Give way to a successor that came while another screen lay on top."""
        if not self.is_current:
            return  # It came to the front for a moment, on the way home.
        if self.successor is not None:
            self.app.switch_screen(self.successor)
        else:
            self.post_message(PageShown())

    def compose(self) -> ComposeResult:
        """Banner, the page itself, whether the window is too small, what else is open, footer."""
        yield ModeBanner(self.desk)
        yield from self.compose_page()
        yield SizeNote()
        yield OpenStrip()
        yield Footer(show_command_palette=False)

    def compose_page(self) -> ComposeResult:
        """Yield what is between banner and footer."""
        yield from ()

    def redraw(self) -> None:
        """Draw what `compose_page` leaves empty. A page that has such parts says how."""

    def show_open(self, text: Content) -> None:
        """Say in one line what else is open, or nothing."""
        if self.is_drawn:
            self.query_one(OpenStrip).say(text)

    async def speak_again(self) -> None:
        """Say everything in the language of now; what was typed, and the focus, stay."""
        if not self.is_drawn or not self._can_redraw():
            self.refresh_bindings()
            return
        typed = {one.id: one.value for one in self.query(Input) if one.id}
        chosen = {one.id: one.value for one in self.query(Select) if one.id}
        focus = self.focused.id if self.focused is not None else None
        self._is_speaking_again = True
        try:
            await self.recompose()
        finally:
            self._is_speaking_again = False
        for name, value in typed.items():
            for box in self._named(name, Input):
                box.value = value
        for name, choice in chosen.items():
            for select in self._named(name, Select):
                if select.value != choice:
                    # Later: its own parts may not be there yet.
                    select.call_after_refresh(setattr, select, "value", choice)
        for widget in self._named(focus, Widget):
            widget.focus()
        self.redraw()
        self.refresh_bindings()

    def _can_redraw(self) -> bool:
        """A page that fills its parts once, when it opens, keeps them until it opens again."""
        own = type(self).__mro__[: type(self).__mro__.index(Page)]
        fills = any("on_mount" in vars(kind) for kind in own)
        return not fills or any("redraw" in vars(kind) for kind in own)

    def _named(self, name: str | None, kind: type[Kind]) -> list[Kind]:
        return list(self.query(f"#{name}").results(kind)) if name else []

    def follows(self, refund: Refund) -> bool:
        """Is it about this refund?"""
        return False

    @classmethod
    def suits(cls, refund: Refund) -> bool:
        """Is this the screen for a refund in that state?"""
        return False

    @property
    def is_being_filled_in(self) -> bool:
        """Does it hold what somebody typed and has not decided yet?"""
        return False

    def action_leave(self) -> None:
        """Go back to the screen below. Nothing that was begun ends by it."""
        if self.is_current:
            self.dismiss()
