"""A look at the journal for `doctor`: it says what is wrong, and touches nothing."""

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from posrefund.errors import JournalUnavailable
from posrefund.journal import health, place
from posrefund.journal.health import examine
from posrefund.journal.sqlite import SqliteJournal
from tests.support.builders import a_refund, an_entry

MINUTE = 60.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with one refund that is not finished."""
    path = tmp_path / "journal.db"
    with contextlib.closing(SqliteJournal(path)) as journal:
        journal.open_case(a_refund(), an_entry())
    return path


def test_a_sound_journal_is_told_and_not_touched(path: Path) -> None:
    before = path.read_bytes()

    found = examine(path, seconds=MINUTE)

    assert (found.exists, found.is_whole, found.mode) == (True, True, 0o600)
    assert (found.schema, found.journal_mode) == (found.newest_schema, "delete")
    assert found.open == {"intent": 1}
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_journal_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert not examine(tmp_path / "state" / "journal.db", seconds=MINUTE).exists
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health.os, "access", lambda path, mode: False)

    with pytest.raises(JournalUnavailable, match="may not write"):
        examine(tmp_path / "journal.db", seconds=MINUTE)


def test_a_file_that_may_not_be_written_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health.os, "access", lambda path, mode: False)

    with pytest.raises(JournalUnavailable, match="may not read and write"):
        examine(path, seconds=MINUTE)


def test_what_is_not_an_ordinary_file_is_told(path: Path) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    pipe = path.with_name("pipe.db")
    os.mkfifo(pipe)

    for other in (link, pipe, path.parent):
        with pytest.raises(JournalUnavailable, match="not an ordinary file"):
            examine(other, seconds=MINUTE)


def test_a_database_of_another_program_is_told(tmp_path: Path) -> None:
    path = tmp_path / "songs.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE song (title)")

    with pytest.raises(JournalUnavailable, match="another program"):
        examine(path, seconds=MINUTE)


def test_a_file_that_is_no_database_is_told(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to look at" * 20)

    with pytest.raises(JournalUnavailable, match="not a database"):
        examine(path, seconds=MINUTE)


def test_without_time_nobody_says_that_it_is_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_STEPS_BETWEEN_LOOKS", 1)
    answers = iter([0.0])  # when it begins; after that it is late, but not before the last check
    checking: list[bool] = []

    def late() -> float:
        return next(answers, MINUTE * 2 if checking else 0.0)

    is_whole = health._is_whole

    def checked(connection: sqlite3.Connection) -> bool | None:
        checking.append(True)
        return is_whole(connection)

    monkeypatch.setattr(health, "monotonic", late)
    monkeypatch.setattr(health, "_is_whole", checked)

    found = examine(path, seconds=MINUTE)

    assert (found.is_whole, found.open) == (None, {"intent": 1})


def test_a_network_share_holds_no_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "network_share", lambda journal: "nfs4")

    with pytest.raises(JournalUnavailable, match="network share"):
        examine(tmp_path / "journal.db", seconds=MINUTE)
