"""`close`: a person decides a case that the program cannot, with name and evidence."""

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode, code_of
from posrefund.cli.lines import refund_lines
from posrefund.cli.session import Session
from posrefund.cli.shapes import refund_shape
from posrefund.cli.telling import of_something_sent
from posrefund.errors import NoSuchRefund, NotAllowed
from posrefund.language import _
from posrefund.speech import said


def close(session: Session, refund_id: str, *, executed: bool, by: str, evidence: str) -> ExitCode:
    """Close the case, print it, and exit by the verdict: 0 executed, 1 not executed.

    Where the case is not for a person, or it is too early to say, it stays open and this says why.

    Raises:
        NoSuchRefund: If the journal does not have it.
        JournalTrouble: If the journal fails. The case stays open.
    """
    wanted = typed.reference(refund_id)
    with of_something_sent(), session.program() as program:
        refund = program.journal.get(wanted)
        if refund is None:
            raise NoSuchRefund("the journal has no refund with this id or reference")
        try:
            closed = program.service.close(refund, executed=executed, by=by, evidence=evidence)
        except NotAllowed as error:
            # Its own words, that nothing was sent, are not true of the refund.
            why = said(error).rstrip(".")
            session.notices.say(_("The case stays open: {why}.").format(why=why))
            return ExitCode.REFUSED
    session.output.show(refund_shape(closed), refund_lines(closed))
    return code_of(closed)
