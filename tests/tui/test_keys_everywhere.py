"""Keys that mean the same on every screen."""

import pytest

from posrefund import language
from tests.tui.fakes import a_counter, running
from tests.tui.screens import EVERY, prepared


@pytest.fixture
def speak():
    yield language.use
    language.use(language.SOURCE)


async def test_the_most_urgent_open_refund_is_a_key_away_from_a_list_of_payments():
    counter = prepared()
    async with running(counter):
        await EVERY["findings"](counter)
        await counter.press("f4")
        await counter.until_on("OutcomeScreen")
        assert counter.says("EUR 45.00")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
    assert counter.bank.sent == []


async def test_where_nothing_is_open_that_key_leaves_the_list_alone():
    counter = a_counter(*(counter_payments()))
    async with running(counter):
        await counter.scan("1001")
        await counter.until_on("FindingsScreen")
        await counter.press("f4")
        await counter.pilot.pause(0.1)
        assert counter.name == "FindingsScreen"


def counter_payments():
    return list(prepared().bank.payments.values())


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("eng", "Ctrl+Q ends the program."),
        ("nld", "Ctrl+Q sluit het programma af."),
        ("deu", "Ctrl+Q beendet das Programm."),
        ("fra", "Ctrl+Q quitte le programme."),
    ],
)
async def test_the_key_that_ends_other_programs_says_which_key_ends_this_one(code, said, speak):
    speak(code)
    counter = prepared()
    async with running(counter):
        await EVERY["done"](counter)
        await counter.press("ctrl+c")
        await counter.until_says(said)
        assert not counter.says("Do you want to quit?")


async def test_in_a_kiosk_it_says_nothing():
    counter = a_counter(kiosk=True)
    async with running(counter):
        await counter.refund()
        await counter.press("ctrl+c")
        await counter.pilot.pause(0.1)
        assert not counter.says("Ctrl+Q")
