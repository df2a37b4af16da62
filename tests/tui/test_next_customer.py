"""The next receipt, scanned or typed while the outcome of the last refund is on the screen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund.refund.model import RefundState
from tests.tui.fakes import running
from tests.tui.screens import EVERY, prepared

OVER = ["done", "not_done", "not_sent"]


async def read(counter, name):
    """Come to an outcome, and stay long enough to have read it."""
    await EVERY[name](counter)
    counter.clock.at += timedelta(seconds=3)


async def closed_elsewhere(counter):
    """Somebody closes the case that is on the screen."""
    kept = counter.journal.get(counter.app.screen.refund.id)
    closed = replace(kept, state=RefundState.CLOSED, closed_as="executed", owner=None)
    counter.app._tell_news(counter.journal.record(closed, None))
    await counter.until(lambda: counter.app.screen.refund.state is RefundState.CLOSED)


@pytest.mark.parametrize("end", ["enter", "tab"])
@pytest.mark.parametrize("name", OVER)
async def test_a_scan_on_an_outcome_is_looked_up(name, end):
    counter = prepared()
    async with running(counter):
        await read(counter, name)
        sent = len(counter.bank.sent)
        await counter.scan("T-SECOND", end=end)
        await counter.until_on("PaymentScreen")
        assert counter.says("Payment T-SECOND")
        assert [type(one).__name__ for one in counter.app.screen_stack][-2] == "CounterScreen"
        assert len(counter.bank.sent) == sent


@pytest.mark.parametrize("scan", ["S1006.Y", "C1013.Y", "H2-17", "cccs"])
async def test_a_scan_that_begins_with_a_key_presses_no_key(scan):
    counter = prepared()
    async with running(counter):
        await read(counter, "not_done")
        questions = counter.bank.questions
        await counter.scan(scan, end="")
        await counter.until_on("CounterScreen")
        assert counter.app.screen.query_one("#search").value == scan
        assert counter.bank.questions == questions


async def test_what_was_looked_up_before_is_not_looked_up_again():
    counter = prepared()
    async with running(counter):
        await counter.find("T-PART")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await read(counter, "not_done")
        await counter.scan("T-SECOND")
        await counter.until_on("PaymentScreen")
        assert counter.says("Payment T-SECOND")


async def test_what_is_typed_goes_on_in_the_search_box():
    counter = prepared()
    async with running(counter):
        await read(counter, "not_done")
        await counter.press("2")
        await counter.until_on("CounterScreen")
        await counter.type("002")
        assert counter.app.screen.query_one("#search").value == "2002"


@pytest.mark.parametrize(("key", "screen"), [("s", "SlipScreen"), ("h", "CaseScreen")])
async def test_a_letter_that_is_a_key_still_is_one(key, screen):
    counter = prepared()
    async with running(counter):
        await read(counter, "not_done")
        await counter.press(key)
        await counter.until_on(screen)


async def test_the_end_of_a_scan_that_began_elsewhere_is_nothing():
    counter = prepared()
    async with running(counter):
        await read(counter, "not_done")
        before, heard = counter.text(), counter.app._rhythm.heard
        # As if every key came at once after another, on the screen before this one.
        counter.app._rhythm.heard = lambda key, at: (heard("9", at - 0.01), heard(key, at))
        await counter.scan("s1")
        await counter.pilot.pause(0.2)
        assert counter.text() == before


async def test_a_key_that_is_held_down_is_no_scan():
    counter = prepared()
    async with running(counter):
        await read(counter, "not_done")
        await counter.scan("yyyyyyyy")
        await counter.pilot.pause(0.2)
        assert counter.name == "OutcomeScreen"


@pytest.mark.parametrize("name", ["unknown", "person", "not_done", "not_sent"])
async def test_what_must_be_read_is_not_taken_away_by_the_next_receipt(name):
    counter = prepared()
    async with running(counter):
        await EVERY[name](counter)
        await counter.scan("T-SECOND")
        await counter.until_says("Read this first; Enter goes on to the next customer.")
        assert counter.name == "OutcomeScreen"


async def test_a_case_that_is_closed_has_been_read():
    counter = prepared()
    async with running(counter):
        await EVERY["person"](counter)
        await closed_elsewhere(counter)
        await counter.scan("T-SECOND")
        await counter.until_on("PaymentScreen")


async def test_what_the_terminal_asks_of_the_customer_is_seen_first():
    counter = prepared()
    async with running(counter):
        await EVERY["done_asks"](counter)
        await counter.scan("T-SECOND")
        await counter.until_says("First do what the terminal asks")
        assert counter.name == "OutcomeScreen"
        counter.clock.at += timedelta(seconds=7)
        await counter.scan("T-SECOND")
        await counter.until_on("PaymentScreen")


async def test_a_card_that_is_scanned_is_refused_in_sight():
    counter = prepared()
    async with running(counter):
        await read(counter, "done")
        await counter.scan("4222222222222")
        await counter.until_says("looks like a card number")


async def test_a_form_that_waits_below_is_come_back_to_and_takes_no_scan():
    counter = prepared()
    async with running(counter):
        await EVERY["payment"](counter)
        await counter.type("7")
        await counter.press("f4")
        await counter.until_on("OutcomeScreen")
        await closed_elsewhere(counter)
        await counter.scan("T-SECOND")
        await counter.until_on("PaymentScreen")
        assert counter.app.screen.query_one("#amount").value == "7"


async def test_a_scan_prints_no_slip():
    printed = []
    counter = prepared()
    counter.app.print_slip = lambda refund, merchant: printed.append(refund)
    async with running(counter):
        await EVERY["slip"](counter)
        await counter.scan("P1001")
        await counter.pilot.pause(0.2)
        assert printed == []
