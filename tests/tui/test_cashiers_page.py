"""The payUrl: shown, drawn, opened, or none of that."""

from datetime import timedelta

import pytest
import zxingcpp
from rich.color import Color

from posrefund.refund.model import ProviderStatus
from tests.tui.fakes import LONG_PAY_URL, PAY_URL, a_counter, running
from tests.tui.screens import prepared, unknown

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


async def test_the_page_is_opened_by_a_key_and_said_so():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("o")
        await counter.until_says("The page was opened in a browser.")
    assert counter.opened == [PAY_URL]


async def test_where_there_is_no_browser_the_screen_says_so():
    counter = a_counter()
    counter.app._open_page = lambda _: False
    async with running(counter):
        await counter.refund()
        await counter.press("o")
        await counter.until_says("There is no browser on this machine")


async def test_the_link_is_shown_whole():
    async with running(a_counter()) as counter:
        counter.bank.pay_url = LONG_PAY_URL
        await counter.refund()
        assert LONG_PAY_URL in "".join(counter.text().split())


async def test_a_page_that_was_not_allowed_is_neither_shown_nor_opened():
    async with running(a_counter(), size=(120, 40)) as counter:
        counter.bank.pay_url = None
        await counter.refund()
        assert not counter.says("http")
        assert not counter.says("Q QR")
        assert not counter.app.screen.query_one("#progress-qr").display
        await counter.press("o", "q", "l")
        await counter.pilot.pause()
        assert counter.name == "ProgressScreen"
    assert counter.opened == []


@pytest.mark.parametrize("theme", ["counter-dark", "counter-light"])
@pytest.mark.parametrize("url", [PAY_URL, LONG_PAY_URL])
async def test_the_code_fills_a_small_screen_and_can_be_scanned(url, theme):
    async with running(a_counter()) as counter:
        counter.app.theme = theme
        counter.bank.pay_url = url
        await counter.refund()
        await counter.press("q")
        await counter.until_on("QrScreen")
        await counter.until(lambda: _codes_on(counter.app) == [url])
        assert counter.says("Esc Back")
        assert counter.says("Please present your card at Desk 2.")
        await counter.press("x")
        await counter.until_on("ProgressScreen")


async def test_the_words_give_way_to_a_code_that_needs_every_line():
    async with running(a_counter(), size=(80, 24)) as counter:
        counter.bank.pay_url = LONG_PAY_URL + "x" * 42
        await counter.refund()
        await counter.press("q")
        await counter.until_on("QrScreen")
        await counter.until(lambda: _codes_on(counter.app) == [LONG_PAY_URL + "x" * 42])
        assert not counter.says("Esc Back")


async def test_the_code_stands_beside_the_words_where_there_is_room():
    async with running(a_counter(), size=(120, 40)) as counter:
        counter.bank.pay_url = LONG_PAY_URL
        await counter.refund()
        assert _codes_on(counter.app) == [LONG_PAY_URL]
        assert counter.says("CCV's reference TR1")


async def test_a_code_that_does_not_fit_says_so_and_gives_the_link():
    async with running(a_counter(), size=(80, 24)) as counter:
        counter.bank.pay_url = LONG_PAY_URL + "x" * 200
        await counter.refund()
        await counter.press("q")
        await counter.until_on("QrScreen")
        await counter.until_says("too small for the code")
        assert counter.says("Esc Back")
        assert LONG_PAY_URL + "x" * 200 in "".join(counter.text().split())


async def test_the_code_is_gone_when_the_refund_is_over():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("q")
        await counter.until_on("QrScreen")
        counter.bank.decide("TR1", ProviderStatus.FAILED, failure_code="expired", pay_url=None)
        await counter.news()
        await counter.until_on("OutcomeScreen")
        assert counter.says("nobody presented a card in time")
        assert not counter.says("http")


async def test_the_clipboard_is_only_said_to_be_sent_to():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("l")
        await counter.until_says("The link was sent to the clipboard.")
        assert counter.app.clipboard == PAY_URL


def _codes_on(app) -> list[str]:
    """Read the screen as a phone does: pixels, and no trying of inverted colours."""
    pixels, width, height = _pixels(app)
    image = memoryview(pixels).cast("B", shape=[height, width])
    return [code.text for code in zxingcpp.read_barcodes(image, try_invert=False)]


def _pixels(app, scale: int = 4) -> tuple[bytes, int, int]:
    """Two modules a cell, painted by background and the lower half block."""
    rows: list[list[int]] = []
    for strip in app.screen._compositor.render_strips():
        upper: list[int] = []
        lower: list[int] = []
        for segment in strip:
            fore, back = _grey(segment.style.color), _grey(segment.style.bgcolor)
            for character in segment.text:
                upper.append(back)
                lower.append(fore if character == "\u2584" else back)
        rows += [upper, lower]
    wide = [bytes(grey for grey in row for _ in range(scale)) for row in rows]
    pixels = b"".join(line for line in wide for _ in range(scale))
    return pixels, len(wide[0]), len(wide) * scale


def _grey(color: Color | None) -> int:
    triplet = color.get_truecolor() if color is not None else BLACK
    return sum(triplet) // 3


async def test_after_a_minute_of_not_knowing_the_customer_gets_a_paper():
    counter = prepared()
    async with running(counter):
        await unknown(counter)
        sent = counter.app.screen.refund.first_sent_at
        counter.clock.at = sent + timedelta(seconds=59)
        counter.app.screen.show_time()
        assert counter.says("it is being looked up by itself")
        asked = counter.bank.questions
        counter.clock.at = sent + timedelta(seconds=60)
        counter.app.screen.show_time()
        await counter.until_says("do not pay it another way. Give the customer the slip (S)")
        assert counter.says("Here is a paper with the reference; please keep it.")
        assert counter.bank.questions == asked, "no answer is needed for it"
        await counter.press("s")
        await counter.until_says("This is no receipt. Please keep it: it has")
