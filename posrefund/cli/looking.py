"""Questions to CCV: `find` and `status`. They move no money."""

from typing import TYPE_CHECKING

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode, code_of
from posrefund.cli.journaled import known
from posrefund.cli.lines import finding_lines, refund_lines
from posrefund.cli.session import NoJournal, Session
from posrefund.cli.shapes import finding_shape, refund_shape
from posrefund.cli.telling import of_something_sent
from posrefund.errors import KeyRefused, LostLease, NoInformation
from posrefund.language import _
from posrefund.refund.model import Refund, RefundState

if TYPE_CHECKING:
    from posrefund.wiring import Program


def find(session: Session, text: str) -> ExitCode:
    """Print the payments that belong to a reference or an order, and what is left of them.

    Raises:
        Misused: If it looks like a card number or an API key.
        NotFound: If nobody knows such a payment.
    """
    wanted = typed.payment(text)
    with session.program(NoJournal.SAY) as program:
        findings = program.service.find(wanted)
        terminals = program.settings.terminals
    for number, finding in enumerate(findings):
        lines = finding_lines(finding, terminals)
        session.output.show(finding_shape(finding, terminals), ["", *lines] if number else lines)
    return session.answered()


def status(session: Session, text: str) -> ExitCode:
    """Ask CCV about one refund, print where it stands, and exit by its state.

    Where CCV cannot be asked, the journal answers.

    Raises:
        Misused: If the text can be neither an id nor a reference.
        NoSuchRefund: If the journal does not have it.
        JournalTrouble: If the journal fails, or there is none: one that was lost must not say of
            the refund what it says of one that never was. The refund stands as it stood.
    """
    wanted = typed.reference(text)
    with of_something_sent(), session.program(NoJournal.REFUSE) as program:
        refund = _asked(session, program, known(program.journal, wanted))
    session.output.show(refund_shape(refund), refund_lines(refund))
    return code_of(refund)


def _asked(session: Session, program: "Program", refund: Refund) -> Refund:
    if refund.state is RefundState.INTENT:
        # The next step of an intent is to send it, and a question must not do that.
        return refund
    if not program.service.is_ours(refund):
        session.notices.say(
            _(
                "Not asked: refund {id} belongs to {address} ({environment}); use that"
                " configuration."
            ).format(id=refund.id, address=refund.address, environment=refund.environment)
        )
        return refund
    try:
        return program.service.check(refund)
    except (NoInformation, KeyRefused, LostLease) as error:
        session.notices.complain(error)
        session.notices.say(_("This is what the journal knows."))
        return program.journal.get(refund.id) or refund
