"""What a cashier is shown before the yes: terminal, refunds like this one, amounts as they type."""

from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund import language
from posrefund.refund.model import Environment, Payout, ProviderStatus, RefundState
from posrefund.refund.rules import busy_with
from posrefund.tui.doubts import Likeness, similar_to
from tests.support.builders import (
    NOON,
    a_finding,
    a_payment,
    a_provider_refund,
    a_sent_refund,
    an_entry,
    eur,
)
from tests.tui.fakes import ENTER, a_counter, running

OTHER = "T2222222222222222.Y"


def remember(counter, state, **changes):
    """Put a refund of another payment into the journal; nothing asks about it."""
    wanted = {
        "original_reference": OTHER,
        "amount": eur("7.00"),
        "address": "https://elsewhere.example/api/v1",
        **changes,
    }
    opened = counter.journal.open_case(a_sent_refund(RefundState.INTENT, **wanted), an_entry())
    counter.journal.record(replace(opened, state=state, owner=None), an_entry())


@pytest.fixture
def dutch():
    language._Current.code = "nld"
    yield
    language.use("eng")


# -- terminal ----------------------------------------------------------------------------------


async def test_a_terminal_that_is_busy_says_with_what_and_what_to_do():
    counter = a_counter()
    remember(counter, RefundState.ACCEPTED)
    async with running(counter):
        await counter.find()
        await counter.until_says("Desk 2 is busy with a refund of EUR 7.00 since 12:00.")
        assert counter.says("Wait until it is over, 12:10 at the latest, or choose another")
        await counter.press("f6")
        await counter.until_says("B Door")
        assert not counter.says("is busy")
        await counter.press(ENTER)
        await counter.until_on("ConfirmScreen")
        assert counter.says("back on Door? B")


async def test_f6_goes_round_and_comes_back():
    async with running(a_counter()) as counter:
        await counter.find()
        chooser = counter.app.screen.query_one("#terminal")
        await counter.press("f6")
        assert chooser.value == "Door"
        await counter.press("f6")
        assert chooser.value == "Desk 2"


async def test_a_terminal_is_busy_for_minutes_and_not_for_hours():
    refund = a_sent_refund(RefundState.ACCEPTED)
    assert busy_with([refund], "Desk 2", now=NOON) is refund
    assert busy_with([refund], "Door", now=NOON) is None
    assert busy_with([refund], "Desk 2", now=NOON + timedelta(minutes=11)) is None
    assert busy_with([refund], "Desk 2", now=NOON - timedelta(days=30)) is None
    attention = a_sent_refund(RefundState.ATTENTION)
    assert busy_with([attention], "Desk 2", now=NOON) is None


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ((), "The customer taps the card in the CCV app of Manager's phone."),
        (("tab", "tab", ENTER, "down", ENTER), "Nobody taps a card"),
    ],
)
async def test_the_question_says_where_the_card_is_tapped(keys, words):
    payment = a_payment(method="softpos", terminal_id=None)
    async with running(a_counter(payment)) as counter:
        await counter.find()
        await counter.press(*keys, "f10")
        await counter.until_on("ConfirmScreen")
        assert counter.says(words)


# -- refunds like this one ---------------------------------------------------------------------


async def test_the_same_amount_of_another_payment_is_pointed_out_when_it_is_typed():
    counter = a_counter()
    remember(counter, RefundState.SUCCEEDED)
    async with running(counter):
        await counter.find()
        await counter.until_says("No similar refund")
        await counter.type("7")
        await counter.until_says("The same amount of another payment was given back")
        assert counter.says("ABCDEFGHIJ")


async def test_an_unfinished_refund_of_the_same_order_is_pointed_out():
    counter = a_counter()
    remember(counter, RefundState.UNKNOWN, terminal=None, order_reference="1001")
    async with running(counter):
        await counter.find()
        await counter.until_says("EUR 7.00 of this order's other payment is on its way")


async def test_refunds_of_the_other_world_are_not_like_this_one():
    counter = a_counter()
    remember(counter, RefundState.SUCCEEDED, environment=Environment.LIVE, amount=eur("49.90"))
    async with running(counter):
        await counter.find()
        await counter.until_says("No similar refund")
        await counter.pilot.pause(0.1)
        assert counter.says("No similar refund")


def test_a_refund_of_this_payment_is_more_like_it_than_any_other():
    own = a_sent_refund(RefundState.SUCCEEDED)
    other = replace(own, id="OTHERREFND", original_reference=OTHER, order_reference="1001")
    finding = a_finding(refunds=(own,))
    found = similar_to(finding, eur("5.00"), [other, own], now=NOON)
    assert (found.likeness, found.name) == (Likeness.PAYMENT, own.id)
    alone = similar_to(a_finding(), eur("5.00"), [other], now=NOON)
    assert alone.likeness is Likeness.ORDER


@pytest.mark.parametrize("state", [RefundState.FAILED, RefundState.NOT_SENT])
def test_what_moved_no_money_is_like_nothing(state):
    finding = a_finding(refunds=(a_sent_refund(state),))
    assert similar_to(finding, eur("5.00"), [], now=NOON) is None


def test_what_ccv_lists_and_we_did_not_make_counts_too():
    said = a_provider_refund(status=ProviderStatus.SUCCESS)
    found = similar_to(a_finding(given_back=(said,)), eur("9.00"), [], now=NOON)
    assert (found.name, found.is_done) == ("TR1", True)
    later = NOON + timedelta(days=31)
    assert similar_to(a_finding(given_back=(said,)), eur("9.00"), [], now=later) is None


def test_another_amount_of_the_payment_some_time_ago_is_a_plain_fact():
    said = a_provider_refund(status=ProviderStatus.SUCCESS)
    finding, later = a_finding(given_back=(said,)), NOON + timedelta(hours=1)
    assert similar_to(finding, eur("9.00"), [], now=later).is_plain
    assert similar_to(finding, None, [], now=later).is_plain
    assert not similar_to(finding, said.amount, [], now=later).is_plain
    assert not similar_to(finding, eur("9.00"), [], now=NOON + timedelta(minutes=20)).is_plain
    pending = replace(said, status=ProviderStatus.PENDING)
    assert not similar_to(a_finding(given_back=(pending,)), eur("9.00"), [], now=later).is_plain


def test_a_plain_fact_hides_no_refund_of_the_same_order():
    said = a_provider_refund(status=ProviderStatus.SUCCESS, created_at=NOON - timedelta(hours=2))
    other = a_sent_refund(
        RefundState.SUCCEEDED, original_reference=OTHER, order_reference="1001", created_at=NOON
    )
    found = similar_to(a_finding(given_back=(said,)), eur("9.00"), [other], now=NOON)
    assert (found.likeness, found.is_plain) == (Likeness.ORDER, False)


async def test_a_plain_fact_is_no_warning_until_its_amount_is_typed():
    counter = a_counter()
    counter.bank.ledger["TR1"] = a_provider_refund(
        status=ProviderStatus.SUCCESS, amount=eur("5.00"), created_at=NOON - timedelta(hours=2)
    )
    async with running(counter):
        await counter.find()
        await counter.until_says("\u2713 1 earlier refund of this payment")
        assert not counter.says("Is this one meant")
        await counter.type("5")
        await counter.until_says("! Similar refund")
        assert counter.says("EUR 5.00 of this payment was given back already (20 Nov 10:00, TR1)")


def test_several_refunds_of_the_payment_are_counted_and_the_latest_is_named():
    first = a_sent_refund(RefundState.SUCCEEDED, created_at=NOON - timedelta(hours=3))
    second = replace(first, id="SECONDREFD", created_at=NOON - timedelta(hours=1))
    failed = replace(first, id="FAILEDREFD", state=RefundState.FAILED, created_at=NOON)
    elsewhere = a_provider_refund(
        reference="TR7", status=ProviderStatus.SUCCESS, created_at=NOON - timedelta(hours=2)
    )
    finding = a_finding(refunds=(failed, second, first), given_back=(elsewhere,))
    found = similar_to(finding, eur("5.00"), [], now=NOON)
    assert (found.name, found.number) == ("SECONDREFD", 3)


async def test_the_light_says_how_many_there_are():
    counter = a_counter()
    for number in (1, 2):
        counter.bank.ledger[f"TR{number}"] = a_provider_refund(
            reference=f"TR{number}",
            status=ProviderStatus.SUCCESS,
            amount=eur("5.00"),
            created_at=NOON - timedelta(hours=number),
        )
    async with running(counter):
        await counter.find()
        await counter.until_says("\u2713 2 earlier refunds of this payment")
        await counter.type("5")
        await counter.until_says("! 2 similar refunds")
        assert counter.says("2 similar refunds; the latest: EUR 5.00 of this payment was given")
        assert counter.says("11:00, TR1)")


# -- nothing left ------------------------------------------------------------------------------


def _given_back_elsewhere(counter):
    counter.bank.ledger["TR9"] = a_provider_refund(
        reference="TR9", status=ProviderStatus.SUCCESS, amount=eur("49.90")
    )


async def test_a_payment_with_nothing_left_says_so_and_offers_no_refund():
    counter = a_counter()
    _given_back_elsewhere(counter)
    async with running(counter):
        await counter.find()
        await counter.until_says("Nothing is left of this payment: of EUR 49.90 paid")
        assert counter.says("Esc Back")
        for words in ("Enter", "Rest", "Is this one meant", "Its refunds", "Amount EUR"):
            assert not counter.says(words)
        await counter.press(ENTER, "f10")
        assert counter.name == "PaymentScreen"
        # No key of this page any more: what is typed begins the next search.
        await counter.press("h")
        await counter.until_on("CounterScreen")
        assert counter.app.screen.query_one("#search").value == "h"


async def test_a_payment_with_nothing_left_leads_to_its_refunds():
    async with running(a_counter()) as counter:
        await counter.refund()
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.press("c")
        await counter.until_on("OutcomeScreen")
        await counter.press(ENTER)
        await counter.until_on("CounterScreen")
        await counter.find()
        await counter.until_says("Nothing is left of this payment")
        await counter.press("h")
        await counter.until_on("HistoryScreen")
        await counter.until_says("ends with T1505181754007760.Y \u2014 page 1")
        assert counter.says("Done EUR 49.90")


# -- choosing ----------------------------------------------------------------------------------


async def test_a_list_to_choose_from_says_what_its_key_does_and_gives_the_focus_back():
    async with running(a_counter()) as counter:
        await counter.find()
        assert counter.says("Enter Continue")
        await counter.press("tab")
        await counter.until_says("Enter Open the list")
        assert counter.says("F10 Continue")
        await counter.press(ENTER)
        await counter.until_says("Esc Close the list")
        await counter.press("down", ENTER)
        await counter.until(lambda: counter.app.focused.id == "amount")
        assert counter.app.screen.query_one("#terminal").value == "Door"
        await counter.until_says("Enter Continue")
        await counter.press(ENTER)
        await counter.until_on("ConfirmScreen")


async def test_the_card_of_a_softpos_refund_has_a_key_of_its_own():
    payment = a_payment(method="softpos", terminal_id=None)
    async with running(a_counter(payment)) as counter:
        await counter.find()
        assert counter.says("F7 With/without card")
        await counter.press("tab", "tab", "f7")
        assert counter.says("without the customer's card")
        assert counter.app.focused.id == "amount"
        await counter.press("f7", "f7", ENTER)
        await counter.until_on("ConfirmScreen")
        assert counter.app.screen._order.card_absent


async def test_a_payment_at_a_terminal_asks_for_no_card():
    async with running(a_counter()) as counter:
        await counter.find()
        assert not counter.says("F7")
        await counter.press("f7", ENTER)
        await counter.until_on("ConfirmScreen")


# -- amount ------------------------------------------------------------------------------------


async def test_r_takes_exactly_what_is_left():
    counter = a_counter()
    counter.bank.ledger["TR9"] = a_provider_refund(
        reference="TR9", status=ProviderStatus.SUCCESS, amount=eur("40.00")
    )
    async with running(counter):
        await counter.find()
        await counter.type("3")
        await counter.press("r")
        assert counter.app.screen.query_one("#amount").value == "9.90"


async def test_a_refused_amount_is_typed_over_and_its_reason_goes():
    async with running(a_counter()) as counter:
        await counter.find()
        await counter.type("60")
        await counter.press(ENTER)
        await counter.until_says("EUR 49.90 of this payment is left, and")
        await counter.type("5")
        await counter.until(lambda: not counter.says("EUR 49.90 of this payment"))
        assert counter.app.screen.query_one("#amount").value == "5"


async def test_a_comma_is_the_point_of_other_languages(dutch):
    async with running(a_counter()) as counter:
        await counter.find()
        assert counter.app.screen.query_one("#amount").value == "49,90"
        await counter.press(ENTER)
        await counter.until_on("ConfirmScreen")
        assert counter.app.screen._order.amount == eur("49.90")


async def test_the_parts_of_a_split_payment_are_added_up_as_they_are_typed():
    parts = (
        Payout(external_reference="shop-a", amount=eur("30.00")),
        Payout(external_reference="shop-b", amount=eur("19.90")),
    )
    async with running(a_counter(a_payment(payouts=parts))) as counter:
        await counter.find()
        assert counter.says("\u2713 The parts add up to EUR 49.90.")
        await counter.type("45")
        await counter.until_says("The parts add up to EUR 49.90: 4.90 too much.")
        counter.app.screen.query_one("#payout-0").value = "20"
        await counter.until_says("The parts add up to EUR 39.90: 5.10 is missing.")


async def test_above_the_payment_the_footer_asks_for_the_amount_and_not_for_y():
    async with running(a_counter()) as counter:
        await counter.ask("55.00")
        footer = counter.text().splitlines()[-1]
        assert "Type the amount" in footer
        assert "Yes" not in footer
        await counter.press("y")
        await counter.pilot.pause(0.2)
        assert counter.name == "ConfirmScreen"
        await counter.press("tab")
        await counter.type("55")
        await counter.until(lambda: "(Y)" in counter.text())
        await counter.press("y")
        await counter.until(lambda: counter.bank.sent)


async def test_money_on_its_way_says_who_began_it():
    counter = a_counter()
    counter.bank.ledger["TR9"] = a_provider_refund(reference="TR9", amount=eur("7.00"))
    async with running(counter):
        await counter.find()
        assert counter.says("On its way 7.00 (begun elsewhere)")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await counter.refund("5.00")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await counter.find()
        assert counter.says("On its way 12.00 (5.00 begun by us, 7.00 elsewhere)")
