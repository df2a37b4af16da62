"""Hands slips out: the first is the original, and the journal remembers that it was printed."""

from collections.abc import Iterable, Sequence

from posrefund.receipt.printer import Printer, PrinterFault, print_lines
from posrefund.receipt.slip import is_proof, slip_lines
from posrefund.refund.model import Entry, Refund
from posrefund.refund.ports import Clock, Journal
from posrefund.sentence import Sentence

CUSTOMER, MERCHANT = "customer", "merchant"


def is_copy(refund: Refund, entries: Iterable[Entry], *, merchant: bool) -> bool:
    """Was this slip handed out before? A paper of an earlier state does not count."""
    return any(
        entry.facts.get("printed") == _whose(merchant) and entry.state is refund.state
        for entry in entries
    )


def paper(refund: Refund, *, journal: Journal, merchant: bool, width: int) -> list[str]:
    """Return the slip as it is to be handed out now: marked COPY after the first time."""
    copy = is_copy(refund, journal.entries(refund.id), merchant=merchant)
    return slip_lines(refund, copy=copy, merchant=merchant, width=width)


def remember(refund: Refund, *, journal: Journal, clock: Clock, merchant: bool) -> None:
    """Write down that the slip was handed out."""
    text = (
        Sentence("The shop's slip was printed.")
        if merchant
        else Sentence("The customer's slip was printed.")
    )
    if not is_proof(refund):
        text = Sentence("A paper was printed that says it is not done or not known.")
    facts = {"printed": _whose(merchant)}
    entry = Entry(at=clock.now(), rule="-", state=refund.state, text=text, facts=facts)
    journal.append(refund.id, entry)


def print_slip(
    refund: Refund, *, journal: Journal, clock: Clock, printer: Printer, merchant: bool
) -> PrinterFault | None:
    """Print the slip of the refund as the journal has it now. It moves no money, ever.

    What may have come out of the printer counts as printed, so that there is one original at most.

    Raises:
        JournalUnavailable: If the journal fails, before or after the printing.
    """
    latest = journal.get(refund.id) or refund
    lines: Sequence[str] = paper(latest, journal=journal, merchant=merchant, width=printer.columns)
    fault = print_lines(lines, printer)
    if fault is None or fault.may_have_printed:
        remember(latest, journal=journal, clock=clock, merchant=merchant)
    return fault


def _whose(merchant: bool) -> str:
    return MERCHANT if merchant else CUSTOMER
