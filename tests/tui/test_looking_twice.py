"""What a cashier is shown before the yes: terminal, refunds like this one, amounts as they type."""

from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund import language
from posrefund.refund.model import Environment, Payout, ProviderStatus, RefundState
from posrefund.tui.doubts import Likeness, busy_with, similar_to
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
        assert counter.says("Wait until it is over, or choose another terminal with F6.")
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
    later = NOON + timedelta(days=4)
    assert similar_to(a_finding(given_back=(said,)), eur("9.00"), [], now=later) is None


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
        await counter.until_says("at most EUR 49.90 is left")
        await counter.type("5")
        await counter.until(lambda: not counter.says("at most EUR 49.90"))
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
        await counter.until(lambda: "Y Yes" in counter.text().splitlines()[-1])
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
