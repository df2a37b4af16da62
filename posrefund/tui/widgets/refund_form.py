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
from posrefund.figures import amount_text
from posrefund.language import N_, _
from posrefund.money import Money, zero
from posrefund.refund.model import Finding, Payout, RefundOrder
from posrefund.safe_text import safe_text
from posrefund.terminal.model import Method, Terminal
from posrefund.terminal.signs import sign_of
from posrefund.tui.widgets.amount_box import AmountBox, typed_text
from posrefund.tui.widgets.chooser import Chooser
from posrefund.tui.widgets.marks import badge

OF_THE_SALE = N_("the terminal of the sale")
CARD_THERE, CARD_ABSENT = N_("the customer's card is here"), N_("without the customer's card")


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
            terminals: As configured; those that fit the payment's method can be chosen.
            default: The one to start with; None leaves the choice to CCV.
        """
        super().__init__()
        self._finding = finding
        self._all_terminals = terminals
        self._terminals = [one for one in terminals if one.method == finding.payment.method]
        self._default = default

    def compose(self) -> ComposeResult:
        """The amount first: the focus starts there, so that Enter alone gives back what is left."""
        payment = self._finding.payment
        currency = payment.amount.currency
        aside = _("of {amount} left").format(amount=typed_text(self._finding.left))
        yield _row(
            _("Amount {currency}").format(currency=currency),
            AmountBox(self.suggestion, keys="r", id="amount"),
            Static(Content(aside), classes="form-aside"),
            classes="form-row big",
        )
        if payment.payouts:
            yield Static(Content(_("Split payment: how much each part gives back")), id="split")
        for number, payout in enumerate(payment.payouts):
            name = safe_text(payout.external_reference or _("own part"), limit=30)
            box = AmountBox(self._payout_suggestion(payout), id=f"payout-{number}")
            box.compact = True
            of = _("of {amount}").format(amount=typed_text(payout.amount))
            yield _row(name, box, Static(Content(of), classes="form-aside"))
        if payment.payouts:
            yield Static(id="payout-sum", classes="form-hint")
        if self._terminals:
            yield _row(_("On"), self._chooser())
        if self.asks_for_card:
            yield _row(_("Card"), self._card_chooser())
        hint = safe_text(payment.description or _("optional"), limit=60)
        yield _row(_("Description"), Input(id="text", placeholder=hint, compact=True))

    def on_mount(self) -> None:
        """Add the suggested parts up."""
        self._show_sum()

    @property
    def suggestion(self) -> str:
        """What is left, or nothing where nothing is left."""
        left = self._finding.left
        return typed_text(left) if left.minor else ""

    @property
    def amount(self) -> Money | None:
        """What stands in the box, if it is an amount."""
        try:
            return Money.parse(self._typed("amount"), self._finding.payment.amount.currency)
        except Misused:
            return None

    @property
    def typed(self) -> tuple[str, ...]:
        """What stands in all boxes."""
        return tuple(box.value for box in self.query(Input))

    @property
    def terminal(self) -> Terminal | None:
        """The one chosen."""
        if not self._terminals:
            return None
        name = self.query_one("#terminal", Chooser).value
        return next((one for one in self._terminals if one.name == name), None)

    @property
    def has_other_terminals(self) -> bool:
        """Is there more than one to choose from?"""
        return len(self._terminals) > 1

    def order(self) -> RefundOrder:
        """Read the form.

        Raises:
            Misused: If an amount cannot be understood. Nothing was sent.
        """
        payment = self._finding.payment
        absent = self.asks_for_card and self.query_one("#card", Chooser).value == CARD_ABSENT
        return RefundOrder(
            finding=self._finding,
            amount=Money.parse(self._typed("amount"), payment.amount.currency),
            terminal=self.terminal,
            description=self._typed("text").strip(),
            card_absent=absent,
            payouts=tuple(self._payouts()),
        )

    def start_over(self) -> None:
        """Put what is left into the amount, selected."""
        self.query_one("#amount", Input).value = self.suggestion
        self.retype()

    def retype(self) -> None:
        """Let the next key replace the amount."""
        amount = self.query_one("#amount", Input)
        amount.focus()
        amount.select_all()

    def choose_next_terminal(self) -> None:
        """Go to the next of those that can be chosen, and on to the amount."""
        chooser = self.query_one("#terminal", Chooser)
        names = [one.name for one in self._terminals]
        place = names.index(chooser.value) + 1 if chooser.value in names else 0
        chooser.value = names[place % len(names)]
        self._go_on_from(chooser)

    @property
    def asks_for_card(self) -> bool:
        """Can the customer's card be there or not?"""
        return self._finding.payment.method == Method.SOFTPOS

    @property
    def is_choosing_card(self) -> bool:
        """Has the list of with and without card the focus?"""
        return self.asks_for_card and self.query_one("#card", Chooser).has_focus_within

    def choose_other_card(self) -> None:
        """With the customer's card instead of without it, or the other way round."""
        chooser = self.query_one("#card", Chooser)
        chooser.value = CARD_THERE if chooser.value == CARD_ABSENT else CARD_ABSENT
        self._go_on_from(chooser)

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
        whole = _total([one.amount for one in payment.payouts], payment.amount.currency)
        return typed_text(payout.amount) if whole == self._finding.left else ""

    def _show_sum(self) -> None:
        """Say how far the parts are from the amount, while they are typed."""
        payment = self._finding.payment
        if not payment.payouts:
            return
        line = self.query_one("#payout-sum", Static)
        amount = self.amount
        try:
            parts = [part.amount for part in self._payouts()]
        except Misused:
            parts = []
        total = _total(parts, payment.amount.currency)
        line.set_class(total != amount, "doubt")
        if amount is None or total == amount:
            text = _("\u2713 The parts add up to {total}.") if amount else _("Parts: {total}.")
        elif total < amount:
            text = _("! The parts add up to {total}: {gap} is missing.")
        else:
            text = _("! The parts add up to {total}: {gap} too much.")
        gap = abs(amount.minor - total.minor) if amount else 0
        shown = text.format(total=amount_text(total), gap=typed_text(Money(gap, total.currency)))
        line.update(Content(shown))

    def _chooser(self) -> Chooser:
        options = [(self._label(one), one.name) for one in self._terminals]
        if self._default is None:
            options.insert(0, (Content(_(OF_THE_SALE)), OF_THE_SALE))
        chosen = self._default.name if self._default is not None else OF_THE_SALE
        return Chooser(options, value=chosen, allow_blank=False, compact=True, id="terminal")

    def _label(self, terminal: Terminal) -> Content:
        sign = sign_of(self._all_terminals, terminal.name)
        return Content.assemble(badge(sign), " ", safe_text(terminal.name, limit=40))

    def _card_chooser(self) -> Chooser:
        """In words: a tick that only changes its colour is no answer."""
        absent = self._default is not None and not self._default.card_present
        options = [(Content(_(words)), words) for words in (CARD_THERE, CARD_ABSENT)]
        chosen = CARD_ABSENT if absent else CARD_THERE
        return Chooser(options, value=chosen, allow_blank=False, compact=True, id="card")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Finished())

    @on(Chooser.Closed)
    def _chosen(self, event: Chooser.Closed) -> None:
        event.stop()
        self._go_on_from(event.chooser)

    def _go_on_from(self, chooser: Chooser) -> None:
        """What was chosen is chosen: the next key is for the amount, or goes on."""
        if chooser.has_focus and not chooser.expanded:
            self.query_one("#amount", Input).focus()

    @on(Input.Changed)
    @on(Select.Changed)
    def _edited(self) -> None:
        self._show_sum()
        self.post_message(self.Edited())


def _total(amounts: Sequence[Money], currency: str) -> Money:
    total = zero(currency)
    for amount in amounts:
        total = total + amount
    return total


def _row(label: str, *widgets: Widget, classes: str = "form-row") -> Horizontal:
    return Horizontal(Static(Content(label), classes="form-label"), *widgets, classes=classes)
