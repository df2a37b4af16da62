"""`watch`: the same as `recover`, and stays; for a kiosk or a back office."""

from collections.abc import Iterable

from posrefund import __version__
from posrefund.cli.exits import ExitCode, code_of_error
from posrefund.cli.lines import change, heading
from posrefund.cli.log_file import LogFile, logging_to
from posrefund.cli.recovering import foreign, worst
from posrefund.cli.service_manager import ServiceManager
from posrefund.cli.session import Session
from posrefund.cli.shapes import moment, refund_shape
from posrefund.cli.telling import of_something_sent
from posrefund.errors import KeyRefused, PosrefundError
from posrefund.language import _
from posrefund.refund.model import Refund
from posrefund.refund.rules import is_open, needs_a_person


def watch(session: Session, log_file: str | None = None) -> ExitCode:
    """Work through what is open and what others leave behind, until somebody interrupts it.

    A reader that goes away loses the news; no refund is left alone for that. Only trouble that
    starting again may mend ends it, too: where CCV does not accept the key, the exit code is that
    of the worst state, because what is open may have been paid.

    Args:
        session: Where the answer goes.
        log_file: A log of JSON lines, beside the answer.

    Raises:
        Misused: If the log cannot be written. Nothing was sent.
        JournalTrouble: If the journal fails. Started again, it goes on where it was.
    """
    manager = ServiceManager(session.environ)
    with logging_to(log_file) as log:
        _write(session, log, "started", version=__version__)
        try:
            code = _watch(session, log, manager)
        except BaseException as error:
            why = type(error).__name__
            _write(session, log, "ended", exit_code=int(_code(error)), why=why)
            raise
        finally:
            manager.stopping()
        _write(session, log, "ended", exit_code=int(code), why=KeyRefused.__name__)
    return code


def _watch(session: Session, log: LogFile, manager: ServiceManager) -> ExitCode:
    with of_something_sent(), session.program() as program:
        session.notices.say(_("Watching; Ctrl+C ends it. What is open then stays in the journal."))
        stand: dict[str, Refund] = {}
        try:
            for refund in program.recovery.watch(
                on_turn=lambda: manager.alive(_status(stand.values()))
            ):
                stand[refund.id] = refund
                if not is_open(refund):
                    del stand[refund.id]
                _tell(session, log, refund, is_ours=program.service.is_ours(refund))
        except KeyRefused as error:
            session.notices.complain(error)
    return worst(stand.values()) if stand else ExitCode.CONFIG


def _tell(session: Session, log: LogFile, refund: Refund, *, is_ours: bool) -> None:
    shape = refund_shape(refund)
    session.output.show(shape, [heading(refund), *change(refund)])
    if not is_ours:
        session.notices.say(foreign(refund))
    # Who has the address of the page can stand in for the cashier, so no log has it.
    shape.pop("pay_url")
    _write(session, log, "refund", **shape, alarm=refund.alarm)


def _write(session: Session, log: LogFile, event: str, **values: object) -> None:
    was_lost, was_growing = log.is_lost, log.is_growing
    log.write(event, {"at": moment(session.clock().now()), **values})
    if log.is_lost and not was_lost:
        session.notices.say(_("The log cannot be written; the refunds are followed all the same."))
    if log.is_growing and not was_growing:
        session.notices.say(_("The log cannot be turned over, so it grows; no line is lost."))


def _status(stand: Iterable[Refund]) -> str:
    """One line for whoever asks the service manager."""
    refunds = list(stand)
    persons = sum(needs_a_person(refund) for refund in refunds)
    return f"{len(refunds)} open, {persons} for a person"


def _code(error: BaseException) -> ExitCode:
    match error:
        case PosrefundError():
            return code_of_error(error)
        case KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case _:
            return ExitCode.DEFECT
