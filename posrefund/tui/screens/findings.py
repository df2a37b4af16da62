"""Which of several payments of an order is meant."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from posrefund.refund.model import Finding
from posrefund.safe_text import safe_text
from posrefund.tui.times import date_text


class FindingsScreen(ModalScreen[Finding | None]):
    """A list to choose from; leaving it chooses none."""

    CSS_PATH = "../styles/dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
    ]

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__()
        self._findings = findings

    def compose(self) -> ComposeResult:
        """One line a payment."""
        with Vertical(classes="dialog"):
            yield Static(f"{len(self._findings)} payments belong to this order", classes="title")
            yield _Payments(
                *(Option(_row(finding)) for finding in self._findings),
                markup=False,
                compact=True,
                id="findings",
            )
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Highlight the first, so that Enter alone chooses something visible."""
        self.query_one(OptionList).highlighted = 0

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._findings[event.option_index])


class _Payments(OptionList):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Choose")]


def _row(finding: Finding) -> Content:
    payment = finding.payment
    when = date_text(payment.created_at) if payment.created_at is not None else ""
    return Content.assemble(
        f"{when:>12} {payment.amount!s:>13}  ",
        f"{safe_text(payment.method, limit=10):<10} ",
        (f"left {finding.left.text:>8}  ", "$quiet"),
        (safe_text(payment.reference, limit=255)[-14:], "$quiet"),
    )
