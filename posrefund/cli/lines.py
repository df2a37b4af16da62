"""The text of an answer: calm, aligned lines a cashier can read. JSON has its own words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from posrefund.cli.shapes import terminal_name
from posrefund.figures import amount_text
from posrefund.language import N_, _
from posrefund.refund.model import Entry, Environment, Finding, Refund
from posrefund.refund.rules import why_not_refundable
from posrefund.speech import retold, said
from posrefund.terminal.model import Terminal
from posrefund.wording import words

_LABEL = 14
_TITLES = (N_("A person must look"), N_("Not known yet"))
"""The widest titles of all."""
_TIMES = frozenset({"created", "last_update", "status_final_date", "paidout_date"})
"""The facts that are moments, in UTC."""


def heading(refund: Refund) -> str:
    """What is given back, to be said once before the changes."""
    text = _("Refund {id}: {amount} of {payment}")
    if refund.terminal:
        text = _("Refund {id}: {amount} of {payment} on {terminal}")
    told = text.format(
        id=refund.id,
        amount=amount_text(refund.amount),
        payment=refund.original_reference,
        terminal=refund.terminal,
    )
    return told + _test(refund)


def change(refund: Refund) -> list[str]:
    """Where a refund stands now: the money and the next step."""
    told = words(refund)
    width = max(len(_(title)) for title in (*_TITLES, told.title)) + 2
    lines = [f"{told.title:<{width}}{told.money}", f"{'':<{width}}{told.next}"]
    if refund.alarm is not None:
        alarm = _("ALARM")
        lines.append(f"{alarm:<{width}}{retold(refund.alarm)}")
    return lines


def refund_lines(refund: Refund) -> list[str]:
    """A refund as it stands."""
    told = words(refund)
    return _labelled(
        {
            _("Refund"): f"{refund.id}{_test(refund)}",
            _("State"): told.title,
            _("Money"): told.money,
            _("Next"): told.next,
            _("ALARM"): refund.alarm and retold(refund.alarm),
            _("Why"): refund.message and retold(refund.message),
            _("Amount"): amount_text(refund.amount),
            _("Payment"): refund.original_reference,
            _("Order"): refund.order_reference,
            _("CCV reference"): refund.provider_reference,
            _("Method"): refund.method,
            _("Terminal"): refund.terminal,
            _("Counter"): refund.counter,
            _("Begun"): local_time(refund.created_at),
            _("Changed"): local_time(refund.updated_at),
        }
    )


def case_lines(refund: Refund, entries: Iterable[Entry]) -> list[str]:
    """A refund with its history and what CCV said."""
    lines = [*refund_lines(refund), "", _("What happened")]
    lines += [f"  {local_time(entry.at)}  {retold(entry.text)}" for entry in entries]
    if refund.facts:
        width = max(len(name) for name in refund.facts) + 2
        lines += ["", _("What CCV said")]
        for name, value in refund.facts.items():
            first, *others = _fact(name, value) or [""]
            lines.append(f"  {name.replace('_', ' '):<{width}}{first}")
            lines += [f"  {'':<{width}}{other}" for other in others]
    return lines


def _fact(name: str, value: object) -> list[str]:
    """A fact as lines to read; JSON has it as it is kept."""
    match value:
        case bool():
            return [_("yes") if value else _("no")]
        case list():
            return [line for one in value for line in _fact(name, one)]
        case dict():
            said = (f"{key.replace('_', ' ')} {shown}" for key, shown in value.items())
            return [", ".join(said)]
        case str() if name in _TIMES:
            return [local_time(datetime.fromisoformat(value))]
        case _:
            return str(value).splitlines()


def finding_lines(finding: Finding, terminals: Sequence[Terminal]) -> list[str]:
    """A payment, and what is left of it."""
    payment = finding.payment
    refusal = why_not_refundable(payment)
    lines = _labelled(
        {
            _("Payment"): payment.reference,
            _("Order"): payment.order_reference,
            _("Text"): payment.description,
            _("Made"): None if payment.created_at is None else local_time(payment.created_at),
            _("Method"): " ".join(filter(None, (payment.method, payment.brand))),
            _("Terminal"): terminal_name(payment.terminal_id, terminals) or payment.terminal_id,
            _("Status"): f"{payment.type}, {payment.status_text}",
            _("Paid"): amount_text(payment.amount),
            _("Given back"): amount_text(finding.returned),
            _("Open"): amount_text(finding.open),
            _("Left"): amount_text(finding.left),
            _("Not possible"): None if refusal is None else said(refusal),
        }
    )
    for payout in payment.payouts:
        shown = f"{amount_text(payout.amount)} {payout.external_reference or ''}"
        lines += _labelled({_("Part"): shown})
    for refund in finding.refunds:
        shown = f"{refund.id}  {amount_text(refund.amount)}  {words(refund).title}"
        lines += _labelled({_("Refund"): shown})
    return lines


def table(refunds: Sequence[Refund]) -> list[str]:
    """Refunds, one a line."""
    rows = [
        (
            local_time(refund.created_at, seconds=False),
            refund.id,
            amount_text(refund.amount),
            words(refund).title,
            refund.original_reference,
            refund.terminal or "-",
        )
        for refund in refunds
    ]
    head = (_("Begun"), _("Refund"), _("Amount"), _("State"), _("Payment"), _("Terminal"))
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [_row(row, widths) for row in (head, *rows)] if rows else []


def local_time(at: datetime, *, seconds: bool = True) -> str:
    """The time on this machine's clock, its zone named: JSON has UTC."""
    local = at.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S %Z}" if seconds else f"{local:%Y-%m-%d %H:%M %Z}"


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        f"{cell:>{width}}" if number == 2 else f"{cell:<{width}}"
        for number, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells)


def _labelled(values: Mapping[str, str | None]) -> list[str]:
    """What has no value has no line."""
    width = max(_LABEL, *(len(label) + 1 for label in values))
    return [f"{label:<{width}}{value}" for label, value in values.items() if value]


def _test(refund: Refund) -> str:
    return _("  (TEST, no real money)") if refund.environment is Environment.TEST else ""
