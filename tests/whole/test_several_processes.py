"""Several real processes on one journal and one sandbox: side by side, asleep, and waking up.

Each is the real command. The ledger of the sandbox says what became of the money; the journal is
read by nothing of the program. Nothing sleeps here: what is waited for is a condition.
"""

import contextlib
import json
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from tests.support.commands import KEY, Workplace
from tests.support.window import Window

pytestmark = pytest.mark.process

PATIENCE_SECONDS = 40.0
REFUND = ("--amount", "5.00", "--yes")


class Street(Workplace):
    """A workplace whose customers decide when they are told to, and whose journal is looked at."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, settings={"customer": "person"})
        self._at_end = contextlib.ExitStack()

    def __exit__(self, *_: object) -> None:
        self._at_end.close()
        super().__exit__()

    def listen(self, *arguments: str) -> "Listened":
        """Start a command and listen to what it tells."""
        return self._at_end.enter_context(Listened(self.start(*arguments, "--json")))

    def rows(self) -> list[dict[str, Any]]:
        """The journal as it is on disk."""
        if not self.journal.exists():
            return []
        with contextlib.closing(sqlite3.connect(self.journal, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return []
            return [dict(row) for row in connection.execute("SELECT * FROM refund")]

    def row(self, payment: str) -> dict[str, Any] | None:
        """The newest refund of a payment."""
        found = [row for row in self.rows() if row["original_reference"] == payment]
        return max(found, key=lambda row: row["created_at"], default=None)

    def history(self) -> list[tuple[Any, ...]]:
        """Everything that was ever written down."""
        with contextlib.closing(sqlite3.connect(self.journal, timeout=10)) as connection:
            return connection.execute("SELECT * FROM entry ORDER BY number").fetchall()

    def end_every_lease(self) -> None:
        """Let the minute pass that a step may hold a refund. No process gives up anything here."""
        with contextlib.closing(sqlite3.connect(self.journal, timeout=10)) as connection:
            connection.execute("UPDATE refund SET lease_until = '2000-01-01T00:00:00.000000+00:00'")
            connection.commit()

    def seen(self, method: str, path: str) -> list[dict[str, Any]]:
        """The requests of this kind the sandbox has seen whole."""
        with urllib.request.urlopen(f"{self.site}/_sandbox/requests") as answer:  # noqa: S310
            requests = json.load(answer)
        return [one for one in requests if one["method"] == method and path in one["path"]]

    def posts(self) -> list[str]:
        """The bodies of every refund request."""
        return [post["body"] for post in self.seen("POST", "/refund")]

    def present_the_card(self, payment: str) -> None:
        """The customer does it, and CCV says success."""
        row = self.row(payment)
        assert row is not None
        self.control("act", {"reference": row["provider_reference"], "action": "success"})


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    with Street(tmp_path) as opened:
        yield opened


def wait_until(
    happened: Callable[[], object], what: str, *, seconds: float = PATIENCE_SECONDS
) -> None:
    """Wait until something has happened, and not for ever."""
    end = time.monotonic() + seconds
    bell = threading.Event()
    while not happened():
        assert time.monotonic() < end, f"never: {what}"
        bell.wait(0.02)


class Listened:
    """A command whose lines are taken as they come."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self._reader.join(PATIENCE_SECONDS)
        self.process.communicate()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def states(self, payment: str) -> list[str]:
        """What it told of the refunds of a payment."""
        lines = list(self.lines)
        return [line["state"] for line in lines if line["original_reference"] == payment]

    def until(self, payment: str, state: str) -> None:
        wait_until(lambda: state in self.states(payment), f"{payment} {state} in {self.lines}")

    def end(self) -> tuple[int, str]:
        """Wait for its end; return exit code and what it complained about."""
        assert self.process.stderr is not None
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return code, self.process.stderr.read()

    def stop(self) -> None:
        """Put it to sleep where it is, and see that it sleeps."""
        self.process.send_signal(signal.SIGSTOP)
        status = Path(f"/proc/{self.process.pid}/stat")
        wait_until(lambda: status.read_text("ascii").rpartition(")")[2].split()[0] == "T", "asleep")

    def wake(self) -> None:
        self.process.send_signal(signal.SIGCONT)


def test_a_counter_a_command_and_a_watch_work_side_by_side(street: Street) -> None:
    watch = street.listen("watch")
    with Window("--config", str(street.config), POSREFUND_API_KEY=KEY) as counter:
        counter.until("Scan or type")
        counter.press("1001", "\r")
        counter.until("Payment T1001.Y")
        counter.press("\r")
        counter.until("of payment T1001.Y")
        counter.press("y")
        # A window nobody reads makes the program wait.
        wait_until(lambda: counter._read(0.0) and is_at_ccv(street, "T1001.Y"), "sent")

        refused = street.run("refund", "T1001.Y", *REFUND)
        beside = street.run("refund", "T1002.Y", *REFUND, "--no-wait")
        for payment in ("T1001.Y", "T1002.Y"):
            watch.until(payment, "accepted")
            street.present_the_card(payment)
            watch.until(payment, "succeeded")
        counter.until("was given back")
        drawn = counter.text()
        counter.press("\x11")
        assert counter.wait() == 0
    watch.process.send_signal(signal.SIGTERM)
    code, err = watch.end()

    assert (refused.code, beside.code, code) == (1, 6, 130)
    assert "not finished" in refused.err
    assert watch.states("T1001.Y").count("succeeded") == 1
    assert watch.states("T1002.Y").count("succeeded") == 1
    assert "Traceback" not in err + drawn
    paid_once(street, "T1001.Y", "T1002.Y")
    assert list(street.journal.parent.glob("*.alive")) == []


def is_at_ccv(street: Street, payment: str) -> bool:
    row = street.row(payment)
    return row is not None and row["state"] == "accepted"


def paid_once(street: Street, *payments: str) -> None:
    """One refund of each payment, and nothing else; and the journal says so."""
    ledger = street.ledger()
    assert sorted(paid["original_reference"] for paid in ledger) == sorted(payments)
    assert {paid["status"] for paid in ledger} == {"success"}
    rows = {row["provider_reference"]: row["state"] for row in street.rows()}
    assert [rows[paid["reference"]] for paid in ledger] == ["succeeded"] * len(payments)


# -- asleep -------------------------------------------------------------------------------------

A_CLAIM_LET_GO_OF = {"version", "fence", "lease_until"}
"""All that a process that was overtaken may leave behind."""


def changed(before: dict[str, Any] | None, after: dict[str, Any] | None) -> set[str]:
    assert before is not None
    assert after is not None
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    "lag", [0, 600], ids=["it is listed", "the list lags, so it is sent again"]
)
def test_a_process_asleep_while_sending_is_overtaken_after_its_lease_and_changes_nothing(
    street: Street, lag: int
) -> None:
    street.spoil("slow", args={"seconds": 0.5})
    if lag:
        street.spoil("list_lag", args={"seconds": lag})
    sleeper = street.listen("refund", "T1001.Y", *REFUND)
    wait_until(street.posts, "the request")
    sleeper.stop()
    asleep = street.row("T1001.Y")
    assert asleep is not None
    assert asleep["state"] == "sending"

    # It lives, so nobody touches its refund before the minute is over.
    early = street.run("recover", "--json", "--wait-seconds", "0")
    assert (early.code, [line["state"] for line in early.lines]) == (5, ["sending"])
    assert changed(asleep, street.row("T1001.Y")) == set()

    street.end_every_lease()
    taken = street.listen("recover", "--wait-seconds", "60")
    taken.until("T1001.Y", "accepted")
    street.present_the_card("T1001.Y")
    code, _ = taken.end()
    assert (code, taken.states("T1001.Y")) == (0, ["unknown", "accepted", "succeeded"])
    before, history = street.row("T1001.Y"), street.history()

    sleeper.wake()
    code, err = sleeper.end()

    assert (code, sleeper.states("T1001.Y")[-1]) == (0, "succeeded")
    assert "Traceback" not in err
    assert changed(before, street.row("T1001.Y")) <= A_CLAIM_LET_GO_OF
    assert street.history() == history
    paid_once(street, "T1001.Y")
    assert len(street.posts()) == (2 if lag else 1)
    assert len(set(street.posts())) == 1


@pytest.mark.parametrize("is_asking", [False, True], ids=["between questions", "in a question"])
def test_a_process_asleep_while_it_follows_finds_it_done_and_changes_nothing(
    street: Street, is_asking: bool
) -> None:
    sleeper = street.listen("refund", "T1001.Y", *REFUND)
    sleeper.until("T1001.Y", "accepted")
    if is_asking:
        asked = len(questions(street))
        street.spoil("slow", "GET /transaction", args={"seconds": 0.5})
        wait_until(lambda: len(questions(street)) > asked, "a question")
    sleeper.stop()

    street.present_the_card("T1001.Y")
    recovered = street.run("recover", "--json")
    assert recovered.lines[-1]["state"] == "succeeded"
    before, history = street.row("T1001.Y"), street.history()

    sleeper.wake()
    code, err = sleeper.end()

    assert (code, sleeper.states("T1001.Y")) == (0, ["intent", "accepted", "succeeded"])
    assert "Traceback" not in err
    assert changed(before, street.row("T1001.Y")) <= A_CLAIM_LET_GO_OF
    assert street.history() == history
    paid_once(street, "T1001.Y")


def questions(street: Street) -> list[dict[str, Any]]:
    row = street.row("T1001.Y")
    assert row is not None
    wanted = str(row["provider_reference"])
    return [asked for asked in street.seen("GET", "/transaction") if wanted in str(asked)]


def test_a_watch_takes_over_from_a_process_that_was_killed_while_sending(street: Street) -> None:
    watch = street.listen("watch")
    street.spoil("slow", args={"seconds": 5})
    victim = street.start("refund", "T1001.Y", *REFUND)
    wait_until(street.posts, "the request")
    victim.kill()
    victim.communicate()

    watch.until("T1001.Y", "accepted")
    street.present_the_card("T1001.Y")
    watch.until("T1001.Y", "succeeded")

    watch.process.send_signal(signal.SIGINT)
    assert watch.end()[0] == 130
    paid_once(street, "T1001.Y")
    assert len(street.posts()) == 1


# -- at once ------------------------------------------------------------------------------------


def test_two_commands_for_the_same_payment_at_once_pay_once(street: Street) -> None:
    payments = [f"T200{number}.Y" for number in range(1, 5)]
    for payment in payments:
        # Both have looked before either decides.
        street.spoil("slow", "GET /transaction", times=2, args={"seconds": 0.4})
        both = [street.start("refund", payment, *REFUND, "--no-wait") for _ in range(2)]
        ends = [(*one.communicate(timeout=PATIENCE_SECONDS), one.returncode) for one in both]

        assert sorted(code for *_, code in ends) == [1, 6], ends
        assert "Traceback" not in "".join(err for _, err, _ in ends)
        street.present_the_card(payment)
        assert street.run("recover", "--json").code == 0

    paid_once(street, *payments)
    assert len(street.posts()) == len(payments)


def test_two_commands_with_the_same_id_at_once_pay_once_and_both_say_so(street: Street) -> None:
    street.spoil("slow", "GET /transaction", times=2, args={"seconds": 0.4})
    ask = ("refund", "T1001.Y", *REFUND, "--id", "kiosk-7")
    both = [street.listen(*ask) for _ in range(2)]
    for one in both:
        one.until("T1001.Y", "accepted")
    street.present_the_card("T1001.Y")

    assert [one.end()[0] for one in both] == [0, 0]
    assert [one.states("T1001.Y")[-1] for one in both] == ["succeeded"] * 2
    paid_once(street, "T1001.Y")
    assert len(street.posts()) == 1
