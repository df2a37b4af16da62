"""What became of a refund, so big that it cannot be misread."""

from datetime import datetime, timedelta
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from posrefund.language import N_, _
from posrefund.refund.model import Refund
from posrefund.refund.rules import needs_a_person
from posrefund.tui.customer import asked_by_the_terminal, asks_the_customer
from posrefund.tui.screens.next_receipt import NextReceipt
from posrefund.tui.screens.refund import CHECK_NOW, SHOW_CASE, RefundScreen
from posrefund.tui.screens.slip import SlipScreen
from posrefund.tui.widgets.headline import Headline
from posrefund.tui.widgets.note import Note
from posrefund.tui.widgets.slip_paper import SlipPaper
from posrefund.wording import Outcome, words

_WIDE_ENOUGH = 110
HOLD = timedelta(seconds=6)
"""So long a prompt of the terminal stays, whatever is pressed (CCV test book RG1-RG3)."""
READ = timedelta(seconds=3)
"""So long the next receipt cannot take away that nothing was given back: a hurried cashier scans it
before the words were read, and the customer would go."""

_HELP_BEFORE_LEAVING = N_(
    "Read the big words: they say what became of the money. Do what the line below them says;"
    " Enter takes you back to the counter. The next receipt cannot be scanned here: press Enter"
    " first, then scan it."
)


class OutcomeScreen(RefundScreen, NextReceipt):
    """For refunds that are over, or that nobody can vouch for yet.

    A hurried cashier scans the next receipt here.
    """

    DEAF_TO_SCANNERS = False

    HELP = N_(
        "Read the big words: they say what became of the money. Do what the line below "
        "them says; Enter takes you back to the counter. The next receipt can be scanned here."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,escape", "leave_refund", "Back", key_display="Enter"),
        CHECK_NOW,
        Binding("s,S", "show_slip", "Slip"),
        SHOW_CASE,
    ]

    _asked_since: datetime | None = None
    _shown: tuple[Outcome, datetime] | None = None
    """The outcome on the screen, and since when it is there."""

    @property
    def help_text(self) -> str:
        """Where a person must read first, no scan leads on."""
        return _HELP_BEFORE_LEAVING if self._stays_until_left() else self.HELP

    @classmethod
    def suits(cls, refund: Refund) -> bool:
        """Everything but running refunds."""
        return words(refund).outcome is not Outcome.RUNNING

    def compose_page(self) -> ComposeResult:
        """Headline above; words on the left, the slip on the right where there is room."""
        yield Headline()
        yield Note(id="asks")
        with Horizontal(id="outcome-body"):
            with VerticalScroll(id="outcome-words", can_focus=False):
                yield Note(id="neutral", classes="doubt")
                yield Note(id="customer")
                yield Note(id="facts")
            with VerticalScroll(id="outcome-slip", can_focus=False):
                yield SlipPaper(id="slip")
        yield Note(id="remark", classes="doubt")

    def show_refund(self) -> None:
        """Draw the refund and its slip."""
        super().show_refund()
        outcome = words(self.refund).outcome
        if self._shown is None or self._shown[0] is not outcome:
            self._shown = outcome, self.clock.now()
        asked = asked_by_the_terminal(self.refund)
        self.query_one("#asks", Note).say("\n".join(asked))
        if asks_the_customer(self.refund) and self._asked_since is None:
            self._asked_since = self.clock.now()
        self._show_slip_beside()
        self.query_one("#slip", SlipPaper).show(self.refund)

    def on_resize(self) -> None:
        """The slip stands beside the words only where both fit."""
        self._show_slip_beside()

    def _show_slip_beside(self) -> None:
        self.query_one("#outcome-slip").display = self.size.width >= _WIDE_ENOUGH

    def action_leave_refund(self) -> None:
        """Go home; but a prompt the customer waits for is seen first."""
        if self._may_be_left():
            super().action_leave_refund()

    def action_show_slip(self) -> None:
        """The slip alone."""
        self.app.push_screen(SlipScreen(self.refund, rhythm=self.rhythm))

    # -- the next customer ---------------------------------------------------------------------

    def may_go_on(self) -> bool:
        """Only once what is to be read was read, and what the terminal asks was done."""
        if self._is_to_be_read():
            self.app.bell()
            self.show_remark(_("Read this first; Enter goes on to the next customer."))
            return False
        return self._may_be_left()

    def _is_to_be_read(self) -> bool:
        match self._shown:
            case (Outcome.NOT_DONE | Outcome.NOT_SENT, since):
                return timedelta() <= self.clock.now() - since < READ
        return self._stays_until_left()

    def _stays_until_left(self) -> bool:
        """Nobody knows what became of the money: only a key of its own leaves that."""
        match words(self.refund).outcome:
            case Outcome.NOT_KNOWN:
                return True
            case Outcome.PERSON:
                return needs_a_person(self.refund)
        return False

    def _may_be_left(self) -> bool:
        since = self._asked_since
        if since is not None and timedelta() <= self.clock.now() - since < HOLD:
            self.app.bell()
            self.show_remark(_("First do what the terminal asks; then press the key again."))
            return False
        return True
