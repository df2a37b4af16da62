"""`recover`: everything open is taken further, and the exit code is the worst state at the end."""

import pytest

from posrefund.refund.model import Environment, ProviderStatus, RefundState
from tests.cli.fakes import Counter, InterruptedClock
from tests.cli.test_refund import REFUND_KEYS
from tests.support.builders import a_refund, an_entry


def test_nothing_open_is_fine(counter: Counter) -> None:
    ended = counter.run("recover")
    assert (ended.code, ended.out, ended.err) == (0, "", "Nothing is open.\n")


def test_what_was_lost_is_found_and_finished(counter: Counter) -> None:
    counter.refund("--id", "till-7", "--no-wait")
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    ended = counter.run("recover", "--json")
    assert (ended.code, ended.states, ended.err) == (0, ["accepted", "succeeded"], "")
    assert all(list(line) == REFUND_KEYS for line in ended.lines)


def test_silence_is_looked_up_and_never_sent_twice(counter: Counter) -> None:
    sent = counter.in_state(None)
    counter.bank.carry_out(sent)
    counter.bank.decide("TR1", ProviderStatus.SUCCESS)
    ended = counter.run("recover", "--json")
    assert (ended.code, ended.states) == (0, ["unknown", "succeeded"])
    assert len(counter.bank.sent) == 1


def test_recovering_twice_gives_the_same_answer(counter: Counter) -> None:
    counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    assert counter.run("recover").code == 0
    assert counter.run("recover").code == 0
    assert len(counter.bank.sent) == 1


def test_a_failed_refund_is_a_settled_one(counter: Counter) -> None:
    counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.FAILED
    ended = counter.run("recover", "--json")
    assert (ended.code, ended.states[-1]) == (0, "failed")


def test_a_decision_nobody_sent_is_dropped(counter: Counter) -> None:
    counter.clock.at = counter.decided().lease_until
    ended = counter.run("recover", "--json")
    assert (ended.code, ended.states, counter.bank.sent) == (0, ["not_sent"], [])


def test_what_must_wait_is_named_with_a_time(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    ended = counter.run("recover", "--wait-seconds", "60")
    assert ended.code == 6
    assert f"Refund {refund.id} (accepted) waits; the next step is due at " in ended.err


def test_it_waits_no_longer_than_it_may(counter: Counter) -> None:
    counter.in_state(ProviderStatus.PENDING)
    begun = counter.clock.at
    counter.run("recover", "--wait-seconds", "60")
    assert (counter.clock.at - begun).total_seconds() <= 60


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["accepted"], 6),
        (["unknown"], 5),
        (["attention"], 7),
        (["accepted", "unknown"], 5),
        (["unknown", "attention", "accepted"], 7),
    ],
)
def test_the_worst_state_decides_and_foreign_refunds_count(
    counter: Counter, states: list[str], code: int
) -> None:
    for number, state in enumerate(states):
        foreign = a_refund(
            id=f"live-{number}",
            original_reference=f"P{number}",
            environment=Environment.LIVE,
            state=RefundState(state),
        )
        counter.journal.open_case(foreign, an_entry())
    ended = counter.run("recover")
    assert ended.code == code
    assert counter.bank.questions == 0
    for number in range(len(states)):
        assert f"Refund live-{number} " in ended.err
    assert "use that configuration" in ended.err


def test_a_contradiction_is_for_a_person_although_the_refund_was_final(counter: Counter) -> None:
    alarm = "CCV now says failed, after it said success."
    refund = counter.in_state(ProviderStatus.SUCCESS)
    counter.bank.decide("TR1", ProviderStatus.FAILED)
    asked = counter.run("status", refund.id)
    assert asked.code == 7
    assert f"ALARM         {alarm}" in asked.out
    ended = counter.run("recover")
    assert ended.code == 7
    assert f"ALARM               {alarm}" in ended.out


def test_an_intent_another_process_is_sending_is_not_called_settled(counter: Counter) -> None:
    counter.decided()
    ended = counter.run("recover", "--wait-seconds", "10")
    assert (ended.code, counter.bank.sent) == (5, [])


def test_an_interrupt_ends_the_work_and_loses_nothing() -> None:
    counter = Counter(clock=InterruptedClock())
    counter.in_state(ProviderStatus.PENDING)
    ended = counter.run("recover")
    assert ended.code == 130
    assert "What was sent before is in the journal" in ended.err
