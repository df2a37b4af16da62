"""A decision that was not even written down: nothing was sent."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from posrefund.errors import AlreadyOpen, PosrefundError
from posrefund.figures import amount_text
from posrefund.language import N_, _
from posrefund.refund.model import RefundOrder
from posrefund.tui.board import Desk
from posrefund.tui.messages import RefundOpened, SearchRequested
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.next_receipt import NextReceipt
from posrefund.tui.widgets.headline import Headline
from posrefund.wording import Outcome, Words, error_words


class RefusedScreen(NextReceipt):
    """Says why, and leads to the refund in the way, back to the payment, or to the next receipt."""

    CSS_PATH = "../styles/refund.tcss"
    LEADS_ON = True
    HELP = N_("Nothing was sent. Read why, then look the payment up again or go back.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f,F", "follow", "Follow the open refund"),
        Binding("a,A", "again", "Look the payment up again"),
        Binding("enter,escape", "leave", "Back", key_display="Enter"),
    ]

    def __init__(
        self, *, desk: Desk, order: RefundOrder, error: PosrefundError, rhythm: KeyRhythm
    ) -> None:
        super().__init__(desk)
        self.rhythm = rhythm
        self._order = order
        self._error = error

    def compose_page(self) -> ComposeResult:
        """Headline and reason."""
        yield Headline()
        yield Static(Content(error_words(self._error)), id="refused-why")

    def on_mount(self) -> None:
        """Say that nothing happened before saying why."""
        self.redraw()

    def redraw(self) -> None:
        """Draw the headline."""
        amount = self._order.amount
        said = Words(
            Outcome.NOT_SENT,
            _("Not sent"),
            _("Nothing was sent, so {amount} was NOT given back.").format(
                amount=amount_text(amount)
            ),
            _("Read why below."),
        )
        self.query_one(Headline).show(said, amount)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Follow only where there is something to follow."""
        if action == "follow":
            return isinstance(self._error, AlreadyOpen)
        return True

    def action_follow(self) -> None:
        """Show the refund in the way."""
        if isinstance(self._error, AlreadyOpen):
            self.post_message(RefundOpened(self._error.refund_id))

    def action_again(self) -> None:
        """Look the payment up again."""
        self.post_message(SearchRequested(self._order.finding.payment.reference))
        self.action_leave()
