"""One payment: what is left of it, and how much of that goes back."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Select, Static

from posrefund.errors import ConfigWrong, Misused, NotAllowed, PosrefundError
from posrefund.figures import amount_text
from posrefund.language import N_, _
from posrefund.refund.model import Finding, Refund, RefundOrder
from posrefund.refund.ports import Clock
from posrefund.refund.rules import busy_with, why_not_refundable
from posrefund.speech import said
from posrefund.terminal.choice import choose
from posrefund.terminal.model import Terminal
from posrefund.terminal.signs import sign_of
from posrefund.tui.board import Desk
from posrefund.tui.doubts import doubts_of_terminal, similar_to, with_doubts
from posrefund.tui.messages import (
    HistoryOpened,
    ListRead,
    ListRequested,
    ReadingFailed,
    RefundConfirmed,
    RefundOpened,
)
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.confirm import ConfirmScreen
from posrefund.tui.screens.next_receipt import NextReceipt
from posrefund.tui.widgets import lights, payment_title
from posrefund.tui.widgets.money_bar import MoneyBar
from posrefund.tui.widgets.note import Note
from posrefund.tui.widgets.preflight import Light, Preflight
from posrefund.tui.widgets.refund_form import RefundForm
from posrefund.wording import error_words

RECENT = 200
"""Refunds of the journal among which one like this, or one at the same terminal, is looked for."""
_RECENT_SECONDS = 5.0


class PaymentScreen(NextReceipt):
    """Shows a finding and posts `RefundConfirmed` when somebody has said yes."""

    CSS_PATH = "../styles/payment.tcss"
    AUTO_FOCUS = "#amount"
    DEAF_TO_SCANNERS = True
    LEADS_ON = True
    HELP = N_(
        "Look at what is left and at the row of signs. Type the amount, or leave what is left."
        " Enter leads to the question; nothing is sent before you say yes there."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,f10", "proceed", "Continue", key_display="Enter"),
        Binding("r,R", "take_rest", "Rest"),
        Binding("f6", "next_terminal", "Other terminal"),
        Binding("f7", "other_card", "With/without card"),
        Binding("h,H", "show_refunds", "Its refunds"),
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
        self.rhythm = rhythm
        self._terminals = terminals
        self._recent: Sequence[Refund] | None = None
        self._journal_fails = False
        self._lacks_terminal = False
        self._answered: tuple[str, ...] = ()
        """What stood in the form when something was said of it."""

    def compose_page(self) -> ComposeResult:
        """Payment, bar, lights; then the form, or the reason why there is none."""
        payment, blocked = self._finding.payment, self._why_blocked()
        with VerticalScroll(id="payment-page", can_focus=False):
            yield Static(payment_title.title(payment), id="payment-title")
            yield Static(payment_title.details(payment, self._terminals), id="payment-details")
            yield MoneyBar(self._finding)
            yield Preflight(id="preflight")
            yield Note(id="payment-look", classes="doubt")
            if blocked:
                yield Static(Content(blocked), id="payment-blocked", classes="bad")
            else:
                default = self._default_terminal()
                yield RefundForm(self._finding, terminals=self._terminals, default=default)
        # Outside what scrolls: a reason below the edge would be no reason.
        yield Note(id="payment-answer", classes="bad")

    def on_mount(self) -> None:
        """Light the row, and ask the journal what else there is."""
        self.redraw()
        self._ask_recent()
        self.set_interval(_RECENT_SECONDS, self._ask_recent)

    def redraw(self) -> None:
        """Light the row."""
        self._show_lights()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is."""
        form = self._form()
        if action == "proceed":
            return form is not None or self._unfinished() is not None
        if action == "take_rest":
            return form is not None and bool(form.suggestion)
        if action == "next_terminal":
            return form is not None and form.has_other_terminals
        if action == "other_card":
            return form is not None and form.asks_for_card
        if action == "show_refunds":
            # Where there is a form, letters may belong to what is typed.
            return form is None and bool(self._finding.refunds)
        return True

    def _spoken(self, active: ActiveBinding) -> ActiveBinding:
        """In a list to choose from, Enter is the list's; another key goes on."""
        spoken = super()._spoken(active)
        in_list = isinstance(self.focused, Select | OptionList)
        if in_list and active.binding.action == "proceed":
            return spoken._replace(binding=replace(spoken.binding, key_display="F10"))
        if active.binding.action in self._without_room(in_list=in_list):
            return spoken._replace(binding=replace(spoken.binding, show=False))
        return spoken

    def _without_room(self, *, in_list: bool) -> set[str]:
        """Keys that act and are not in the footer, because it has no room for all."""
        form = self._form()
        if form is None or not (form.has_other_terminals and form.asks_for_card):
            return {"take_rest"} if in_list else set()
        if not in_list:
            return {"take_rest"}
        # The list that has the focus is itself the way to another choice.
        return {"take_rest", "other_card" if form.is_choosing_card else "next_terminal"}

    def on_descendant_focus(self) -> None:
        """The footer follows."""
        self.refresh_bindings()

    def on_resize(self) -> None:
        """A window may become too low for all of it."""
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        """What is being filled in stays on the screen, whatever is said above it."""
        if self.focused is not None:
            self.focused.call_after_refresh(self.focused.scroll_visible, animate=False)

    @property
    def takes_next_receipt(self) -> bool:
        """Where there is nothing to decide, the next one may come."""
        return self.is_drawn and self._form() is None

    @property
    def is_being_filled_in(self) -> bool:
        """With an amount to decide; where it only tells why not, nothing is lost."""
        return self._form() is not None

    # -- keys ----------------------------------------------------------------------------------

    def action_take_rest(self) -> None:
        """Exactly what is left."""
        if form := self._form():
            form.start_over()

    def action_next_terminal(self) -> None:
        """The next terminal of those that fit."""
        if form := self._form():
            form.choose_next_terminal()

    def action_other_card(self) -> None:
        """With the customer's card, or without it."""
        if form := self._form():
            form.choose_other_card()

    def action_show_refunds(self) -> None:
        """What the journal has of this payment."""
        self.post_message(HistoryOpened(self._finding.payment.reference))

    def action_proceed(self) -> None:
        """Go on to the question, or to the refund that is in the way."""
        unfinished, form = self._unfinished(), self._form()
        if unfinished is not None:
            self.post_message(RefundOpened(unfinished.id))
            return
        if form is None or not self.is_current:
            return
        try:
            order = form.order()
            order, doubts = with_doubts(order, now=self._clock.now())
            doubts = (
                *doubts,
                *doubts_of_terminal(order, self._recent or (), now=self._clock.now()),
            )
        except PosrefundError as error:
            self._refuse(form, error)
            return
        self._answer("")
        name = order.terminal.name if order.terminal is not None else None
        question = ConfirmScreen(
            order=order,
            doubts=doubts,
            look=self._similar_light(form).remark,
            sign=sign_of(self._terminals, name),
            desk=self.desk,
            rhythm=self.rhythm,
        )
        self.app.push_screen(question, partial(self._decided, order))

    def _decided(self, order: RefundOrder, yes: bool | None) -> None:
        if yes:
            self.post_message(RefundConfirmed(order))
        else:
            self._answer(_("Nothing was sent."))

    @on(RefundForm.Finished)
    def _finished(self) -> None:
        form = self._form()
        if form is not None and self.rhythm.is_machine:
            # A scan, or a key held down. What it wrote is not an amount anybody decided.
            form.start_over()
            self._answer(
                _("That came too fast to be typed, so it was taken out. Nothing was sent.")
            )
            return
        self.action_proceed()

    @on(RefundForm.Edited)
    def _edited(self) -> None:
        form = self._form()
        if form is not None and form.typed != self._answered:
            # What was said of the amount before is not true of this one.
            self._answer("")
        self._show_lights()

    # -- what else there is --------------------------------------------------------------------

    def _ask_recent(self) -> None:
        self.post_message(ListRequested(reply_to=self, limit=RECENT))

    @on(ListRead)
    def _recent_read(self, message: ListRead) -> None:
        is_live = self.desk.mode == "LIVE"
        self._recent = [one for one in message.refunds if (one.environment == "live") == is_live]
        self._journal_fails = False
        self._show_lights()

    @on(ReadingFailed)
    def _reading_failed(self) -> None:
        self._journal_fails = True
        self._show_lights()

    def _show_lights(self) -> None:
        if not self.is_drawn:
            return
        shown = [*self._payment_lights(), *self._refund_lights(), lights.mode(self.desk.mode)]
        self.query_one(Preflight).show_lights(shown)
        remarks = [light.remark for light in shown if light.remark]
        self.query_one("#payment-look", Note).say("\n".join(remarks))
        self._keep_in_sight()

    def _payment_lights(self) -> list[Light]:
        finding = self._finding
        refusal = why_not_refundable(finding.payment)
        return [lights.original(refusal is None), lights.left(finding)]

    def _refund_lights(self) -> list[Light]:
        """What depends on the form: the terminal, the amount, and refunds like this one."""
        if self._lacks_terminal:
            return [lights.no_terminal()]
        if self._unfinished() is not None:
            return [lights.unfinished()]
        form = self._form()
        if form is None:
            return []  # There is nothing to choose, and no second one to beware of.
        now, recent = self._clock.now(), self._recent or ()
        terminal = form.terminal
        name = terminal.name if terminal is not None else None
        return [
            lights.terminal(
                terminal,
                sign=sign_of(self._terminals, name),
                method=self._finding.payment.method,
                busy=busy_with(recent, name, now=now) if name is not None else None,
                has_others=form.has_other_terminals,
            ),
            *self._amount_lights(form),
            self._similar_light(form),
        ]

    def _similar_light(self, form: RefundForm) -> Light:
        if self._journal_fails:
            return lights.journal_fails()
        now, recent = self._clock.now(), self._recent or ()
        return lights.similar(similar_to(self._finding, form.amount, recent, now=now))

    def _amount_lights(self, form: RefundForm) -> list[Light]:
        try:
            order, _doubts = with_doubts(form.order(), now=self._clock.now())
        except Misused:
            return []
        except NotAllowed:
            return [lights.impossible()]
        return [lights.above()] if order.above_original else []

    # -- beneath -------------------------------------------------------------------------------

    def _form(self) -> RefundForm | None:
        return next(iter(self.query(RefundForm)), None)

    def _refuse(self, form: RefundForm, error: PosrefundError) -> None:
        """Say why, and let the next key replace a bad amount."""
        amount = form.amount
        if amount is None or self._finding.left < amount:
            form.retype()
        self._answer(error_words(error))

    def _why_blocked(self) -> str:
        refusal = why_not_refundable(self._finding.payment)
        if refusal is not None:
            return _("Nothing can be given back: {reason}.").format(reason=said(refusal))
        unfinished = self._unfinished()
        if unfinished is not None:
            return _(
                "A refund of {amount} of this payment is not finished."
                " Press Enter to follow it; do not start another."
            ).format(amount=amount_text(unfinished.amount))
        if not self._finding.left.minor:
            return lights.nothing_left(self._finding)
        try:
            self._default_terminal()
        except ConfigWrong as error:
            self._lacks_terminal = True
            return error_words(error)
        return ""

    def _default_terminal(self) -> Terminal | None:
        payment = self._finding.payment
        return choose(
            self._terminals,
            method=payment.method,
            wanted=None,
            used_before=payment.terminal_id,
        )

    def _unfinished(self) -> Refund | None:
        return next((one for one in self._finding.refunds if not one.state.is_final), None)

    def _answer(self, text: str) -> None:
        form = self._form()
        self._answered = form.typed if form is not None else ()
        self.query_one("#payment-answer", Note).say(text)
        self._keep_in_sight()
