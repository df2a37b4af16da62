"""The text of an answer: calm, aligned lines a cashier can read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from posrefund.cli.shapes import terminal_name
from posrefund.refund.model import Entry, Environment, Finding, Refund
from posrefund.refund.rules import why_not_refundable
from posrefund.terminal.model import Terminal
from posrefund.wording import words

_LABEL = 14
_TITLE = max(len("A person must look"), len("Not known yet")) + 2


def heading(refund: Refund) -> str:
    """What is given back, to be said once before the changes."""
    where = f" on {refund.terminal}" if refund.terminal else ""
    return (
        f"Refund {refund.id}: {refund.amount} of {refund.original_reference}{where}{_test(refund)}"
    )


def change(refund: Refund) -> list[str]:
    """Where a refund stands now: the money and the next step."""
    said = words(refund)
    lines = [f"{said.title:<{_TITLE}}{said.money}", f"{'':<{_TITLE}}{said.next}"]
    if refund.alarm is not None:
        lines.append(f"{'ALARM':<{_TITLE}}{refund.alarm}")
    return lines


def refund_lines(refund: Refund) -> list[str]:
    """A refund as it stands."""
    said = words(refund)
    return _labelled(
        {
            "Refund": f"{refund.id}{_test(refund)}",
            "State": said.title,
            "Money": said.money,
            "Next": said.next,
            "ALARM": refund.alarm,
            "Why": refund.message,
            "Amount": str(refund.amount),
            "Payment": refund.original_reference,
            "CCV reference": refund.provider_reference,
            "Method": refund.method,
            "Terminal": refund.terminal,
            "Counter": refund.counter,
            "Begun": _time(refund.created_at),
            "Changed": _time(refund.updated_at),
        }
    )


def case_lines(refund: Refund, entries: Iterable[Entry]) -> list[str]:
    """A refund with its history and what CCV said."""
    lines = [*refund_lines(refund), "", "What happened (UTC)"]
    lines += [
        f"  {entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}  {entry.state:<10} {entry.text}"
        for entry in entries
    ]
    if refund.facts:
        width = max(len(name) for name in refund.facts) + 2
        lines += ["", "What CCV said"]
        lines += [f"  {name:<{width}}{value}" for name, value in refund.facts.items()]
    return lines


def finding_lines(finding: Finding, terminals: Sequence[Terminal]) -> list[str]:
    """A payment, and what is left of it."""
    payment = finding.payment
    refusal = why_not_refundable(payment)
    lines = _labelled(
        {
            "Payment": payment.reference,
            "Order": payment.order_reference,
            "Text": payment.description,
            "Made": None if payment.created_at is None else _time(payment.created_at),
            "Method": " ".join(filter(None, (payment.method, payment.brand))),
            "Terminal": terminal_name(payment.terminal_id, terminals) or payment.terminal_id,
            "Status": f"{payment.type}, {payment.status_text}",
            "Paid": str(payment.amount),
            "Given back": str(finding.returned),
            "Open": str(finding.open),
            "Left": str(finding.left),
            "Not possible": refusal,
        }
    )
    for payout in payment.payouts:
        lines += _labelled({"Part": f"{payout.amount} {payout.external_reference or ''}"})
    for refund in finding.refunds:
        lines += _labelled({"Refund": f"{refund.id}  {refund.amount}  {words(refund).title}"})
    return lines


def table(refunds: Sequence[Refund]) -> list[str]:
    """Refunds, one a line."""
    rows = [
        (
            f"{refund.created_at.astimezone(UTC):%Y-%m-%d %H:%M}",
            refund.id,
            str(refund.amount),
            words(refund).title,
            refund.original_reference,
            refund.terminal or "-",
        )
        for refund in refunds
    ]
    head = ("Begun (UTC)", "Refund", "Amount", "State", "Payment", "Terminal")
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [_row(row, widths) for row in (head, *rows)] if rows else []


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        f"{cell:>{width}}" if number == 2 else f"{cell:<{width}}"
        for number, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells)


def _labelled(values: Mapping[str, str | None]) -> list[str]:
    """What has no value has no line."""
    return [f"{label:<{_LABEL}}{value}" for label, value in values.items() if value]


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _test(refund: Refund) -> str:
    return "  (TEST, no real money)" if refund.environment is Environment.TEST else ""
