"""`export`: the refunds of some days, for the accountant. It needs neither key nor network."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode
from posrefund.cli.session import Session
from posrefund.errors import Misused
from posrefund.figures import amount_text
from posrefund.language import N_, _, plural
from posrefund.refund.model import Refund, RefundState
from posrefund.report.file_names import named_file
from posrefund.report.fresh_file import fresh_text
from posrefund.report.rows import COLUMNS, Row, Totals, csv_line, refunds_of, row_of
from posrefund.speech import state_text

_MOVED = {"yes": N_("yes"), "no": N_("no"), "unknown": N_("unknown")}


def export(
    session: Session, *, first: str, last: str, form: str | None, output: str | None
) -> ExitCode:
    """Write a row for every refund that was begun on these days, and the totals on stderr.

    Raises:
        Misused: If there are no such days, or the file exists, cannot be made, or may not be there.
    """
    today = session.clock().now().astimezone().date()
    days = typed.day(first, today), typed.day(last, today)
    if days[1] < days[0]:
        raise Misused("the last day is before the first")
    if form == "csv" and session.output.as_json:
        raise Misused("say either --json or --format csv")
    session.output.as_json = session.output.as_json or form == "json"
    target = None if output is None else _target(session, output)
    totals = Totals()
    with session.journal() as journal:
        rows = _counted(refunds_of(journal, first=days[0], last=days[1]), totals)
        if target is None:
            _print(session, rows)
        else:
            _write(target, rows, as_json=session.output.as_json)
            session.tell_written(target)
    _tell_totals(session, totals, days)
    return session.answered()


def _target(session: Session, output: str) -> Path:
    if output == "-":
        raise Misused("without --output the table goes to standard output; a file needs a name")
    return named_file(output, folder=session.export_folder()).absolute()


def _counted(refunds: Iterator[Refund], totals: Totals) -> Iterator[Row]:
    for refund in refunds:
        totals.add(refund)
        yield row_of(refund)


def _print(session: Session, rows: Iterator[Row]) -> None:
    if not session.output.as_json:
        session.output.show({}, [csv_line(COLUMNS)])
    for row in rows:
        session.output.show(row, [csv_line(row.values())])


def _write(target: Path, rows: Iterator[Row], *, as_json: bool) -> None:
    with fresh_text(target) as file:
        if as_json:
            file.writelines(f"{json.dumps(row)}\n" for row in rows)
        else:
            file.write(f"{csv_line(COLUMNS)}\r\n")
            file.writelines(f"{csv_line(row.values())}\r\n" for row in rows)


def _tell_totals(session: Session, totals: Totals, days: tuple[date, date]) -> None:
    template = plural(
        "{number} refund was begun from {first} to {last}.",
        "{number} refunds were begun from {first} to {last}.",
        totals.rows,
    )
    say = session.notices.say
    say(template.format(number=totals.rows, first=days[0], last=days[1]))
    for group, count in sorted(totals.counts.items()):
        template = _("  {state} ({environment}): {number}, {amount}; money given back: {moved}")
        say(
            template.format(
                state=state_text(RefundState(group.state)),
                environment=group.environment,
                number=count,
                amount=amount_text(totals.sums[group]),
                moved=_(_MOVED[group.money_moved]),
            )
        )
    if totals.undecided:
        template = plural(
            "Of {number} refund nobody knows yet whether money was given back.",
            "Of {number} refunds nobody knows yet whether money was given back.",
            totals.undecided,
        )
        say(template.format(number=totals.undecided))
