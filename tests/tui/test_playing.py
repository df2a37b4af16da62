"""In practice the cashier plays the customer too; in a shop nothing of it exists."""

import threading

import pytest

from posrefund import language
from posrefund.language import _
from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.terminal.model import Method, Terminal
from posrefund.tui.playing import Part
from posrefund.tui.screens.progress import YOU_PLAY
from tests.support.builders import a_payment
from tests.tui.fakes import a_counter, running, screen_text

DEMO_PAGE = "http://127.0.0.1:43210/terminal/poll?reference=T1001.Y-R1"


class Customer:
    """Keeps what it was made to do; what comes of it is up to the bank."""

    def __init__(self):
        self.played = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.then = lambda: None

    def __call__(self, refund, part):
        assert self.go_on.wait(20)
        self.played.append((refund.provider_reference, part))
        self.then()


@pytest.fixture
def customer():
    return Customer()


def _softpos(customer, body):
    phone = Terminal(name="Manager's phone", method=Method.SOFTPOS, terminal_id="SP0001")
    payment = a_payment(method="softpos", terminal_id="SP0001")
    counter = a_counter(payment, terminals=[phone], play=customer)
    counter.bank.pay_url = None
    counter.bank.compose = lambda order, *, description: body
    return counter


@pytest.mark.parametrize(
    ("key", "part"), [("1", Part.PRESENTS), ("2", Part.IS_DECLINED), ("3", Part.CANCELS)]
)
async def test_each_key_plays_its_part(key, part, customer):
    async with running(a_counter(play=customer)) as counter:
        await counter.refund()
        assert counter.says(YOU_PLAY)
        await counter.press(key)
        await counter.until(lambda: customer.played)
    assert customer.played == [("TR1", part)]


async def test_what_came_of_it_is_looked_up_at_once(customer):
    counter = a_counter(play=customer)
    customer.then = lambda: counter.bank.decide("TR1", ProviderStatus.SUCCESS)
    async with running(counter):
        await counter.refund()
        await counter.press("1")
        await counter.until_on("OutcomeScreen")
        assert counter.says("was given back")
        assert not counter.says(YOU_PLAY)


async def test_in_a_shop_there_is_neither_a_key_nor_a_word_of_it():
    async with running(a_counter()) as counter:
        await counter.refund()
        assert not counter.says("You are the customer")
        assert not {"1", "2", "3"} & set(counter.app.screen.active_bindings)
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        assert not counter.says("As the customer")


async def test_in_practice_the_help_has_the_keys(customer):
    async with running(a_counter(play=customer)) as counter:
        await counter.refund()
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        assert counter.says("As the customer: present the card")


async def test_a_scan_plays_nobody(customer):
    async with running(a_counter(play=customer)) as counter:
        await counter.refund()
        await counter.scan("1001")
        await counter.press("2")
        await counter.until(lambda: customer.played)
    assert customer.played == [("TR1", Part.IS_DECLINED)], "only the key of a person"


async def test_keys_work_while_the_customer_takes_their_time(customer):
    customer.go_on.clear()
    async with running(a_counter(play=customer)) as counter:
        await counter.refund()
        await counter.press("1")
        await counter.until(lambda: any(not one.is_finished for one in counter.app.workers))
        await counter.press("h")
        await counter.until_on("CaseScreen")
        assert customer.played == []
        customer.go_on.set()
        await counter.until(lambda: customer.played)


async def test_nobody_is_played_before_ccv_has_the_refund(customer):
    answer_now = threading.Event()
    counter = a_counter(play=customer)

    def slowly(refund):
        assert answer_now.wait(20)
        return counter.bank.carry_out(refund)

    counter.bank.on_send.append(slowly)
    async with running(counter):
        await counter.ask()
        await counter.press("y")
        await counter.until_on("ProgressScreen")
        assert counter.only().state is RefundState.SENDING
        assert not counter.says(YOU_PLAY)
        assert "1" not in counter.app.screen.active_bindings
        answer_now.set()
        await counter.until_says(YOU_PLAY)


async def test_a_card_is_tapped_on_a_phone_that_is_not_there(customer):
    counter = _softpos(customer, b'{"details":{"terminalId":"SP0001"}}')
    async with running(counter):
        await counter.refund()
        assert counter.says(YOU_PLAY)
        await counter.press("1")
        await counter.until(lambda: customer.played)


async def test_without_a_card_there_is_nobody_to_play(customer):
    counter = _softpos(customer, b'{"details":{"cardPresent":"false"}}')
    async with running(counter):
        await counter.refund()
        assert counter.says("the customer's card is not needed")
        assert not counter.says("You are the customer")
        assert not {"1", "2", "3"} & set(counter.app.screen.active_bindings)


@pytest.mark.parametrize("code", language.LANGUAGES)
@pytest.mark.parametrize("method", ["terminal", "softpos"])
async def test_the_line_fits_on_one_line_beside_everything_else(method, code, customer):
    if method == "softpos":
        counter = _softpos(customer, b'{"details":{"terminalId":"SP0001"}}')
    else:
        counter = a_counter(play=customer)
    counter.app._board.page_of = lambda refund: DEMO_PAGE
    counter.bank.pay_url = DEMO_PAGE if method == "terminal" else None
    language.use(code)
    async with running(counter):
        await counter.refund()
        await counter.until_says(DEMO_PAGE)
        shown = screen_text(counter.app)
        assert _(YOU_PLAY) in shown, "on one line"
        assert counter.only().id in shown, "the last of the facts is in sight"
