"""What became of each line of a batch: as a line of text or JSON, as a summary, as an exit code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from posrefund.cli.batch_file import CURRENCY, Line
from posrefund.cli.exits import ExitCode, code_of, code_of_error
from posrefund.cli.shapes import Shape, refund_shape
from posrefund.errors import AlreadyOpen, PosrefundError
from posrefund.figures import amount_text
from posrefund.language import N_, _, plural
from posrefund.money import Money
from posrefund.refund.model import Refund, RefundState
from posrefund.refund.rules import is_over
from posrefund.sentence import Sentence
from posrefund.speech import said
from posrefund.wording import words


class Verdict(StrEnum):
    """What may be believed of a line. From the best to the worst."""

    WOULD_SEND = "would_send"
    """Dry run: it would be sent."""
    DONE = "done"
    NOT_DONE = "not_done"
    """No money moved, and the same again would not change that."""
    NOT_SENT = "not_sent"
    """Nothing left this machine; the file may be run again."""
    RUNNING = "running"
    UNKNOWN = "unknown"
    ATTENTION = "attention"


_OF_CODE = {
    ExitCode.OK: Verdict.DONE,
    ExitCode.REFUSED: Verdict.NOT_DONE,
    ExitCode.NOT_SENT: Verdict.NOT_SENT,
    ExitCode.RUNNING: Verdict.RUNNING,
    ExitCode.UNKNOWN: Verdict.UNKNOWN,
    ExitCode.ATTENTION: Verdict.ATTENTION,
}
_CODES = {verdict: code for code, verdict in _OF_CODE.items()}

_NAMES = {
    Verdict.WOULD_SEND: N_("would be sent"),
    Verdict.DONE: N_("done"),
    Verdict.NOT_DONE: N_("not done"),
    Verdict.NOT_SENT: N_("not sent"),
    Verdict.RUNNING: N_("still running"),
    Verdict.UNKNOWN: N_("UNKNOWN"),
    Verdict.ATTENTION: N_("a person must look"),
}
_ADVICE = {
    Verdict.NOT_DONE: N_("No money moved. To try such a line again, give it an id of its own."),
    Verdict.NOT_SENT: N_("Nothing of these left this machine. Run the same file again."),
    Verdict.RUNNING: N_("CCV has these and has not decided. Run the same file again later."),
    Verdict.UNKNOWN: N_("Money may have moved. Do NOT pay these another way; run the file again."),
    Verdict.ATTENTION: N_("Do NOT pay these another way; a manager or CCV's helpdesk must look."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one line stands when nothing more is done for it."""

    line: Line
    verdict: Verdict
    why: str = ""
    """One sentence or more, in the language of the counter."""
    refund: Refund | None = None


def outcome_of(line: Line, refund: Refund) -> Outcome:
    """How a line stands whose refund is in the journal."""
    if refund.state is RefundState.INTENT:
        why = _("This run did not send it; another window or command may be about to.")
        return Outcome(line=line, verdict=Verdict.UNKNOWN, why=why, refund=refund)
    verdict = _OF_CODE[code_of(refund)]
    told = words(refund)
    why = told.money if is_over(refund) else f"{told.money} {told.next}"
    return Outcome(line=line, verdict=verdict, why=why, refund=refund)


def given_up(line: Line, refund: Refund) -> Outcome:
    """How a line stands whose refund `RefundService.abandon` returned: nothing left."""
    if refund.state is not RefundState.INTENT:
        return outcome_of(line, refund)
    why = _("The journal failed before it left, and it does not go by itself.")
    return Outcome(line=line, verdict=Verdict.NOT_SENT, why=why, refund=refund)


def refused(line: Line, error: PosrefundError) -> Outcome:
    """How a line stands that did not come to a refund: no money moved."""
    by_rule = code_of_error(error) is ExitCode.REFUSED and not isinstance(error, AlreadyOpen)
    verdict = Verdict.NOT_DONE if by_rule else Verdict.NOT_SENT
    return not_begun(line, error.sentence, verdict=verdict)


def not_begun(line: Line, why: Sentence, *, verdict: Verdict = Verdict.NOT_SENT) -> Outcome:
    """How a line stands for which nothing was written down."""
    text = said(why).rstrip(".")
    return Outcome(line=line, verdict=verdict, why=f"{text[:1].upper()}{text[1:]}.")


def worst(outcomes: Iterable[Outcome]) -> ExitCode:
    """Return the exit code of the worst outcome."""
    order = list(Verdict)
    found = max((one.verdict for one in outcomes), key=order.index, default=Verdict.DONE)
    return _CODES.get(found, ExitCode.OK)


def outcome_shape(outcome: Outcome) -> Shape:
    """The JSON of one line."""
    line, refund = outcome.line, outcome.refund
    return {
        "kind": "outcome",
        "line": line.number,
        "id": line.id,
        "machine": line.machine,
        "payment": line.payment,
        "amount": line.amount.text,
        "currency": line.amount.currency,
        "outcome": str(outcome.verdict),
        "message": outcome.why or None,
        "refund": None if refund is None else refund_shape(refund),
    }


def outcome_lines(outcome: Outcome) -> list[str]:
    """The text of one line."""
    line = outcome.line
    heading = _("Line {number}: {amount} of {payment} ({machine}): {outcome}").format(
        number=line.number,
        amount=amount_text(line.amount),
        payment=line.payment,
        machine=line.machine,
        outcome=_(_NAMES[outcome.verdict]),
    )
    is_plain = outcome.verdict is Verdict.DONE or not outcome.why
    return [heading] if is_plain else [heading, f"    {outcome.why}"]


def summary_shape(file: str, outcomes: Sequence[Outcome]) -> Shape:
    """The last line of JSON: which lines came to what, and how much that is."""
    shape: Shape = {"kind": "summary", "file": file, "lines": len(outcomes), "currency": CURRENCY}
    for verdict in Verdict:
        of_it = [one for one in outcomes if one.verdict is verdict]
        shape[str(verdict)] = {
            "count": len(of_it),
            "amount": total(one.line for one in of_it).text,
            "lines": [one.line.number for one in of_it],
        }
    return shape


def summary_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """The same for a person: every line that is not done is named, the worst last."""
    heading = plural("Summary of {number} line", "Summary of {number} lines", len(outcomes))
    lines = ["", heading.format(number=len(outcomes))]
    for verdict in Verdict:
        of_it = [one for one in outcomes if one.verdict is verdict]
        if not of_it:
            continue
        amount = amount_text(total(one.line for one in of_it))
        lines.append(f"  {_(_NAMES[verdict]):<20} {len(of_it):>6}  {amount:>16}")
        if verdict in _ADVICE:
            lines.append(f"    {_(_ADVICE[verdict])}")
            lines += [f"    {_named(one)}" for one in of_it]
    return lines


def total(lines: Iterable[Line]) -> Money:
    """What these lines give back together."""
    return Money(sum(line.amount.minor for line in lines), CURRENCY)


def _named(outcome: Outcome) -> str:
    line, refund = outcome.line, outcome.refund
    reference = f" {refund.provider_reference}" if refund and refund.provider_reference else ""
    return _("line {number}  {payment}  {amount}  {machine}  id {id}{reference}").format(
        number=line.number,
        payment=line.payment,
        amount=amount_text(line.amount),
        machine=line.machine,
        id=line.id,
        reference=reference,
    )
