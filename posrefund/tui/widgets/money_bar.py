"""What became of a payment, as a bar and in words."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from posrefund.refund.model import Finding
from posrefund.tui.widgets.flow import Flow

_GIVEN, _OPEN, _LEFT = "\u2591", "\u2592", "\u2588"


class MoneyBar(Vertical):
    """Paid, given back, on its way, left."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding

    def compose(self) -> ComposeResult:
        """The bar above its words; each sign of the bar stands beside its word."""
        finding = self._finding
        yield _Bar(finding)
        yield Flow(
            [
                Content.assemble(("Paid ", "$quiet"), str(finding.payment.amount)),
                Content.assemble((f"{_GIVEN} Given back ", "$quiet"), finding.returned.text),
                Content.assemble((f"{_OPEN} On its way ", "$quiet"), finding.open.text),
                Content.assemble((f"{_LEFT} Left ", "$quiet"), (finding.left.text, "bold")),
            ]
        )


class _Bar(Widget):
    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding

    def render(self) -> Content:
        """Draw it as wide as there is room."""
        finding, width = self._finding, self.content_size.width
        paid = max(1, finding.payment.amount.minor)
        given = _share(finding.returned.minor, paid, width)
        coming = min(width - given, _share(finding.open.minor, paid, width))
        return Content.assemble(
            (_GIVEN * given, "$quiet"),
            (_OPEN * coming, "$doubt"),
            (_LEFT * (width - given - coming), "$good"),
        )


def _share(part: int, whole: int, width: int) -> int:
    """Cells for a part of the bar: none for nothing, at least one for something."""
    if part <= 0:
        return 0
    return min(width, max(1, part * width // whole))
