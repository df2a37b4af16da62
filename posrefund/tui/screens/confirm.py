"""The question before money moves."""

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Digits, Footer, Input, Static

from posrefund.errors import Misused
from posrefund.figures import amount_text
from posrefund.language import _
from posrefund.money import Money
from posrefund.refund.model import RefundOrder
from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence
from posrefund.speech import method_text, said
from posrefund.terminal.model import Method
from posrefund.terminal.signs import Sign
from posrefund.tui.board import Desk
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.spoken import is_said_by, yes_letter
from posrefund.tui.screens.yes_or_no import YesOrNo
from posrefund.tui.widgets.amount_box import AmountBox, typed_text
from posrefund.tui.widgets.marks import badge
from posrefund.tui.widgets.mode_banner import MEANING

_WHOLE_REFERENCE = 40
_MANY_DOUBTS = 2


class ConfirmScreen(YesOrNo):
    """Asks once and answers once.

    Enter, which scanners send and fingers hold down, starts on the harmless button. Yes is a key
    of its own, and the letter counts only when it was pressed alone.
    """

    CSS_PATH = "../styles/dialog.tcss"
    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f7", "type_amount", "Type the amount to confirm it", key_display="Tab"),
        Binding("y,Y", "give_back_soon", "Yes, give it back", show=False),
        Binding("j,J", "give_back_soon('j')", "Yes, give it back", show=False),
        Binding("o,O", "give_back_soon('o')", "Yes, give it back", show=False),
        Binding("f10", "give_back", "Yes, give it back", show=False),
        Binding("n,N,escape", "go_back", "No, go back", key_display="Enter"),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(
        self,
        *,
        order: RefundOrder,
        doubts: tuple[Sentence, ...],
        look: str = "",
        sign: Sign | None,
        desk: Desk,
        rhythm: KeyRhythm,
    ) -> None:
        """Prepare the question.

        Args:
            order: Exactly what is sent after a yes.
            doubts: What must be confirmed expressly, by typing the amount.
            look: What to think of besides, as the screen below says it.
            sign: Of the terminal it goes to.
            desk: For whose money it is.
            rhythm: Tells a person's key from a scanner's.
        """
        super().__init__(rhythm)
        self._order = order
        self._doubts = doubts
        # Beside two doubts there is no room for it.
        self._look = look if len(doubts) < _MANY_DOUBTS else ""
        self._sign = sign
        self._desk = desk
        self._answered = False
        self._typed = not doubts

    def compose(self) -> ComposeResult:
        """Amount, sentence, doubts, the two answers."""
        mode, order = self._desk.mode, self._order
        doubtful = " doubtful" if self._doubts else ""
        with Vertical(classes=f"dialog mode-{mode.lower()}{doubtful}"):
            meaning = _(MEANING.get(mode, ""))
            yield Static(Content(f" {_(mode)} \u2014 {meaning} "), id="confirm-mode")
            if not self._doubts:
                # With doubts the room is needed for them; the sentence has the amount as well.
                with Horizontal(id="confirm-amount"):
                    yield Static(Content(order.amount.currency))
                    yield Digits(typed_text(order.amount))
            question = Content.assemble(sentence(order), "  ", badge(self._sign))
            yield Static(question, id="confirm-sentence")
            if order.finding.payment.method == Method.SOFTPOS:
                yield Static(Content(_who_taps(order)), id="confirm-card")
            if self._look:
                yield Static(Content(f"! {self._look}"), id="confirm-look", classes="doubt")
            for doubt in map(said, self._doubts):
                yield Static(Content(f"! {doubt[:1].upper()}{doubt[1:]}."), classes="doubt")
            if self._doubts:
                wanted = _("To confirm it all the same, type the amount, {amount}:")
                text = wanted.format(amount=typed_text(order.amount))
                yield Static(Content(text), classes="doubt")
                yield AmountBox(keys=f"yn{yes_letter()}", id="typed")
            yield Static(id="confirm-note")
            with Horizontal(id="confirm-buttons"):
                yield Button(Content(_("No, go back")), id="no")
                yield Button(self._yes(), id="yes", disabled=bool(self._doubts))
        yield Footer(show_command_palette=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The box only while it waits for the amount; a letter in its own language only."""
        if action == "type_amount":
            return not self._typed and not isinstance(self.focused, Input)
        if action == "give_back_soon":
            return is_said_by(parameters)
        return True

    def _spoken(self, active: ActiveBinding) -> ActiveBinding:
        """The footer offers what a key does: Enter outside the box."""
        spoken = super()._spoken(active)
        if active.binding.action == "go_back" and isinstance(self.focused, Input):
            return spoken._replace(binding=replace(spoken.binding, key_display="Esc"))
        return spoken

    def action_type_amount(self) -> None:
        """To the box."""
        self.query_one("#typed", Input).focus()

    def action_give_back_soon(self, letter: str = "") -> None:
        """Yes, if the letter is alone: a code may begin with it, end with it or have it in it.

        Args:
            letter: That of the language it was bound to; none for Y.
        """
        if self._may_be_answered():
            self.yes_soon(self.action_give_back)

    def action_give_back(self) -> None:
        """Yes."""
        if self._may_be_answered():
            self._answer(True)

    def action_go_back(self) -> None:
        """No."""
        self._answer(False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if self._rhythm.was_machine(event.time):
            self.app.bell()
        elif event.button.id != "yes":
            self.action_go_back()
        elif self.was_noise(event.time):
            self.say_it_was_no_answer()
        else:
            self.action_give_back()

    @on(Input.Changed)
    def _check_typed(self, event: Input.Changed) -> None:
        try:
            typed = Money.parse(event.value, self._order.amount.currency)
        except Misused:
            self._typed = False
        else:
            self._typed = typed == self._order.amount
        yes = self.query_one("#yes", Button)
        yes.disabled = not self._typed
        yes.label = self._yes()
        yes.refresh(layout=True)
        self.query_one("#confirm-note", Static).update(Content(""))
        self.refresh_bindings()

    def on_descendant_focus(self) -> None:
        """The footer follows: where the amount can be typed, nobody needs a key to get there."""
        self.refresh_bindings()

    @on(Input.Submitted)
    def _entered(self) -> None:
        """Enter in the box answers nothing; it says what is next."""
        if self._typed:
            text = _("Nothing was sent yet. To agree, press {letter}.")
            self._note(text.format(letter=yes_letter()))
        else:
            self._say_what_lacks()

    def say_it_was_no_answer(self) -> None:
        """Nothing was sent, and what a yes takes."""
        if self._typed:
            text = _(
                "That was no answer, so nothing was sent."
                " To agree, wait 2 seconds, then press {letter}."
            )
            self._note(text.format(letter=yes_letter()))
        else:
            self._say_what_lacks()

    def _say_what_lacks(self) -> None:
        wanted = _("Nothing was sent. First type the amount, {amount}, into the box above.")
        self._note(wanted.format(amount=typed_text(self._order.amount)))

    def _yes(self) -> Content:
        """With its key, once the key counts."""
        return Content(_("Yes, give it back (Y)") if self._typed else _("Yes, give it back"))

    def _may_be_answered(self) -> bool:
        if not self._is_in_sight():
            # A yes to a question that nobody can read is none.
            self._note(_("Nothing was sent: the window is too small to read the whole question."))
            return False
        if not self._typed:
            self._say_what_lacks()
        return self._typed and not self._answered

    def _is_in_sight(self) -> bool:
        question = self.query_one("#confirm-sentence").region
        in_sight = self.query_one(".dialog").region.intersection(self.region)
        return in_sight.contains_region(question)

    def _note(self, text: str) -> None:
        self.app.bell()
        self.say(text)

    def say(self, text: str) -> None:
        """Above the buttons."""
        self.query_one("#confirm-note", Static).update(Content(text))

    def _answer(self, yes: bool) -> None:
        if self._answered or not self.is_current:
            return
        self._answered = True
        self.dismiss(yes)


def sentence(order: RefundOrder) -> str:
    """The whole decision in one sentence."""
    payment = order.finding.payment
    reference = safe_text(payment.reference, limit=255)
    if len(reference) > _WHOLE_REFERENCE:
        # Its end is what differs; the whole of it stands on the screen below.
        reference = f"\u2026{reference[1 - _WHOLE_REFERENCE :]}"
    if order.terminal is not None:
        where = safe_text(order.terminal.name, limit=40)
        text = (
            _("Give {amount} of payment {reference} back on {where}, without the customer's card?")
            if order.card_absent
            else _("Give {amount} of payment {reference} back on {where}?")
        )
    else:
        where = safe_text(method_text(payment.method), limit=40)
        text = (
            _("Give {amount} of payment {reference} back by {where}, without the customer's card?")
            if order.card_absent
            else _("Give {amount} of payment {reference} back by {where}?")
        )
    return text.format(amount=amount_text(order.amount), reference=reference, where=where)


def _who_taps(order: RefundOrder) -> str:
    """What happens on the phone, in plain words: this program cannot make it ask for the card."""
    if order.card_absent:
        return _("Nobody taps a card; CCV gives it back without one.")
    if order.terminal is None:
        return _("The customer taps the card in the CCV app of the phone that took the payment.")
    where = safe_text(order.terminal.name, limit=40)
    return _("The customer taps the card in the CCV app of {where}.").format(where=where)
