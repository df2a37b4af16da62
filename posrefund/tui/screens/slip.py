"""The slip of a refund, to read and to print."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Static

from posrefund.errors import PosrefundError
from posrefund.language import _
from posrefund.receipt.slip import slip_lines
from posrefund.refund.model import Refund
from posrefund.speech import said
from posrefund.tui.messages import PrintRequested, SlipPrinted
from posrefund.tui.screens.spoken import Dialog
from posrefund.wording import error_words


class SlipScreen(Dialog[None]):
    """Always marked as a copy: nobody can tell a photo of a screen from another.

    On paper the first one is the original.
    """

    CSS_PATH = "../styles/dialog.tcss"
    ASKS = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,P", "print_slip", "Print"),
        Binding("m,M", "change", "Merchant's / customer's"),
        Binding("escape,enter,s", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, refund: Refund) -> None:
        super().__init__()
        self._refund = refund
        self._merchant = False
        self._is_printing = False

    def compose(self) -> ComposeResult:
        """The paper."""
        with Vertical(id="slip-around"):
            with VerticalScroll(id="slip-scroll"):
                yield Static(id="slip", classes="paper")
            yield Static(id="slip-note")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the customer's."""
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to print where there is a printer."""
        return action != "print_slip" or bool(getattr(self.app, "can_print", False))

    def action_change(self) -> None:
        """The other one."""
        self._merchant = not self._merchant
        self._show()

    def action_print_slip(self) -> None:
        """This one, on paper, once at a time."""
        if self._is_printing:
            return
        self._is_printing = True
        self._note(_("Printing \u2026"))
        self.post_message(PrintRequested(self, self._refund, self._merchant))

    @on(SlipPrinted)
    def _printed(self, message: SlipPrinted) -> None:
        self._is_printing = False
        if message.fault is None:
            self._note(_("The slip was printed."))
        elif isinstance(message.fault, PosrefundError):
            self._note(error_words(message.fault))
        else:
            sentence = _("The slip was not printed, and the refund is as it was: {why}.")
            self._note(sentence.format(why=said(message.fault)))

    def _note(self, text: str) -> None:
        self.query_one("#slip-note", Static).update(Content(text))

    def _show(self) -> None:
        lines = slip_lines(self._refund, copy=True, merchant=self._merchant)
        self.query_one("#slip", Static).update(Content("\n".join(lines)))
