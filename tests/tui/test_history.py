"""All refunds, a page at a time, and one of them with every step."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from posrefund.errors import JournalUnavailable, NoInformation
from posrefund.money import Money
from posrefund.receipt.handing_out import remember
from posrefund.receipt.printer import PrinterFault
from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.sentence import Sentence
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
            await counter.press("f5")
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
        await counter.until_says("20 Nov 12:00:00 Decided at Desk 2")
        assert counter.says("20 Nov 12:00:00 CCV has the refund.")
        await counter.press("s")
        await counter.until_on("SlipScreen")
        await counter.until_says("REFUND IN PROGRESS")
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


async def test_a_scan_finds_its_refund_and_a_key_opens_it():
    counter = a_counter()
    _fill(counter, 60)
    async with running(counter):
        await counter.press("f3")
        await counter.until_says("page 1")
        await counter.scan("PAYMENT-042")
        await counter.until_says("ends with PAYMENT-042")
        await counter.until(lambda: set(_references(counter)) == {"PAYMENT-042"})
        assert counter.name == "HistoryScreen"
        await counter.press(ENTER)
        await counter.until_on("CaseScreen")


async def test_several_words_narrow_the_list_together_and_pages_stay_narrowed():
    counter = a_counter()
    _fill(counter, 60)
    async with running(counter):
        await counter.press("f3")
        await counter.until_says("page 1")
        await counter.type("yesterday 5.00 done")
        await counter.until_says("19 Nov 2026, done, EUR 5.00 \u2014 page 1")
        await counter.press("pagedown")
        await counter.until_says("page 2")
        assert all("19 Nov" in line for line in counter.text().splitlines() if "PAYMENT" in line)
        await counter.type(" failed nothing")
        await counter.until_says("\u2014 none")


async def test_the_arrows_choose_while_the_cursor_stays_in_the_line():
    counter = a_counter()
    _fill(counter, 5)
    async with running(counter):
        await counter.press("f3")
        await counter.until_says("page 1")
        await counter.press("down", "down", "up", ENTER)
        await counter.until_on("CaseScreen")
        await counter.until_says("PAYMENT-001")


# -- a person decides --------------------------------------------------------------------------


@asynccontextmanager
async def _at_a_case_for_a_person(counter, **changes):
    at = NOON - timedelta(hours=3)
    refund = a_sent_refund(RefundState.INTENT, created_at=at, last_sent_at=at, first_sent_at=at)
    opened = counter.journal.open_case(refund, an_entry(at=at))
    moved = replace(opened, state=RefundState.ATTENTION, owner=None, **changes)
    counter.journal.record(moved, an_entry(state=RefundState.ATTENTION))
    async with running(counter):
        await counter.press("f3")
        await counter.until_says("page 1")
        await counter.press(ENTER)
        await counter.until_on("CaseScreen")
        await counter.press("x")
        await counter.until_on("ClosingScreen")
        yield counter


async def _fill_in(counter, *, down=0):
    await counter.press(*["down"] * down, "space", "tab")
    await counter.type("Anna")
    await counter.press("tab")
    await counter.type("portal line 7")


async def test_a_case_is_closed_with_name_and_evidence_after_a_second_yes():
    async with _at_a_case_for_a_person(a_counter()) as counter:
        await _fill_in(counter)
        await counter.press("f10")
        await counter.until_on("ReallyCloseScreen")
        assert counter.says("EUR 5.00 WAS given back?")
        assert counter.says("Anna: portal line 7")
        await counter.press("y")
        await counter.until(lambda: counter.only().state is RefundState.CLOSED)
        assert counter.only().closed_as == "executed"
        await counter.until_says("Anna: portal line 7")


async def test_enter_alone_closes_no_case():
    async with _at_a_case_for_a_person(a_counter()) as counter:
        await _fill_in(counter)
        await counter.press("f10")
        await counter.until_on("ReallyCloseScreen")
        await counter.press(ENTER)
        await counter.until_on("ClosingScreen")
        await counter.press(ENTER, ENTER, ENTER, ENTER)
        assert counter.name == "ClosingScreen"
        assert counter.says("The case is still open: F10 closes it.")
        assert counter.only().state is RefundState.ATTENTION


async def test_what_is_missing_is_said_and_nothing_is_asked():
    async with _at_a_case_for_a_person(a_counter()) as counter:
        await counter.press("f10")
        assert counter.says("Choose first what happened.")
        await counter.press("space", "f10")
        await counter.until_says("write your name")
        assert counter.name == "ClosingScreen"


async def test_too_early_is_said_before_the_second_question():
    async with _at_a_case_for_a_person(a_counter(), last_sent_at=NOON) as counter:
        await _fill_in(counter, down=1)
        await counter.press("f10")
        await counter.until_says("The case stays open:")
        assert not counter.says("Nothing was sent.")
        assert counter.name == "ClosingScreen"


async def test_what_ccv_says_against_it_leaves_the_case_open_and_is_said():
    counter = a_counter()
    async with _at_a_case_for_a_person(counter):
        counter.bank.on_ask = [NoInformation("CCV did not answer")] * 9
        await _fill_in(counter, down=1)
        await counter.press("f10")
        await counter.until_on("ReallyCloseScreen")
        assert counter.says("The payment may then be refunded again.")
        await counter.press("y")
        await counter.until_on("CaseScreen")
        await counter.until_says("The case stays open: CCV did not answer.")
        assert counter.only().state is RefundState.ATTENTION


async def test_a_refund_that_needs_nobody_is_not_closed():
    async with running(a_counter()) as counter:
        await counter.refund("5.00")
        await counter.press("h")
        await counter.until_on("CaseScreen")
        await counter.press("x")
        assert counter.name == "CaseScreen"


# -- slips -------------------------------------------------------------------------------------


async def test_a_slip_is_printed_and_the_refund_not_touched():
    counter = a_counter()
    printed = []
    counter.app.print_slip = lambda refund, merchant: printed.append((refund.id, merchant))
    async with running(counter):
        before = await _at_a_slip(counter)
        await counter.press("p")
        await counter.until_says("The slip was printed.")
        await counter.press("m", "p")
        await counter.until(lambda: len(printed) == 2)
        assert printed == [(before.id, False), (before.id, True)]
        assert counter.only() == before


async def test_a_printer_that_fails_is_one_sentence():
    counter = a_counter()
    fault = PrinterFault(why=Sentence("the printer is out of paper"), may_have_printed=False)
    counter.app.print_slip = lambda refund, merchant: fault
    async with running(counter):
        await _at_a_slip(counter)
        await counter.press("p")
        await counter.until_says("is as it was: the printer is out of paper.")


async def test_without_a_printer_it_is_said_what_to_do():
    async with running(a_counter()) as counter:
        refund = await _at_a_slip(counter)
        assert not counter.says("P Print")
        assert counter.says("No printer is set up")
        assert counter.says(f"posrefund slip {refund.id} --file NAME")


async def test_the_slip_covers_the_screen_below_and_has_its_own_help():
    async with running(a_counter()) as counter:
        await _at_a_slip(counter)
        assert not counter.says("Decided at Desk 2")
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        assert counter.says("Looking at it here prints nothing.")
        await counter.press("escape")
        assert counter.name == "SlipScreen"


async def test_a_slip_is_a_copy_once_it_was_handed_out_and_not_before():
    counter = a_counter()

    def printing(refund, merchant):
        remember(refund, journal=counter.journal, clock=counter.clock, merchant=merchant)

    counter.app.print_slip = printing
    async with running(counter):
        await counter.refund("5.00")
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.press("c")
        await counter.until_on("OutcomeScreen")
        await counter.press("s")
        await counter.until_on("SlipScreen")
        await counter.until_says("CUSTOMER'S SLIP")
        assert not counter.says("COPY")
        await counter.press("escape", "s")
        await counter.until_says("CUSTOMER'S SLIP")
        assert not counter.says("COPY"), "looking is not handing out"
        await counter.press("p")
        await counter.until_says("The slip was printed.")
        await counter.until_says("*** COPY ***")
        await counter.press("m")
        await counter.until_says("MERCHANT'S SLIP")
        assert not counter.says("COPY"), "the shop's own was not printed yet"


async def test_a_slip_nobody_can_vouch_for_is_a_copy():
    counter = a_counter()
    async with running(counter):
        await counter.refund("5.00")
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.press("c")
        await counter.until_on("OutcomeScreen")
        counter.journal.entries = _unreadable
        await counter.press("s")
        await counter.until_says("*** COPY ***")


async def test_an_amount_is_found_in_every_currency_of_the_journal():
    counter = a_counter()
    _fill(counter, 2)
    pounds = a_sent_refund(
        RefundState.INTENT,
        id="POUNDS0001",
        original_reference="PAYMENT-GBP",
        amount=Money(500, "GBP"),
        created_at=NOON - timedelta(minutes=30),
    )
    opened = counter.journal.open_case(pounds, an_entry(at=NOON))
    done = RefundState.SUCCEEDED
    counter.journal.record(replace(opened, state=done, owner=None), an_entry(state=done))
    async with running(counter):
        await counter.press("f3")
        await counter.until_says("page 1")
        await counter.type("5.00")
        await counter.until_says("EUR 5.00 / GBP 5.00")
        assert _references(counter) == ["PAYMENT-000", "PAYMENT-GBP", "PAYMENT-001"]
        await counter.type(" gbp")
        await counter.until(lambda: _references(counter) == ["PAYMENT-GBP"])


async def test_f5_takes_the_words_of_a_state_out_again():
    counter = a_counter()
    _fill(counter, 5)
    async with running(counter):
        await counter.press("f3")
        await counter.until_says("page 1")
        await counter.type("today not done")
        await counter.press("f5")
        assert counter.app.screen.query_one("#narrow").value == "today Not sent"


async def _at_a_slip(counter):
    await counter.refund("5.00")
    await counter.press("h")
    await counter.until_on("CaseScreen")
    await counter.press("s")
    await counter.until_on("SlipScreen")
    return counter.only()
