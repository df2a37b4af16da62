"""While a refund runs: its page, its cancel, its prompts, and serving the next customer."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund.errors import KeyRefused, NoInformation
from posrefund.refund.model import ProviderStatus, RefundOrder, RefundState
from posrefund.terminal.model import Method, Terminal
from tests.support.builders import a_payment, eur
from tests.tui.fakes import ENTER, PAY_URL, a_counter, running

OFFERED = {"cancel_offered": True}


def _cancellable():
    counter = a_counter()
    counter.bank.facts = OFFERED
    return counter


# -- its page --------------------------------------------------------------------------------------


async def test_the_page_is_opened_once_however_often_the_key_is_pressed():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("o", "o", "o")
        await counter.until(lambda: counter.opened)
        assert counter.opened == [PAY_URL]
        await counter.until_says("opened a moment ago")
        counter.clock.at += timedelta(seconds=11)
        await counter.press("o")
        await counter.until(lambda: len(counter.opened) > 1)


async def test_the_link_goes_to_the_clipboard_and_the_screen_says_so():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("l")
        await counter.until_says("The link was sent to the clipboard.")
        assert counter.app.clipboard == PAY_URL


# -- its end ---------------------------------------------------------------------------------------


async def test_a_cancel_that_was_asked_for_is_no_cancel_until_ccv_says_so():
    async with running(_cancellable()) as counter:
        await counter.refund()
        await counter.press("x")
        await counter.until_on("CancelScreen")
        await counter.press("y")
        await counter.until_says("waiting for CCV's word")
        assert counter.bank.cancels == ["TR1"]
        assert counter.name == "ProgressScreen"
        assert counter.only().state is RefundState.ACCEPTED
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.news()
        await counter.until_on("OutcomeScreen")
        assert counter.says("was given back"), "the customer was quicker"
        assert not counter.says("Cancel asked for")


async def test_what_ccv_cancelled_is_shown_as_not_done():
    async with running(_cancellable()) as counter:
        await counter.refund()
        await counter.press("x")
        await counter.until_on("CancelScreen")
        counter.bank.decide("TR1", ProviderStatus.FAILED, failure_code="cancelled")
        await counter.press("y")
        await counter.until_on("OutcomeScreen")
        assert counter.says("was NOT given back: it was cancelled")


async def test_enter_does_not_cancel():
    async with running(_cancellable()) as counter:
        await counter.refund()
        await counter.press("x")
        await counter.until_on("CancelScreen")
        await counter.press(ENTER)
        await counter.until_on("ProgressScreen")
        assert counter.bank.cancels == []


async def test_ccv_is_asked_to_cancel_once():
    answer_now = threading.Event()
    counter = _cancellable()
    asked = []

    def slowly(refund):
        asked.append(refund.id)
        assert answer_now.wait(10)
        return True

    counter.bank.cancel = slowly
    async with running(counter):
        await counter.refund()
        for _ in range(3):
            await counter.press("x")
            await counter.until_on("CancelScreen")
            await counter.press("y")
            await counter.until_on("ProgressScreen")
        await counter.until_says("it is NOT cancelled")
        answer_now.set()
        await counter.until_says("waiting for CCV's word")
        await counter.press("x")
        await counter.pilot.pause()
        assert counter.name == "ProgressScreen"
        assert len(asked) == 1


async def test_where_ccv_offers_no_cancel_the_stop_key_of_the_terminal_is_named():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("x")
        await counter.until_says("press STOP on the terminal")
        assert counter.name == "ProgressScreen"
        assert counter.bank.cancels == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (False, "CCV did NOT cancel it"),
        (NoInformation("no answer came in time"), "not known whether CCV cancels it"),
        (KeyRefused("CCV does not accept the API key"), "CCV was not asked to cancel it"),
    ],
)
async def test_a_cancel_that_came_to_nothing_says_so_and_may_be_tried_again(answer, said):
    counter = _cancellable()

    def no(refund):
        counter.bank.cancels.append(refund.id)
        if isinstance(answer, Exception):
            raise answer
        return answer

    counter.bank.cancel = no
    async with running(counter):
        await counter.refund()
        for number in (1, 2):
            await counter.press("x")
            await counter.until_on("CancelScreen")
            await counter.press("y")
            await counter.until_says(said)
            assert len(counter.bank.cancels) == number
        assert counter.only().state is RefundState.ACCEPTED


# -- SoftPOS ---------------------------------------------------------------------------------------


def _softpos(**terminal):
    phone = Terminal(
        name="Manager's phone", method=Method.SOFTPOS, terminal_id="SP0001", **terminal
    )
    payment = a_payment(method="softpos", terminal_id="SP0001")
    counter = a_counter(payment, terminals=[phone])
    counter.bank.pay_url = None
    return counter


async def test_a_card_is_tapped_on_the_phone_and_the_screen_says_where():
    counter = _softpos()
    counter.bank.compose = lambda order, *, description: b'{"details":{"terminalId":"SP0001"}}'
    async with running(counter):
        await counter.refund()
        assert counter.says("tapped in the CCV app on the phone below")
        assert counter.says("Manager's phone")
        assert counter.says("TR1"), "CCV's reference, by which it is found in the app"
        assert counter.says("hold your card against the phone")


async def test_without_the_card_nobody_is_told_to_present_it():
    counter = _softpos(card_present=False)
    body = b'{"details":{"terminalId":"SP0001","cardPresent":"false"}}'
    counter.bank.compose = lambda order, *, description: body
    async with running(counter):
        await counter.refund()
        assert counter.says("the customer's card is not needed")
        assert not counter.says("your card")
        await counter.press("x")
        await counter.until_says("It ends by itself")
        assert not counter.says("STOP")


async def test_where_practice_has_a_page_for_the_phone_it_is_offered_like_any_other():
    page = "http://127.0.0.1:8420/terminal/poll?reference=TR1"
    counter = a_counter(
        a_payment(method="softpos"), page_of=lambda refund: page if refund.attempts else None
    )
    counter.bank.pay_url = None
    async with running(counter):
        await counter.refund()
        assert counter.says("Practice page")
        await counter.press("o")
        await counter.until(lambda: counter.opened == [page])
        await counter.press("q")
        await counter.until_on("QrScreen")


async def test_in_a_tiny_window_everything_can_be_read():
    async with running(a_counter(), size=(40, 12)) as counter:
        await counter.refund()
        seen = counter.text()
        for _ in range(12):
            await counter.press("pagedown")
            seen += counter.text()
        for words in ("CCV has the refund", "Please present", "poll?reference", "Our id"):
            assert words in seen
        await counter.press(*["pageup"] * 12)
        assert counter.says("To the customer")


# -- prompts of the terminal -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["ask_customer_signature"], "THE CUSTOMER SIGNS THE SHOP'S SLIP"),
        (["ask_customer_identification"], "THE CUSTOMER SHOWS YOU AN IDENTITY CARD"),
        (
            ["ask_customer_signature", "ask_customer_identification"],
            "THE CUSTOMER SIGNS THE SHOP'S SLIP AND SHOWS YOU AN IDENTITY CARD",
        ),
    ],
)
async def test_what_the_terminal_asks_for_stays_six_seconds(flags, said):
    async with running(a_counter()) as counter:
        await counter.refund()
        facts = dict.fromkeys(flags, True)
        counter.bank.decide("TR1", ProviderStatus.SUCCESS, facts=facts)
        await counter.news()
        await counter.until_on("OutcomeScreen")
        assert counter.says(said)
        counter.clock.at += timedelta(seconds=5.9)
        await counter.press(ENTER, "escape")
        await counter.until_says("First do what the terminal asks")
        assert counter.name == "OutcomeScreen"
        counter.clock.at += timedelta(seconds=0.1)
        await counter.press(ENTER)
        await counter.until_on("CounterScreen")


async def test_the_shops_own_signature_is_asked_for_and_holds_nobody_up():
    async with running(a_counter()) as counter:
        await counter.refund()
        facts = {"ask_merchant_signature": True}
        counter.bank.decide("TR1", ProviderStatus.SUCCESS, facts=facts)
        await counter.news()
        await counter.until_on("OutcomeScreen")
        assert counter.says("YOU, THE CASHIER, SIGN THE SHOP'S SLIP")
        await counter.press(ENTER)
        await counter.until_on("CounterScreen")


async def test_a_prompt_of_a_refund_that_was_left_running_is_not_lost():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        facts = {"ask_customer_signature": True}
        counter.bank.decide("TR1", ProviderStatus.SUCCESS, facts=facts)
        await counter.news()
        await counter.until_says("THE CUSTOMER SIGNS THE SHOP'S SLIP")
        await counter.press("down", ENTER)
        await counter.until_on("OutcomeScreen")
        assert counter.says("THE CUSTOMER SIGNS THE SHOP'S SLIP")


# -- several at once -------------------------------------------------------------------------------


def _busy():
    payments = [
        a_payment(),
        a_payment(reference="T-2", order_reference="2002", amount=eur("12.00")),
        a_payment(reference="T-3", order_reference="3003", amount=eur("13.00")),
    ]
    terminals = [Terminal(name="Desk 2", method=Method.TERMINAL, terminal_id="1234536")]
    return a_counter(*payments, terminals=terminals)


async def test_the_line_below_tells_what_is_open_besides_and_its_key_leads_there():
    counter = _busy()
    async with running(counter):
        (finding,) = counter.service.find("T-3")
        first = counter.service.send(counter.service.intend(_order(finding, "13.00")))
        counter.app._tell_news(first)
        await counter.ask()
        await counter.press("y")
        await counter.until_on("ProgressScreen")
        await counter.until_says("F4 1 more refund is open")
        assert counter.says("EUR 13.00, At CCV")
        await counter.press("f4")
        await counter.until_says("EUR 49.90, At CCV")
        assert counter.app.screen.refund.id == first.id
        await counter.press("f4")
        await counter.until_says("EUR 13.00, At CCV")
        assert len(counter.app.screen_stack) == 2, "going round does not pile screens up"


async def test_the_most_urgent_comes_first():
    counter = _busy()
    async with running(counter):
        await counter.refund()
        latest = counter.only()
        for number, state in enumerate((RefundState.ACCEPTED, RefundState.UNKNOWN)):
            other = replace(latest, id=f"OTHER{number}AAAA", state=state, amount=eur("7.00"))
            counter.app._tell_news(other)
        await counter.until_says("2 more refunds are open: ? EUR 7.00, Not known yet")
        person = replace(latest, id="PERSONAAAA", state=RefundState.ATTENTION, version=1)
        counter.app._tell_news(person)
        await counter.until_says("3 more refunds are open: !")


async def test_an_outcome_that_was_come_to_from_another_leads_home():
    counter = _busy()
    async with running(counter):
        (finding,) = counter.service.find("T-3")
        counter.app._tell_news(counter.service.send(counter.service.intend(_order(finding, "13"))))
        await counter.ask()
        await counter.press("y")
        await counter.until_on("ProgressScreen")
        done = counter.journal.latest(limit=1)[0]
        counter.bank.decide(done.provider_reference, ProviderStatus.SUCCESS)
        await counter.press("c")
        await counter.until_on("OutcomeScreen")
        await counter.press("f4")
        await counter.until_on("ProgressScreen")
        first = counter.app.screen.refund
        counter.bank.decide(first.provider_reference, ProviderStatus.SUCCESS)
        await counter.news(first)
        await counter.until_on("OutcomeScreen")
        await counter.press(ENTER)
        await counter.until_on("CounterScreen")
        assert len(counter.app.screen_stack) == 1
        assert counter.app.focused.id == "search"


async def test_a_running_refund_that_was_come_to_from_an_outcome_is_left_to_the_counter():
    counter = _busy()
    async with running(counter):
        (finding,) = counter.service.find("T-3")
        counter.app._tell_news(counter.service.send(counter.service.intend(_order(finding, "13"))))
        await counter.ask()
        await counter.press("y")
        await counter.until_on("ProgressScreen")
        done = counter.journal.latest(limit=1)[0]
        counter.bank.decide(done.provider_reference, ProviderStatus.SUCCESS)
        await counter.press("c")
        await counter.until_on("OutcomeScreen")
        await counter.press("f4")
        await counter.until_on("ProgressScreen")
        await counter.press("escape")
        await counter.until_on("CounterScreen")


async def test_an_outcome_on_top_of_a_form_leads_back_to_the_form():
    counter = _busy()
    async with running(counter):
        await counter.refund()
        await counter.press("escape")
        await counter.find("2002")
        await counter.type("7")
        await counter.press("f4")
        await counter.until_on("ProgressScreen")
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.news()
        await counter.until_on("OutcomeScreen")
        await counter.press(ENTER)
        await counter.until_on("PaymentScreen")
        assert counter.app.screen.query_one("#amount").value == "7"


async def test_a_form_that_is_being_filled_in_is_come_back_to():
    counter = _busy()
    async with running(counter):
        await counter.refund()
        await counter.press("escape")
        await counter.find("2002")
        await counter.type("7")
        await counter.press("f4")
        await counter.until_on("ProgressScreen")
        await counter.press("escape")
        await counter.until_on("PaymentScreen")
        assert counter.app.screen.query_one("#amount").value == "7"


def _order(finding, amount):
    return RefundOrder(finding=finding, amount=eur(amount))
