"""Asking CCV to cancel a refund. Only CCV's status says whether it was cancelled."""

from contextlib import suppress

from posrefund.errors import JournalTrouble
from posrefund.refund.model import Entry, Refund
from posrefund.refund.ports import Clock, Journal, Provider
from posrefund.refund.rules import check_cancelling
from posrefund.sentence import Sentence

ASKED = Sentence("CCV is asked to cancel it.")
TAKEN = Sentence("CCV took the request to cancel it.")
REFUSED = Sentence("CCV said no to cancelling it.")


def ask_to_cancel(refund: Refund, *, provider: Provider, journal: Journal, clock: Clock) -> bool:
    """Ask, with evidence of question and answer; True if CCV took the request.

    Raises:
        NotAllowed: If CCV does not have it, or has decided. Nothing was asked.
        NoInformation: If no answer came. It may be cancelled all the same.
        KeyRefused: If CCV does not accept the key.
    """
    current = journal.get(refund.id) or refund
    check_cancelling(current)

    def note(text: str) -> None:
        journal.append(refund.id, Entry(at=clock.now(), rule="-", state=current.state, text=text))

    note(ASKED)
    taken = provider.cancel(current)
    with suppress(JournalTrouble):
        # It was asked, whatever becomes of the evidence; CCV's status tells the rest.
        note(TAKEN if taken else REFUSED)
    return taken
