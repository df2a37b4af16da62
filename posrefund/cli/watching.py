"""`watch`: the same as `recover`, and stays; for a kiosk or a back office."""

from posrefund.cli.exits import ExitCode
from posrefund.cli.lines import change, heading
from posrefund.cli.recovering import foreign, worst
from posrefund.cli.session import Session
from posrefund.cli.shapes import refund_shape
from posrefund.errors import JournalTrouble, JournalUnavailable, KeyRefused
from posrefund.language import _
from posrefund.refund.model import Refund


def watch(session: Session) -> ExitCode:
    """Work through what is open and what others leave behind, until somebody interrupts it.

    A reader that goes away loses the news; no refund is left alone for that. Only trouble that
    starting again may mend ends it, too: where CCV does not accept the key, the exit code is that
    of the worst state, because what is open may have been paid.

    Raises:
        JournalTrouble: If the journal fails. Started again, it goes on where it was.
    """
    with session.program() as program:
        session.notices.say(_("Watching; Ctrl+C ends it. What is open then stays in the journal."))
        stand: dict[str, Refund] = {}
        try:
            for refund in program.recovery.watch():
                session.output.show(refund_shape(refund), [heading(refund), *change(refund)])
                if not program.service.is_ours(refund):
                    session.notices.say(foreign(refund))
                stand[refund.id] = refund
                if refund.state.is_final and refund.alarm is None:
                    del stand[refund.id]
        except KeyRefused as error:
            session.notices.complain(error)
        except JournalUnavailable as error:
            # Its own sentence says that nothing was sent, which is true only of this step.
            raise JournalTrouble(error.sentence) from error
    return worst(stand.values()) if stand else ExitCode.CONFIG
