"""Our own slip, as plain lines of text for a printer, a screen or a file.

Only a refund that succeeded gives a slip headed REFUND. Anything else is said in words, so that
no piece of paper can pass for money given back.
"""

from datetime import UTC

from posrefund.errors import Misused
from posrefund.refund.model import Environment, Refund, RefundState
from posrefund.safe_text import safe_text

NARROWEST = 32
"""Columns of a 58 mm printer. Narrower paper would break amounts apart."""

_LABEL_WIDTH = 10
_LONGEST_VALUE = 255

_OPEN = "OPEN - NOT KNOWN YET"
_NOT_REFUNDED = "NOT REFUNDED"
_BY_HAND = "CLOSED BY A PERSON"

_OUTCOMES = {
    RefundState.INTENT: (_NOT_REFUNDED, "Decided, and not sent."),
    RefundState.SENDING: (_OPEN, "It may have been sent. Do not repeat it."),
    RefundState.UNKNOWN: (_OPEN, "CCV may have it. Do not repeat it."),
    RefundState.ACCEPTED: (_OPEN, "CCV has not decided yet. Do not repeat it."),
    RefundState.SUCCEEDED: ("REFUND", ""),
    RefundState.FAILED: (_NOT_REFUNDED, "CCV said no. No money moved."),
    RefundState.NOT_SENT: (_NOT_REFUNDED, "Nothing was sent. No money moved."),
    RefundState.ATTENTION: (_OPEN, "A person must look. Do not repeat it."),
}


def slip_lines(refund: Refund, *, copy: bool, merchant: bool = False, width: int = 40) -> list[str]:
    """Return the slip; no line is longer than `width`, and no reference is cut.

    The same refund gives the same slip, whenever it is printed; `copy` marks every one but the
    first.

    Args:
        refund: Any refund; whether it is a slip at all depends on its state.
        copy: Say COPY.
        merchant: The shop's own slip, with the description and the reference of the request.
        width: Columns of the paper, at least `NARROWEST`.

    Raises:
        Misused: If the paper is narrower.
    """
    if width < NARROWEST:
        raise Misused(f"a slip needs at least {NARROWEST} columns")
    headline, explanation = _outcome(refund)
    is_slip = refund.state is RefundState.SUCCEEDED
    marks = ["*** COPY ***"] if copy and is_slip else []
    if refund.environment is Environment.TEST:
        marks.append("*** TEST - NO REAL MONEY ***")
    lines = [
        *(mark.center(width).rstrip() for mark in marks),
        headline.center(width).rstrip(),
        *_wrapped(explanation, width),
        "-" * width,
        *_details(refund, is_slip=is_slip, merchant=merchant, width=width),
        "-" * width,
    ]
    if is_slip:
        lines.append(("MERCHANT'S SLIP" if merchant else "CUSTOMER'S SLIP").center(width).rstrip())
    return [*lines, *(mark.center(width).rstrip() for mark in reversed(marks))]


def _outcome(refund: Refund) -> tuple[str, str]:
    if refund.state is not RefundState.CLOSED:
        return _OUTCOMES[refund.state]
    if refund.closed_as == "executed":
        return _BY_HAND, "Recorded as executed. CCV did not confirm it."
    return _NOT_REFUNDED, "Closed by a person as not executed."


def _details(refund: Refund, *, is_slip: bool, merchant: bool, width: int) -> list[str]:
    """The lines of label and value. What has no value has no line."""
    brand = refund.facts.get("brand")
    rows = [
        ("Counter", refund.counter),
        ("Date", f"{refund.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"),
        ("Amount" if is_slip else "Asked for", str(refund.amount)),
        ("Payment", refund.original_reference),
        ("CCV ref", refund.provider_reference),
        ("Method", refund.method),
        ("Brand", brand if isinstance(brand, str) else None),
        ("Terminal", refund.terminal),
        ("Our id", refund.id),
    ]
    if not is_slip:
        rows.append(("Reason", refund.message))
    if merchant:
        rows.append(("Text", refund.description))
        rows.append(("Request", refund.idempotency_reference))
    return [line for label, value in rows if value for line in _row(label, value, width)]


def _row(label: str, value: str, width: int) -> list[str]:
    """A label and its value, which goes on below itself: a reference must stay whole."""
    room = width - _LABEL_WIDTH
    shown = safe_text(value, limit=_LONGEST_VALUE)
    pieces = [shown[start : start + room] for start in range(0, len(shown), room)]
    return [
        f"{label if number == 0 else '':<{_LABEL_WIDTH}}{piece}".rstrip()
        for number, piece in enumerate(pieces)
    ]


def _wrapped(sentence: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in sentence.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
