"""Many refunds at once: each is followed to its end, whatever the screens do."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund.clock import SystemClock
from posrefund.errors import JournalUnavailable, NoInformation, PosrefundError, Withheld
from posrefund.following import TOGETHER, Follower
from posrefund.journal.memory import MemoryJournal
from posrefund.refund.model import ProviderStatus, Refund, RefundOrder, RefundState
from tests.refund.conftest import Desk
from tests.support.builders import a_payment, eur

PATIENCE = 10.0


class Ear:
    """Hears news and lets a test wait for it."""

    def __init__(self) -> None:
        self.news: list[Refund] = []
        self.trouble: list[PosrefundError] = []
        self._heard = threading.Condition()

    def on_news(self, refund: Refund) -> None:
        with self._heard:
            self.news.append(refund)
            self._heard.notify_all()

    def on_trouble(self, refund: Refund, error: PosrefundError) -> None:
        with self._heard:
            self.trouble.append(error)
            self._heard.notify_all()

    def wait_for(self, count: int) -> None:
        with self._heard:
            assert self._heard.wait_for(
                lambda: len(self.news) + len(self.trouble) >= count, PATIENCE
            )

    def wait_for_news(self, count: int) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.news) >= count, PATIENCE)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def follower(desk: Desk, ear: Ear) -> Iterator[Follower]:
    follower = Follower(
        service=desk.service,
        clock=desk.clock,
        on_news=ear.on_news,
        on_trouble=ear.on_trouble,
    )
    follower.start()
    yield follower
    follower.stop()


def several(desk: Desk, count: int) -> list[Refund]:
    """So many refunds that CCV has, each of a payment of its own."""
    refunds = []
    for number in range(count):
        payment = a_payment(reference=f"P{number}", order_reference=f"o{number}")
        desk.bank.payments[payment.reference] = payment
        (finding,) = desk.service.find(f"o{number}")
        decided = desk.service.intend(RefundOrder(finding=finding, amount=eur("1.00")))
        refunds.append(desk.service.send(decided))
    return refunds


def test_a_step_that_is_due_is_taken_at_once(desk: Desk, ear: Ear, follower: Follower) -> None:
    sent = desk.refund()
    desk.bank.decide("TR1", ProviderStatus.SUCCESS)

    follower.check_now(sent)
    ear.wait_for(1)

    assert [news.state for news in ear.news] == [RefundState.SUCCEEDED]


def test_several_refunds_are_followed_together(desk: Desk, ear: Ear, follower: Follower) -> None:
    refunds = several(desk, 20)
    for reference in list(desk.bank.ledger):
        desk.bank.decide(reference, ProviderStatus.SUCCESS)
    desk.clock.at += timedelta(seconds=30)

    follower.add(refunds)
    ear.wait_for(20)

    assert {news.id for news in ear.news} == {refund.id for refund in refunds}


def test_refunds_due_at_the_same_moment_share_a_question(
    desk: Desk, ear: Ear, follower: Follower
) -> None:
    refunds = several(desk, 45)
    for reference in list(desk.bank.ledger):
        desk.bank.decide(reference, ProviderStatus.SUCCESS)
    desk.clock.at += timedelta(seconds=30)
    desk.bank.questions = 0

    follower.add(refunds)
    ear.wait_for(45)

    asked = [reference for group in desk.bank.groups for reference in group]
    assert len(asked) == len(set(asked))
    assert max(map(len, desk.bank.groups)) == TOGETHER
    assert desk.bank.questions <= 45 - len(asked) + len(desk.bank.groups)


def test_a_defect_in_a_shared_question_ends_the_following_of_none(
    desk: Desk, ear: Ear, follower: Follower
) -> None:
    refunds = several(desk, 3)
    for reference in list(desk.bank.ledger):
        desk.bank.decide(reference, ProviderStatus.SUCCESS)
    desk.bank.on_ask = [ZeroDivisionError("ours")]
    desk.clock.at += timedelta(seconds=30)

    follower.add(refunds)
    ear.wait_for(1)
    for refund in refunds:
        follower.check_now(refund)
    ear.wait_for_news(3)

    assert {news.id for news in ear.news} == {refund.id for refund in refunds}


def test_what_a_shared_question_does_not_answer_is_asked_for_alone(
    desk: Desk, ear: Ear, follower: Follower
) -> None:
    refunds = several(desk, 3)
    for reference in list(desk.bank.ledger):
        desk.bank.decide(reference, ProviderStatus.SUCCESS)
    desk.bank.on_ask = [Withheld("400")]
    desk.clock.at += timedelta(seconds=30)

    follower.add(refunds)
    ear.wait_for(3)

    assert {news.id for news in ear.news} == {refund.id for refund in refunds}


class Unreadable(MemoryJournal):
    """Cannot be read so many times."""

    failures = 0

    def get(self, refund_id: str) -> Refund | None:
        if self.failures:
            self.failures -= 1
            raise JournalUnavailable("input/output error")
        return super().get(refund_id)


def test_where_the_journal_fails_too_ccv_is_left_alone_as_it_asked(ear: Ear) -> None:
    journal = Unreadable()
    desk = Desk(journal=journal)
    refunds = several(desk, 3)
    desk.clock.at += timedelta(seconds=30)
    desk.bank.on_ask = [NoInformation("busy", retry_after_seconds=3600)]
    desk.bank.questions = 0
    journal.failures = 1
    follower = Follower(
        service=desk.service, clock=desk.clock, on_news=ear.on_news, on_trouble=ear.on_trouble
    )
    follower.add(refunds)
    follower.start()
    ear.wait_for(1)
    follower.stop()

    assert [type(error) for error in ear.trouble] == [JournalUnavailable]
    assert desk.bank.questions == 1


def test_a_failing_journal_is_told_and_the_refund_is_still_followed(
    desk: Desk, ear: Ear, follower: Follower
) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [JournalUnavailable("disk full")]  # any error the service lets through
    desk.bank.decide("TR1", ProviderStatus.SUCCESS)

    follower.check_now(sent)
    ear.wait_for(1)
    assert [type(error) for error in ear.trouble] == [JournalUnavailable]
    follower.check_now(sent)
    ear.wait_for(2)

    assert ear.news[0].state is RefundState.SUCCEEDED


def test_a_defect_in_a_step_is_told_and_does_not_end_the_following(
    desk: Desk, ear: Ear, follower: Follower
) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [ZeroDivisionError("ours")]
    desk.bank.decide("TR1", ProviderStatus.SUCCESS)

    follower.check_now(sent)
    ear.wait_for(1)
    assert "ZeroDivisionError" in str(ear.trouble[0])
    follower.check_now(sent)
    ear.wait_for(2)

    assert ear.news[0].state is RefundState.SUCCEEDED


def test_stopping_does_not_wait_for_what_is_due_later(desk: Desk, ear: Ear) -> None:
    follower = Follower(
        service=desk.service,
        clock=SystemClock(),
        on_news=ear.on_news,
        on_trouble=ear.on_trouble,
    )
    follower.start()
    follower.add([replace(desk.refund(), updated_at=SystemClock().now())])

    follower.stop()

    assert ear.news == []


class SlowDesk(Desk):
    """A desk whose bank answers when it is told to."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.is_asked = threading.Event()
        self.may_answer = threading.Event()
        ask = self.bank._ask

        def slowly() -> None:
            self.is_asked.set()
            assert self.may_answer.wait(PATIENCE)
            ask()

        self.bank._ask = slowly  # type: ignore[method-assign]


def test_stopping_finishes_the_step_under_way_and_begins_no_other(
    ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    desk = SlowDesk()
    desk.may_answer.set()
    refunds = []
    for number in range(20):
        name = f"P{number}"
        desk.bank.payments[name] = a_payment(reference=name, order_reference=name)
        (finding,) = desk.service.find(name)
        decided = desk.service.intend(RefundOrder(finding=finding, amount=eur("1.00")))
        refunds.append(desk.service.send(decided))
        desk.bank.decide(f"TR{number + 1}", ProviderStatus.SUCCESS)
    desk.may_answer.clear()
    desk.is_asked.clear()
    desk.bank.questions = 0
    desk.clock.at += timedelta(seconds=30)
    follower = Follower(
        service=desk.service,
        clock=desk.clock,
        on_news=ear.on_news,
        on_trouble=ear.on_trouble,
        threads=1,
    )
    follower.start()
    follower.add(refunds[:1])
    assert desk.is_asked.wait(PATIENCE)
    follower.add(refunds[1:])

    stopping = threading.Thread(target=follower.stop)
    stopping.start()
    while not follower._asking._shutdown:
        stopping.join(0.001)
    with follower._asking._shutdown_lock:
        pass  # By now it has thrown away what waited.
    desk.may_answer.set()
    stopping.join(PATIENCE)
    follower.stop()

    assert not stopping.is_alive()
    assert [news.state for news in ear.news] == [RefundState.SUCCEEDED]
    assert (desk.bank.questions, ear.trouble, caplog.records) == (1, [], [])
