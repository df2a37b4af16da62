"""What the screens of one refund have in common, whatever its state."""

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from posrefund.language import N_, _
from posrefund.refund.model import Refund, RefundState
from posrefund.refund.polling import NEUTRAL_AFTER_SECONDS
from posrefund.refund.ports import Clock
from posrefund.safe_text import safe_text
from posrefund.speech import method_text, quoted, retold
from posrefund.terminal.signs import Sign
from posrefund.tui.board import Board, Desk, Remark
from posrefund.tui.customer import for_the_customer, is_to_be_handed_out, what_to_do
from posrefund.tui.messages import CaseOpened, CheckRequested, RefundLeft
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.page import Page
from posrefund.tui.times import clock_text, elapsed_text
from posrefund.tui.widgets.headline import Headline
from posrefund.tui.widgets.marks import badge
from posrefund.tui.widgets.note import Note
from posrefund.wording import words

NEUTRAL = N_(
    "The result is not known yet. It is looked up by itself and the case stays open."
    " Look at the terminal: is a card still in it? Do not start the refund again."
)
"""Said after six minutes, whatever the state: neither yes nor no (CCV test book FS6, H1B)."""

_LABEL = 17

CHECK_NOW = Binding("c,C", "check_now", "Check now")
SHOW_CASE = Binding("h,H", "show_case", "History")


class RefundScreen(Page):
    """Follows one refund on the board. Closing it changes nothing."""

    CSS_PATH = "../styles/refund.tcss"
    DEAF_TO_SCANNERS = True
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012 - Textual's declaration
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown,down", "read(1)", "Read on", show=False),
        Binding("pageup,up", "read(-1)", "Read back", show=False),
    ]

    def __init__(
        self,
        *,
        desk: Desk,
        board: Board,
        refund: Refund,
        clock: Clock,
        rhythm: KeyRhythm,
        sign: Sign | None = None,
    ) -> None:
        super().__init__(desk)
        self.refund = refund
        self.sign = sign
        self.board = board
        self.clock = clock
        self.rhythm = rhythm
        self._is_handed_out = False

    def follows(self, refund: Refund) -> bool:
        """Its own only."""
        return refund.id == self.refund.id

    def on_mount(self) -> None:
        """Listen, and catch up with what happened before anybody listened."""
        self.board.moved.subscribe(self, self._on_moved)
        self.board.remarked.subscribe(self, self._on_remarked)
        self.set_interval(1.0, self.show_time)
        self.redraw()

    def redraw(self) -> None:
        """Draw everything that is known of it."""
        self.refund = self.board.latest(self.refund)
        self.show_refund()
        self.show_remark(self.board.remark_of(self.refund.id))

    def show_refund(self) -> None:
        """Draw the refund as it stands."""
        self._show_words()
        self.query_one("#facts", Note).say(_facts_text(self.refund, self.sign))
        self.show_time()
        self.refresh_bindings()

    def _show_words(self) -> None:
        """Draw what is to be done and said, which changes when it takes long."""
        seconds = self._seconds()
        self._is_handed_out = is_to_be_handed_out(self.refund, seconds)
        said = words(self.refund)
        said = replace(said, next=what_to_do(self.refund, said.next, seconds=seconds))
        self.query_one(Headline).show(said, self.refund.amount)
        told = for_the_customer(self.refund, seconds=seconds)
        self.query_one("#customer", Note).say(_customer_text(told))

    def _seconds(self) -> float:
        """How long ago it was sent, or decided."""
        began = self.refund.first_sent_at or self.refund.created_at
        return (self.clock.now() - began).total_seconds()

    def show_time(self) -> None:
        """Draw what changes with every second."""
        if not self.is_drawn:
            return
        refund = self.refund
        started = refund.first_sent_at or refund.created_at
        if refund.state.is_final:
            begun = _("begun {time}").format(time=clock_text(started))
            self.query_one(Headline).aside(begun)
            self.query_one("#neutral", Note).say("")
            return
        seconds = self._seconds()
        if is_to_be_handed_out(refund, seconds) is not self._is_handed_out:
            self._show_words()
        since = _("since {time}").format(time=clock_text(started))
        self.query_one(Headline).aside(f"{elapsed_text(seconds)}  {since}")
        late = seconds >= NEUTRAL_AFTER_SECONDS
        self.query_one("#neutral", Note).say(_(NEUTRAL) if late else "")

    def show_remark(self, text: str) -> None:
        """Draw the last thing said of it."""
        self.query_one("#remark", Note).say(text)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what makes sense in this state."""
        if action == "check_now":
            return not self.refund.state.is_final
        return True

    def action_leave_refund(self) -> None:
        """Go home, however this screen was come to; or to the form that waits below."""
        if self.is_current:
            self.post_message(RefundLeft(self))

    def action_check_now(self) -> None:
        """Ask CCV now; the slow beat goes on besides."""
        self.post_message(CheckRequested(self.refund))

    def action_read(self, pages: int) -> None:
        """Show what is below or above the edge of a small window."""
        for part in self.query(VerticalScroll).results(VerticalScroll):
            part.scroll_relative(y=pages * max(1, part.size.height - 1), animate=False)

    def action_show_case(self) -> None:
        """Every step of it, with its time."""
        self.post_message(CaseOpened(self.refund))

    def _on_moved(self, refund: Refund) -> None:
        if self.follows(refund) and self.is_drawn:
            self.refund = self.board.latest(refund)
            if self.suits(self.refund):
                self.show_refund()
                self.show_remark(self.board.remark_of(refund.id))

    def _on_remarked(self, remark: Remark) -> None:
        if remark.refund_id == self.refund.id and self.is_drawn:
            self.show_remark(remark.text)


def _customer_text(told: str) -> Content:
    return Content.assemble((label(_("To the customer")), "$quiet"), (quoted(told), "bold"))


def _facts_text(refund: Refund, sign: Sign | None) -> Content:
    """The references a person may have to name, never cut."""
    reason = refund.message if refund.state is not RefundState.FAILED else None
    nothing = Content("")
    where = Content.assemble(badge(sign), " ") if sign is not None else nothing
    rows = [
        (_("Payment"), nothing, refund.original_reference),
        (_("Terminal"), where, refund.terminal or method_text(refund.method)),
        (_("CCV's reference"), nothing, refund.provider_reference),
        (_("Our id"), nothing, refund.id),
        (_("Because"), nothing, retold(reason or "")),
        (_("CONTRADICTION"), nothing, retold(refund.alarm or "")),
    ]
    lines = [
        Content.assemble((label(name), "$quiet"), before, safe_text(value, limit=255))
        for name, before, value in rows
        if value
    ]
    return Content("\n").join(lines)


def label(text: str) -> str:
    """The name of a row, as wide as all of them."""
    return f"{text:<{_LABEL}}" if len(text) < _LABEL else f"{text}  "
