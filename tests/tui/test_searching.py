"""One box that takes anything, and what it refuses."""

import threading

import pytest
from textual import events

from posrefund.errors import NoInformation
from posrefund.refund.model import ProviderStatus
from posrefund.scan import cleaned, why_not_looked_up
from tests.support.builders import a_payment, a_provider_refund, eur
from tests.tui.fakes import ENTER, a_counter, running

VISA = "4111111111111111"


async def test_the_focus_is_in_the_search_box_from_the_first_frame():
    async with running(a_counter()) as counter:
        assert counter.app.focused.id == "search"


@pytest.mark.parametrize("text", [VISA, "4111 1111 1111 1111", "4111-1111-1111-1111"])
async def test_a_card_number_is_sent_nowhere_and_not_kept(text):
    async with running(a_counter()) as counter:
        await counter.scan(text)
        await counter.until_says("looks like a card number")
        assert counter.app.screen.query_one("#search").value == ""
        assert VISA[:8] not in counter.text().replace(" ", "")
        assert counter.bank.questions == 0


@pytest.mark.parametrize(
    "track", ["%B4111111111111111^DOE/JOHN^2512101000000?", ";4111111111111111=25121010000?"]
)
async def test_a_card_that_is_swiped_is_sent_nowhere_and_not_kept(track):
    async with running(a_counter()) as counter:
        await counter.scan(track)
        await counter.until_says("looks like a card number")
        assert VISA not in counter.text()
        assert counter.bank.questions == 0


@pytest.mark.parametrize("keys", [["1"], ["escape"], ["f3", "escape"], ["f1", "escape"]])
async def test_what_is_said_of_a_card_number_goes_with_the_next_key_or_screen(keys):
    async with running(a_counter()) as counter:
        await counter.scan(VISA)
        await counter.until_says("looks like a card number")
        for key in keys:
            await counter.press(key)
            await counter.pilot.pause()
        await counter.until(lambda: not counter.says("looks like a card number"))
        await counter.until_on("CounterScreen")


async def test_what_is_said_of_a_card_number_does_not_outlive_the_next_payment():
    async with running(a_counter()) as counter:
        await counter.scan(VISA)
        await counter.until_says("looks like a card number")
        await counter.find()
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        assert not counter.says("looks like a card number")


async def test_an_order_of_ours_that_looks_like_a_card_number_is_looked_up():
    async with running(a_counter(a_payment(order_reference=VISA))) as counter:
        await counter.scan(VISA)
        await counter.until_says("looks like a card number")
        await counter.find(a_payment().reference)
        await counter.press(ENTER)
        await counter.until_on("ConfirmScreen")
        await counter.press("y")
        await counter.until_on("ProgressScreen")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await counter.find(VISA)


async def test_a_scanner_that_ends_with_tab_needs_no_enter():
    async with running(a_counter()) as counter:
        await counter.scan(a_payment().reference, end="tab")
        await counter.until_on("PaymentScreen")


async def test_a_scan_is_not_spoilt_by_what_was_typed_before():
    async with running(a_counter()) as counter:
        await counter.type("10")
        await counter.scan(a_payment().reference)
        await counter.until_on("PaymentScreen")


async def test_two_quick_hands_are_no_scan():
    async with running(a_counter()) as counter:
        await counter.type("10")
        await counter.scan("01")
        await counter.until_on("PaymentScreen")


async def test_the_list_begins_at_a_payment_of_which_something_is_left():
    payments = [a_payment(), a_payment(reference="T-SECOND", amount=eur("12.00"))]
    counter = a_counter(*payments)
    counter.bank.ledger["TR9"] = a_provider_refund(
        reference="TR9", status=ProviderStatus.SUCCESS, amount=eur("49.90")
    )
    async with running(counter):
        await counter.scan("1001")
        await counter.until_on("FindingsScreen")
        await counter.press(ENTER)
        await counter.until_on("PaymentScreen")
        assert counter.says("Payment T-SECOND")


async def test_an_api_key_is_sent_nowhere():
    async with running(a_counter()) as counter:
        await counter.scan("l_AbCdEf0123456789")
        await counter.until_says("looks like an API key")
        assert counter.bank.questions == 0


async def test_an_order_with_several_payments_asks_which():
    payments = [a_payment(), a_payment(reference="T-SECOND", amount=eur("12.00"))]
    async with running(a_counter(*payments)) as counter:
        await counter.scan("1001")
        await counter.until_on("FindingsScreen")
        await counter.press("down", ENTER)
        await counter.until_on("PaymentScreen")
        assert counter.says("Payment T-SECOND")


async def test_choosing_none_leads_back_to_the_search_box():
    payments = [a_payment(), a_payment(reference="T-SECOND")]
    async with running(a_counter(*payments)) as counter:
        await counter.scan("1001")
        await counter.until_on("FindingsScreen")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        assert counter.app.focused.id == "search"


async def test_nothing_found_says_so_and_offers_the_text_for_correction():
    async with running(a_counter()) as counter:
        await counter.scan("9999")
        await counter.until_says("CCV knows no payment with this reference or order")
        assert counter.app.screen.query_one("#search").value == "9999"
        await counter.scan("1001")
        await counter.until_on("PaymentScreen")


async def test_a_question_without_an_answer_says_so():
    counter = a_counter()
    async with running(counter):
        counter.bank.on_ask.append(NoInformation("no answer came in time"))
        await counter.scan("1001")
        await counter.until_says("No answer came in time")


async def test_the_screen_lives_while_a_payment_is_looked_up():
    go_on = threading.Event()
    counter = a_counter()
    ask = counter.bank.payments_of_order

    def slowly(order_reference):
        assert go_on.wait(10)
        return ask(order_reference)

    counter.bank.payments_of_order = slowly
    async with running(counter):
        await counter.scan("1001")
        await counter.until_says("Looking up 1001")
        await counter.press("f3")
        await counter.until_on("HistoryScreen")
        go_on.set()
        await counter.until(lambda: not list(counter.app.workers))
        # Somebody has moved on; the payment does not jump in front of them.
        assert counter.name == "HistoryScreen"


async def test_only_the_last_search_is_answered():
    go_on = threading.Event()
    counter = a_counter(a_payment(), a_payment(reference="T-SECOND", order_reference="2002"))
    ask = counter.bank.payments_of_order

    def slowly(order_reference):
        if order_reference == "1001":
            assert go_on.wait(10)
        return ask(order_reference)

    counter.bank.payments_of_order = slowly
    async with running(counter):
        await counter.scan("1001")
        await counter.scan("2002")
        await counter.until_on("PaymentScreen")
        go_on.set()
        await counter.until(lambda: not list(counter.app.workers))
        assert counter.says("Payment T-SECOND")
        assert len(counter.app.screen_stack) == 2


async def test_a_scan_reaches_the_search_box_from_the_list():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await counter.press("down")
        assert counter.app.focused.id == "refunds"
        await counter.scan("1001")
        await counter.until_on("PaymentScreen")


async def test_what_there_is_to_practise_with_can_be_chosen_from_the_list():
    counter = a_counter(samples={"1001": "[b]a sale[/b] at the counter"})
    async with running(counter):
        assert counter.says("TO TRY")
        assert counter.says("1001 [b]a sale[/b] at the counter")
        await counter.press("down", ENTER)
        await counter.until_on("PaymentScreen")


async def test_a_pasted_reference_is_taken_without_its_line_ends():
    async with running(a_counter()) as counter:
        counter.app.post_message(events.Paste("1001\r\n1002\r\n"))
        await counter.pilot.pause()
        await counter.press(ENTER)
        await counter.until_on("PaymentScreen")


@pytest.mark.parametrize(
    ("scanned", "wanted", "dropped"),
    [
        ("1001", "1001", 0),
        (" 1001 ", "1001", 2),
        ("\x1d1001\x1d", "1001", 2),
        ("]C11001", "1001", 3),
        ("]Q3https", "https", 3),
        ("10\x0001", "1001", 1),
        ("10\u202e01", "1001", 1),
        ("", "", 0),
        ("\x1b\x1b", "", 2),
        ("Order 12/3", "Order 12/3", 0),
    ],
)
def test_what_scanners_wrap_around_a_code_is_taken_off(scanned, wanted, dropped):
    assert cleaned(scanned) == (wanted, dropped)


@pytest.mark.parametrize("text", ["4222222222222", VISA, "6799990100000000019", "378282246310005"])
def test_card_numbers_are_known_by_their_check_digit(text):
    assert why_not_looked_up(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "123456789012",
        "2026112100000008",
        "1000000000000008",
        "T1505181754007760.Y",
        "1001",
        "l_short",
        "41111111x11111111",
    ],
)
def test_references_and_orders_are_looked_up(text):
    assert why_not_looked_up(text) is None


async def test_a_letter_lays_no_screen_out_anew():
    """Of what a letter takes to be seen that was half, and more with many refunds open."""
    counter = a_counter()
    async with running(counter):
        await counter.type("1")
        layouts = []
        lay_out = counter.app.screen._refresh_layout
        counter.app.screen._refresh_layout = lambda *given: (layouts.append(given), lay_out(*given))
        await counter.type("001")
        await counter.pilot.pause()
        assert layouts == []


async def test_the_end_of_a_long_text_is_in_sight():
    counter = a_counter()
    async with running(counter):
        await counter.type(f"{'ab' * 60}-end")
        assert counter.says("-end")
        assert not counter.says("ab" * 60)
