"""A second copy of the journal, and the way back, by which no refund is ever lost.

A journal in use must not be copied as a file: half of a commit could be missing. SQLite's own
backup copies page by page and begins again where somebody wrote meanwhile.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from posrefund.errors import JournalTrouble
from posrefund.journal import statements
from posrefund.journal.place import insist_on_own_disk
from posrefund.journal.presence import Presence
from posrefund.journal.rows import COLUMNS, DERIVED, time_text, to_json, to_refund, to_row
from posrefund.journal.sqlite import APPLICATION_ID, BUSY_SECONDS, SqliteJournal
from posrefund.refund.model import Entry
from posrefund.refund.polling import RESEND_WINDOW_SECONDS
from posrefund.refund.transitions import Trigger, move

PAGES = 2000
"""Copied at once (8 MB); between two such steps a cashier's refund may be written."""

PATIENCE_SECONDS = 60.0
"""How long reading waits for those who write. A backup is in no hurry, and keeps nobody waiting."""

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_RESTORED = "It was restored from a backup and may have been sent after that was made."

_NAMES = ", ".join((*COLUMNS, *DERIVED))
_ENTRY = "refund_id, at, rule, state, text, facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a journal holds."""

    schema: int
    refunds: int
    entries: int
    open: int
    """Refunds that are not final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came of bringing a backup back."""

    added: int
    """Refunds the journal did not have."""
    moved_on: int
    """Refunds of which the backup knew more."""
    kept: int
    """Refunds of the journal that the backup does not have."""
    doubtful: int
    """Of those that came back: not sent when the backup was made, and perhaps since."""


def back_up(journal: Path, empty: Path) -> Contents:
    """Copy a journal, also one in use, into an empty file, and check the copy.

    Raises:
        JournalTrouble: If there is no journal, or the copy is not as good as it.
    """
    with _explained(journal), _opened(journal) as source:
        _check_ours(source, journal)
        before = _contents(source)
        with _opened(empty) as target:
            source.backup(target, pages=PAGES)
        after = _contents(source)
    copied = look_into(empty)
    grown = (before.refunds, before.entries), (after.refunds, after.entries)
    if not grown[0] <= (copied.refunds, copied.entries) <= grown[1]:
        raise JournalTrouble("the copy has another number of refunds than the journal")
    return copied


def look_into(path: Path) -> Contents:
    """Check a journal from its first page to its last, and say what it holds.

    Raises:
        JournalTrouble: If it is none of ours, or damaged.
    """
    with _explained(path), _opened(path) as connection:
        _check_ours(connection, path)
        if why_damaged(path) is not None:
            raise JournalTrouble("{path} is damaged", path=path)
        return _contents(connection)


def why_damaged(path: Path) -> str | None:
    """Say what SQLite finds wrong inside the file; None where all of it can be read.

    Raises:
        JournalTrouble: If the file itself cannot be opened, which says nothing about it.
    """
    with _explained(path), _opened(path) as connection:
        try:
            if path.stat().st_size < _size(connection):
                return "it has lost its end"
            for check in ("PRAGMA integrity_check(1)", "PRAGMA foreign_key_check"):
                found = connection.execute(check).fetchone()
                if found is not None and found[0] != "ok":
                    return str(found[0])
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in _DAMAGED:
                raise
            return str(error)
    return None


def is_in_use(journal: Path) -> bool:
    """Does another process have this journal open, as far as anybody can tell?"""
    with _explained(journal):
        presence = Presence(journal)
    try:
        presence.sweep()
        mine = f"{journal.name}."
        alive = [one for one in journal.parent.glob("*.alive") if one.name.startswith(mine)]
        return len(alive) > 1
    finally:
        presence.close()


def merge(backup: Path, journal: Path, *, now: datetime) -> Merged:
    """Bring every refund of `backup` into `journal`, which may be new, all of them or none.

    What the journal has and the backup lacks stays. Of a refund in both, the longer history
    counts. One that had not been sent when the backup was made may have been sent since: it
    becomes UNKNOWN, and recovery looks it up. `backup` must be a copy nobody else uses: it is
    brought to this program's schema.

    Raises:
        JournalTrouble: If the two tell different stories of one refund, one cannot be used, or
            the journal would be on a network share. Nothing has changed.
    """
    insist_on_own_disk(journal)
    for path in (backup, journal):
        # Brings it to the newest schema, and makes it where there is none.
        SqliteJournal(path).close()
    with _explained(journal), _opened(journal, patience=BUSY_SECONDS) as connection:
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("ATTACH DATABASE ? AS backup", (str(backup),))
        connection.execute("BEGIN IMMEDIATE")
        try:
            merged = _merged(connection, now)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    return merged


# -- merging -----------------------------------------------------------------------------------

_COUNT_OPEN = f"SELECT count(*) FROM refund WHERE state IN {statements.OPEN_STATES}"  # noqa: S608 - constant
_SCHEMA = "SELECT type, name, sql FROM {place}.sqlite_master ORDER BY type, name"

_PLACED = """
SELECT {entry}, number,
    row_number() OVER (PARTITION BY refund_id ORDER BY number) AS place
FROM {where}.entry
"""
_MINE = _PLACED.format(entry=_ENTRY, where="main")
_THEIRS = _PLACED.format(entry=_ENTRY, where="backup")

_DIFFERENT = f"""
SELECT id FROM main.refund AS mine JOIN backup.refund AS theirs USING (id)
WHERE mine.idempotency_reference <> theirs.idempotency_reference
UNION
SELECT refund_id FROM ({_MINE}) AS mine JOIN ({_THEIRS}) AS theirs USING (refund_id, place)
WHERE (mine.at, mine.rule, mine.state, mine.text, mine.facts)
    IS NOT (theirs.at, theirs.rule, theirs.state, theirs.text, theirs.facts)
"""  # noqa: S608 - constant names

_COUNTED = """
CREATE TEMP TABLE gain AS
SELECT theirs.id AS id, mine.id IS NULL AS is_new,
    (SELECT count(*) FROM main.entry WHERE refund_id = theirs.id) AS had,
    (SELECT count(*) FROM backup.entry WHERE refund_id = theirs.id) AS has,
    coalesce(mine.version, 0) AS version_had, theirs.version AS version_has
FROM backup.refund AS theirs LEFT JOIN main.refund AS mine USING (id)
"""
_NO_GAIN = "DELETE FROM gain WHERE NOT is_new AND (has, version_has) <= (had, version_had)"

_ADD = f"""
INSERT INTO main.refund ({_NAMES}) SELECT {_NAMES} FROM backup.refund
WHERE id IN (SELECT id FROM gain WHERE is_new)
"""  # noqa: S608 - constant names

# Two refunds may have been decided on the same look, one in each history. 0 is one nobody counted.
_UNCOUNT = """
UPDATE backup.refund SET ordinal = 0
WHERE ordinal > 0 AND id IN (SELECT id FROM gain WHERE is_new) AND EXISTS (
    SELECT 1 FROM main.refund AS mine
    WHERE (mine.environment, mine.original_reference, mine.ordinal)
        = (refund.environment, refund.original_reference, refund.ordinal)
)
"""

_MOVING = ", ".join(
    f"{name} = theirs.{name}"
    for name in (*COLUMNS, *DERIVED)
    if name not in {"id", "idempotency_reference", "ordinal", "fence"}
)
_MOVE_ON = f"""
UPDATE main.refund SET {_MOVING} FROM backup.refund AS theirs
WHERE main.refund.id = theirs.id AND theirs.id IN (SELECT id FROM gain WHERE NOT is_new)
"""  # noqa: S608 - constant names

_ADD_ENTRIES = f"""
INSERT INTO main.entry ({_ENTRY})
SELECT {_ENTRY} FROM ({_THEIRS}) JOIN gain ON gain.id = refund_id AND place > had ORDER BY number
"""  # noqa: S608 - constant names

_INTENTS = f"{statements.SELECT}WHERE state = 'intent' AND id IN (SELECT id FROM gain)"  # noqa: S608

_LET_GO = """
UPDATE main.refund SET owner = NULL, lease_until = NULL, fence = fence + 1
WHERE id IN (SELECT id FROM gain)
"""


def _merged(connection: sqlite3.Connection, now: datetime) -> Merged:
    schemas = [
        connection.execute(_SCHEMA.format(place=place)).fetchall() for place in ("main", "backup")
    ]
    if [tuple(row) for row in schemas[0]] != [tuple(row) for row in schemas[1]]:
        raise JournalTrouble("the backup has tables or triggers that are not ours")
    different = [row[0] for row in connection.execute(_DIFFERENT)]
    if different:
        raise JournalTrouble(
            "journal and backup tell different stories of {count} refunds, such as {id};"
            " nothing was changed",
            count=len(different),
            id=different[0],
        )
    for statement in (_COUNTED, _NO_GAIN, _UNCOUNT):
        connection.execute(statement)
    try:
        for statement in (_ADD, _MOVE_ON, _ADD_ENTRIES, _LET_GO):
            connection.execute(statement)
    except sqlite3.IntegrityError as error:
        raise JournalTrouble(
            "a payment has an unfinished refund in the journal and another one in the backup;"
            " nothing was changed; finish the first with recover"
        ) from error
    return Merged(
        added=_number(connection, "SELECT count(*) FROM gain WHERE is_new"),
        moved_on=_number(connection, "SELECT count(*) FROM gain WHERE NOT is_new"),
        kept=_number(
            connection,
            "SELECT count(*) FROM main.refund WHERE id NOT IN (SELECT id FROM backup.refund)",
        ),
        doubtful=_doubt_intents(connection, now),
    )


def _doubt_intents(connection: sqlite3.Connection, now: datetime) -> int:
    """Nobody knows any more that these were not sent, so none of them may be called NOT SENT.

    They are taken for sent when they were decided, or before the window for repeats if that is
    not over: nothing of them is ever repeated.
    """
    past = now - timedelta(seconds=RESEND_WINDOW_SECONDS + 1)
    refunds = [to_refund(row) for row in connection.execute(_INTENTS).fetchall()]
    for refund in refunds:
        sending, first = move(refund, Trigger.SEND, at=min(refund.created_at, past), why=_RESTORED)
        unknown, second = move(sending, Trigger.CRASH, at=now, why=_RESTORED)
        connection.execute(statements.UPDATE_REFUND, to_row(replace(unknown, owner=None)))
        for entry in (first, second):
            connection.execute(statements.INSERT_ENTRY, _entry_row(refund.id, entry))
    return len(refunds)


def _entry_row(refund_id: str, entry: Entry) -> dict[str, str | None]:
    return {
        "refund_id": refund_id,
        "at": time_text(entry.at),
        "rule": entry.rule,
        "state": str(entry.state),
        "text": entry.text,
        "facts": to_json(entry.facts),
    }


# -- beneath -----------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(path: Path, *, patience: float = PATIENCE_SECONDS) -> Iterator[sqlite3.Connection]:
    """Open a file that is there; SQLite would make one that is not."""
    if not path.is_file():
        raise JournalTrouble("there is no journal at {path}", path=path)
    # As an address, so that no character of the name has a meaning of its own.
    address = f"{path.resolve().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as error:
        raise _trouble(path, error) from error


def _trouble(path: Path, error: Exception) -> JournalTrouble:
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return JournalTrouble("{path} cannot be used: {why}", path=path, why=why)


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    if _number(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise JournalTrouble("{path} is no journal of posrefund", path=path)


def _contents(connection: sqlite3.Connection) -> Contents:
    return Contents(
        schema=_number(connection, "PRAGMA user_version"),
        refunds=_number(connection, "SELECT count(*) FROM refund"),
        entries=_number(connection, "SELECT count(*) FROM entry"),
        open=_number(connection, _COUNT_OPEN),
    )


def _size(connection: sqlite3.Connection) -> int:
    """How long the file should be; SQLite takes half a page for one full of zeros."""
    pages = _number(connection, "PRAGMA page_count")
    return pages * _number(connection, "PRAGMA page_size")


def _number(connection: sqlite3.Connection, statement: str) -> int:
    (number,) = connection.execute(statement).fetchone()
    return int(number)
