"""`cancel`: asks CCV to cancel a refund. Only CCV's status says what became of it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode, code_of
from posrefund.cli.journaled import known
from posrefund.cli.session import NoJournal, Session
from posrefund.cli.telling import Teller, of_something_sent
from posrefund.errors import (
    JournalTrouble,
    KeyRefused,
    NoInformation,
    NotAllowed,
    PosrefundError,
)
from posrefund.language import _
from posrefund.refund.model import Refund
from posrefund.speech import said

if TYPE_CHECKING:
    from posrefund.wiring import Program


def cancel(session: Session, text: str, *, wait_seconds: int | None) -> ExitCode:
    """Ask, say what CCV answered, and follow the refund as ever; exit by its state.

    Raises:
        NoSuchRefund: If the journal does not have it.
        JournalTrouble: If there is no journal, or it fails meanwhile. The refund goes on.
    """
    wanted = typed.reference(text)
    with of_something_sent(), session.program(NoJournal.REFUSE) as program:
        refund = known(program.journal, wanted)
        session.running = refund.id
        latest = _asked(session, program, refund, wait_seconds)
    if latest.state.is_final:
        session.running = None
    return code_of(latest)


def _asked(
    session: Session, program: "Program", refund: Refund, wait_seconds: int | None
) -> Refund:
    """Ask and follow; where it cannot be asked, its state decides all the same."""
    try:
        _ask(session, program, refund)
    except NotAllowed as error:
        # Its own words, that nothing was sent, are not true of the refund.
        session.notices.say(_("It was not asked: {why}.").format(why=said(error)))
    except KeyRefused as error:
        session.notices.complain(error)
    else:
        return _follow(session, program, refund, wait_seconds)
    latest = program.journal.get(refund.id) or refund
    Teller(session).tell(latest)
    return latest


def _ask(session: Session, program: "Program", refund: Refund) -> None:
    try:
        taken = program.service.cancel(refund)
    except NoInformation:
        session.notices.say(_("CCV gave no answer; it may be cancelled all the same."))
        return
    if taken:
        session.notices.say(_("CCV took the request to cancel it; its state will tell."))
    else:
        session.notices.say(_("CCV said no to cancelling it; the refund goes on."))


def _follow(
    session: Session, program: "Program", refund: Refund, wait_seconds: int | None
) -> Refund:
    teller = Teller(session)
    until = None
    if wait_seconds is not None:
        until = program.clock.now() + timedelta(seconds=wait_seconds)
    try:
        begun = program.service.check_quietly(refund)
        teller.tell(begun)
        for news in program.service.follow(begun, until=until):
            teller.tell(news)
    except JournalTrouble:
        raise
    except PosrefundError as error:
        # It was sent, so its state decides the exit code, not what went wrong since.
        session.notices.complain(error)
    return program.journal.get(refund.id) or refund
