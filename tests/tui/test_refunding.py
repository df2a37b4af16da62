"""From the scan to the outcome, by keyboard."""

import threading
from random import Random

import pytest
from textual import events

from posrefund.errors import Unanswered, Unreachable
from posrefund.money import Money
from posrefund.refund.model import Payout, ProviderStatus, RefundState
from tests.support.builders import a_payment, a_provider_refund, eur
from tests.tui.fakes import ENTER, a_counter, running


async def test_a_full_refund_needs_the_keyboard_only():
    async with running(a_counter()) as counter:
        await counter.refund()
        assert counter.name == "ProgressScreen"
        assert counter.says("Please present your card at Desk 2.")
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.press("c")
        await counter.until_on("OutcomeScreen")
        assert counter.says("EUR 49.90 was given back.")
        await counter.press(ENTER)
        await counter.until_on("CounterScreen")
        await counter.until_says("Done")
    assert counter.only().amount == eur("49.90")
    assert counter.only().state is RefundState.SUCCEEDED


async def test_a_full_refund_takes_two_keys_after_the_scan():
    async with running(a_counter()) as counter:
        await counter.scan("1001")
        await counter.until_on("PaymentScreen")
        await counter.press(ENTER)
        await counter.until_on("ConfirmScreen")
        await counter.press("y")
        await counter.until(lambda: counter.bank.sent)
    assert len(counter.bank.sent) == 1


async def test_the_question_says_amount_payment_and_terminal():
    async with running(a_counter()) as counter:
        await counter.ask("19,95")
        assert counter.says("Give EUR 19.95 of payment T1505181754007760.Y back on Desk 2?")
        assert counter.app.focused.id == "no"
        assert counter.bank.sent == []


async def test_enter_never_confirms():
    async with running(a_counter()) as counter:
        await counter.ask()
        for _ in range(20):
            await counter.press(ENTER)
        for _ in range(20):
            # Held down: no time between the keys.
            await counter.pilot.press(ENTER)
    assert counter.bank.sent == []
    assert counter.journal.latest(limit=5) == []


@pytest.mark.parametrize("code", ["y-1001", "1y", "y", "yes", "\t", "1001\t"])
async def test_a_scan_into_the_question_sends_nothing(code):
    async with running(a_counter()) as counter:
        await counter.ask()
        await counter.scan(code)
        await counter.pilot.pause(0.2)
        await counter.scan(code, end="tab")
        await counter.pilot.pause(0.2)
    assert counter.bank.sent == []


async def test_pressing_y_twice_sends_one_refund():
    async with running(a_counter()) as counter:
        await counter.ask()
        await counter.press("y", "y", "y")
        await counter.until(lambda: counter.bank.sent)
        await counter.press("y", "y")
        await counter.pilot.pause(0.2)
    assert len(counter.bank.sent) == 1


async def test_yes_can_be_reached_by_tab():
    async with running(a_counter()) as counter:
        await counter.ask()
        await counter.press("tab", ENTER)
        await counter.until(lambda: counter.bank.sent)


async def test_f10_confirms_at_once():
    async with running(a_counter()) as counter:
        await counter.ask()
        await counter.press("f10")
        await counter.until(lambda: counter.bank.sent)


async def test_no_leads_back_to_the_payment():
    async with running(a_counter()) as counter:
        await counter.ask("5")
        await counter.press("n")
        await counter.until_on("PaymentScreen")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
    assert counter.journal.latest(limit=5) == []


async def test_giving_back_more_than_is_left_needs_the_amount_typed_again():
    async with running(a_counter()) as counter:
        await counter.ask("55.00")
        assert counter.says("above the EUR 49.90 that is left")
        await counter.press("y", "f10")
        await counter.pilot.pause(0.2)
        assert counter.name == "ConfirmScreen"
        await counter.press("tab")
        await counter.type("50")
        await counter.press("f10")
        assert counter.name == "ConfirmScreen"
        await counter.press("backspace", "backspace")
        await counter.type("55")
        await counter.press("f10")
        await counter.until(lambda: counter.bank.sent)
    assert counter.only().amount == eur("55.00")


async def test_a_second_equal_refund_needs_the_amount_typed_again():
    async with running(a_counter()) as counter:
        await counter.refund("5.00")
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.press("c")
        await counter.until_on("OutcomeScreen")
        await counter.press(ENTER)
        await counter.until_on("CounterScreen")
        await counter.ask("5.00")
        assert counter.says("was given back before (20/11/2026"), "when, and not only its id"
        assert counter.says("a second one needs its own")
        await counter.press("y")
        await counter.pilot.pause(0.2)
        assert len(counter.bank.sent) == 1
        await counter.press("tab")
        await counter.type("5.00")
        await counter.press("f10")
        await counter.until(lambda: len(counter.bank.sent) == 2)


async def test_more_than_ccv_allows_is_refused_before_the_question():
    async with running(a_counter()) as counter:
        await counter.find()
        await counter.type("60")
        await counter.press(ENTER)
        await counter.until_says("more than can be given back")
        assert counter.name == "PaymentScreen"


@pytest.mark.parametrize("typed", ["0", "1.000", "-5", "5.005", "abc", "1e3"])
async def test_an_amount_that_is_not_one_is_refused_with_a_sentence(typed):
    async with running(a_counter()) as counter:
        await counter.find()
        await counter.type(typed)
        await counter.press(ENTER)
        await counter.until_says("Nothing was sent.")
        assert counter.name == "PaymentScreen"


async def test_a_scan_into_the_amount_is_taken_out():
    async with running(a_counter()) as counter:
        await counter.find()
        await counter.scan("12")
        await counter.until_says("too fast to be typed")
        assert counter.app.screen.query_one("#amount").value == "49.90"
    assert counter.journal.latest(limit=5) == []


async def test_closing_the_progress_screen_does_not_stop_the_refund():
    answer_now = threading.Event()
    counter = a_counter()

    def slowly(refund):
        assert answer_now.wait(10)
        return counter.bank.carry_out(refund)

    counter.bank.on_send.append(slowly)
    async with running(counter):
        await counter.ask()
        await counter.press("y")
        await counter.until(lambda: counter.bank.sent)
        await counter.until_on("ProgressScreen")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await counter.until_says("Sending")
        answer_now.set()
        await counter.until_says("At CCV")
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.news()
        await counter.until_says("EUR 49.90 was given back. Give the customer the slip.")
    assert counter.only().state is RefundState.SUCCEEDED


async def test_an_unknown_outcome_says_do_not_start_it_again():
    counter = a_counter()

    def silence(refund):
        counter.bank.carry_out(refund)
        raise Unanswered("no answer came in time")

    counter.bank.on_send.append(silence)
    async with running(counter):
        await counter.refund()
        await counter.until_on("OutcomeScreen")
        assert counter.says("N O T K N O W N Y E T")
        assert counter.says("Do NOT start it again; it is being looked up by itself.")
        assert counter.says("no answer came in time")
        await counter.news()
        await counter.until_on("ProgressScreen")
        assert counter.says("CCV has the refund of EUR 49.90")
    assert len(counter.bank.sent) == 1


async def test_a_refund_that_could_not_leave_can_be_dropped():
    counter = a_counter()
    counter.bank.on_send.append(_raising(Unreachable("the connection was refused")))
    async with running(counter):
        await counter.ask()
        await counter.press("y")
        await counter.until(lambda: counter.bank.sent)
        await counter.until_says("Do not send")
        await counter.until(lambda: counter.only().owner is None)
        await counter.press("d")
        await counter.until_on("OutcomeScreen")
        assert counter.says("Nothing left this machine")
    assert counter.only().state is RefundState.NOT_SENT


async def test_a_decision_that_cannot_be_written_down_is_not_sent():
    counter = a_counter()
    async with running(counter):
        await counter.ask()
        counter.journal.is_shut = True
        await counter.press("y")
        await counter.until_on("RefusedScreen")
        assert counter.says("Nothing was sent, so EUR 49.90 was NOT given back.")
        assert counter.says("The disk is full")
        counter.journal.is_shut = False
        await counter.press("a")
        await counter.until_on("PaymentScreen")
    assert counter.bank.sent == []


async def test_a_journal_that_fails_before_sending_leaves_nothing_to_go_by_itself():
    counter = a_counter()
    async with running(counter):
        await counter.ask()
        counter.journal.records_until_failure = 0
        await counter.press("y")
        await counter.until_on("OutcomeScreen")
        assert counter.says("N O T S E N T")
        await counter.until_says("The disk is full")
    assert counter.bank.sent == []
    assert counter.only().state is RefundState.NOT_SENT


async def test_an_answer_that_cannot_be_written_down_does_not_say_nothing_was_sent():
    counter = a_counter()
    async with running(counter):
        await counter.ask()
        counter.journal.records_until_failure = 1
        await counter.press("y")
        await counter.until_says("could not be written down")
        assert not counter.says("Nothing was sent")
    assert counter.only().state is RefundState.SENDING


async def test_a_payment_with_an_unfinished_refund_leads_to_that_refund():
    async with running(a_counter()) as counter:
        await counter.refund("5.00")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await counter.find()
        assert counter.says("A refund of EUR 5.00 of this payment is not finished.")
        await counter.press(ENTER)
        await counter.until_on("ProgressScreen")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
    assert len(counter.bank.sent) == 1


async def test_a_rival_at_another_counter_is_followed_and_not_repeated():
    async with running(a_counter()) as counter:
        await counter.ask("5.00")
        (finding,) = counter.service.find("1001")
        order = counter.app.screen._order
        rival = counter.service.intend(order)
        assert finding.payment.reference == rival.original_reference
        await counter.press("y")
        await counter.until_on("RefusedScreen")
        await counter.press("f")
        await counter.until_on("ProgressScreen")
        assert counter.says(rival.id)
    assert counter.bank.sent == []


async def test_a_payment_that_cannot_be_refunded_says_why_and_has_no_form():
    payment = a_payment(type="authorise")
    async with running(a_counter(payment)) as counter:
        await counter.find()
        assert counter.says("this is an authorisation; refund the capture of it instead")
        await counter.press(ENTER, "f10")
        assert counter.name == "PaymentScreen"


async def test_without_a_terminal_the_payment_says_what_is_missing():
    async with running(a_counter(terminals=())) as counter:
        await counter.find()
        assert counter.says("no terminal is configured")
        await counter.press("f10")
        assert counter.name == "PaymentScreen"


async def test_another_terminal_can_be_chosen():
    async with running(a_counter()) as counter:
        await counter.find()
        await counter.press("tab", ENTER, "down", ENTER, "f10")
        await counter.until_on("ConfirmScreen")
        assert counter.says("back on Door?")


async def test_a_split_payment_asks_for_its_parts():
    parts = (
        Payout(external_reference="shop-a", amount=eur("30.00")),
        Payout(external_reference=None, amount=eur("19.90")),
    )
    async with running(a_counter(a_payment(payouts=parts))) as counter:
        await counter.find()
        await counter.type("10")
        await counter.press(ENTER)
        await counter.until_says("the parts add up to EUR 49.90, but the refund is EUR 10.00")
        form = counter.app.screen
        form.query_one("#payout-0").value = "10"
        form.query_one("#payout-1").value = ""
        await counter.press("f10")
        await counter.until_on("ConfirmScreen")
        order = counter.app.screen._order
    assert order.payouts == (Payout(external_reference="shop-a", amount=Money(1000, "EUR")),)


async def test_a_softpos_refund_can_go_without_the_card():
    payment = a_payment(method="softpos", terminal_id=None)
    async with running(a_counter(payment)) as counter:
        await counter.find()
        await counter.press("tab", "tab", ENTER, "down", ENTER, "f10")
        await counter.until_on("ConfirmScreen")
        assert counter.says("back on Manager's phone, without the customer's card?")
        assert counter.app.screen._order.card_absent


async def test_money_given_back_elsewhere_is_counted():
    counter = a_counter()
    counter.bank.ledger["TR9"] = a_provider_refund(
        reference="TR9", status=ProviderStatus.SUCCESS, amount=eur("40.00")
    )
    async with running(counter):
        await counter.find()
        assert counter.app.screen.query_one("#amount").value == "9.90"
        assert counter.says("Given back 40.00")


async def test_random_keys_never_make_a_second_refund_and_never_end_the_program():
    random = Random(20261120)  # noqa: S311
    keys = [*"ynocqldsfham0123456789.-", "enter", "enter", "escape", "tab", "up", "down", "left"]
    keys += ["f1", "f3", "f8", "f10", "pagedown", "home", "delete", "backspace", "ctrl+p", "ctrl+c"]
    async with running(a_counter()) as counter:
        await counter.ask("5.00")
        at = events.Key("a", "a").time
        for number in range(1500):
            key = random.choice(keys)
            event = events.Key(key, key if len(key) == 1 else None)
            at += random.choice([0.005, 0.2, 0.2, 0.2])
            event.time = at
            counter.app.post_message(event)
            if number % 100 == 50:
                counter.app.post_message(events.Paste("y\ny\ny\n"))
                await counter.pilot.resize_terminal(*random.choice([(1, 1), (30, 8), (80, 24)]))
            if number % 10 == 0:
                await counter.pilot.pause()
        await counter.until(lambda: not list(counter.app.workers))
        assert counter.app.is_running
        assert counter.app.return_code is None
    assert len(counter.bank.ledger) <= 1


def _raising(error):
    def fail(_):
        raise error

    return fail
