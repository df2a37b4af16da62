"""Opening a journal: it is whole and ours alone afterwards, or it is not opened."""

import contextlib
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from posrefund.errors import JournalUnavailable
from posrefund.journal import sqlite as journal_module
from posrefund.journal.sqlite import SqliteJournal
from tests.journal.test_trouble import Failing
from tests.support.builders import a_refund, an_entry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


def proofs_of_life(path: Path) -> list[Path]:
    return list(path.parent.glob("*.alive"))


@pytest.mark.parametrize("is_done", [False, True], ids=["not done", "done all the same"])
def test_a_journal_whose_making_fails_anywhere_is_made_the_next_time(
    tmp_path: Path, is_done: bool
) -> None:
    calm = Failing()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(journal_module, "sqlite3", calm)
        SqliteJournal(tmp_path / "calm.db").close()
    assert calm.count > 10
    for k in range(1, calm.count + 1):
        path = tmp_path / str(k) / "journal.db"
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(journal_module, "sqlite3", Failing(k, is_done=is_done))
            with pytest.raises(JournalUnavailable, match="disk I/O error"):
                SqliteJournal(path)
        assert proofs_of_life(path) == []

        with contextlib.closing(SqliteJournal(path)) as journal:
            opened = journal.open_case(a_refund(), an_entry())
            assert journal.get(opened.id) == opened


def test_two_processes_may_make_it_at_the_same_moment(path: Path) -> None:
    made: list[SqliteJournal] = []
    together = threading.Barrier(4)

    def make() -> None:
        together.wait()
        made.append(SqliteJournal(path))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    one, *others = made
    opened = one.open_case(a_refund(), an_entry())
    assert [other.get(opened.id) for other in others] == [opened] * 3
    for journal in made:
        journal.close()


def test_a_journal_somebody_made_readable_is_private_again(path: Path) -> None:
    SqliteJournal(path).close()
    path.chmod(0o644)

    SqliteJournal(path).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_file_becomes_a_journal(path: Path) -> None:
    """A process may die between making the file and filling it."""
    path.parent.mkdir()
    path.touch(0o600)

    with contextlib.closing(SqliteJournal(path)) as journal:
        assert journal.open_refunds() == []


def test_a_closed_journal_says_so_and_may_be_closed_again(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.close()
    journal.close()

    assert proofs_of_life(path) == []
    with pytest.raises(JournalUnavailable, match="closed"):
        journal.open_case(a_refund(), an_entry())


def test_the_proof_of_life_ends_also_where_the_file_cannot_be_closed(path: Path) -> None:
    class Stuck:
        def close(self) -> None:
            raise sqlite3.OperationalError("unable to close")

    journal = SqliteJournal(path)
    journal._connection.close()
    journal._connection = Stuck()  # type: ignore[assignment]

    with pytest.raises(JournalUnavailable, match="unable to close"):
        journal.close()

    assert proofs_of_life(path) == []
