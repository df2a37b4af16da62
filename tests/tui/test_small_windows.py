"""In a window that is too small for everything, what moves money is seen all the same."""

import pytest

from tests.tui.fakes import running
from tests.tui.screens import EVERY, prepared

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
