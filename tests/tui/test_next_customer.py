"""The next receipt, scanned or typed while the outcome of the last refund is on the screen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Static

from posrefund.refund.model import ProviderStatus, RefundState
from tests.support.builders import a_provider_refund, eur
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
        counter.app._rhythm.heard = lambda key, at, **more: (heard("9", at - 0.01), heard(key, at))
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


# -- where nothing is left to do, and where something still runs ----------------------------------


async def a_payment_with_nothing_left(counter):
    counter.bank.ledger["TR7"] = a_provider_refund(
        reference="TR7",
        original_reference="T-PART",
        status=ProviderStatus.SUCCESS,
        amount=eur("29.95"),
    )
    await counter.find("T-PART")
    await counter.until_says("Nothing is left of this payment")


ENDS = {
    "nothing left": a_payment_with_nothing_left,
    "not refundable": EVERY["payment_blocked"],
    "refused": EVERY["refused"],
}


@pytest.mark.parametrize("way", ENDS.values(), ids=ENDS)
async def test_a_scan_where_nothing_is_left_to_do_leads_to_the_next_payment(way):
    counter = prepared()
    async with running(counter):
        await way(counter)
        await counter.scan("T-SECOND")
        await counter.until(lambda: counter.says("Payment T-SECOND"))
        names = [type(one).__name__ for one in counter.app.screen_stack]
        assert names == ["CounterScreen", "PaymentScreen"]
    assert counter.bank.sent == []


async def test_the_keys_of_such_a_page_are_keys_still():
    counter = prepared()
    async with running(counter):
        await EVERY["refused"](counter)
        await counter.press("a")
        await counter.until_on("PaymentScreen")
        assert counter.says("Payment T-PART")


async def test_a_scan_into_a_form_is_no_next_receipt():
    counter = prepared()
    async with running(counter):
        await counter.find("T-PART")
        await counter.scan("T-SECOND")
        await counter.until_says("That came too fast to be typed")
        assert counter.says("Payment T-PART")


RUNNING = "The refund is still running; Esc leaves it running, then scan the next receipt."


@pytest.mark.parametrize("scan", ["T-SECOND", "C-SECOND", "k"])
async def test_a_scan_while_a_refund_runs_stays_and_says_so(scan):
    counter = prepared()
    async with running(counter):
        await EVERY["progress"](counter)
        await counter.scan(scan)
        await counter.until_says(RUNNING)
        assert counter.name == "ProgressScreen"


def help_of(counter):
    """Its words alone: the page behind it shows beside it."""
    return " ".join(str(one.content) for one in counter.app.screen.query(Static))


@pytest.mark.parametrize(("name", "is_so"), [("done", True), ("unknown", False), ("person", False)])
async def test_the_help_says_whether_the_next_receipt_can_be_scanned_here(name, is_so):
    counter = prepared()
    async with running(counter):
        await EVERY[name](counter)
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        said = help_of(counter)
        assert ("The next receipt can be scanned here." in said) is is_so
        assert ("press Enter first, then scan it" in said) is not is_so


async def test_the_help_of_a_closed_case_says_that_it_can():
    counter = prepared()
    async with running(counter):
        await EVERY["person"](counter)
        await closed_elsewhere(counter)
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        assert "The next receipt can be scanned here." in help_of(counter)
