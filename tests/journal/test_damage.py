"""What is said of a journal that is damaged, and of one that only cannot be looked at."""

import contextlib
import os
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from posrefund.errors import JournalTrouble
from posrefund.journal import backup
from posrefund.journal.backup import is_in_use, look_into, why_damaged
from posrefund.journal.sqlite import SqliteJournal
from tests.support.builders import a_refund, an_entry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with one refund in it."""
    path = tmp_path / "till[1].db"
    with contextlib.closing(SqliteJournal(path)) as journal:
        journal.open_case(a_refund(), an_entry())
    return path


def page_of(path: Path, table: str) -> tuple[int, int]:
    """Where the pages of a table begin, and how long a page is."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
    return (root - 1) * size, size


def test_a_sound_journal_is_not_damaged(path: Path) -> None:
    assert why_damaged(path) is None
    assert look_into(path).open == 1


@pytest.mark.parametrize("lost", [1, 100, 5000])
def test_a_journal_that_lost_its_end_is_damaged(path: Path, lost: int) -> None:
    os.truncate(path, path.stat().st_size - lost)

    assert why_damaged(path) is not None


def test_half_a_page_is_missed_where_sqlite_reads_zeros(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 100)

    assert why_damaged(path) == "it has lost its end"
    with pytest.raises(JournalTrouble, match="is damaged"):
        look_into(path)


def test_a_page_that_is_no_page_any_more_is_damage(path: Path) -> None:
    begin, size = page_of(path, "entry")
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(b"\xff" * size)

    assert why_damaged(path) is not None


def test_a_history_that_belongs_to_no_refund_is_damage(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM refund")

    assert why_damaged(path) is not None


def test_a_journal_that_is_locked_is_not_called_damaged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_opened", partial(backup._opened, patience=0.01))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalTrouble, match="locked"):
            why_damaged(path)


def test_who_has_it_open_uses_it_and_nobody_else(path: Path) -> None:
    path.with_name(f"other-{path.name}.1-2.alive").touch()
    assert not is_in_use(path)

    with contextlib.closing(SqliteJournal(path)):
        assert is_in_use(path)

    assert not is_in_use(path)


def test_where_nobody_can_tell_who_uses_it_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalTrouble, match="cannot be used"):
        is_in_use(tmp_path / "nowhere" / "journal.db")
