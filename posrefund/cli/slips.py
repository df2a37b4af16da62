"""`slip`: the slip of a refund, on stdout, in a file or on paper. Needs neither key nor network."""

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode
from posrefund.cli.journaled import known
from posrefund.cli.session import NoJournal, Session
from posrefund.cli.telling import of_something_sent
from posrefund.errors import Misused
from posrefund.language import _
from posrefund.receipt.handing_out import is_copy, print_slip, remember
from posrefund.receipt.printer import Printer
from posrefund.receipt.slip import is_proof, slip_lines
from posrefund.refund.model import Refund
from posrefund.refund.ports import Journal
from posrefund.report.file_names import named_file
from posrefund.report.fresh_file import fresh_text
from posrefund.safe_text import safe_text
from posrefund.settings import PrinterSettings
from posrefund.speech import said

_COLUMNS = 40


def slip(
    session: Session, text: str, *, merchant: bool, on_paper: bool, file: str | None
) -> ExitCode:
    """Hand the slip out once: the first is the original, every later one says COPY.

    `text` may name the payment; then it is the slip of the last attempt, done or not.

    Raises:
        Misused: If the file cannot be written or may not be there, or no printer is configured.
        NoSuchRefund: If the journal does not have it.
        JournalTrouble: If the journal fails, or there is none. The refund stands as it stood.
    """
    wanted = typed.reference(text)
    if on_paper and file is not None:
        raise Misused("say either --print or --file")
    target = None
    if file is not None:
        target = named_file(file, folder=session.export_folder()).absolute()
    printer = _configured(session) if on_paper else None
    with of_something_sent(), session.journal(NoJournal.REFUSE) as journal:
        refund = known(journal, wanted)
        if printer is not None:
            return _print(session, journal, refund, printer, merchant=merchant)
        copy = is_copy(refund, journal.entries(refund.id), merchant=merchant)
        lines = slip_lines(refund, copy=copy, merchant=merchant, width=_COLUMNS)
        if target is not None:
            # Never in place of another file: a slip is not worth a journal.
            with fresh_text(target) as written:
                written.writelines(f"{line}\n" for line in lines)
            session.tell_written(target)
        answer = {
            "id": refund.id,
            "state": str(refund.state),
            "proof": is_proof(refund),
            "copy": copy,
            "merchant": merchant,
            "file": None if target is None else str(target),
            "lines": lines,
        }
        session.output.show(answer, lines if target is None else [])
        code = session.answered()
        if code is ExitCode.OK:
            remember(refund, journal=journal, clock=session.clock(), merchant=merchant)
    return code


def printer_of(chosen: PrinterSettings) -> Printer:
    """Return the configured printer."""
    return Printer(kind=chosen.kind, address=chosen.address, columns=chosen.columns, cut=chosen.cut)


def _configured(session: Session) -> Printer:
    chosen = session.settings().printer
    if chosen is None:
        raise Misused(
            "no printer is configured; put these lines at the end of {file}, with the address of"
            " yours: {lines} (more: posrefund help files)",
            file=safe_text(str(session.config_path())),
            lines='[printer] / kind = "network" / address = "192.168.1.50"',
        )
    return printer_of(chosen)


def _print(
    session: Session, journal: Journal, refund: Refund, printer: Printer, *, merchant: bool
) -> ExitCode:
    fault = print_slip(
        refund, journal=journal, clock=session.clock(), printer=printer, merchant=merchant
    )
    answer = {
        "id": refund.id,
        "state": str(refund.state),
        "proof": is_proof(refund),
        "merchant": merchant,
        "printed": fault is None,
        "may_have_printed": fault is None or fault.may_have_printed,
        "message": None if fault is None else str(fault.why),
    }
    session.output.show(answer, [] if fault is not None else [_("The slip was printed.")])
    if fault is not None:
        sentence = _("The slip was not printed, and the refund is as it was: {why}.")
        session.notices.say(sentence.format(why=said(fault.why)))
        return ExitCode.REFUSED
    return session.answered()
