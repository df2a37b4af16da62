"""A journal of an earlier version is brought to the newest schema and loses nothing.

The rows of before are spelled out: they stay as they were, whatever becomes of the program.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from posrefund.errors import JournalUnavailable
from posrefund.journal import sqlite as journal_module
from posrefund.journal.migrate import migrations
from posrefund.journal.sqlite import APPLICATION_ID, SqliteJournal, _statements
from posrefund.refund.model import RefundState
from tests.journal.rows_of_before import MOMENT, MOMENTS, NAMES, NEXT, REFUNDS, ROW, ROWS
from tests.support.builders import NOON, a_refund, an_entry

OLD = range(1, len(migrations()))
UNORDERED = range(1, 3)
"""The schemas whose programs did not write down when a refund stands in a list."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "old.db"


@pytest.mark.parametrize("schema", OLD)
def test_a_journal_of_an_earlier_schema_is_searched_like_a_new_one(path: Path, schema: int) -> None:
    _journal_of_before(path, schema)

    with contextlib.closing(SqliteJournal(path)) as journal:
        for refund in REFUNDS:
            assert journal.get(refund.id) == refund
            assert journal.of_payment(refund.environment, refund.original_reference) == [refund]
            assert _derived(journal, refund.id) == NAMES[refund.id] | {"moment": MOMENTS[refund.id]}
        assert journal.latest(limit=9, text="2026-0001") == [REFUNDS[1]]
        day = NOON.astimezone().date()
        found = [refund.id for refund in journal.latest(limit=9, day=day)]
        assert found == ["SECOND", "CASE.A.b", ".y"]
        assert len(journal.entries("CASE.A.b")) == 1


@pytest.mark.parametrize("schema", OLD)
def test_a_migrated_journal_has_the_schema_of_a_new_one(tmp_path: Path, schema: int) -> None:
    _journal_of_before(tmp_path / "old.db", schema)
    schemas = []
    for name in ("old.db", "new.db"):
        journal = SqliteJournal(tmp_path / name)
        rows = journal._connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 2")
        schemas.append([tuple(row) for row in rows])
        journal.close()

    assert schemas[0] == schemas[1]


def test_both_builds_of_the_third_schema_become_the_same(tmp_path: Path) -> None:
    """One had the trigger already, and a backup is compared with its schema."""
    schemas = []
    for name, statement in (("with.db", _TRIGGER), ("without.db", "")):
        _journal_of_before(tmp_path / name, 3)
        with contextlib.closing(sqlite3.connect(tmp_path / name)) as connection:
            connection.execute(statement)
        journal = SqliteJournal(tmp_path / name)
        rows = journal._connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 2")
        schemas.append([tuple(row) for row in rows])
        journal.close()

    assert schemas[0] == schemas[1]


_TRIGGER = """
CREATE TRIGGER refund_is_written_whole BEFORE INSERT ON refund
WHEN NEW.moment = 0 OR NEW.id_tail = '' OR NEW.original_tail = ''
BEGIN
    SELECT RAISE (ABORT, 'this program is older than its journal: close it and start the new one');
END
"""


# -- a window that was left open ----------------------------------------------------------------


@pytest.mark.parametrize("schema", UNORDERED)
def test_a_program_of_before_that_stayed_open_begins_no_refund(path: Path, schema: int) -> None:
    """It would be paid, and be in no list of a day and in no export.

    Those programs made of it what they made of two counters that looked at once: another refund
    came in between, NotAllowed, nothing was sent.
    """
    _journal_of_before(path, schema)
    with _left_open(path) as old:
        SqliteJournal(path).close()

        with pytest.raises(sqlite3.IntegrityError, match="older than its journal"):
            _insert(old, ROW | NEXT | (NAMES["NEXT"] if schema > 1 else {}))

    with contextlib.closing(SqliteJournal(path)) as journal:
        assert journal.get("NEXT") is None


@pytest.mark.parametrize("schema", OLD)
def test_a_program_of_before_still_writes_down_what_it_had_begun(path: Path, schema: int) -> None:
    _journal_of_before(path, schema)
    with _left_open(path) as old:
        SqliteJournal(path).close()
        old.execute("BEGIN IMMEDIATE")
        old.execute("UPDATE refund SET state = 'accepted', version = 2 WHERE id = 'CASE.A.b'")
        old.execute(
            "INSERT INTO entry (refund_id, at, rule, state, text, facts) VALUES"
            " ('CASE.A.b', '2026-11-20T12:00:09.000000+00:00', 'T5', 'accepted', 'Taken.', '{}')"
        )
        old.execute("COMMIT")

    with contextlib.closing(SqliteJournal(path)) as journal:
        known = journal.get("CASE.A.b")
        assert known == replace(REFUNDS[0], state=RefundState.ACCEPTED, version=2)
        assert len(journal.entries("CASE.A.b")) == 2


@pytest.mark.parametrize(
    ("written", "tail"),
    [
        ({}, ""),
        ({"provider_reference": "R9.Y"}, "9r"),
        ({"provider_reference": "R9.Y"} | NAMES["NEXT"], "9r"),
    ],
    ids=["begun", "sent", "only sent"],
)
def test_what_the_first_program_wrote_into_the_second_schema_is_found(
    path: Path, written: dict[str, object], tail: str
) -> None:
    _journal_of_before(path, 2)
    with _left_open(path) as old:
        _insert(old, ROW | NEXT | written)

    with contextlib.closing(SqliteJournal(path)) as journal:
        reference = written.get("provider_reference")
        expected = a_refund(**NEXT, provider_reference=reference, version=1)
        assert journal.of_payment(expected.environment, "T9.Y") == [expected]
        names = NAMES["NEXT"] | {"provider_tail": tail, "moment": MOMENT}
        assert _derived(journal, "NEXT") == names


def test_a_refund_without_its_tail_still_counts_for_its_payment(path: Path) -> None:
    with contextlib.closing(SqliteJournal(path)) as journal:
        refund = journal.open_case(a_refund(), an_entry())
        journal._connection.execute("UPDATE refund SET original_tail = ''")

        assert journal.of_payment(refund.environment, refund.original_reference) == [refund]
        assert journal.of_payment(refund.environment, "T2.Y") == []


@pytest.mark.parametrize("column", ["id_tail", "original_tail", "moment"])
def test_no_refund_is_written_that_lists_or_rules_would_miss(path: Path, column: str) -> None:
    with contextlib.closing(SqliteJournal(path)) as journal:
        whole = ROW | NEXT | NAMES["NEXT"] | {"moment": MOMENT}
        with pytest.raises(sqlite3.IntegrityError, match="older than its journal"):
            _insert(journal._connection, whole | {column: 0 if column == "moment" else ""})

        _insert(journal._connection, whole)


def test_this_program_begins_nothing_in_a_journal_that_became_a_newer_one(path: Path) -> None:
    with contextlib.closing(SqliteJournal(path)) as journal:
        begun = journal.open_case(a_refund(), an_entry())
        with _left_open(path) as newer:
            newer.execute("PRAGMA user_version = 99")

        other = a_refund(id="B", idempotency_reference="b", original_reference="T2.Y")
        with pytest.raises(JournalUnavailable, match="newer posrefund now"):
            journal.open_case(other, an_entry())

        assert journal.get("B") is None
        journal.record(replace(begun, state=RefundState.SENDING), an_entry())


# -- patience -----------------------------------------------------------------------------------


class Migrating:
    """The module `sqlite3` while another process migrates; that ends after some tries."""

    def __init__(self, other: sqlite3.Connection, *, ends_at: int) -> None:
        self.other = other
        self.ends_at = ends_at
        self.tries = 0

    def __getattr__(self, name: str) -> object:
        return getattr(sqlite3, name)

    def connect(self, *args: object, **how: object) -> sqlite3.Connection:
        self.tries += 1
        if self.tries == self.ends_at:
            self.other.execute("COMMIT")
        return sqlite3.connect(*args, **how)


@pytest.fixture
def migrating(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Migrating]]:
    SqliteJournal(path).close()
    with _left_open(path) as other:
        other.execute("BEGIN EXCLUSIVE")

        def ends_at(number: int) -> Migrating:
            driver = Migrating(other, ends_at=number)
            monkeypatch.setattr(journal_module, "sqlite3", driver)
            monkeypatch.setattr(journal_module, "BUSY_SECONDS", 0.0)
            monkeypatch.setattr(journal_module, "MIGRATED_MEANWHILE", path.stat().st_size // 20)
            return driver

        yield ends_at


def test_opening_waits_longer_for_a_migration_than_a_write_waits(
    path: Path, migrating: Callable[[int], Migrating]
) -> None:
    migrating(21)

    with contextlib.closing(SqliteJournal(path)) as journal:
        assert journal.open_refunds() == []


def test_opening_does_not_wait_for_ever(path: Path, migrating: Callable[[int], Migrating]) -> None:
    driver = migrating(22)

    with pytest.raises(JournalUnavailable, match="locked"):
        SqliteJournal(path)

    assert driver.tries == 21


def test_two_programs_that_find_an_old_journal_migrate_it_once(path: Path) -> None:
    _journal_of_before(path, 1)
    opened: list[SqliteJournal] = []
    together = threading.Barrier(2)

    def start() -> None:
        together.wait()
        opened.append(SqliteJournal(path))

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [journal.get("SECOND") for journal in opened] == [REFUNDS[1]] * 2
    for journal in opened:
        journal.close()


# -- the programs of before ---------------------------------------------------------------------


def _journal_of_before(path: Path, schema: int) -> None:
    """Make a journal as the program of that schema left it."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for number, script in migrations()[:schema]:
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for row in ROWS[schema]:
            _insert(connection, row)
            connection.execute(
                "INSERT INTO entry (refund_id, at, rule, state, text, facts)"
                " VALUES (?, '2026-11-20T12:00:00.000000+00:00', 'T1', 'intent', 'Decided.', '{}')",
                (row["id"],),
            )
    path.chmod(0o600)


@contextlib.contextmanager
def _left_open(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection as every program of before had it, which has looked at the journal already."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT count(*) FROM refund").fetchone()
        yield connection


def _insert(connection: sqlite3.Connection, row: dict[str, object]) -> None:
    bound = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO refund ({', '.join(row)}) VALUES ({bound})", row)  # noqa: S608


def _derived(journal: SqliteJournal, refund_id: str) -> dict[str, object]:
    names = [*NAMES[refund_id], "moment"]
    sql = f"SELECT {', '.join(names)} FROM refund WHERE id = ?"  # noqa: S608
    return dict(journal._connection.execute(sql, (refund_id,)).fetchone())
