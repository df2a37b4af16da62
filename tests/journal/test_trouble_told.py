"""What the commands say when the journal is in trouble: what became of the money, and what to do.

The bank is a fake one with a ledger, the journal is the real one, and its connection fails at a
chosen statement, or its file was spoilt.
"""

import contextlib
import io
import os
import re
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.journal import sqlite as journal_module
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import ProviderStatus, Refund, RefundState
from tests.cli.fakes import Counter, Ended
from tests.journal.test_trouble import LASTING, Failing
from tests.support.builders import a_refund, an_entry
from tests.support.commands import COMMAND, CONFIG, KEY, Workplace, environment

NOTHING = "Nothing was sent. "
NOT_YET = re.compile(r"Nothing more was sent\. The journal fails, so refund \w+ may still be sent")
"""Where it cannot even be read what the journal kept."""


@dataclass
class Told:
    """One `refund` whose journal failed at the k-th statement."""

    k: int
    path: Path
    counter: Counter
    ended: Ended
    sent: int
    """How many requests had left when the command ended."""

    def reopen(self) -> None:
        """A command closes the journal at its end."""
        self.counter.journal = SqliteJournal(self.path)

    @property
    def refund(self) -> Refund | None:
        return next(iter(self.counter.journal.latest(limit=1)), None)


def play(folder: Path, failing: Failing, *, k: int | None = None) -> Told:
    folder.mkdir()
    path = folder / "journal.db"
    SqliteJournal(path).close()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(journal_module, "sqlite3", failing)
        counter = Counter(journal=SqliteJournal(path))
        counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
        failing.count, failing.fails_at = 0, k
        ended = counter.refund()
    told = Told(k or 0, path, counter, ended, len(counter.bank.sent))
    told.reopen()
    return told


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many statements an undisturbed refund takes."""
    calm = Failing()
    assert play(tmp_path_factory.mktemp("calm") / "one", calm).ended.code == 0
    assert calm.count > 20
    return calm.count


@pytest.fixture(scope="module", params=["not done", "done all the same"])
def is_done(request: pytest.FixtureRequest) -> bool:
    return request.param == "done all the same"


@pytest.fixture(scope="module", params=LASTING)
def cases(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    statements: int,
    is_done: bool,
) -> list[Told]:
    """A refund with trouble at each statement there is."""
    lasts = LASTING[request.param]
    folder = tmp_path_factory.mktemp("cases")
    return [
        play(folder / str(k), Failing(is_done=is_done, lasts=lasts), k=k)
        for k in range(1, statements + 1)
    ]


def test_every_trouble_is_exit_8_and_three_sentences(cases: list[Told]) -> None:
    for case in cases:
        ended = case.ended
        assert ended.code == 8, case.k
        assert (ended.err.count("\n"), ended.err[-1:]) == (1, "\n"), case.k
        assert "Traceback" not in ended.err
        assert "OperationalError" not in ended.err


def test_nothing_was_sent_is_said_where_it_is_true_and_nowhere_else(cases: list[Told]) -> None:
    assert {case.sent for case in cases} == {0, 1}
    for case in cases:
        err = case.ended.err
        is_said = err.startswith(NOTHING) or NOT_YET.match(err) is not None
        assert is_said == (case.sent == 0), (case.k, err)


def test_what_was_sent_is_named_with_what_to_do(cases: list[Told]) -> None:
    for case in cases:
        if case.sent:
            assert case.refund is not None
            assert f"Refund {case.refund.id} was " in case.ended.err, case.k
            assert case.ended.err.endswith("Do not start it again; run posrefund recover.\n")


def test_recover_ends_every_case_and_pays_once_at_most(cases: list[Told]) -> None:
    for case in cases:
        recovered = case.counter.run("recover", "--json")
        case.reopen()
        refund, ledger = case.refund, case.counter.bank.ledger
        assert recovered.code == 0, case.k
        assert len(ledger) == (refund is not None and refund.state is RefundState.SUCCEEDED), case.k


@pytest.mark.parametrize("lasts", LASTING.values(), ids=LASTING)
def test_what_is_said_not_to_be_sent_is_not_sent_later_either(
    tmp_path: Path, statements: int, is_done: bool, lasts: float
) -> None:
    for k in range(1, statements + 1):
        case = play(tmp_path / str(k), Failing(is_done=is_done, lasts=lasts), k=k)
        case.counter.run("recover", "--json")
        if case.ended.err.startswith(NOTHING):
            assert case.counter.bank.sent == [], k


# -- a file that cannot be used -----------------------------------------------------------------

COMMANDS = [
    ("refund", "T1001.Y", "--amount", "5.00", "--yes", "--id", "ABCDEFGHIJ"),
    ("status", "ABCDEFGHIJ"),
    ("recover",),
    ("watch",),
    ("list",),
    ("show", "ABCDEFGHIJ"),
]


def spoil_header(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to look at" * 20)


def lose_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def lose_a_little(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 100)


def make_newer(path: Path) -> None:
    write(path, "PRAGMA user_version = 99")


def make_foreign(path: Path) -> None:
    path.unlink()
    write(path, "CREATE TABLE song (title)")


def make_illegible(path: Path) -> None:
    write(path, "UPDATE refund SET facts = '{'")


def put_a_folder_there(path: Path) -> None:
    path.unlink()
    path.mkdir()


def put_a_link_there(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def put_a_pipe_there(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def write(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


SPOILT = [
    (spoil_header, "file is not a database"),
    (lose_half, "malformed"),
    (lose_a_little, "has lost its end"),
    (make_newer, "written by a newer posrefund"),
    (make_foreign, "the database of another program"),
    (make_illegible, "cannot be used"),
    (put_a_folder_there, "not an ordinary file"),
    (put_a_link_there, "not an ordinary file"),
    (put_a_pipe_there, "not an ordinary file"),
]


@dataclass
class Desk:
    """A configured counter whose CCV cannot be reached, so that only the journal may answer."""

    path: Path

    def run(self, *arguments: str) -> Ended:
        config = self.path.parent / "config.toml"
        config.write_text(
            CONFIG.format(base_url="http://127.0.0.1:9/api/v1", journal=self.path), "utf-8"
        )
        out, err = io.StringIO(), io.StringIO()
        session = Session(environ={"POSREFUND_API_KEY": KEY}, stdout=out, stderr=err)
        code = run(["--config", str(config), *arguments], session=session)
        return Ended(code, out.getvalue(), err.getvalue())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A counter with one refund in its journal, not finished."""
    path = tmp_path / "journal.db"
    with contextlib.closing(SqliteJournal(path)) as journal:
        journal.open_case(a_refund(address="http://127.0.0.1:9/api/v1"), an_entry())
    return Desk(path)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(("spoil", "why"), SPOILT, ids=lambda case: getattr(case, "__name__", ""))
def test_a_spoilt_journal_is_exit_8_with_the_reason_and_is_left_as_it_is(
    desk: Desk, spoil: Callable[[Path], None], why: str, command: tuple[str, ...]
) -> None:
    spoil(desk.path)
    before = desk.path.read_bytes() if desk.path.is_file() else b""

    ended = desk.run(*command)

    said = ended.err.splitlines()[-1]
    assert (ended.code, ended.out) == (8, "")
    assert said.startswith(("Nothing was sent. ", "Nothing more was sent. "))
    assert why in said
    sentences = re.sub(r" \(C-14\d\)$", "", said).split(". ")
    assert "ournal" in sentences[-1], "it says what to do about it"
    assert "Traceback" not in ended.err
    assert (desk.path.read_bytes() if desk.path.is_file() else b"") == before
    assert list(desk.path.parent.glob("*.alive")) == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_locked_journal_is_exit_8(
    desk: Desk, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "BUSY_SECONDS", 0.02)
    with contextlib.closing(sqlite3.connect(desk.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ended = desk.run(*command)

    assert (ended.code, ended.out) == (8, "")
    assert "database is locked" in ended.err
    assert list(desk.path.parent.glob("*.alive")) == []


# -- the real command ---------------------------------------------------------------------------


@pytest.mark.process
def test_a_real_disk_that_is_full_is_told_and_the_next_refund_works(tmp_path: Path) -> None:
    with Workplace(tmp_path) as workplace:
        SqliteJournal(workplace.journal).close()
        assert workplace.journal.stat().st_size > 8192
        refund = [*COMMAND, "--config", str(workplace.config), "refund", "T1001.Y"]
        refused = subprocess.run(
            ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *refund, "--full", "--yes"],
            env=environment(POSREFUND_API_KEY=KEY),
            capture_output=True,
            text=True,
            check=False,
        )
        posts = workplace.ledger()
        again = workplace.run("refund", "T1001.Y", "--full", "--yes")

        assert (refused.returncode, refused.stdout, posts) == (8, "", [])
        assert refused.stderr.startswith("Nothing was sent. ")
        assert "See to the journal, then try again." in refused.stderr
        assert "Traceback" not in refused.stderr
        assert (again.code, len(workplace.ledger())) == (0, 1)
