"""The few things a person decides about a refund."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Select, Static

from posrefund.errors import Misused
from posrefund.money import Money, zero
from posrefund.refund.model import Finding, Payout, RefundOrder
from posrefund.safe_text import safe_text
from posrefund.terminal.model import Method, Terminal

OF_THE_SALE = "the terminal of the sale"
CARD_THERE, CARD_ABSENT = "the customer's card is here", "without the customer's card"


class RefundForm(Vertical):
    """Amount, terminal, text, and the parts of a split payment."""

    @dataclass
    class Finished(Message):
        """Enter was pressed in one of the boxes."""

    class Edited(Message):
        """Something in it changed."""

    def __init__(
        self, finding: Finding, *, terminals: Sequence[Terminal], default: Terminal | None
    ) -> None:
        """Prepare the form.

        Args:
            finding: The payment and what is left of it.
            terminals: Those that fit the payment's method.
            default: The one to start with; None leaves the choice to CCV.
        """
        super().__init__()
        self._finding = finding
        self._terminals = list(terminals)
        self._default = default

    def compose(self) -> ComposeResult:
        """The amount first: the focus starts there, so that Enter alone gives back what is left."""
        payment = self._finding.payment
        amount = Input(self.suggestion, placeholder="nothing left", id="amount")
        yield _row(f"Amount {payment.amount.currency}", amount)
        if payment.payouts:
            yield Static("Split payment: how much each part gives back", classes="form-hint")
        for number, payout in enumerate(payment.payouts):
            name = safe_text(payout.external_reference or "own part", limit=30)
            yield _row(name, Input(self._payout_suggestion(payout), id=f"payout-{number}"))
        if self._terminals:
            yield _row("On", self._chooser())
        if payment.method == Method.SOFTPOS:
            yield _row("Card", self._card_chooser())
        hint = safe_text(payment.description or "optional", limit=60)
        yield _row("Description", Input(id="text", placeholder=hint))

    @property
    def suggestion(self) -> str:
        """What is left, or nothing where nothing is left."""
        left = self._finding.left
        return left.text if left.minor else ""

    @property
    def terminal(self) -> Terminal | None:
        """The one chosen."""
        if not self._terminals:
            return None
        name = self.query_one("#terminal", Select).value
        return next((one for one in self._terminals if one.name == name), None)

    def order(self) -> RefundOrder:
        """Read the form.

        Raises:
            Misused: If an amount cannot be understood. Nothing was sent.
        """
        payment = self._finding.payment
        absent = (
            payment.method == Method.SOFTPOS
            and self.query_one("#card", Select).value == CARD_ABSENT
        )
        return RefundOrder(
            finding=self._finding,
            amount=Money.parse(self._typed("amount"), payment.amount.currency),
            terminal=self.terminal,
            description=self._typed("text").strip(),
            card_absent=absent,
            payouts=tuple(self._payouts()),
        )

    def start_over(self) -> None:
        """Put the suggestion back into the amount, selected."""
        amount = self.query_one("#amount", Input)
        amount.value = self.suggestion
        amount.focus()
        amount.select_all()

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value

    def _payouts(self) -> list[Payout]:
        parts: list[Payout] = []
        for number, payout in enumerate(self._finding.payment.payouts):
            typed = self._typed(f"payout-{number}").strip()
            if typed.strip("0.,"):
                amount = Money.parse(typed, payout.amount.currency)
                parts.append(Payout(external_reference=payout.external_reference, amount=amount))
        if self._finding.payment.payouts and not parts:
            raise Misused("say how much each part of this split payment gives back")
        return parts

    def _payout_suggestion(self, payout: Payout) -> str:
        """Whole parts are known only where the whole payment is left."""
        payment = self._finding.payment
        parts = zero(payment.amount.currency)
        for one in payment.payouts:
            parts = parts + one.amount
        return payout.amount.text if parts == self._finding.left else ""

    def _chooser(self) -> Select[str]:
        options = [(Content(safe_text(one.name, limit=40)), one.name) for one in self._terminals]
        if self._default is None:
            options.insert(0, (Content(OF_THE_SALE), OF_THE_SALE))
        chosen = self._default.name if self._default is not None else OF_THE_SALE
        return Select(options, value=chosen, allow_blank=False, id="terminal")

    def _card_chooser(self) -> Select[str]:
        """In words: a tick that only changes its colour is no answer."""
        absent = self._default is not None and not self._default.card_present
        options = [(Content(words), words) for words in (CARD_THERE, CARD_ABSENT)]
        chosen = CARD_ABSENT if absent else CARD_THERE
        return Select(options, value=chosen, allow_blank=False, id="card")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Finished())

    @on(Input.Changed)
    @on(Select.Changed)
    def _edited(self) -> None:
        self.post_message(self.Edited())


def _row(label: str, widget: Widget) -> Horizontal:
    return Horizontal(Static(Content(label), classes="form-label"), widget, classes="form-row")
