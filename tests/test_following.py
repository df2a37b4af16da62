"""Many refunds at once: each is followed to its end, whatever the screens do."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund.clock import SystemClock
from posrefund.errors import JournalUnavailable, PosrefundError
from posrefund.following import Follower
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


def test_a_step_that_is_due_is_taken_at_once(desk: Desk, ear: Ear, follower: Follower) -> None:
    sent = desk.refund()
    desk.bank.decide("TR1", ProviderStatus.SUCCESS)

    follower.check_now(sent)
    ear.wait_for(1)

    assert [news.state for news in ear.news] == [RefundState.SUCCEEDED]


def test_several_refunds_are_followed_together(desk: Desk, ear: Ear, follower: Follower) -> None:
    for number in range(20):
        desk.bank.payments[f"P{number}"] = a_payment(
            reference=f"P{number}", order_reference=f"o{number}"
        )
    orders = [desk.service.find(f"o{number}")[0] for number in range(20)]
    refunds = []
    for finding in orders:
        decided = desk.service.intend(RefundOrder(finding=finding, amount=eur("1.00")))
        refunds.append(desk.service.send(decided))
    for reference in list(desk.bank.ledger):
        desk.bank.decide(reference, ProviderStatus.SUCCESS)
    desk.clock.at += timedelta(seconds=30)

    follower.add(refunds)
    ear.wait_for(20)

    assert {news.id for news in ear.news} == {refund.id for refund in refunds}


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
