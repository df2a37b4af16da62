"""`batch`: many refunds from one file, by the same steps as `refund`, and never one of them twice.

Each line is one decision with a name that stays (`batch_file.Line.id`). Whatever ends a run, the
same file again continues it: what is done is reported, what is open is followed, what was written
down and not sent is sent, and only what nobody began is begun.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from posrefund.cli.batch_file import MOST_BYTES, Line, read_batch
from posrefund.cli.batch_orders import OrderBook, rehearse
from posrefund.cli.batch_outcome import (
    Outcome,
    outcome_lines,
    outcome_shape,
    summary_lines,
    summary_shape,
    total,
    worst,
)
from posrefund.cli.batch_run import BatchRun
from posrefund.cli.exits import ExitCode
from posrefund.cli.progress import Progress
from posrefund.cli.session import NoJournal, Session
from posrefund.errors import JournalTrouble, KeyRefused, Misused
from posrefund.figures import amount_text
from posrefund.language import _, plural
from posrefund.refund.model import Refund
from posrefund.safe_text import safe_text
from posrefund.speech import said

if TYPE_CHECKING:
    from posrefund.wiring import Program

_MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAsked:
    """What was typed."""

    file: str
    dry_run: bool = False
    yes: bool = False
    terminal: str | None = None
    again: bool = False
    wait_seconds: int | None = None


def batch(session: Session, asked: BatchAsked) -> ExitCode:
    """Carry out every line of the file, or say what would become of it; exit by the worst.

    Raises:
        Misused: If the file cannot be read or something in it is wrong. Nothing was sent.
        JournalTrouble: If the journal failed on the way; what was sent is named before.
    """
    data = _contents(asked.file)
    if not (asked.dry_run or asked.yes or session.can_ask):
        raise Misused("nobody is here to answer a question; add --yes to say it beforehand")
    no_journal = NoJournal.SAY if asked.dry_run else NoJournal.MAKE
    with session.program(no_journal) as program:
        lines = _lines(session, program, asked, data)
        book = OrderBook(
            service=program.service,
            journal=program.journal,
            terminals=program.settings.terminals,
            usual_terminal=asked.terminal,
        )
        report = _Report(session, asked.file, total_lines=len(lines))
        if asked.dry_run:
            for outcome in rehearse(book, lines, clock=program.clock):
                report.tell(outcome)
            return report.end()
        if not (asked.yes or _confirmed(session, program, book, lines)):
            session.notices.say(_("Nothing was sent."))
            return ExitCode.NOT_SENT
        return _carry_out(program, book, lines, report, wait_seconds=asked.wait_seconds)


# -- before anything is sent -------------------------------------------------------------------


def _contents(file: str) -> bytes:
    try:
        with Path(file).open("rb") as opened:
            # One byte more than may be there tells that there are too many.
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Misused("{file} cannot be read: {why}", file=file, why=why) from None


def _lines(session: Session, program: "Program", asked: BatchAsked, data: bytes) -> list[Line]:
    terminals = [terminal.name for terminal in program.settings.terminals]
    wanted = asked.terminal
    if wanted is not None and wanted.casefold() not in map(str.casefold, terminals):
        known = ", ".join(terminals)
        raise Misused("there is no terminal of that name; configured: {known}", known=known)
    reading = read_batch(
        data, environment=program.provider.environment, terminals=terminals, again=asked.again
    )
    for problem in reading.problems[:_MOST_PROBLEMS]:
        session.notices.say(said(problem))
    if reading.problems:
        count = len(reading.problems)
        problems = plural("{number} problem", "{number} problems", count).format(number=count)
        raise Misused("{file} has {problems}", file=asked.file, problems=problems)
    if reading.is_western:
        session.notices.say(
            _("The file is not UTF-8; it was read as Windows writes it in western Europe.")
        )
    return reading.lines


def _confirmed(
    session: Session, program: "Program", book: OrderBook, lines: Sequence[Line]
) -> bool:
    fresh = [line for line in lines if book.in_journal(line)[1] is None]
    begun = len(lines) - len(fresh)
    if begun:
        template = plural(
            "{number} line was begun before; it is only continued.",
            "{number} lines were begun before; they are only continued.",
            begun,
        )
        session.notices.say(template.format(number=begun))
    if not fresh:
        return True
    template = plural(
        "{mode}: give back {amount} in {number} refund?",
        "{mode}: give back {amount} in {number} refunds?",
        len(fresh),
    )
    return session.confirm(
        template.format(mode=program.mode, amount=amount_text(total(fresh)), number=len(fresh))
    )


# -- carrying out ------------------------------------------------------------------------------


def _carry_out(
    program: "Program",
    book: OrderBook,
    lines: Sequence[Line],
    report: "_Report",
    *,
    wait_seconds: int | None,
) -> ExitCode:
    run = BatchRun(
        book=book,
        service=program.service,
        journal=program.journal,
        clock=program.clock,
        on_outcome=report.tell,
        on_news=report.go_on,
        on_wait=report.wait,
    )
    clock = program.clock
    until = None if wait_seconds is None else clock.now() + timedelta(seconds=wait_seconds)
    try:
        run.run(lines, until=until)
    except KeyRefused as error:
        report.complain(error)
        run.finish()
        code = report.end()
        # What may have been paid weighs more than a key that has to be seen to.
        is_open = code in {ExitCode.RUNNING, ExitCode.UNKNOWN, ExitCode.ATTENTION}
        return code if is_open else ExitCode.CONFIG
    except JournalTrouble as error:
        run.finish()
        report.end()
        # Its own sentence may say that nothing was sent, which is true only of this step.
        raise JournalTrouble(error.sentence) from error
    except KeyboardInterrupt:
        run.finish()
        report.end()
        raise
    run.finish()
    return report.end()


class _Report:
    """Tells each outcome once on stdout, and on stderr how far it is and who is waited for."""

    def __init__(self, session: Session, file: str, *, total_lines: int) -> None:
        self._session = session
        self._file = file
        self._progress = Progress(session, total=total_lines)
        self._total = total_lines
        self._outcomes: list[Outcome] = []
        self._pages: dict[str, str] = {}
        self._waited_for: set[str] = set()

    def tell(self, outcome: Outcome) -> None:
        """Print how a line ended."""
        self._outcomes.append(outcome)
        if outcome.refund is not None:
            self._waited_for.discard(outcome.refund.id)
        self._progress.hide()
        self._session.output.show(outcome_shape(outcome), outcome_lines(outcome))
        self._show()

    def go_on(self, line: Line, refund: Refund) -> None:
        """Show that a refund is on its way, and where its customer is waited for."""
        self._waited_for.add(refund.id)
        page = refund.pay_url
        if page is not None and self._pages.get(refund.id) != page:
            self._pages[refund.id] = page
            self._progress.hide()
            text = _("Line {number} ({machine}) waits for its customer at {terminal}: {page}")
            where = refund.terminal or refund.method
            self._session.notices.say(
                text.format(number=line.number, machine=line.machine, terminal=where, page=page)
            )
        self._show()

    def wait(self, busy: Refund, until: datetime) -> None:
        """Say why nothing seems to happen: somebody else's customer is at the terminal."""
        self._progress.hide()
        text = _("Waiting: {terminal} is busy with refund {id}, at most until {time}.")
        at = until.astimezone().strftime("%H:%M")
        self._session.notices.say(
            text.format(terminal=safe_text(busy.terminal or ""), id=busy.id, time=at)
        )
        self._show()

    def complain(self, error: KeyRefused) -> None:
        """Say what stopped the run."""
        self._progress.hide()
        self._session.notices.complain(error)

    def end(self) -> ExitCode:
        """Print the summary and return the exit code of the worst outcome."""
        self._progress.hide()
        in_order = sorted(self._outcomes, key=lambda one: one.line.number)
        self._session.output.show(summary_shape(self._file, in_order), summary_lines(in_order))
        return worst(in_order)

    def _show(self) -> None:
        done = len(self._outcomes)
        text = plural(
            "{done} of {total} line, {waiting} under way",
            "{done} of {total} lines, {waiting} under way",
            self._total,
        )
        waiting = len(self._waited_for)
        self._progress.show(done, text.format(done=done, total=self._total, waiting=waiting))
