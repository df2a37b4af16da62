"""A journal in trouble: full, broken, locked, forbidden, replaced, shared, or its holder asleep.

Whatever happens to it, nothing is sent that is not written down, nothing that was sent is called
not sent, and a later recovery finds what was carried out. The bank's ledger is the judge.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from posrefund.errors import JournalTrouble, JournalUnavailable, LostLease, Unrecorded
from posrefund.journal import sqlite as journal_module
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import RefundOrder, RefundState
from tests.campaign.crash_lane import scratch
from tests.campaign.faults_line import Stall
from tests.support.builders import eur
from tests.support.shop import DESK_2

ROOT = Path(__file__).parents[2]


class Watched(Stall):
    """A shop that reads, at each refund request, what the journal says on disk at that moment."""

    def __init__(self, folder):
        # Nobody is silent here, so nobody is hurried either.
        super().__init__(folder, post_seconds=20, get_seconds=20, connect_seconds=20)
        self.unwritten = []
        self.before_answering = lambda: None
        self.sandbox._routes._log = self._seen

    @property
    def path(self):
        return self._path

    def _seen(self, seen):
        if seen.method != "POST" or not seen.path.endswith("/refund"):
            return
        key = seen.headers["idempotency-reference"]
        states = {row["idempotency_reference"]: row["state"] for row in self.rows()}
        if states.get(key) != "sending":
            self.unwritten.append((key, states.get(key)))
        self.before_answering()

    def recover(self):
        """A new program on what the old one left behind."""
        self.restart()
        self.leave_no_work()
        return next(iter(self.journal.latest(limit=1)), None)


@pytest.fixture
def shop(tmp_path):
    with Watched(tmp_path) as opened:
        yield opened
    assert opened.unwritten == []


def decided(shop):
    """A refund that is written down and not sent."""
    (finding,) = shop.service.find("1001")
    return shop.service.intend(RefundOrder(finding=finding, amount=eur("5.00"), terminal=DESK_2))


def fill(shop):
    """Let the database grow no more, and use up the room there is in it."""
    connection = shop.journal._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    for size in (2000, 100, 1):
        with contextlib.suppress(sqlite3.OperationalError):
            while True:
                connection.execute(
                    "INSERT INTO entry (refund_id, at, rule, state, text, facts)"
                    " SELECT id, '', '-', state, ?, '{}' FROM refund LIMIT 1",
                    ("x" * size,),
                )


def test_a_disk_that_is_full_before_sending_sends_nothing(shop):
    refund = decided(shop)
    fill(shop)

    with pytest.raises(JournalUnavailable):
        shop.service.send(refund)

    assert shop.posts() == []
    assert shop.recover().state is RefundState.NOT_SENT
    assert shop.ledger() == []


def test_a_disk_that_is_full_after_sending_is_never_called_not_sent(shop):
    refund = decided(shop)
    shop.before_answering = lambda: fill(shop)

    with pytest.raises(Unrecorded):
        shop.service.send(refund)

    assert shop.journal.get(refund.id).state is RefundState.SENDING
    shop.before_answering = lambda: None
    assert shop.recover().state is RefundState.SUCCEEDED
    assert len(shop.ledger()) == len(shop.posts()) == 1


# -- an error at any statement ------------------------------------------------------------------


class Failing:
    """The module `sqlite3`, whose connections fail from the k-th statement on, for a while."""

    def __init__(self, fails_at=None, *, lasts=1, is_done=False):
        self.fails_at = fails_at
        self.lasts = lasts
        self.is_done = is_done
        self.count = 0

    def __getattr__(self, name):
        return getattr(sqlite3, name)

    @property
    def fails(self):
        at = self.fails_at
        return at is not None and at <= self.count < at + self.lasts

    def connect(self, *args, **how):
        failing = self

        class Connection(sqlite3.Connection):
            def execute(self, statement, values=()):
                failing.count += 1
                if failing.fails and not failing.is_done:
                    raise sqlite3.OperationalError("disk I/O error")
                done = super().execute(statement, values)
                if failing.fails:
                    raise sqlite3.OperationalError("disk I/O error")
                return done

        return sqlite3.connect(*args, factory=Connection, **how)


def whole_refund(shop, *given):
    """Refund and follow to the end, whatever comes in between."""
    with contextlib.suppress(JournalTrouble, LostLease):
        refund = shop.refund(*given)
        for _ in shop.service.follow(refund):
            continue


@contextlib.contextmanager
def failing_shop(folder, failing):
    """A shop whose program, not whose recovery, has failing connections."""
    with Watched(folder) as shop, pytest.MonkeyPatch.context() as patched:
        patched.setattr(journal_module, "sqlite3", failing)
        shop.restart()
        failing.count = 0
        yield shop
        patched.undo()


@pytest.fixture
def memory():
    """A folder that is quickly synced."""
    folder = scratch()
    yield folder
    shutil.rmtree(folder)


LASTING = {"once": 1, "twice": 2, "from then on": float("inf")}


@pytest.mark.parametrize("is_done", [False, True], ids=["not done", "done all the same"])
@pytest.mark.parametrize("lasts", LASTING.values(), ids=LASTING)
def test_an_error_at_any_statement_pays_once_at_most_and_loses_nothing(memory, is_done, lasts):
    """Nor does the next refund, which the program goes on with."""
    calm = Failing()
    with failing_shop(memory / "calm", calm) as shop:
        whole_refund(shop)
    assert calm.count > 30
    found = []
    for k in range(1, calm.count + 1):
        failing = Failing(is_done=is_done, lasts=lasts)
        with failing_shop(memory / str(k), failing) as shop:
            failing.fails_at = k
            whole_refund(shop)
            whole_refund(shop, "1002", "1.00")
            failing.fails_at = None
            shop.recover()
            found += [f"at {k}: {text}" for text in [*shop.verdict(), *shop.unwritten]]
    assert found == []


# -- forbidden, locked, broken, replaced --------------------------------------------------------


def test_a_journal_that_may_not_be_written_sends_nothing(shop):
    refund = decided(shop)
    shop.journal._connection.execute("PRAGMA query_only = ON")

    with pytest.raises(JournalUnavailable):
        shop.service.send(refund)

    assert shop.posts() == []


@pytest.fixture
def short_patience(monkeypatch):
    monkeypatch.setattr(journal_module, "BUSY_SECONDS", 0.05)


def test_a_journal_locked_for_too_long_sends_nothing(short_patience, shop):
    refund = decided(shop)
    other = sqlite3.connect(shop.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(JournalUnavailable, match="locked"):
        shop.service.send(refund)

    other.close()
    assert shop.posts() == []


def test_a_journal_locked_after_sending_is_never_called_not_sent(short_patience, shop):
    refund = decided(shop)
    other = sqlite3.connect(shop.path, isolation_level=None, check_same_thread=False)
    shop.before_answering = lambda: other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unrecorded):
        shop.service.send(refund)

    other.close()
    shop.before_answering = lambda: None
    assert shop.recover().state is RefundState.SUCCEEDED
    assert len(shop.ledger()) == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_journal_that_lost_its_end_sends_nothing(shop, share):
    refund = decided(shop)
    size = shop.path.stat().st_size
    os.truncate(shop.path, int(size * share))

    with pytest.raises(JournalUnavailable):
        shop.service.send(refund)
    assert shop.posts() == []


def open_and_refund(shop):
    shop.open()
    shop.refund("1002", "1.00")


def test_a_journal_that_lost_its_end_is_not_opened_for_a_refund(shop):
    shop.refund()
    shop.close()
    os.truncate(shop.path, shop.path.stat().st_size // 2)
    sent = len(shop.posts())

    with pytest.raises(JournalUnavailable):
        open_and_refund(shop)

    assert len(shop.posts()) == sent


def test_another_file_in_the_journals_place_sends_nothing(shop):
    """Somebody restores a copy while the program runs: what it writes now nobody will read."""
    copy = shop.path.with_name("copy")
    shutil.copy(shop.path, copy)
    refund = decided(shop)
    copy.replace(shop.path)

    with pytest.raises(JournalUnavailable):
        shop.service.send(refund)
    assert shop.posts() == []


def test_a_file_put_in_the_journals_place_after_sending_is_never_called_not_sent(shop):
    copy = shop.path.with_name("copy")
    refund = decided(shop)
    shutil.copy(shop.path, copy)
    shop.before_answering = lambda: copy.replace(shop.path)

    with pytest.raises(Unrecorded):
        shop.service.send(refund)


def test_a_deleted_journal_sends_nothing(shop):
    refund = decided(shop)
    shop.path.unlink()

    with pytest.raises(JournalUnavailable):
        shop.service.send(refund)
    assert shop.posts() == []


def test_a_journal_of_a_newer_program_is_left_alone(tmp_path):
    path = tmp_path / "journal.db"
    SqliteJournal(path).close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = hashlib.sha256(path.read_bytes()).hexdigest()

    with pytest.raises(JournalUnavailable, match="newer"):
        SqliteJournal(path)

    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


# -- real processes -----------------------------------------------------------------------------


def trouble(name):
    """Play one kind of trouble between real processes; every case must be without a defect."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaign.victim_trouble", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    cases = [json.loads(line) for line in done.stdout.splitlines()]
    assert [case for case in cases if case["defects"] or 9 in case["codes"]] == []
    return cases


@pytest.mark.process
@pytest.mark.parametrize("name", ["together", "together_by_id"])
def test_two_processes_at_once_pay_once(name):
    assert {(case["ledger"], case["posts"]) for case in trouble(name)} == {(1, 1)}


@pytest.mark.process
def test_a_stopped_process_is_taken_over_and_changes_nothing_when_it_wakes():
    for case in trouble("stopped"):
        assert case["ledger"] <= 1
        if case["was"] in {"succeeded", "not_sent"}:
            # A claim that was let go of is all a woken process may leave behind.
            assert set(case["changed"]) <= {"version", "fence", "lease_until"}, case["case"]


@pytest.mark.process
def test_a_process_that_wakes_after_a_day_sends_nothing():
    late = [case["case"] for case in trouble("stopped_for_a_day") if case["posts_by_the_woken"]]

    # One place is the moment between the last look at the clock and the transport's deadline, the
    # other is in the middle of what the transport writes at once.
    unseen = ("POST: about to ask", "POST: half the body sent")
    assert [case for case in late if not any(place in case for place in unseen)] == []


@pytest.mark.process
@pytest.mark.parametrize("name", ["full", "torn"])
def test_a_real_disk_that_is_full_at_any_byte_loses_nothing(name):
    cases = trouble(name)

    assert {case["ledger"] for case in cases} == {0, 1}


@pytest.mark.process
def test_a_journal_that_belongs_to_somebody_else_sends_nothing():
    cases = trouble("forbidden")

    assert [(case["codes"], case["posts"]) for case in cases] == [([8], 0), ([8], 0)], cases
    assert not [case for case in cases if "Traceback" in case["err"][0]]
