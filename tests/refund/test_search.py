"""What leads to a payment, and what must not."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund import language
from posrefund.errors import NoInformation, NotFound
from posrefund.journal.memory import MemoryJournal
from posrefund.money import Money
from posrefund.refund.model import Environment, ProviderStatus, RefundState
from posrefund.refund.search import Search, read_clue
from posrefund.speech import said
from tests.support.builders import (
    NOON,
    a_payment,
    a_provider_refund,
    a_sent_refund,
    an_entry,
    eur,
)
from tests.support.fakes import FakeBank, FrozenClock

OTHER = "T2222222222222222.Y"


@pytest.fixture(autouse=True)
def in_utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Shop:
    def __init__(self, *payments):
        self.clock = FrozenClock()
        self.bank = FakeBank(payments or [a_payment()], clock=self.clock)
        self.journal = MemoryJournal()
        self.search = Search(provider=self.bank, journal=self.journal, clock=self.clock)

    def remember(self, **changes):
        """Put a finished refund into the journal."""
        number = len(self.journal.latest(limit=99))
        named = {
            "id": f"AAAAAAAA{number:02}",
            "provider_reference": f"TREFUND{number:04}.Z",
            "order_reference": "1001",
        }
        refund = a_sent_refund(RefundState.INTENT, **(named | changes))
        opened = self.journal.open_case(refund, an_entry())
        return self.journal.record(replace(opened, state=RefundState.SUCCEEDED), None)

    def found(self, text, *, loosely=True):
        return [one.payment.reference for one in self.search.find(text, loosely=loosely)]


@pytest.mark.parametrize(
    "text", ["AAAAAAAA00", "AAA00", "TREFUND0000.Z", "fund0000", "007760", "7760.Y", "1001", "001"]
)
def test_every_name_of_a_refund_and_the_end_of_each_leads_to_its_payment(text):
    shop = Shop()
    shop.remember()
    assert shop.found(text) == ["T1505181754007760.Y"]


def test_the_end_of_a_name_leads_nowhere_where_nobody_looks_at_what_was_found():
    shop = Shop()
    shop.remember()
    with pytest.raises(NotFound):
        shop.found("007760", loosely=False)


def test_a_whole_order_beats_the_end_of_a_reference_that_we_know():
    shop = Shop(a_payment(order_reference="555"), a_payment(reference=OTHER, order_reference="760"))
    shop.remember(order_reference="555")
    assert shop.found("760") == [OTHER]


def test_an_end_that_fits_several_refunds_gives_a_list_of_their_payments():
    shop = Shop(a_payment(order_reference="1"), a_payment(reference=OTHER, order_reference="2"))
    shop.remember(order_reference="X-9001")
    shop.remember(order_reference="Y-9001", original_reference=OTHER)
    assert sorted(shop.found("9001")) == sorted(["T1505181754007760.Y", OTHER])


def test_a_refund_of_the_other_world_is_no_match():
    shop = Shop()
    shop.remember(environment=Environment.LIVE)
    with pytest.raises(NotFound):
        shop.found("TREFUND0000")


@pytest.mark.parametrize("text", ["5.00", "5,00", "\u20ac 5,00", "EUR 5.00", "12:05", "12h05 5,00"])
def test_an_amount_or_a_time_leads_to_what_was_refunded_lately(text):
    shop = Shop()
    shop.remember()
    assert shop.found(text) == ["T1505181754007760.Y"]


@pytest.mark.parametrize("text", ["5.01", "11:00", "12:05 5.01", "0.00", "25:00"])
def test_what_does_not_fit_says_that_nothing_was_found(text):
    shop = Shop()
    shop.remember()
    with pytest.raises(NotFound):
        shop.found(text)


def test_an_amount_of_long_ago_is_not_remembered():
    shop = Shop()
    shop.remember()
    shop.clock.at += timedelta(days=8)
    with pytest.raises(NotFound, match="last 7 days"):
        shop.found("5.00")


def test_midnight_is_near_the_end_of_the_day():
    shop = Shop()
    shop.remember(created_at=NOON - timedelta(minutes=11 * 60 + 55))
    assert shop.found("23:58") == ["T1505181754007760.Y"]


def test_an_order_with_an_amount_for_a_name_is_found_all_the_same():
    assert Shop(a_payment(order_reference="49.90")).found("49.90") == ["T1505181754007760.Y"]


@pytest.mark.parametrize("text", ["1001", "49.905", "4990", "T14:15", "1.000,00", ""])
def test_names_are_no_clues(text):
    assert read_clue(text) is None


# -- leading on --------------------------------------------------------------------------------


def an_authorisation(**changes):
    return a_payment(reference="T-AUTH", type="authorise", **changes)


def test_an_authorisation_leads_to_its_capture():
    shop = Shop(an_authorisation(), a_payment(reference="T-CAPTURE", type="capture"))
    assert shop.found("T-AUTH") == ["T-CAPTURE"]


def test_an_authorisation_is_never_exchanged_for_another_payment_unseen():
    shop = Shop(an_authorisation(), a_payment(reference="T-CAPTURE", type="capture"))
    assert shop.found("T-AUTH", loosely=False) == ["T-AUTH"]


def test_an_authorisation_without_a_capture_is_shown_as_it_is():
    failed = a_payment(reference="T-CAPTURE", type="capture", status=ProviderStatus.FAILED)
    assert Shop(an_authorisation(), failed).found("T-AUTH") == ["T-AUTH"]


def test_an_order_leads_to_the_one_payment_of_it_that_can_be_refunded():
    shop = Shop(
        a_payment(reference="T-FAILED", status=ProviderStatus.FAILED),
        an_authorisation(),
        a_payment(reference="T-CAPTURE", type="capture"),
    )
    assert shop.found("1001", loosely=False) == ["T-CAPTURE"]


def test_an_order_of_which_nothing_can_be_refunded_shows_all_of_it():
    shop = Shop(a_payment(reference="T-FAILED", status=ProviderStatus.FAILED), an_authorisation())
    assert shop.found("1001", loosely=False) == ["T-FAILED", "T-AUTH"]


def test_a_landing_page_and_its_child_are_one_payment():
    page = a_payment(reference="L-PAGE", method="landingpage", child_reference="I-CHILD")
    child = a_payment(reference="I-CHILD", method="ideal")
    assert Shop(page, child).found("1001") == ["I-CHILD"]
    assert Shop(page, a_payment(reference="I-CHILD", order_reference=None)).found("1001") == [
        "I-CHILD"
    ]


def test_a_refund_that_ccv_alone_knows_leads_to_its_payment():
    shop = Shop()
    shop.bank.ledger["TR7"] = a_provider_refund(reference="TR7", amount=eur("1.00"))
    assert shop.found("TR7", loosely=False) == ["T1505181754007760.Y"]


# -- what CCV has, by amount and time ------------------------------------------------------------


@pytest.mark.parametrize("text", ["49.90", "12:10", "49,90 12:10"])
def test_an_amount_or_a_time_leads_to_a_payment_that_was_never_refunded(text):
    assert Shop().found(text) == ["T1505181754007760.Y"]


@pytest.mark.parametrize("text", ["49.91", "13:00", "12:10 1.00"])
def test_what_fits_no_payment_finds_none(text):
    with pytest.raises(NotFound, match="last 7 days"):
        Shop().found(text)


def test_a_payment_that_cannot_be_refunded_is_not_offered_for_an_amount():
    with pytest.raises(NotFound):
        Shop(a_payment(type="authorise")).found("49.90")


def test_a_long_list_ends_after_ten():
    payments = [a_payment(reference=f"T{number}") for number in range(30)]
    assert len(Shop(*payments).found("49.90")) == 10


def test_a_payment_whose_currency_changes_between_looks_is_not_believed():
    shop = Shop()
    (finding,) = shop.search.find("T1505181754007760.Y")
    paid_in_dollars = replace(finding.payment, amount=Money(4990, "USD"))
    shop.remember()

    with pytest.raises(NoInformation):
        shop.search.refreshed(replace(finding, payment=paid_in_dollars))


@pytest.mark.parametrize("text", ["t1505181754007760.y", "7760.Y", "07760", "7760.y"])
def test_a_payment_nobody_refunded_is_found_by_its_end_and_in_small_letters(text):
    assert Shop().found(text) == ["T1505181754007760.Y"]


def test_three_characters_are_too_few_for_what_ccv_has():
    with pytest.raises(NotFound):
        Shop().found("60.")


def test_a_list_of_ccvs_that_is_too_long_hides_nothing_that_is_known():
    shop = Shop()
    shop.bank.payments_made = raising_no_information
    with pytest.raises(NotFound):
        shop.found("07760")


def test_where_ccv_cannot_tell_what_is_left_an_unfinished_refund_is_named():
    shop = Shop()
    shop.bank.given_back = raising_no_information
    with pytest.raises(NoInformation) as nothing_known:
        shop.found("T1505181754007760.Y")
    shop.journal.open_case(a_sent_refund(RefundState.UNKNOWN, id="OPEN"), an_entry())
    with pytest.raises(NoInformation) as one_open:
        shop.found("T1505181754007760.Y")

    assert str(nothing_known.value) == "CCV's list has no end"
    assert "not over yet (OPEN)" in str(one_open.value)


def raising_no_information(*_, **__):
    raise NoInformation("CCV's list has no end")


def test_a_whole_number_that_finds_nothing_says_how_an_amount_is_written():
    with pytest.raises(NotFound, match=r"for an amount type 75\.00"):
        Shop().found("75")
    with pytest.raises(NotFound) as no_number:
        Shop().found("75Y")
    assert "for an amount" not in str(no_number.value)
    try:
        language.use("nld")
        with pytest.raises(NotFound) as dutch:
            Shop().found("75")
        assert "typ voor een bedrag 75,00" in said(dutch.value)
    finally:
        language.use("eng")
