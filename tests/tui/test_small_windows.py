"""In a window that is too small for everything, what moves money is seen all the same."""

import pytest

from posrefund import language
from posrefund.language import _
from posrefund.tui.widgets.size_note import GOOD_SIZE, LEAST_OF_A_PAGE, SizeNote
from tests.tui.fakes import running, screen_text
from tests.tui.screens import EVERY, prepared
from tests.tui.test_looks import _settled

SIZES = [(60, 20), (60, 16)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["payment", "payment_softpos", "payment_refused"])
async def test_the_amount_is_seen_where_it_is_typed(name, size):
    counter = prepared()
    async with running(counter, size=size):
        await EVERY[name](counter)
        await counter.until(lambda: not list(counter.app.workers))
        box = counter.app.screen.query_one("#amount")
        await counter.until(lambda: box.region in counter.app.screen.region)
        assert box.region.bottom <= counter.app.screen.query_one("#payment-page").region.bottom
        assert counter.says("of 29.95 left") or counter.says("of 49.90 left")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "amount"), [("confirm", "EUR 29.95"), ("confirm_above", "EUR 35.00")]
)
async def test_the_question_shows_the_amount_and_both_answers(name, amount, size):
    counter = prepared()
    async with running(counter, size=size):
        await EVERY[name](counter)
        assert counter.says(f"Give {amount} of payment T-PART back")
        assert counter.says("No, go back")
        assert counter.says("Yes, give it back")
        for button in counter.app.screen.query("Button"):
            assert button.region in counter.app.screen.region


async def test_an_amount_that_was_in_sight_stays_there_when_the_window_shrinks():
    counter = prepared()
    async with running(counter):
        await EVERY["payment"](counter)
        await counter.pilot.resize_terminal(60, 16)
        await counter.until_says("of 29.95 left")


# -- too small, in words ---------------------------------------------------------------------------

PAGES = ["counter", "payment", "payment_blocked", "progress", "unknown", "done", "history", "case"]


@pytest.mark.parametrize("code", language.LANGUAGES)
@pytest.mark.parametrize("size", [(79, 24), (60, 20), (60, 16), (80, LEAST_OF_A_PAGE.height - 1)])
async def test_a_window_that_is_too_small_says_so_and_how_large_it_should_be(size, code):
    language.use(code)
    async with running(prepared(), size=size) as counter:
        width, height = size
        now, wanted = f"{width}x{height}", "80x24"
        text = _("This window is too small ({now}); make it {wanted} or larger.")
        assert text.format(now=now, wanted=wanted) in screen_text(counter.app), "on one line"


@pytest.mark.parametrize("name", PAGES)
async def test_every_page_says_it(name):
    counter = prepared()
    async with running(counter):
        await EVERY[name](counter)
        await counter.pilot.resize_terminal(60, 20)
        await counter.until_says("This window is too small (60x20)")


@pytest.mark.parametrize("size", [(80, 24), LEAST_OF_A_PAGE, (120, 40)])
async def test_a_window_that_is_large_enough_says_nothing_of_it(size):
    counter = prepared()
    async with running(counter, size=size):
        await EVERY["payment"](counter)
        assert not counter.says("too small")


async def test_it_follows_the_window_and_the_language():
    counter = prepared()
    async with running(counter):
        await EVERY["payment"](counter)
        await counter.pilot.resize_terminal(60, 20)
        await counter.until_says("too small (60x20)")
        counter.app.action_next_language()
        await counter.until_says("zu klein (60x20)")
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await counter.until_says("zu klein (60x20)")
        await counter.pilot.resize_terminal(*GOOD_SIZE)
        await counter.until(lambda: not counter.says("zu klein"))


@pytest.mark.parametrize("size", [(60, 20), (60, 16)])
@pytest.mark.parametrize(
    ("name", "money"),
    [
        ("progress", "CCV has the refund of EUR 29.95 and has not decided yet."),
        ("unknown", "We do not know yet whether CCV has this refund of EUR 29.95."),
        ("done", "EUR 29.95 was given back."),
        ("not_done", "EUR 25.00 was NOT given back: the card was refused."),
        ("not_sent", "Nothing left this machine, so EUR 35.00 was NOT given back."),
        ("person", "It is not certain whether EUR 45.00 was given back."),
    ],
)
async def test_what_became_of_the_money_is_whole_beside_it(name, money, size):
    counter = prepared()
    async with running(counter):
        await EVERY[name](counter)
        await counter.pilot.resize_terminal(*size)
        await counter.until_says("too small")
        await _settled(counter)
        assert counter.says(money)


@pytest.mark.parametrize(
    "name", ["confirm", "confirm_above", "closing", "quitting", "help", "slip"]
)
async def test_a_dialog_that_is_cut_off_says_so_itself(name):
    counter = prepared()
    async with running(counter):
        await EVERY[name](counter)
        await counter.pilot.resize_terminal(60, 16)
        await _settled(counter)
        dialog = counter.app.screen.query_one(SizeNote)
        assert not dialog.display, "this is still enough for a question"
        await counter.pilot.resize_terminal(50, 14)
        await counter.until(lambda: counter.text().startswith(" Window too small; it should be"))


async def test_in_a_narrow_window_the_question_comes_before_the_size():
    counter = prepared()
    async with running(counter):
        await EVERY["confirm"](counter)
        await counter.pilot.resize_terminal(40, 12)
        await counter.until_says("Window too small; it should be 80x24.")
        assert counter.says("Give EUR 29.95 of payment T-PART back on Desk 2?")
        assert counter.says("No, go back")


@pytest.mark.parametrize("key", ["y", "f10"])
async def test_a_yes_counts_only_where_the_whole_question_can_be_read(key):
    counter = prepared()
    async with running(counter):
        await EVERY["confirm"](counter)
        await counter.pilot.resize_terminal(30, 8)
        await counter.until_says("Window too small")
        await counter.press(key)
        await counter.pilot.pause(0.2)
        assert counter.name == "ConfirmScreen"
        await counter.pilot.resize_terminal(80, 24)
        await counter.until_says("the window is too small to read the whole question")
        assert counter.bank.sent == []
        await counter.press(key)
        await counter.until_on("ProgressScreen")
