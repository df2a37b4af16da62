"""Which of several payments is meant."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from posrefund.figures import amount_text
from posrefund.language import _, plural
from posrefund.refund.model import Finding
from posrefund.refund.rules import why_not_refundable
from posrefund.safe_text import safe_text
from posrefund.speech import method_text
from posrefund.tui.screens.spoken import Dialog
from posrefund.tui.times import date_text
from posrefund.tui.widgets.amount_box import typed_text


class FindingsScreen(Dialog[Finding | None]):
    """A list to choose from; leaving it chooses none."""

    CSS_PATH = "../styles/dialog.tcss"
    LEADS_ON: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        # Said again here: the app's own keys do not reach through a dialog.
        Binding("f4", "app.show_open", "The most urgent open refund", show=False),
    ]

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__()
        self._findings = findings

    def compose(self) -> ComposeResult:
        """One line a payment."""
        number = len(self._findings)
        title = plural("{number} payment was found", "{number} payments were found", number)
        with Vertical(classes="dialog"):
            yield Static(Content(title.format(number=number)), classes="title")
            yield _Payments(
                *(Option(_row(finding)) for finding in self._findings),
                markup=False,
                compact=True,
                id="findings",
            )
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Highlight the first of which something can be given back."""
        possible = [place for place, one in enumerate(self._findings) if _is_possible(one)]
        self.query_one(OptionList).highlighted = possible[0] if possible else 0

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._findings[event.option_index])


class _Payments(OptionList):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Choose")]


def _is_possible(finding: Finding) -> bool:
    return why_not_refundable(finding.payment) is None and bool(finding.left.minor)


def _row(finding: Finding) -> Content:
    payment = finding.payment
    when = date_text(payment.created_at) if payment.created_at is not None else ""
    state = _("left {amount}").format(amount=typed_text(finding.left))
    if why_not_refundable(payment) is not None:
        state = _("not refundable")
    return Content.assemble(
        f"{when:>12} {amount_text(payment.amount):>13}  ",
        f"{safe_text(method_text(payment.method), limit=10):<10} ",
        (f"{state:<15} ", "$quiet"),
        (safe_text(payment.reference, limit=255)[-14:], "$quiet"),
    )
