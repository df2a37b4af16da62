"""What is said of printing stands in sight, however long the slip is."""

import pytest

from posrefund import language
from posrefund.language import _
from posrefund.receipt.printer import PrinterFault
from posrefund.refund.model import ProviderStatus
from posrefund.sentence import Sentence
from tests.tui.fakes import running
from tests.tui.screens import EVERY, prepared

SIZES = [(80, 24), (60, 20)]
LONG = Sentence("the printer is out of paper, or its lid is open, or nobody has switched it on")


async def _at_the_shops_slip(counter, size):
    """Longer than the window, as CCV's receipt for the shop makes it."""
    await EVERY["progress"](counter)
    receipt = ["FIRST LINE", *[f"LINE {number}" for number in range(20)], "LAST LINE"]
    facts = {"merchant_receipt": receipt, "customer_receipt": receipt}
    counter.bank.decide("TR2", ProviderStatus.SUCCESS, facts=facts)
    await counter.press("c")
    await counter.until_on("OutcomeScreen")
    await counter.press("s")
    await counter.until_on("SlipScreen")
    await counter.press("m")
    await counter.pilot.resize_terminal(*size)
    await counter.until_says("FIRST LINE")
    assert not counter.says("LAST LINE")


def _is_whole(counter):
    """Is the note where the window shows it, and not behind the keys?"""
    note = counter.app.screen.query_one("#slip-note")
    footer = counter.app.screen.query_one("Footer")
    return note.region in counter.app.screen.region and note.region.bottom <= footer.region.y


@pytest.mark.parametrize("size", SIZES)
async def test_what_became_of_printing_is_seen_below_a_long_slip(size):
    counter = prepared()
    counter.app.print_slip = lambda refund, merchant: None
    async with running(counter):
        await _at_the_shops_slip(counter, size)
        await counter.press("p")
        await counter.until_says("The slip was printed.")
        assert _is_whole(counter)


@pytest.mark.parametrize("size", SIZES)
async def test_that_practice_prints_nothing_is_seen_below_a_long_slip(size):
    counter = prepared(mode="PRACTICE")
    counter.app.is_kept = False
    counter.app.print_slip = lambda refund, merchant: None
    async with running(counter):
        await _at_the_shops_slip(counter, size)
        assert counter.says("This is practice: P prints nothing on paper.")
        await counter.press("p")
        await counter.until_says("nothing comes out of a printer.")
        assert counter.says("It counts as printed: the next one says COPY.")
        assert _is_whole(counter)


@pytest.mark.parametrize("code", language.LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_the_fault_of_a_printer_is_seen_below_a_long_slip(size, code):
    counter = prepared()
    fault = PrinterFault(why=LONG, may_have_printed=False)
    counter.app.print_slip = lambda refund, merchant: fault
    async with running(counter):
        await _at_the_shops_slip(counter, size)
        language.use(code)
        await counter.press("p")
        sentence = _("The slip was not printed, and the refund is as it was: {why}.")
        await counter.until_says(sentence.format(why=LONG.template))
        assert _is_whole(counter)


@pytest.mark.parametrize("size", SIZES)
async def test_what_to_do_without_a_printer_is_seen_below_a_long_slip(size):
    counter = prepared()
    async with running(counter):
        await _at_the_shops_slip(counter, size)
        (refund,) = counter.journal.latest(limit=1)
        assert counter.says(f"posrefund slip {refund.id} --file NAME")
        assert _is_whole(counter)


@pytest.mark.parametrize("size", SIZES)
async def test_the_slip_can_be_read_to_its_end_above_the_note(size):
    async with running(prepared()) as counter:
        await _at_the_shops_slip(counter, size)
        await counter.press("end")
        await counter.until_says("LAST LINE")
        assert _is_whole(counter)
        await counter.press("home")
        await counter.until_says("FIRST LINE")
