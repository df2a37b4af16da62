"""What only the SQLite journal promises: durability, privacy, several processes."""

import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from posrefund.errors import JournalUnavailable, LostLease
from posrefund.journal.migrate import migrations
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import RefundState
from tests.support.builders import NOON, a_refund, an_entry

LATER = NOON + timedelta(seconds=61)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_file_and_folder_belong_to_one_user(path: Path) -> None:
    SqliteJournal(path).close()

    assert (mode(path.parent), mode(path)) == (0o700, 0o600)


def test_every_commit_is_synced_before_it_counts(path: Path) -> None:
    journal = SqliteJournal(path)

    assert journal._connection.execute("PRAGMA synchronous").fetchone()[0] == 3
    assert journal._connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    journal.close()


def test_a_journal_survives_its_program(path: Path) -> None:
    first = SqliteJournal(path)
    written = first.open_case(a_refund(), an_entry())
    first.close()

    second = SqliteJournal(path)

    assert second.get(written.id) == written
    second.close()


def test_two_programs_see_each_other(path: Path) -> None:
    one, other = SqliteJournal(path), SqliteJournal(path)
    refund = one.open_case(a_refund(), an_entry())

    with pytest.raises(LostLease):
        other.claim(refund.id, now=NOON, until=LATER)
    one.record(replace(refund, owner=None, state=RefundState.SENDING), None)

    assert other.claim(refund.id, now=NOON, until=LATER).state is RefundState.SENDING
    one.close()
    other.close()


def test_the_refunds_of_a_dead_process_can_be_taken_over_at_once(path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from posrefund.journal.sqlite import SqliteJournal\n"
        "from tests.support.builders import a_refund, an_entry\n"
        "SqliteJournal(Path(sys.argv[1])).open_case(a_refund(), an_entry())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False, cwd=Path.cwd())

    journal = SqliteJournal(path)

    assert journal.claim("ABCDEFGHIJ", now=NOON, until=LATER).fence == 2
    journal.close()


def test_history_cannot_be_changed(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.open_case(a_refund(), an_entry())

    for statement in ("DELETE FROM entry", "UPDATE entry SET text = 'x'"):
        with pytest.raises(sqlite3.IntegrityError):
            journal._connection.execute(statement)
    journal.close()


def test_a_newer_journal_is_left_alone(path: Path) -> None:
    SqliteJournal(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(JournalUnavailable, match="newer"):
        SqliteJournal(path)

    assert path.read_bytes() == before


def test_another_programs_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE song (title)")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(JournalUnavailable, match="another program"):
        SqliteJournal(path)

    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to look at" * 20])
def test_a_file_that_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(JournalUnavailable):
        SqliteJournal(path)

    assert path.read_bytes() == content


def test_a_folder_in_the_way_is_said(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(JournalUnavailable, match="ordinary file"):
        SqliteJournal(path)


def test_a_journal_that_fails_says_so_in_our_words(path: Path) -> None:
    journal = SqliteJournal(path)
    refund = journal.open_case(a_refund(), an_entry())
    journal._connection.execute("PRAGMA query_only = ON")

    with pytest.raises(JournalUnavailable):
        journal.record(refund, an_entry())
    journal.close()


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [number for number, _ in migrations()]

    assert numbers == list(range(1, len(numbers) + 1))
