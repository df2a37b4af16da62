"""A migration that takes its time is told before it begins, on stderr; and no other is."""

import contextlib
import io
import sqlite3
from pathlib import Path

import pytest

from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.errors import JournalUnavailable
from posrefund.journal import sqlite as journal_module
from posrefund.journal.migrate import migrations
from posrefund.journal.sqlite import SqliteJournal
from tests.cli.test_backup import CONFIG
from tests.journal.test_migration import _journal_of_before

NEWEST = migrations()[-1][0]
TOLD = "The journal is brought to the form of this version, once. "


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every journal that is not empty is one that takes long."""
    monkeypatch.setattr(journal_module, "MIGRATED_MEANWHILE", 1000)
    monkeypatch.setattr(journal_module, "BUSY_SECONDS", 0.0)


def told_of(path: Path) -> list[int]:
    """Open it, and return the schema it had when it was told, each time."""
    told = []

    def tell() -> None:
        with contextlib.closing(sqlite3.connect(path, timeout=0)) as other:
            # Whoever reads what is told may take his time: nobody else is held up by it.
            other.execute("BEGIN IMMEDIATE")
            told.append(other.execute("PRAGMA user_version").fetchone()[0])

    SqliteJournal(path, on_migration=tell).close()
    return told


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("schema", range(1, NEWEST))
def test_a_large_one_is_told_once_and_before_it_begins(path: Path, schema: int) -> None:
    _journal_of_before(path, schema)
    assert told_of(path) == [schema]
    assert told_of(path) == []


def test_a_small_one_is_not_worth_a_word(path: Path) -> None:
    _journal_of_before(path, 1)
    assert told_of(path) == []


@pytest.mark.usefixtures("large")
def test_who_has_to_try_again_does_not_tell_it_again(path: Path) -> None:
    _journal_of_before(path, 1)
    told = []
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:

        def tell() -> None:
            told.append("once")
            other.execute("BEGIN IMMEDIATE")

        with pytest.raises(JournalUnavailable, match="locked"):
            SqliteJournal(path, on_migration=tell)
    assert told == ["once"]


@pytest.mark.usefixtures("large")
def test_a_new_journal_has_nothing_to_be_told_of(path: Path) -> None:
    assert told_of(path) == []


@pytest.mark.usefixtures("large")
def test_a_journal_of_a_newer_program_is_refused_without_a_promise(path: Path) -> None:
    _journal_of_before(path, 1)
    with contextlib.closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalUnavailable, match="newer posrefund"):
        SqliteJournal(path, on_migration=lambda: pytest.fail("there is nothing to wait for"))


def test_a_journal_of_tens_of_thousands_is_a_large_one() -> None:
    assert 30_000 <= journal_module.MIGRATED_MEANWHILE / 500 <= 100_000


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(("language", "told"), [
    ("eng", TOLD), ("nld", "Het journaal wordt eenmalig "), ("deu", "Das Journal wird "),
    ("fra", "Le journal est "),
])  # fmt: skip
def test_a_command_says_it_on_stderr_in_the_language_of_the_counter(
    path: Path, tmp_path: Path, language: str, told: str
) -> None:
    _journal_of_before(path, 1)
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(path))
    out, err = io.StringIO(), io.StringIO()
    session = Session(environ={}, stdin=io.StringIO(), stdout=out, stderr=err)
    arguments = ("list", "--json", "--config", str(config), "--language", language)
    assert run(arguments, session=session) == 0
    assert err.getvalue().startswith(told)
    assert err.getvalue().count("\n") == 1
    assert all(line.startswith('{"id"') for line in out.getvalue().splitlines())
