"""`backup` and `restore`: the journal's second copy. They need neither key nor network."""

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from posrefund.cli.exits import ExitCode
from posrefund.cli.session import Session
from posrefund.errors import JournalTrouble, Misused
from posrefund.journal.backup import Merged, back_up, is_in_use, look_into, merge, why_damaged
from posrefund.language import _, plural
from posrefund.locations import journal_file
from posrefund.report.file_names import named_file
from posrefund.report.fresh_file import fresh_file

_COMPANIONS = ("-journal", "-wal", "-shm")
"""Files of SQLite's beside a database. Left behind, they would be taken for those of the next."""


def backup(session: Session, file: str) -> ExitCode:
    """Copy the journal into a new file (0600) and say what is in it.

    Raises:
        Misused: If the file exists, cannot be made, or may not be there.
        JournalTrouble: If the journal cannot be read, or the copy is not as good as it.
    """
    target = named_file(file, folder=session.export_folder()).absolute()
    journal = _journal(session)
    with fresh_file(target) as part:
        copied = back_up(journal, part)
    session.tell_written(target)
    session.output.show(
        {
            "file": str(target),
            "journal": str(journal),
            "schema": copied.schema,
            "refunds": copied.refunds,
            "entries": copied.entries,
            "open": copied.open,
        },
        [
            plural(
                "Backup {file}: {refunds} refund, {open} of them open; checked.",
                "Backup {file}: {refunds} refunds, {open} of them open; checked.",
                copied.refunds,
            ).format(file=target, refunds=copied.refunds, open=copied.open)
        ],
    )
    return session.answered()


def restore(session: Session, file: str, *, set_aside: bool) -> ExitCode:
    """Bring the refunds of a backup back, and say which there are now.

    Args:
        session: Says where the journal is.
        file: The backup. It is not changed. A relative name begins where `backup` writes it.
        set_aside: Keep a damaged journal under another name and go on with the backup alone.

    Raises:
        Misused: If the file is not there.
        JournalTrouble: If the journal is in use or damaged, the backup cannot be used, or the two
            contradict each other. Nothing has changed.
    """
    source, journal = (session.export_folder() or Path()) / file, _journal(session)
    if not source.is_file():
        raise Misused("there is no file {file}", file=file)
    look_into(source)
    try:
        merged, aside = _restored(source, journal, session.clock().now(), set_aside=set_aside)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise JournalTrouble("{path} cannot be changed: {why}", path=journal, why=why) from None
    _tell(session, source, merged, aside)
    return session.answered()


def _restored(
    source: Path, journal: Path, now: datetime, *, set_aside: bool
) -> tuple[Merged, Path | None]:
    journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_in_use(journal):
        raise JournalTrouble(
            "another window or command has the journal open; end it, nothing was changed"
        )
    with _scratch(journal, "restoring") as copy:
        back_up(source, copy)
        damage = why_damaged(journal) if journal.exists() else None
        if damage is not None and not set_aside:
            raise JournalTrouble(
                "the journal is damaged ({why}); restore --set-aside keeps it under another name"
                " and goes on with the backup alone",
                why=damage,
            )
        if journal.exists() and damage is None:
            return merge(copy, journal, now=now), None
        return _begin_anew(copy, journal, now)


def _begin_anew(copy: Path, journal: Path, now: datetime) -> tuple[Merged, Path | None]:
    """Make a journal of the backup alone, and only then put the damaged one aside, if any."""
    with _scratch(journal, "restored") as built:
        merged = merge(copy, built, now=now)
        aside = _set_aside(journal, f"damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        with fresh_file(journal) as part:
            back_up(built, part)
    return merged, aside


def _journal(session: Session) -> Path:
    return session.settings().journal_path or journal_file()


@contextlib.contextmanager
def _scratch(journal: Path, ending: str) -> Iterator[Path]:
    """An empty file beside the journal that others cannot read, for as long as it is needed."""
    path = journal.with_name(f"{journal.name}.{ending}")
    try:
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield path
    finally:
        for companion in ("", *_COMPANIONS):
            path.with_name(path.name + companion).unlink(missing_ok=True)


def _set_aside(journal: Path, ending: str) -> Path | None:
    """Rename a damaged journal and what belongs to it. Nothing of it is ever deleted."""
    aside = journal.with_name(f"{journal.name}.{ending}")
    # The journal itself comes last: what belongs to it must never be beside another one.
    for companion in (*_COMPANIONS, ""):
        path = journal.with_name(journal.name + companion)
        if path.exists():
            path.rename(aside.with_name(aside.name + companion))
    return aside if aside.exists() else None


def _tell(session: Session, source: Path, merged: Merged, aside: Path | None) -> None:
    lines = [
        plural(
            "Restored from {file}: {added} refund came back, {moved_on} further now.",
            "Restored from {file}: {added} refunds came back, {moved_on} further now.",
            merged.added,
        ).format(file=source, added=merged.added, moved_on=merged.moved_on),
        plural(
            "{kept} refund that the backup lacks was kept.",
            "{kept} refunds that the backup lacks were kept.",
            merged.kept,
        ).format(kept=merged.kept),
    ]
    if merged.doubtful:
        text = _("{count} had not been sent by then and may have been since: they are UNKNOWN.")
        lines.append(text.format(count=merged.doubtful))
    if aside is not None:
        text = _("The damaged journal is kept as {file}. What was begun after the backup may be")
        lines.append(text.format(file=aside))
        lines.append(_("only at CCV: look each payment up before you give anything back."))
    lines.append(_("Run posrefund recover: it asks CCV about everything that is open."))
    session.output.show(
        {
            "file": str(source),
            "added": merged.added,
            "moved_on": merged.moved_on,
            "kept": merged.kept,
            "doubtful": merged.doubtful,
            "set_aside": None if aside is None else str(aside),
        },
        lines,
    )
