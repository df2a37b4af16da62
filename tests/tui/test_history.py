"""All refunds, a page at a time, and one of them with every step."""

from dataclasses import replace
from datetime import timedelta

from posrefund.errors import JournalUnavailable
from posrefund.refund.model import RefundState
from tests.support.builders import NOON, a_sent_refund, an_entry
from tests.tui.fakes import ENTER, a_counter, running


def _fill(counter, number):
    for one in range(number):
        at = NOON - timedelta(hours=one)
        state = RefundState.FAILED if one % 10 == 3 else RefundState.SUCCEEDED
        refund = a_sent_refund(
            RefundState.INTENT,
            id=f"REFUND{one:03d}",
            original_reference=f"PAYMENT-{one:03d}",
            created_at=at,
        )
        opened = counter.journal.open_case(refund, an_entry(at=at))
        counter.journal.record(replace(opened, state=state, owner=None), an_entry(state=state))


async def test_pages_go_back_and_forth_and_show_every_refund_once():
    counter = a_counter()
    _fill(counter, 60)
    async with running(counter):
        await counter.press("f3")
        await counter.until_on("HistoryScreen")
        await counter.until_says("page 1")
        seen = _references(counter)
        first = list(seen)
        for page in (2, 3, 4):
            await counter.press("pagedown")
            await counter.until_says(f"page {page}")
            seen += _references(counter)
        await counter.press("pagedown")
        assert counter.says("page 4")
        assert seen == [f"PAYMENT-{one:03d}" for one in range(60)]
        for page in (3, 2, 1):
            await counter.press("pageup")
            await counter.until_says(f"page {page}")
        assert _references(counter) == first


async def test_the_list_can_show_one_state_only():
    counter = a_counter()
    _fill(counter, 25)
    async with running(counter):
        await counter.press("f3")
        await counter.until_says("page 1")
        for _ in range(5):
            await counter.press("f")
        await counter.until_says("Not done \u2014 page 1")
        await counter.until(lambda: len(_references(counter)) == 3)


async def test_a_case_shows_every_step_with_its_time_and_the_slip():
    async with running(a_counter()) as counter:
        await counter.refund("5.00")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await counter.press("f3")
        await counter.until_says("page 1")
        await counter.press(ENTER)
        await counter.until_on("CaseScreen")
        await counter.until_says("20 Nov 12:00:00 intent T1 Decided at Desk 2")
        assert counter.says("20 Nov 12:00:00 accepted T4 CCV has the refund.")
        await counter.press("s")
        await counter.until_on("SlipScreen")
        assert counter.says("OPEN - NOT KNOWN YET")
        await counter.press("m")
        await counter.until_says("Request")
        await counter.press("escape", "escape", "escape")
        await counter.until_on("CounterScreen")


async def test_a_case_follows_its_refund():
    async with running(a_counter()) as counter:
        await counter.refund("5.00")
        await counter.press("h")
        await counter.until_on("CaseScreen")
        await counter.press("c")
        await counter.until_says("nothing new yet")


async def test_a_journal_that_cannot_be_read_says_so():
    counter = a_counter()
    async with running(counter):
        counter.journal.latest = _unreadable
        await counter.press("f3")
        await counter.until_says("The disk is gone")
        await counter.press("escape")
        await counter.until_on("CounterScreen")


async def test_a_journal_that_cannot_be_read_at_the_start_says_so():
    counter = a_counter()
    counter.journal.open_refunds = _unreadable
    async with running(counter):
        await counter.until_says("The disk is gone")


async def test_help_lists_the_keys_of_the_screen_below():
    async with running(a_counter()) as counter:
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        assert counter.says("F3 All refunds")
        assert counter.says("F8 Light or dark")
        await counter.press("escape", "f8")
        assert counter.app.theme == "counter-light"


def _references(counter):
    return [word for word in counter.text().split() if word.startswith("PAYMENT-")]


def _unreadable(*_, **__):
    raise JournalUnavailable("the disk is gone")
