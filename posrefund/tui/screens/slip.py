"""The slip of a refund, to read and to print."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Static

from posrefund.errors import PosrefundError
from posrefund.language import N_, _
from posrefund.receipt.slip import is_proof
from posrefund.refund.model import Refund
from posrefund.speech import said
from posrefund.tui.messages import PrintRequested, SlipPrinted
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.spoken import Dialog
from posrefund.tui.widgets.slip_paper import SlipPaper
from posrefund.wording import error_words


class SlipScreen(Dialog[None]):
    """The paper as it would be printed now; on paper the first one is the original."""

    CSS_PATH = "../styles/dialog.tcss"
    ASKS = False
    DEAF_TO_SCANNERS: ClassVar[bool] = True
    HELP = N_(
        "This is the slip as it is printed: P prints it, M shows the shop's instead of the"
        " customer's. The first receipt printed is the original; every later one says COPY. A"
        " paper that is no receipt says so. Looking at it here prints nothing."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,P", "print_slip", "Print"),
        Binding("m,M", "change", "Merchant's / customer's"),
        Binding("escape,enter,s", "dismiss", "Back", key_display="Esc"),
        Binding("f1", "app.show_help", "Help"),
    ]

    def __init__(self, refund: Refund, *, rhythm: KeyRhythm) -> None:
        super().__init__(classes="covering")
        self._refund = refund
        self._rhythm = rhythm
        self._merchant = False
        self._is_printing = False

    def compose(self) -> ComposeResult:
        """The paper, and whether it can be printed."""
        with Vertical(id="slip-around"):
            with VerticalScroll(id="slip-scroll"):
                yield SlipPaper(id="slip")
            # Outside what scrolls: what became of printing would be below the edge.
            yield Static(id="slip-note")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the customer's."""
        self._show()
        if not self._can_print:
            text = _(
                "No printer is set up, so P is missing here. Have one entered under [printer] in"
                " the settings; until then: posrefund slip {id} --file NAME"
            )
            self._note(text.format(id=self._refund.id))
        elif self._is_practice:
            self._note(_("This is practice: P prints nothing on paper."))

    @property
    def _is_practice(self) -> bool:
        """A demo, whose journal and slips are thrown away."""
        return not getattr(self.app, "is_kept", True)

    @property
    def _can_print(self) -> bool:
        return bool(getattr(self.app, "can_print", False))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to print where there is a printer."""
        return action != "print_slip" or self._can_print

    def action_change(self) -> None:
        """The other one."""
        self._merchant = not self._merchant
        self._show()

    def action_print_slip(self) -> None:
        """This one, on paper, once at a time; a code that begins with P prints nothing."""
        self.answer_soon(self._rhythm, self._print, self.app.bell)

    def _print(self) -> None:
        if self._is_printing or not self.is_current:
            return
        self._is_printing = True
        self._note(_("Printing \u2026"))
        self.post_message(PrintRequested(self, self._refund, self._merchant))

    @on(SlipPrinted)
    def _printed(self, message: SlipPrinted) -> None:
        self._is_printing = False
        # What may have come out of the printer makes the next one a copy.
        self._show()
        if message.fault is None and self._is_practice:
            text = _("This is practice: nothing comes out of a printer.")
            if is_proof(self._refund):
                copy = _("It counts as printed: the next one says COPY.")
                text = f"{text} {copy}"
            self._note(text)
        elif message.fault is None:
            self._note(_("The slip was printed."))
        elif isinstance(message.fault, PosrefundError):
            self._note(error_words(message.fault))
        else:
            sentence = _("The slip was not printed, and the refund is as it was: {why}.")
            self._note(sentence.format(why=said(message.fault)))

    def _note(self, text: str) -> None:
        self.query_one("#slip-note", Static).update(Content(text))

    def _show(self) -> None:
        self.query_one("#slip", SlipPaper).show(self._refund, merchant=self._merchant)
