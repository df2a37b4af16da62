"""The samples that go wrong, from the decision to the end. The ledger is the judge of the money."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from posrefund.errors import AlreadyOpen, NoInformation
from posrefund.refund.model import RefundState
from tests.support.commands import Workplace
from tests.support.shop import Shop
from tests.support.window import Window

ENTER, YES, QUIT, ALL = "\r", "y", "\x11", "\x1bOR"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path, auto=False) as opened:
        yield opened


@pytest.mark.parametrize("amount", ["18.50", "5.00"])
def test_the_line_drops_and_it_becomes_known_by_itself(shop: Shop, amount: str) -> None:
    refund = shop.refund("1020", amount)
    assert refund.state is RefundState.UNKNOWN
    seen = [refund, *shop.service.follow(refund)]
    assert seen[-1].state is RefundState.SUCCEEDED
    took = seen[-1].updated_at - refund.updated_at
    # Long enough to be read, short enough to be waited for.
    assert timedelta(seconds=5) < took < timedelta(seconds=15)
    (paid,) = shop.ledger()
    assert (paid["amount"], paid["status"]) == (amount, "success")
    assert len({*shop.posts()}) == 1


def test_a_second_part_of_it_drops_the_line_again(shop: Shop) -> None:
    for number, amount in enumerate(("5.00", "6.00"), start=1):
        refund = shop.refund("1020", amount)
        assert refund.state is RefundState.UNKNOWN
        assert shop.finish(refund).state is RefundState.SUCCEEDED
        assert len(shop.ledger()) == number


def test_a_person_must_look_and_closes_it(shop: Shop) -> None:
    refund = shop.refund("1021", "5.00")
    assert refund.state is RefundState.ACCEPTED
    refund = shop.finish(refund)
    assert refund.state is RefundState.ATTENTION
    closed = shop.service.close(refund, executed=True, by="M. de Vries", evidence="case 4711")
    assert (closed.state, closed.money_moved) == (RefundState.CLOSED, "yes")
    (paid,) = shop.ledger()
    assert paid["status"] == "manualintervention"


def test_it_stays_not_known_and_is_never_made_twice(shop: Shop) -> None:
    refund = shop.refund("1022", "33.60")
    until = shop.clock.now() + timedelta(hours=20)
    assert list(shop.service.follow(refund, until=until)) == []
    shop.clock.wait(60)
    with pytest.raises(NoInformation):
        shop.service.check(refund)
    kept = shop.journal.get(refund.id)
    assert kept is not None
    assert (kept.state, kept.attempts) == (RefundState.UNKNOWN, 1)
    assert len(shop.ledger()) == 1
    with pytest.raises((AlreadyOpen, NoInformation)):
        shop.refund("1022", "33.60")
    assert len(shop.ledger()) == 1


def test_other_payments_do_not_suffer_from_it(shop: Shop) -> None:
    shop.refund("1022", "33.60")
    other = shop.refund("1001", "5.00")
    assert other.state is RefundState.ACCEPTED
    shop.sandbox.bank.present_card(str(other.provider_reference))
    assert shop.finish(other).state is RefundState.SUCCEEDED
    assert [line["original_reference"] for line in shop.ledger()] == ["T1022.Y", "T1001.Y"]


@pytest.mark.process
def test_the_sandbox_alone_has_the_same_samples(tmp_path: Path) -> None:
    payments = ("T1020.Y", "T1021.Y", "T1022.Y")
    with Workplace(tmp_path) as workplace:
        workplace.control("reset", {})
        asked = ("--full", "--yes", "--no-wait")
        at_once = [workplace.run("refund", one, "--id", one, *asked) for one in payments]
        workplace.control("time", {"seconds": 10})
        later = [workplace.run("status", one) for one in payments]
        made = [line["status"] for line in workplace.ledger()]
    assert [done.code for done in at_once] == [5, 6, 5]
    assert [done.code for done in later] == [0, 7, 5]
    assert made == ["success", "manualintervention", "pending"]


@pytest.mark.process
def test_a_newcomer_gives_a_part_back_and_finds_yesterday(tmp_path: Path) -> None:
    with Window("demo", TMPDIR=str(tmp_path)) as window:
        window.until("Scan or type", "PRACTICE")
        window.press(*"1001")
        window.press(ENTER)
        window.until("EUR 49.90 left")
        window.press(*"5,00")
        window.press(ENTER)
        window.until("Give EUR 5.00 of payment T1001.Y back")
        window.press(YES)
        window.until("Please present your card", "You are the customer here")
        window.press("1")
        window.until("D O N E", "EUR 5.00 was given back")
        window.press(ENTER)
        window.until("Scan or type")
        window.press(ALL)
        window.until("T1003.Y", "T1016.Y", "T1005.Y")
        window.press(*"yesterday not done")
        window.until("T1016.Y")
        window.press(ENTER)
        window.until("CCV refused; no money moved.")
        window.press(QUIT)
        assert window.wait() == 0
    assert list(tmp_path.iterdir()) == []
