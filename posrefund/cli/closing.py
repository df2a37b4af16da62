"""`close`: a person decides a case that the program cannot, with name and evidence."""

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode, code_of
from posrefund.cli.lines import refund_lines
from posrefund.cli.session import Session
from posrefund.cli.shapes import refund_shape
from posrefund.cli.telling import of_something_sent
from posrefund.errors import NoSuchRefund


def close(session: Session, refund_id: str, *, executed: bool, by: str, evidence: str) -> ExitCode:
    """Close the case, print it, and exit by the verdict: 0 executed, 1 not executed.

    Raises:
        NoSuchRefund: If the journal does not have it.
        NotAllowed: If the case is not for a person, or it is too early to say.
    """
    wanted = typed.reference(refund_id)
    with session.program() as program:
        refund = program.journal.get(wanted)
        if refund is None:
            raise NoSuchRefund("the journal has no refund with this id or reference")
        with of_something_sent():
            closed = program.service.close(refund, executed=executed, by=by, evidence=evidence)
    session.output.show(refund_shape(closed), refund_lines(closed))
    return code_of(closed)
