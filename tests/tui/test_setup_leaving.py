"""The set-up on the screen: nothing typed is lost unasked, nothing that is wrong goes unsaid."""

import pytest

from posrefund import language
from tests.tui.setup_page import KEY, Work, opened


@pytest.mark.parametrize("key", ["escape", "ctrl+q"])
async def test_who_typed_something_is_asked_before_it_is_lost(key):
    async with opened() as page:
        await page.answer("counter", "Desk 2")
        await page.press(key)
        assert page.says("Leave the set-up?")
        await page.press("ctrl+q")
        assert len(page.app.screen_stack) == 2
        await page.pilot.pause(0.1)
        await page.press("enter")
        assert not page.app._exit
        assert page.box("counter").value == "Desk 2"
        await page.press(key)
        await page.pilot.pause(0.1)
        await page.press("y")
        await page.until(lambda: page.app._exit)
    assert page.work.kept == []


async def test_who_typed_nothing_is_not_asked():
    async with opened() as page:
        await page.press("f2", "escape")
        await page.until(lambda: page.app._exit)


async def test_nothing_is_written_while_somebody_is_about_to_leave():
    work = Work()
    work.go_on.clear()
    async with opened(work) as page:
        await page.choose("method", "none")
        await page.answer("key", KEY)
        await page.press("f10", "escape")
        assert page.says("Leave the set-up?")
        work.go_on.set()
        await page.until(lambda: work.asked)
        await page.pilot.pause(0.1)
        await page.press("enter")
        await page.until_says("CCV takes the API key")
        assert work.kept == []
        await page.press("f10")
        await page.until(lambda: page.app.is_done)


async def test_the_reason_of_a_wrong_answer_stays_while_ccv_is_asked():
    async with opened() as page:
        page.box("key").focus()
        await page.type(KEY)
        await page.press("f10")
        await page.until_says("CCV takes the API key")
        assert page.says("Terminal id: is missing; it is needed for a card terminal")
        await page.answer("terminal_id", "1234536")
        assert not page.says("is missing")


async def test_nothing_stays_in_the_language_of_before():
    async with opened() as page:
        await page.answer("key", KEY)
        await page.until_says("CCV takes the API key")
        await page.answer("terminal_id", "1 2")
        while language.current() != "fra":
            await page.press("f2")
        for english in (
            "a card terminal",
            "yes, it is attended",
            "CCV takes",
            "has a space in it; an id has none",
        ):
            assert not page.says(english)
            assert language._(english) != english or english == "CCV takes"
        button = page.box("setup-write")
        assert button.size.width >= len(str(button.label))
        await page.press("f1")
        assert page.says("F10")
