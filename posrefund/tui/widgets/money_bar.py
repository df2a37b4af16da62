"""What became of a payment, as a bar and in words."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from posrefund.figures import amount_text
from posrefund.language import _
from posrefund.money import Money, zero
from posrefund.refund.model import Finding
from posrefund.refund.rules import held_back
from posrefund.tui.widgets.amount_box import typed_text
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
                _piece("", _("Paid"), amount_text(finding.payment.amount)),
                _piece(_GIVEN, _("Given back"), typed_text(finding.returned)),
                _piece(_OPEN, *_on_its_way(finding)),
                _piece(_LEFT, _("Left"), typed_text(finding.left), "bold"),
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
        rest = width - given - coming
        if finding.left.minor and not rest and width > 1:
            # Something for everything that is there: the cell comes from the longest.
            given, coming, rest = (
                (given - 1, coming, 1) if given >= coming else (given, coming - 1, 1)
            )
        return Content.assemble(
            (_GIVEN * given, "$quiet"), (_OPEN * coming, "$doubt"), (_LEFT * rest, "$good")
        )


def _piece(sign: str, word: str, amount: str, style: str = "") -> Content:
    return Content.assemble((f"{sign} {word} ".lstrip(), "$quiet"), (amount, style))


def _on_its_way(finding: Finding) -> tuple[str, str]:
    """What is open: how much of it was begun here or elsewhere, or was closed by a person."""
    amount, word = typed_text(finding.open), _("On its way")
    closed = held_back(finding)
    if closed.minor and closed == finding.open:
        text = _("{amount} (closed here, not decided at CCV)")
        return _("Held back"), text.format(amount=amount)
    if closed.minor:
        text = _("{amount} ({closed} closed here, not decided at CCV)")
        return word, text.format(amount=amount, closed=typed_text(closed))
    ours = _ours(finding)
    others = finding.open - ours
    if not finding.open.minor:
        text = "{amount}"
    elif not ours.minor:
        text = _("{amount} (begun elsewhere)")
    elif not others.minor:
        text = _("{amount} (begun by us)")
    else:
        text = _("{amount} ({ours} begun by us, {others} elsewhere)")
    return word, text.format(amount=amount, ours=typed_text(ours), others=typed_text(others))


def _ours(finding: Finding) -> Money:
    total = zero(finding.open.currency)
    for refund in finding.refunds:
        if not refund.state.is_final:
            total = total + refund.amount
    return total if total < finding.open else finding.open


def _share(part: int, whole: int, width: int) -> int:
    """Cells for a part of the bar: none for nothing, at least one for something."""
    if part <= 0:
        return 0
    return min(width, max(1, part * width // whole))
