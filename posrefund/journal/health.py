"""How the journal is, for `posrefund doctor`. Only looks: makes nothing, repairs nothing."""

import contextlib
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from posrefund.errors import JournalUnavailable
from posrefund.journal.migrate import migrations
from posrefund.journal.place import insist_on_own_disk
from posrefund.journal.sqlite import APPLICATION_ID
from posrefund.safe_text import safe_text

_OPEN = """
    SELECT state, count(*) FROM refund
    WHERE state IN ('intent', 'sending', 'unknown', 'accepted', 'attention') GROUP BY state
"""
_LATEST = """
    SELECT id, state FROM (
        SELECT * FROM (
            SELECT 0 AS place, id, state, moment FROM refund
            WHERE state IN ('intent', 'sending', 'unknown', 'accepted', 'attention')
            ORDER BY created_at DESC LIMIT :limit
        )
        UNION ALL
        SELECT * FROM (
            SELECT 1, id, state, moment FROM refund ORDER BY moment DESC, id DESC LIMIT :limit
        )
        UNION ALL
        SELECT * FROM (
            SELECT 2, id, state, moment FROM refund WHERE id >= :first AND id < :last
            ORDER BY id LIMIT :limit
        )
    ) WHERE id >= :first AND id < :last
    GROUP BY id ORDER BY min(place), moment DESC, id DESC LIMIT :limit
"""
_STEPS_BETWEEN_LOOKS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What there is to say about a journal."""

    exists: bool
    free_bytes: int
    sqlite: str
    """The version of SQLite itself."""
    mode: int | None = None
    """The permissions of the file; None where they mean nothing."""
    schema: int | None = None
    newest_schema: int = field(default_factory=lambda: migrations()[-1][0])
    journal_mode: str | None = None
    is_whole: bool | None = None
    """Whether SQLite's own check found nothing; None where there was no time to finish it."""
    open: Mapping[str, int] = field(default_factory=dict)
    """How many refunds are in which unfinished state."""


def examine(path: Path, *, seconds: float) -> Health:
    """Look at the journal for at most so long.

    Raises:
        JournalUnavailable: If it, or its folder, could not be used.
    """
    insist_on_own_disk(path)
    folder = _nearest_folder(path)
    free = shutil.disk_usage(folder).free
    if not os.path.lexists(path):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise JournalUnavailable(
                "the journal {path} cannot be made: we may not write to {folder}",
                catalogue="C-143",
                path=safe_text(str(path)),
                folder=safe_text(str(folder)),
            )
        return Health(exists=False, free_bytes=free, sqlite=sqlite3.sqlite_version)
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise JournalUnavailable(
            "the journal {path} is not an ordinary file",
            catalogue="C-142",
            path=safe_text(str(path)),
        )
    if not os.access(path, os.R_OK | os.W_OK):
        raise JournalUnavailable(
            "we may not read and write the journal {path}",
            catalogue="C-143",
            path=safe_text(str(path)),
        )
    mode = stat.S_IMODE(status.st_mode) if os.name == "posix" else None
    return _inside(path, free, mode, until=monotonic() + seconds)


def latest_ids(path: Path, *, limit: int, beginning: str = "") -> list[tuple[str, str]]:
    """Return id and state of the latest refunds, those that are open first. It does not wait.

    With a beginning: of those that begin so, however old; of many old ones some.

    Raises:
        JournalUnavailable: If the journal cannot be read at once.
    """
    insist_on_own_disk(path)
    values = {"limit": limit, "first": beginning, "last": beginning + chr(sys.maxunicode)}
    try:
        with contextlib.closing(_only_to_read(path, patience=0.0)) as connection:
            return list(connection.execute(_LATEST, values))
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _nearest_folder(path: Path) -> Path:
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def _inside(path: Path, free: int, mode: int | None, *, until: float) -> Health:
    try:
        with contextlib.closing(_only_to_read(path, patience=1.0)) as connection:
            connection.set_progress_handler(lambda: monotonic() > until, _STEPS_BETWEEN_LOOKS)
            # In this order, as `sqlite` has it: the mark comes with the tables.
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
            if owner != APPLICATION_ID and tables:
                raise JournalUnavailable(
                    "{path} is the database of another program",
                    catalogue="C-144",
                    path=safe_text(str(path)),
                )
            (schema,) = connection.execute("PRAGMA user_version").fetchone()
            (journal_mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            counted = connection.execute(_OPEN).fetchall() if tables else []
            return Health(
                exists=True,
                free_bytes=free,
                sqlite=sqlite3.sqlite_version,
                mode=mode,
                schema=schema,
                journal_mode=journal_mode,
                is_whole=_is_whole(connection),
                open=dict(counted),
            )
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _only_to_read(path: Path, *, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=patience)


def _unusable(path: Path, error: sqlite3.Error) -> JournalUnavailable:
    return JournalUnavailable(
        "the journal {path} cannot be used: {reason}",
        catalogue="C-143",
        path=safe_text(str(path)),
        reason=safe_text(str(error)),
    )


def _is_whole(connection: sqlite3.Connection) -> bool | None:
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        return None  # interrupted: there was no time for all of it
    return bool(said == "ok")
