"""The slip, as plain lines of text for a printer, a screen or a file.

Only a refund that succeeded gives a slip headed REFUND, or CCV's own receipt. Anything else is
said in words, so that no piece of paper can pass for money given back.
"""

from posrefund.errors import Misused
from posrefund.figures import amount_text, moment_text
from posrefund.language import N_, _
from posrefund.refund.model import Environment, Refund, RefundState
from posrefund.safe_text import safe_text
from posrefund.speech import failure, method_text, retold

NARROWEST = 32
"""Columns of a 58 mm printer. Narrower paper would break amounts apart."""

_LABEL_WIDTH = 10
_WIDEST_LABEL = 14
"""Beside it the largest amount still fits on the narrowest paper."""
_LONGEST_VALUE = 255

_RUNNING = N_("REFUND IN PROGRESS")
_OPEN = N_("OPEN - NOT KNOWN YET")
_NOT_REFUNDED = N_("NOT REFUNDED")
_BY_HAND = N_("CLOSED BY A PERSON")

_OUTCOMES = {
    RefundState.INTENT: (_NOT_REFUNDED, N_("Decided, and not sent.")),
    RefundState.SENDING: (_OPEN, N_("It may have been sent. Do not repeat it.")),
    RefundState.UNKNOWN: (_OPEN, N_("CCV may have it. Do not repeat it.")),
    RefundState.ACCEPTED: (
        _RUNNING,
        N_("CCV has it and has not decided yet. This is no proof of money given back."),
    ),
    RefundState.SUCCEEDED: (N_("REFUND"), ""),
    RefundState.FAILED: (_NOT_REFUNDED, N_("CCV said no. No money moved.")),
    RefundState.NOT_SENT: (_NOT_REFUNDED, N_("Nothing was sent. No money moved.")),
    RefundState.ATTENTION: (_OPEN, N_("A person must look. Do not repeat it.")),
}


def is_proof(refund: Refund) -> bool:
    """Does its slip prove that money was given back? Not while CCV contradicts itself."""
    return refund.state is RefundState.SUCCEEDED and refund.alarm is None


def slip_lines(refund: Refund, *, copy: bool, merchant: bool = False, width: int = 40) -> list[str]:
    """Return the slip; no line of ours is longer than `width`, and no reference is cut.

    The same refund gives the same slip, whenever it is printed; `copy` marks every one but the
    first. CCV's receipt stands there as it came, where one came: no line of it is left out,
    trimmed or broken.

    Args:
        refund: Any refund; whether it is a slip at all depends on its state.
        copy: Say COPY.
        merchant: The shop's own slip, with the description and the reference of the request.
        width: Columns of the paper, at least `NARROWEST`.

    Raises:
        Misused: If the paper is narrower.
    """
    if width < NARROWEST:
        raise Misused("a slip needs at least {columns} columns", columns=NARROWEST)
    proof = is_proof(refund)
    marks = [_("*** COPY ***")] if copy and proof else []
    if refund.environment is Environment.TEST:
        marks.append(_("*** TEST - NO REAL MONEY ***"))
    above = [_centred(mark, width) for mark in marks]
    receipt = _receipt_of_ccv(refund, merchant=merchant) if proof else []
    if receipt:
        body = [*receipt, "-" * width, *_row(_("Our id"), refund.id, _LABEL_WIDTH, width)]
    else:
        body = _own(refund, proof=proof, merchant=merchant, width=width)
    return [*above, *body, *reversed(above)]


def _receipt_of_ccv(refund: Refund, *, merchant: bool) -> list[str]:
    lines = refund.facts.get("merchant_receipt" if merchant else "customer_receipt")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        return []
    return [safe_text(line, limit=_LONGEST_VALUE) for line in lines]


def _own(refund: Refund, *, proof: bool, merchant: bool, width: int) -> list[str]:
    headline, explanation = _outcome(refund)
    lines = [
        _centred(_(headline), width),
        *_wrapped(_(explanation), width),
        "-" * width,
        *_details(refund, proof=proof, merchant=merchant, width=width),
        "-" * width,
    ]
    if proof:
        lines.append(_centred(_("MERCHANT'S SLIP") if merchant else _("CUSTOMER'S SLIP"), width))
    else:
        lines += [_centred(line, width) for line in _wrapped(_no_receipt(headline), width)]
    return lines


def _no_receipt(headline: str) -> str:
    """Whoever waits for an answer needs the reference; for whoever has one it is only paper."""
    if headline in {_OPEN, _RUNNING}:
        return _("This is no receipt. Please keep it: it has the reference.")
    return _("This is no receipt.")


def _outcome(refund: Refund) -> tuple[str, str]:
    if refund.state is RefundState.CLOSED:
        if refund.closed_as == "executed":
            return _BY_HAND, N_("Recorded as executed. CCV did not confirm it.")
        return _NOT_REFUNDED, N_("Closed by a person as not executed.")
    if refund.alarm is not None:
        return _OPEN, N_("CCV contradicts itself. A person must look. Do not repeat it.")
    return _OUTCOMES[refund.state]


def _details(refund: Refund, *, proof: bool, merchant: bool, width: int) -> list[str]:
    """The lines of label and value. What has no value has no line."""
    brand = refund.facts.get("brand")
    card = refund.facts.get("card_last_four")
    rows = [
        (_("Counter"), refund.counter),
        (_("Date"), f"{moment_text(refund.created_at)} {refund.created_at.astimezone():%Z}"),
        (_("Amount") if proof else _("Asked for"), _plain(amount_text(refund.amount))),
        (_("Payment"), refund.original_reference),
        (_("Order"), refund.order_reference),
        (_("CCV ref"), refund.provider_reference),
        (_("Method"), method_text(refund.method)),
        (_("Brand"), brand if isinstance(brand, str) else None),
        (_("Card"), f"**** {card}" if isinstance(card, str) else None),
        (_("Terminal"), refund.terminal),
        (_("Our id"), refund.id),
    ]
    if not proof:
        rows.append((_("Reason"), _reason(refund, merchant=merchant)))
    if merchant:
        rows.append((_("Text"), refund.description))
        rows.append((_("Request"), refund.idempotency_reference))
    longest = max(len(label) for label, value in rows) + 1
    column = min(max(_LABEL_WIDTH, longest), _WIDEST_LABEL)
    return [line for label, value in rows if value for line in _row(label, value, column, width)]


def _reason(refund: Refund, *, merchant: bool) -> str:
    """Ours in the language of now; CCV's own words only where it gave no code we know.

    Who closed a case, and on what evidence, is no business of the customer's.
    """
    if refund.state is RefundState.CLOSED:
        return (refund.message or "") if merchant else ""
    if refund.alarm is None and refund.state is RefundState.FAILED and refund.failure_code:
        return failure(refund)
    return retold(refund.alarm or refund.message or "")


def _row(label: str, value: str, column: int, width: int) -> list[str]:
    """A label and its value, which goes on below itself: a reference must stay whole."""
    room = width - column
    shown = safe_text(value, limit=_LONGEST_VALUE)
    pieces = [shown[start : start + room] for start in range(0, len(shown), room)]
    return [
        f"{label[: column - 1] if number == 0 else '':<{column}}{piece}".rstrip()
        for number, piece in enumerate(pieces)
    ]


def _plain(text: str) -> str:
    """With ordinary spaces: printers do not know the others."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _centred(text: str, width: int) -> str:
    return text[:width].center(width).rstrip()


def _wrapped(sentence: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in sentence.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
