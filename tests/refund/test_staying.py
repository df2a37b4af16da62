"""`Recovery.watch`: sees to whatever anybody leaves open, for as long as it runs."""

import gc
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from posrefund.errors import KeyRefused, NoInformation, Unanswered
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import Environment, ProviderStatus, Refund, RefundOrder, RefundState
from posrefund.refund.polling import VERIFY_AFTER_SECONDS
from posrefund.refund.recovery import LOOK_SECONDS
from tests.refund.conftest import Desk
from tests.support.builders import NOON, a_payment, a_refund, an_entry, eur
from tests.support.fakes import FrozenClock

HOUR = 3600.0


class Day(FrozenClock):
    """Things happen at set times of it, and somebody ends it with Ctrl+C."""

    def __init__(self, *, seconds: float = 4 * HOUR) -> None:
        super().__init__()
        self.end = NOON + timedelta(seconds=seconds)
        self._events: list[tuple[datetime, Callable[[], object]]] = []

    def plan(self, seconds: float, event: Callable[[], object]) -> None:
        """Let something happen so long after noon."""
        self._events.append((NOON + timedelta(seconds=seconds), event))
        self._events.sort(key=lambda planned: planned[0])

    def wait(self, seconds: float) -> bool:
        until = self.at + timedelta(seconds=seconds)
        while self._events and self._events[0][0] <= until:
            self.at, event = self._events.pop(0)
            event()
        self.waits.append(seconds)
        self.at = max(until, self.at)
        if self.at >= self.end:
            raise KeyboardInterrupt
        return True


class Office(Desk):
    """A counter, and a watch beside it on the same journal."""

    clock: Day

    def __post_init__(self) -> None:
        super().__post_init__()
        self.asked: list[float] = []
        self.told_at: list[float] = []
        self.bank._ask = self._asked(self.bank._ask)  # type: ignore[method-assign]

    def _asked(self, ask: Callable[[], None]) -> Callable[[], None]:
        def noted() -> None:
            self.asked.append(self.clock.elapsed())
            ask()

        return noted

    def watch(self) -> list[Refund]:
        """Start the watch now, and return what it has told when the day is over."""
        self.restart()
        self.asked.clear()
        told: list[Refund] = []
        with suppress(KeyboardInterrupt):
            for refund in self.recovery.watch():
                told.append(refund)
                self.told_at.append(self.clock.elapsed())
        return told

    def refund_another(self) -> Refund:
        """Give a payment back that nobody has met before; CCV will say yes when it is asked."""
        number = len(self.bank.ledger) + 1
        name = f"o{number}"
        self.bank.payments[name] = a_payment(reference=name, order_reference=name)
        self.bank.status_after[f"TR{number}"] = ProviderStatus.SUCCESS
        (finding,) = self.service.find(name)
        order = RefundOrder(finding=finding, amount=eur("1.00"))
        return self.service.send(self.service.intend(order))

    def lost(self) -> Refund:
        """A refund that was sent, and no answer came."""
        self.bank.on_send = [_silence]
        return self.service.send(self.decide())

    def free(self, refund: Refund) -> Refund:
        """Let go of it, as a process does between two attempts."""
        return self.journal.record(replace(refund, owner=None), None)


def _silence(_: Refund) -> None:
    raise Unanswered("no answer")


def _asleep(_: Refund) -> None:
    raise InterruptedError


def states(told: list[Refund]) -> list[str]:
    return [str(refund.state) for refund in told]


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office(clock=Day())
    yield office
    # Whatever happens, it looks up often enough.
    assert max(office.clock.waits, default=0) <= LOOK_SECONDS


def test_what_is_open_is_followed_to_its_end(office: Office) -> None:
    office.refund()
    office.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    assert states(office.watch()) == ["accepted", "succeeded"]


def test_what_somebody_leaves_behind_later_is_found_and_paid_once(office: Office) -> None:
    office.clock.plan(HOUR, office.lost)

    told = office.watch()

    assert states(told)[:2] == ["unknown", "accepted"]
    assert (told[1].updated_at - NOON).total_seconds() < HOUR + 2 * LOOK_SECONDS
    assert len(office.bank.ledger) == 1


def test_an_attempt_is_taken_over_when_its_lease_is_over_and_not_before(office: Office) -> None:
    office.bank.on_send = [_asleep]  # type: ignore[list-item]
    with pytest.raises(InterruptedError):
        office.refund()

    told = office.watch()

    assert states(told)[:3] == ["sending", "unknown", "accepted"]
    assert 60 <= (told[1].updated_at - NOON).total_seconds() < 60 + 2 * LOOK_SECONDS
    assert len(office.bank.ledger) == 1


def test_a_decision_that_may_still_be_sent_is_left_to_whoever_made_it(office: Office) -> None:
    decided = office.free(office.decide())
    teller = office.service
    office.clock.plan(90, lambda: teller.send(teller.take_up(decided)))

    assert states(office.watch()) == ["intent", "accepted"]
    assert office.told_at[1] <= 90 + LOOK_SECONDS
    assert len(office.bank.ledger) == 1


def test_a_decision_nobody_can_send_any_more_is_dropped(office: Office) -> None:
    office.free(office.decide())

    told = office.watch()

    assert states(told) == ["intent", "not_sent"]
    assert (told[1].updated_at - NOON).total_seconds() > 120
    assert office.bank.sent == []


def test_a_failed_refund_is_verified_on_schedule_and_then_left(office: Office) -> None:
    office.finish_with(ProviderStatus.FAILED, office.refund())
    failed_at = office.clock.elapsed()

    told = office.watch()

    assert told == []
    assert [at - failed_at for at in office.asked] == list(VERIFY_AFTER_SECONDS)


def test_a_refund_that_fails_elsewhere_is_verified_too(office: Office) -> None:
    office.clock.plan(HOUR, lambda: office.finish_with(ProviderStatus.FAILED, office.refund()))

    assert office.watch() == []

    (failed,) = office.journal.latest(limit=9)
    assert (failed.state, failed.verified) == (RefundState.FAILED, len(VERIFY_AFTER_SECONDS))


def test_a_success_after_a_failure_is_told_once(office: Office) -> None:
    office.finish_with(ProviderStatus.FAILED, office.refund())
    office.bank.decide("TR1", ProviderStatus.SUCCESS)

    (told,) = office.watch()

    assert told.alarm is not None
    assert told.money_moved == "unknown"


def test_a_contradiction_found_by_somebody_else_is_told_once(office: Office) -> None:
    done = office.finish_with(ProviderStatus.SUCCESS, office.refund())
    office.bank.decide("TR1", ProviderStatus.FAILED)
    teller = office.service
    office.clock.plan(HOUR, lambda: teller.check(done))

    (told,) = office.watch()

    assert (told.id, told.alarm is not None) == (done.id, True)


def test_a_case_for_a_person_is_asked_about_at_once_and_then_slowly(office: Office) -> None:
    office.finish_with(ProviderStatus.MANUAL_INTERVENTION, office.refund())
    began = office.clock.elapsed()
    office.clock.plan(HOUR, lambda: office.bank.decide("TR1", ProviderStatus.SUCCESS))

    told = office.watch()

    assert states(told) == ["attention", "succeeded"]
    assert [round(at - began) for at in office.asked] == [0, 900, 1800, 2700, 3600]


def test_what_a_person_closes_is_told_and_left(office: Office) -> None:
    stuck = office.finish_with(ProviderStatus.MANUAL_INTERVENTION, office.refund())
    teller = office.service
    office.clock.plan(
        600, lambda: teller.close(stuck, executed=True, by="M.", evidence="helpdesk 4711")
    )

    assert states(office.watch()) == ["attention", "closed"]


def test_refunds_of_another_configuration_are_told_once_and_not_touched(office: Office) -> None:
    foreign = office.journal.open_case(a_refund(environment=Environment.LIVE), an_entry())

    assert office.watch() == [foreign]
    assert office.asked == []
    assert office.journal.get(foreign.id) == foreign


def test_silence_of_ccv_is_borne_and_does_not_make_it_ask_faster(office: Office) -> None:
    office.refund()
    office.bank.on_ask = [NoInformation("no answer")] * 10_000
    office.clock.plan(HOUR, office.bank.on_ask.clear)
    office.clock.plan(HOUR, lambda: office.bank.decide("TR1", ProviderStatus.SUCCESS))

    told = office.watch()

    assert states(told) == ["accepted", "succeeded"]
    assert len(office.asked) < 200


def test_news_that_two_processes_learn_is_told_once(office: Office) -> None:
    sent = office.refund()
    teller = office.service
    office.clock.plan(30, lambda: office.bank.decide("TR1", ProviderStatus.SUCCESS))
    office.clock.plan(30, lambda: teller.check(sent))

    assert states(office.watch()) == ["accepted", "succeeded"]


def test_several_are_seen_to_each_in_its_turn(office: Office) -> None:
    for _ in range(5):
        office.refund_another()

    told = office.watch()

    assert states(told) == ["accepted"] * 5 + ["succeeded"] * 5
    assert len({refund.id for refund in told}) == 5


def test_a_clock_that_is_set_back_does_not_put_it_to_sleep(office: Office) -> None:
    office.refund()
    office.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    office.clock.plan(0.5, lambda: office.clock.jump(-timedelta(minutes=30)))

    assert states(office.watch()) == ["accepted", "succeeded"]
    assert max(office.asked) < HOUR


def test_a_refused_key_ends_it(office: Office) -> None:
    sent = office.refund()
    office.bank.on_ask = [KeyRefused("401")]

    with pytest.raises(KeyRefused):
        office.watch()

    assert office.journal.get(sent.id) == sent


def test_it_keeps_nothing_of_what_is_over(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    office = Office(clock=Day(), journal=journal)  # type: ignore[arg-type]
    count = 30
    for number in range(count):
        office.clock.plan(number * 60, office.refund_another)

    before = alive()
    watching = office.recovery.watch()
    for refund in watching:
        if refund.state.is_final and refund.provider_reference == f"TR{count}":
            break

    assert len(journal.latest(limit=99)) == count
    assert alive() - before < 10
    watching.close()
    journal.close()


def alive() -> int:
    """How many refunds are in the memory of this process."""
    gc.collect()
    return sum(isinstance(one, Refund) for one in gc.get_objects())
