"""`close`: a person decides a case that the program cannot, with name and evidence."""

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode, code_of
from posrefund.cli.lines import refund_lines
from posrefund.cli.session import NoJournal, Session
from posrefund.cli.shapes import refund_shape
from posrefund.cli.telling import of_something_sent
from posrefund.errors import KeyRefused, LostLease, NoInformation, NoSuchRefund, NotAllowed
from posrefund.language import _
from posrefund.refund.model import Refund
from posrefund.refund.rules import is_open
from posrefund.speech import said


def close(session: Session, refund_id: str, *, executed: bool, by: str, evidence: str) -> ExitCode:
    """Close the case, print it, and exit by the verdict: 0 executed, 1 not executed.

    Where it is not closed, because it is not for a person, it is too early to say, or CCV cannot
    be asked, this says why, prints the refund as it stands, and exits by its state.

    Raises:
        Misused: If name or evidence is missing. Nothing has changed.
        NoSuchRefund: If the journal does not have it.
        JournalTrouble: If the journal fails, or there is none. The case stays open.
    """
    wanted = typed.reference(refund_id)
    with of_something_sent(), session.program(NoJournal.REFUSE) as program:
        refund = program.journal.get(wanted)
        if refund is None:
            raise NoSuchRefund("the journal has no refund with this id or reference")
        try:
            stand = program.service.close(refund, executed=executed, by=by, evidence=evidence)
        except (NotAllowed, NoInformation, KeyRefused, LostLease) as error:
            stand = program.journal.get(refund.id) or refund
            _say_why(session, error, stand)
    session.output.show(refund_shape(stand), refund_lines(stand))
    return code_of(stand)


def _say_why(
    session: Session, error: NotAllowed | NoInformation | KeyRefused | LostLease, stand: Refund
) -> None:
    # Its own words, that nothing was sent, are not true of the refund.
    why = said(error).rstrip(".")
    if is_open(stand):
        sentence = _("The case stays open: {why}.")
    else:
        sentence = _("There is nothing to close: {why}.")
    session.notices.say(sentence.format(why=why))
