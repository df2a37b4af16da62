"""`watch`: what `recover` does, for as long as nobody ends it. The loop has its tests elsewhere."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from posrefund.errors import KeyRefused
from posrefund.refund.model import Environment, ProviderStatus
from tests.cli.fakes import BrokenJournal, ClosedPipe, Counter, raising
from tests.cli.test_refund import REFUND_KEYS
from tests.refund.test_staying import Day
from tests.support.builders import a_refund, an_entry
from tests.support.commands import Workplace

PATIENCE_SECONDS = 30


@pytest.fixture
def counter() -> Counter:
    """A counter at which somebody ends the watch with Ctrl+C after some hours."""
    return Counter(clock=Day())


def refuse_the_key(counter: Counter) -> None:
    counter.bank.status = raising(KeyRefused("401"))  # type: ignore[method-assign]  # of this one


def test_it_says_that_it_watches_and_how_it_ended(counter: Counter) -> None:
    ended = counter.run("watch")
    assert (ended.code, ended.out) == (130, "")
    assert ended.err.splitlines() == [
        "Watching; Ctrl+C ends it. What is open then stays in the journal.",
        "Interrupted. What was sent before is in the journal; posrefund recover continues.",
    ]


def test_each_change_is_one_line_of_json(counter: Counter) -> None:
    counter.refund("--no-wait")
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    ended = counter.run("watch", "--json")
    assert ended.states == ["accepted", "succeeded"]
    assert all(list(line) == REFUND_KEYS for line in ended.lines)


def test_each_change_is_told_in_words(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    told = counter.run("watch").out
    assert told.count(f"Refund {refund.id}: ") == 2
    assert "Done                EUR 5.00 was given back." in told


def test_what_comes_later_is_seen_to(counter: Counter) -> None:
    def later() -> None:
        counter.in_state(None)

    counter.clock.plan(3600, later)  # type: ignore[attr-defined]  # a fake
    ended = counter.run("watch", "--json")
    assert ended.states[:2] == ["unknown", "accepted"]
    assert len(counter.bank.ledger) == 1


def test_refunds_of_another_configuration_are_named(counter: Counter) -> None:
    counter.journal.open_case(a_refund(id="live-1", environment=Environment.LIVE), an_entry())
    ended = counter.run("watch", "--json")
    assert [line["id"] for line in ended.lines] == ["live-1"]
    assert ended.err.count("Refund live-1 (intent) belongs to") == 1
    assert "use that configuration" in ended.err


@pytest.mark.parametrize(
    ("state", "code"),
    [(ProviderStatus.PENDING, 6), (ProviderStatus.MANUAL_INTERVENTION, 7)],
)
def test_a_refused_key_ends_it_with_the_worst_state(
    counter: Counter, state: ProviderStatus, code: int
) -> None:
    counter.in_state(state)
    refuse_the_key(counter)
    ended = counter.run("watch")
    assert ended.code == code
    assert "Have the API key checked" in ended.err


def test_a_refused_key_ends_it_with_3_where_nothing_is_open(counter: Counter) -> None:
    counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.FAILED
    counter.run("recover")
    refuse_the_key(counter)
    assert counter.run("watch").code == 3


def test_what_was_done_does_not_count_when_the_key_is_refused(counter: Counter) -> None:
    counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.FAILED
    counter.clock.plan(50, lambda: refuse_the_key(counter))  # type: ignore[attr-defined]  # a fake
    ended = counter.run("watch", "--json")
    assert (ended.code, ended.states) == (3, ["accepted", "failed"])


@pytest.mark.parametrize("writes", [0, 1])
def test_a_failing_journal_ends_it_with_8_and_denies_nothing(writes: int) -> None:
    counter = Counter(clock=Day())
    counter.in_state(ProviderStatus.PENDING)
    counter.bank.decide("TR1", ProviderStatus.SUCCESS)
    broken = BrokenJournal(writes=writes)
    broken._refunds, broken._entries = counter.journal._refunds, counter.journal._entries
    counter.journal = broken
    ended = counter.run("watch", "--json")
    assert (ended.code, ended.states) == (8, ["accepted"])
    assert "Nothing was sent" not in ended.err
    assert "run posrefund recover" in ended.err
    assert "Traceback" not in ended.err


def test_a_reader_that_went_away_costs_no_refund_anything(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    ended = counter.run("watch", "--json", stdout=ClosedPipe())
    assert ended.code == 130
    done = counter.journal.get(refund.id)
    assert done is not None
    assert done.state == "succeeded"


# -- the real command ---------------------------------------------------------------------------


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    with Workplace(tmp_path) as opened:
        yield opened


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_130_and_leaves_nothing_behind(
    workplace: Workplace, number: signal.Signals
) -> None:
    workplace.spoil("commit_then_hang_up")
    workplace.run("refund", "T1001.Y", "--amount", "5.00", "--yes", "--no-wait")
    process = workplace.start("watch", "--json")
    assert states_until(process, "succeeded") == ["unknown", "succeeded"]

    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1].startswith("Interrupted. ")
    assert "Traceback" not in err
    assert list(workplace.journal.parent.glob("*.alive")) == []
    assert len(workplace.ledger()) == 1


def states_until(process: "subprocess.Popen[str]", wanted: str) -> list[str]:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(json.loads(line)["state"])
        if seen[-1] == wanted:
            return seen
    raise AssertionError(f"it ended by itself after {seen}")
