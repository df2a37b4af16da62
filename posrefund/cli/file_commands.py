"""The commands that read or write a file: many refunds at once, and the data that is the shop's."""

import click

from posrefund.cli.options import Command
from posrefund.cli.session import Session
from posrefund.cli.suggestions import terminal_names

_DAY_SECONDS = 24 * 60 * 60


@click.command(
    "batch",
    cls=Command,
    help=(
        "Give many payments back, one line of FILE each.\n\nThe columns are machine, payment,"
        " amount, description and, where wanted, id and terminal. The whole file is checked first,"
        " and one yes is asked for. A terminal gets one refund at a time. If a run is cut short,"
        " run the same file again: no line is ever paid twice. A line is known by its id, or by"
        " what it says; so do not edit lines that were begun."
    ),
)
@click.argument("file", metavar="FILE.csv")
@click.option("--dry-run", is_flag=True, help="Look the payments up and say what would happen.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--terminal", metavar="NAME", shell_complete=terminal_names, help="Where a line names none."
)
@click.option("--again", is_flag=True, help="Lines may repeat an amount of the same payment.")
@click.option(
    "--wait-seconds",
    type=click.IntRange(0, _DAY_SECONDS),
    metavar="N",
    help="After so long begin no more lines, and wait for none.",
)
@click.pass_obj
def _batch(
    session: Session,
    file: str,
    dry_run: bool,
    yes: bool,
    terminal: str | None,
    again: bool,
    wait_seconds: int | None,
) -> int:
    from posrefund.cli.batching import BatchAsked, batch

    asked = BatchAsked(
        file=file,
        dry_run=dry_run,
        yes=yes,
        terminal=terminal,
        again=again,
        wait_seconds=wait_seconds,
    )
    return batch(session, asked)


@click.command(
    "export",
    cls=Command,
    help=(
        "Write the refunds of some days as a table for the accountant.\n\nEvery refund is a row"
        " with its state, also one that is open, failed or unknown. In CSV, text that a"
        " spreadsheet would take for a formula gets a leading apostrophe."
    ),
)
@click.option("--day", metavar="YYYY-MM-DD|today", help="Only those of this day here.")
@click.option("--from", "first", metavar="YYYY-MM-DD|today", help="Or the first day, and")
@click.option("--to", "last", metavar="YYYY-MM-DD|today", help="the last one.")
@click.option(
    "--format", "form", type=click.Choice(("csv", "json")), help="csv, or json with --json."
)
@click.option("--output", metavar="FILE", help="A new file, for your eyes only (0600).")
@click.pass_context
def _export(
    context: click.Context,
    day: str | None,
    first: str | None,
    last: str | None,
    form: str | None,
    output: str | None,
) -> int:
    if day is not None and first is None and last is None:
        first = last = day
    elif day is not None or first is None or last is None:
        raise click.UsageError("say either --day, or --from and --to", context)
    from posrefund.cli.exporting import export

    return export(context.obj, first=first, last=last, form=form, output=output)


@click.command(
    "backup",
    cls=Command,
    help="Copy the journal into a new file while it is in use, and check the copy.",
)
@click.argument("file", metavar="FILE")
@click.pass_obj
def _backup(session: Session, file: str) -> int:
    from posrefund.cli.backups import backup

    return backup(session, file)


@click.command(
    "restore",
    cls=Command,
    help=(
        "Bring the refunds of a backup back into the journal.\n\nNo refund of the journal is ever"
        " lost: those the backup lacks are kept. What was open is asked about by recover, and what"
        " was not sent when the backup was made counts as UNKNOWN: it may have been sent since."
    ),
)
@click.argument("file", metavar="FILE")
@click.option(
    "--set-aside", is_flag=True, help="Keep a damaged journal under another name; begin anew."
)
@click.pass_obj
def _restore(session: Session, file: str, set_aside: bool) -> int:
    from posrefund.cli.backups import restore

    return restore(session, file, set_aside=set_aside)


@click.command(
    "schema",
    cls=Command,
    help="Print the JSON Schema of what a command prints with --json; without NAME, list them.",
)
@click.argument("words", metavar="[NAME]", nargs=-1)
@click.pass_obj
def _schema(session: Session, words: tuple[str, ...]) -> int:
    from posrefund.cli.schemas import schema

    return schema(session, words)


FILE_COMMANDS = (_batch, _export, _backup, _restore, _schema)
