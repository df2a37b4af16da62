"""Several writes of one SQLite commit: all of them or none, also in trouble."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from posrefund.errors import JournalUnavailable
from posrefund.journal import sqlite as journal_module
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import Refund, RefundState
from tests.journal.test_trouble import Failing
from tests.support.builders import a_refund, an_entry

SENDING = RefundState.SENDING


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    with contextlib.closing(SqliteJournal(path)) as opened:
        yield opened


def two_open(journal: SqliteJournal) -> tuple[Refund, Refund]:
    one = journal.open_case(a_refund(), an_entry())
    other = a_refund(id="B", idempotency_reference="b", original_reference="T2")
    return one, journal.open_case(other, an_entry())


def send(journal: SqliteJournal, refund: Refund) -> None:
    journal.record(replace(refund, state=SENDING), an_entry())


def on_disk(path: Path) -> list[str]:
    """The states as another process sees them."""
    with contextlib.closing(SqliteJournal(path)) as other:
        return [str(refund.state) for refund in other.open_refunds()]


def test_nobody_sees_a_part_of_it(journal: SqliteJournal, path: Path) -> None:
    one, other = two_open(journal)

    with journal.together():
        send(journal, one)
        assert on_disk(path) == ["intent", "intent"]
        send(journal, other)

    assert on_disk(path) == ["sending", "sending"]


def test_what_is_broken_off_leaves_nothing_and_the_journal_goes_on(
    journal: SqliteJournal, path: Path
) -> None:
    one, other = two_open(journal)

    with pytest.raises(ZeroDivisionError):
        broken_off(journal, one)

    assert on_disk(path) == ["intent", "intent"]
    send(journal, other)
    assert on_disk(path) == ["intent", "sending"]


def broken_off(journal: SqliteJournal, refund: Refund) -> None:
    with journal.together():
        send(journal, refund)
        raise ZeroDivisionError


@pytest.mark.parametrize("lasts", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize("is_done", [False, True], ids=["not done", "done all the same"])
def test_trouble_at_any_statement_leaves_all_or_nothing_and_what_follows_is_durable(
    tmp_path: Path, lasts: int, is_done: bool
) -> None:
    for k in range(1, 20):
        path = tmp_path / f"{k}.db"
        failing = Failing(is_done=is_done, lasts=lasts)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(journal_module, "sqlite3", failing)
            journal = SqliteJournal(path)
            one, other = two_open(journal)
            failing.count, failing.fails_at = 0, k
            with contextlib.suppress(JournalUnavailable), journal.together():
                send(journal, one)
                send(journal, other)
            failing.fails_at = None
            together = on_disk(path)
            assert together in (["intent"] * 2, ["sending"] * 2), k
            third = a_refund(id="C", idempotency_reference="c", original_reference="T3")
            with contextlib.suppress(JournalUnavailable):
                journal.open_case(third, an_entry())
                assert on_disk(path) == [*together, "intent"], k
            journal.close()
