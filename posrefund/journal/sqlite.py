"""The journal in one SQLite file, for the processes of one machine.

Rollback journal with `synchronous=EXTRA`: slower than WAL by half a millisecond, and no commit that
has returned was lost in any simulated power cut, also where WAL has a race between several writers
(SQLite before 3.51.3).
"""

import contextlib
import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from posrefund.errors import AlreadyOpen, JournalUnavailable, LostLease, NotAllowed
from posrefund.journal import statements
from posrefund.journal.listing import CROWD, CROWDED, FEW, OF_AMOUNT, Listing
from posrefund.journal.migrate import migrations, pending
from posrefund.journal.names import tail
from posrefund.journal.presence import Presence
from posrefund.journal.rows import (
    OVERTAKEN,
    as_kept,
    time_text,
    to_entry,
    to_json,
    to_refund,
    to_row,
)
from posrefund.money import Money
from posrefund.refund.model import Entry, Environment, Refund, RefundState

BUSY_SECONDS = 5.0
"""How long a write waits for another process before it says the journal is unavailable."""
MIGRATED_MEANWHILE = 20_000_000
"""So many bytes of a journal are brought to a new schema in that time, at the least. Opening waits
once more for each, as another process may be at it; Ctrl-C is heard in between."""
_WHOLE = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
_PART = ("SAVEPOINT part", "RELEASE part", "ROLLBACK TO part")
APPLICATION_ID = 0x706F7372
"""Marks the file as ours ("posr"), so that another program's database is never written to."""

_SAFETY = (
    "PRAGMA journal_mode = DELETE",
    "PRAGMA synchronous = EXTRA",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    # Twice the pages a search in a million refunds looks at; a small journal takes no more room.
    "PRAGMA cache_size = -16000",
)


class SqliteJournal:
    """Implements `refund.ports.Journal`. Threads share one connection, one at a time."""

    def __init__(self, path: Path, *, on_migration: Callable[[], None] | None = None) -> None:
        """Open the journal, making file and folder (0600, 0700) where there are none.

        Args:
            path: Where it is.
            on_migration: Told before it is brought to a new schema, if that takes seconds or more.

        Raises:
            JournalUnavailable: If it cannot be opened, is not ours, or is newer than we are.
                Nothing was sent.
        """
        self._lock = threading.RLock()
        self._is_together = False
        self._on_migration = on_migration
        with _explained(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_private(path)
            self._presence = Presence(path)
            try:
                self._connection = self._open_patiently(path)
            except BaseException:
                self._presence.close()
                raise
        self._path = path
        self._presence.sweep()

    def open_case(self, refund: Refund, entry: Entry) -> Refund:
        """See `Journal.open_case`. Nothing is begun in a journal that has become a newer one."""
        opened = replace(as_kept(refund, version=1), owner=self._presence.name, fence=1)
        with self._transaction() as connection:
            if _schema(connection) != self._schema:
                raise JournalUnavailable(
                    "the journal {path} belongs to a newer posrefund now; close this one and start"
                    " the new one",
                    path=self._path,
                )
            rival = self._one(statements.BY_ID, id=refund.id) or self._one(
                statements.OPEN_OF_PAYMENT,
                environment=str(refund.environment),
                reference=refund.original_reference,
            )
            if rival is not None:
                raise AlreadyOpen(
                    "refund {refund_id} of this payment is not finished", refund_id=rival.id
                )
            try:
                connection.execute(statements.INSERT_REFUND, to_row(opened))
            except sqlite3.IntegrityError as error:
                raise NotAllowed(OVERTAKEN) from error
            self._add_entry(refund.id, entry)
        return opened

    def claim(self, refund_id: str, *, now: datetime, until: datetime) -> Refund:
        """See `Journal.claim`. A holder that is provably dead does not count."""
        with self._transaction() as connection:
            known = self._one(statements.BY_ID, id=refund_id)
            if known is None:
                raise LostLease("refund {id} is not in this journal", id=refund_id)
            gone = known.owner if known.owner and self._presence.is_gone(known.owner) else None
            taken = connection.execute(
                statements.CLAIM,
                {
                    "id": refund_id,
                    "owner": self._presence.name,
                    "now": time_text(now),
                    "until": time_text(until),
                    "gone": gone,
                },
            )
            if taken.rowcount != 1:
                raise LostLease("another step is working on refund {id}", id=refund_id)
        return replace(known, owner=self._presence.name, lease_until=until, fence=known.fence + 1)

    def record(self, refund: Refund, entry: Entry | None) -> Refund:
        """See `Journal.record`."""
        with self._transaction() as connection:
            try:
                written = connection.execute(statements.UPDATE_REFUND, to_row(refund))
            except sqlite3.IntegrityError as error:
                raise NotAllowed(
                    "another refund already has the reference {reference}",
                    reference=refund.provider_reference,
                ) from error
            if written.rowcount != 1:
                raise LostLease("refund {id} was taken over", id=refund.id)
            if entry is not None:
                self._add_entry(refund.id, entry)
        return as_kept(refund, version=refund.version + 1)

    def append(self, refund_id: str, entry: Entry) -> None:
        """See `Journal.append`."""
        with self._transaction():
            self._add_entry(refund_id, entry)

    def get(self, refund_id: str) -> Refund | None:
        """See `Journal.get`."""
        return self._one(statements.BY_ID, id=refund_id)

    def with_provider_reference(self, environment: Environment, reference: str) -> Refund | None:
        """See `Journal.with_provider_reference`."""
        return self._one(
            statements.BY_PROVIDER_REFERENCE, environment=str(environment), reference=reference
        )

    def of_payment(self, environment: Environment, original_reference: str) -> list[Refund]:
        """See `Journal.of_payment`."""
        return self._all(
            statements.OF_PAYMENT,
            environment=str(environment),
            reference=original_reference,
            tail=tail(original_reference),
        )

    def open_refunds(self) -> list[Refund]:
        """See `Journal.open_refunds`."""
        return self._all(statements.OPEN)

    def unsettled_refunds(self) -> list[Refund]:
        """See `Journal.unsettled_refunds`."""
        return self._all(statements.UNSETTLED)

    def latest(
        self,
        *,
        limit: int,
        day: date | None = None,
        state: RefundState | None = None,
        text: str | None = None,
        amount: Money | None = None,
        terminal: str | None = None,
        before: tuple[datetime, str] | None = None,
    ) -> list[Refund]:
        """See `Journal.latest`."""
        asked = Listing(
            limit=limit,
            day=day,
            state=state,
            text=text,
            amount=amount,
            terminal=terminal,
            before=before,
        )
        values = asked.values
        if asked.may_be_of_few and self._count(OF_AMOUNT, **values) < FEW:
            return self._all(asked.statement(crowded=False, few=True), **values)
        is_crowded = asked.may_be_crowded and self._count(CROWDED, **values) == CROWD
        return self._all(asked.statement(crowded=is_crowded), **values)

    def entries(self, refund_id: str) -> list[Entry]:
        """See `Journal.entries`."""
        with self._lock, _explained(self._path):
            rows = self._connection.execute(statements.ENTRIES, {"refund_id": refund_id})
            return [to_entry(row) for row in rows]

    def close(self) -> None:
        """See `Journal.close`."""
        with self._lock, _explained(self._path):
            try:
                self._connection.close()
            finally:
                self._presence.close()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Everything written inside is one commit: it survives a power cut whole or not at all."""
        with self._transaction():
            self._is_together = True
            try:
                yield
            finally:
                self._is_together = False

    def _open_patiently(self, path: Path) -> sqlite3.Connection:
        for _ in range(path.stat().st_size // MIGRATED_MEANWHILE):
            try:
                return self._open(path)
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                    raise
        return self._open(path)

    def _open(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.row_factory = sqlite3.Row
            for pragma in _SAFETY:
                connection.execute(pragma)
            _check_ours(connection, path)
            _check_whole(connection, path)
            newest = migrations()[-1][0]
            if _schema(connection) < newest:
                self._tell_of_migration(path)
            if _schema(connection) != newest:
                self._migrate(connection)
            self._schema = _schema(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _tell_of_migration(self, path: Path) -> None:
        """Tell once, and before the lock is taken: a terminal that is held up holds up nobody."""
        told, self._on_migration = self._on_migration, None
        if told is not None and path.stat().st_size > MIGRATED_MEANWHILE:
            told()

    def _migrate(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN EXCLUSIVE")
        try:
            for number, script in pending(_schema(connection), migrations()):
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number:d}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One commit. The write lock is taken first, so that two writers never deadlock."""
        with self._lock, _explained(self._path):
            # Inside of `together` it is a part of the one commit, and can be undone alone. The
            # connection is not asked: after an undoing that failed it is in a transaction, too.
            begin, end, undo = _PART if self._is_together else _WHOLE
            if self._connection.in_transaction and not self._is_together:
                self._connection.execute(undo)
            try:
                self._connection.execute(begin)
                yield self._connection
                self._connection.execute(end)
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute(undo)
                raise

    def _add_entry(self, refund_id: str, entry: Entry) -> None:
        self._connection.execute(
            statements.INSERT_ENTRY,
            {
                "refund_id": refund_id,
                "at": time_text(entry.at),
                "rule": entry.rule,
                "state": str(entry.state),
                "text": entry.text,
                "facts": to_json(entry.facts),
            },
        )

    def _all(self, statement: str, **values: object) -> list[Refund]:
        with self._lock, _explained(self._path):
            return [to_refund(row) for row in self._connection.execute(statement, values)]

    def _count(self, statement: str, **values: object) -> int:
        with self._lock, _explained(self._path):
            (number,) = self._connection.execute(statement, values).fetchone()
            return int(number)

    def _one(self, statement: str, **values: object) -> Refund | None:
        found = self._all(statement, **values)
        return found[0] if found else None


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn the driver's and the system's errors, and rows no longer legible, into ours."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as error:
        raise JournalUnavailable(
            "the journal {path} cannot be used: {reason}",
            catalogue="C-143",
            path=path,
            reason=_reason(error),
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)


def _make_private(path: Path) -> None:
    """Make the file with mode 0600 before SQLite would make it with another."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    mode = path.stat(follow_symlinks=False).st_mode
    if not stat.S_ISREG(mode):
        raise JournalUnavailable(
            "the journal {path} is not an ordinary file", catalogue="C-142", path=path
        )
    if mode & 0o077:
        path.chmod(0o600)


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    # In this order: another process may be making it just now, and its mark comes with its tables.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    if owner != APPLICATION_ID and tables:
        raise JournalUnavailable(
            "{path} is the database of another program", catalogue="C-144", path=path
        )


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """SQLite notices a page that is missing, and takes half a page for one full of zeros."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    if path.stat().st_size < pages * size:
        raise JournalUnavailable("the journal {path} has lost its end", path=path)


def _schema(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _statements(script: str) -> Iterator[Any]:
    """Split a script into statements, so that they run inside our own transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
