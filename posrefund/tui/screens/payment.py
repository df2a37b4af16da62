"""One payment: what is left of it, and how much of that goes back."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from posrefund.errors import ConfigWrong, Misused, NotAllowed, PosrefundError
from posrefund.refund.model import Finding, Payment, Refund, RefundOrder
from posrefund.refund.ports import Clock
from posrefund.refund.rules import why_not_refundable
from posrefund.safe_text import safe_text
from posrefund.terminal.choice import choose
from posrefund.terminal.model import Method, Terminal
from posrefund.tui.board import Desk
from posrefund.tui.doubts import with_doubts
from posrefund.tui.messages import RefundConfirmed, RefundOpened
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.confirm import ConfirmScreen
from posrefund.tui.screens.page import Page
from posrefund.tui.times import date_text
from posrefund.tui.widgets.money_bar import MoneyBar
from posrefund.tui.widgets.note import Note
from posrefund.tui.widgets.preflight import Light, Preflight
from posrefund.tui.widgets.refund_form import RefundForm
from posrefund.wording import error_words


class PaymentScreen(Page):
    """Shows a finding and posts `RefundConfirmed` when somebody has said yes."""

    CSS_PATH = "../styles/payment.tcss"
    AUTO_FOCUS = "#amount"
    DEAF_TO_SCANNERS = True
    LEADS_ON = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,f10", "proceed", "Continue", key_display="Enter"),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(
        self,
        *,
        desk: Desk,
        finding: Finding,
        terminals: Sequence[Terminal],
        clock: Clock,
        rhythm: KeyRhythm,
    ) -> None:
        super().__init__(desk)
        self._finding = finding
        self._clock = clock
        self._rhythm = rhythm
        self._all_terminals = terminals
        method = finding.payment.method
        self._fitting = [one for one in terminals if one.method == method]
        self._terminal: Terminal | None = None
        self._lacks_terminal = False
        self._blocked = self._why_blocked()

    def compose_page(self) -> ComposeResult:
        """Payment, bar, lights; then the form, or the reason why there is none."""
        with VerticalScroll(id="payment-page", can_focus=False):
            yield Static(_title(self._finding.payment), id="payment-title")
            yield Static(_details(self._finding.payment), id="payment-details")
            yield MoneyBar(self._finding)
            yield Preflight(id="preflight")
            if self._blocked:
                yield Static(Content(self._blocked), id="payment-blocked", classes="bad")
            else:
                yield RefundForm(self._finding, terminals=self._fitting, default=self._terminal)
        # Outside what scrolls: a reason below the edge would be no reason.
        yield Note(id="payment-answer", classes="bad")

    def on_mount(self) -> None:
        """Light the row."""
        self._show_lights()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to go on only where there is somewhere to go."""
        if action == "proceed":
            return not self._blocked or self._unfinished() is not None
        return True

    def action_proceed(self) -> None:
        """Go on to the question, or to the refund that is in the way."""
        unfinished = self._unfinished()
        if unfinished is not None:
            self.post_message(RefundOpened(unfinished.id))
            return
        if self._blocked or not self.is_current:
            return
        try:
            order = self.query_one(RefundForm).order()
            order, doubts = with_doubts(order, now=self._clock.now())
        except PosrefundError as error:
            self._answer(error_words(error))
            return
        self._answer("")
        question = ConfirmScreen(order=order, doubts=doubts, desk=self.desk, rhythm=self._rhythm)
        self.app.push_screen(question, partial(self._decided, order))

    def _decided(self, order: RefundOrder, yes: bool | None) -> None:
        if yes:
            self.post_message(RefundConfirmed(order))

    @on(RefundForm.Finished)
    def _finished(self) -> None:
        if self._rhythm.is_machine:
            # A scan, or a key held down. What it wrote is not an amount anybody decided.
            self.query_one(RefundForm).start_over()
            self._answer("That came too fast to be typed, so it was taken out. Nothing was sent.")
            return
        self.action_proceed()

    @on(RefundForm.Edited)
    def _show_lights(self) -> None:
        self.query_one(Preflight).show_lights(
            [self._payment_light(), self._left_light(), *self._terminal_lights(), *self._doubts()]
        )

    def _payment_light(self) -> Light:
        refusal = why_not_refundable(self._finding.payment)
        return Light("Payment found" if refusal is None else "Not refundable", refusal is None)

    def _left_light(self) -> Light:
        left = self._finding.left
        return Light(f"{left} left" if left.minor else "Nothing left", bool(left.minor))

    def _terminal_lights(self) -> list[Light]:
        if self._lacks_terminal:
            return [Light("No terminal", False)]
        if self._blocked:
            return []
        terminal = self.query_one(RefundForm).terminal
        if terminal is not None:
            return [Light(safe_text(terminal.name, limit=24), True)]
        by_terminal = self._finding.payment.method in set(Method)
        return [Light("CCV chooses the terminal" if by_terminal else "No terminal needed", True)]

    def _doubts(self) -> list[Light]:
        if self._unfinished() is not None:
            return [Light("A refund is not finished", False)]
        if self._blocked:
            return []
        try:
            order = self.query_one(RefundForm).order()
            order, _ = with_doubts(order, now=self._clock.now())
        except Misused:
            return []
        except NotAllowed:
            return [Light("Not possible as typed", False)]
        lights = [Light("More than is left", None)] if order.above_original else []
        similar = Light("A similar refund was made", None)
        return [*lights, similar if order.again else Light("No similar refund", True)]

    def _why_blocked(self) -> str:
        payment = self._finding.payment
        refusal = why_not_refundable(payment)
        if refusal is not None:
            return f"Nothing can be given back: {refusal}."
        unfinished = self._unfinished()
        if unfinished is not None:
            return (
                f"A refund of {unfinished.amount} of this payment is not finished."
                " Press Enter to follow it; do not start another."
            )
        try:
            self._terminal = choose(
                self._all_terminals,
                method=payment.method,
                wanted=None,
                used_before=payment.terminal_id,
            )
        except ConfigWrong as error:
            self._lacks_terminal = True
            return error_words(error)
        return ""

    def _unfinished(self) -> Refund | None:
        return next((one for one in self._finding.refunds if not one.state.is_final), None)

    def _answer(self, text: str) -> None:
        self.query_one("#payment-answer", Note).say(text)


def _title(payment: Payment) -> Content:
    return Content.assemble(
        ("Payment ", "$quiet"), (safe_text(payment.reference, limit=255), "bold")
    )


def _details(payment: Payment) -> Content:
    pieces = [
        date_text(payment.created_at) if payment.created_at is not None else "",
        payment.method,
        payment.brand or "",
        f"order {payment.order_reference}" if payment.order_reference else "",
        f"\u201c{payment.description}\u201d" if payment.description else "",
    ]
    return Content(" \u00b7 ".join(safe_text(piece, limit=100) for piece in pieces if piece))
