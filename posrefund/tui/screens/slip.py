"""The slip of a refund, to read."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from posrefund.receipt.slip import slip_lines
from posrefund.refund.model import Refund


class SlipScreen(ModalScreen[None]):
    """Always marked as a copy: nobody can tell a photo of a screen from another."""

    CSS_PATH = "../styles/dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "change", "Merchant's / customer's"),
        Binding("escape,enter,s", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, refund: Refund) -> None:
        super().__init__()
        self._refund = refund
        self._merchant = False

    def compose(self) -> ComposeResult:
        """The paper."""
        with VerticalScroll(id="slip-scroll"):
            yield Static(id="slip", classes="paper")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the customer's."""
        self._show()

    def action_change(self) -> None:
        """The other one."""
        self._merchant = not self._merchant
        self._show()

    def _show(self) -> None:
        lines = slip_lines(self._refund, copy=True, merchant=self._merchant)
        self.query_one("#slip", Static).update(Content("\n".join(lines)))
