"""Closing a case: what somebody must say, what is said to them, and that all of it is seen."""

import pytest

from tests.tui.fakes import ENTER, running
from tests.tui.screens import EVERY, prepared

BUTTONS = ("Back", "Close the case (F10)")


async def _fill(counter, name, evidence):
    await counter.press("space", "tab")
    await counter.type(name)
    await counter.press("tab")
    await counter.type(evidence)
    await counter.press("f10")


@pytest.mark.parametrize(
    ("name", "evidence", "said"),
    [
        ("J", "portal line 7", "write your name"),
        ("12", "portal line 7", "write your name"),
        ("Jo", "k", "write what proves it"),
        ("Jo", "     k", "write what proves it"),
    ],
)
async def test_a_letter_is_neither_a_name_nor_a_proof(name, evidence, said):
    counter = prepared()
    async with running(counter):
        await EVERY["closing"](counter)
        await _fill(counter, name, evidence)
        await counter.until_says("The case stays open:")
        assert counter.says(said)
        assert counter.name == "ClosingScreen"


async def test_a_refusal_says_that_the_case_stays_open_and_hides_no_button():
    counter = prepared()
    async with running(counter):
        await EVERY["closing"](counter)
        await counter.press("down")
        await _fill(counter, "Jo", "line 7")
        await counter.until_says("The case stays open:")
        assert not counter.says("Nothing was sent")
        assert all(map(counter.says, BUTTONS))


async def test_what_was_said_goes_when_something_was_changed():
    counter = prepared()
    async with running(counter):
        await EVERY["closing"](counter)
        await counter.press("f10")
        await counter.until_says("Choose first what happened.")
        await counter.press("space")
        await counter.until(lambda: not counter.says("Choose first what happened."))
        await counter.press("f10")
        await counter.until_says("write your name")
        await counter.press("tab")
        await counter.type("J")
        await counter.until(lambda: not counter.says("write your name"))


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_the_buttons_are_there_in_a_small_window_too(size):
    counter = prepared()
    async with running(counter, size=size):
        await EVERY["closing"](counter)
        await _fill(counter, "Jo", "k")
        await counter.until_says("The case stays open:")
        assert all(map(counter.says, BUTTONS))


# -- after the question ----------------------------------------------------------------------------


def _typed(counter):
    form = counter.app.screen
    chosen = form.query_one("#closing-what").pressed_button
    boxes = [form.query_one(f"#closing-{name}").value for name in ("by", "evidence")]
    return [chosen.id if chosen else None, *boxes]


async def _back_from_the_question(counter):
    await counter.until_on("ReallyCloseScreen")
    await counter.press(ENTER)
    await counter.until_on("ClosingScreen")


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
@pytest.mark.parametrize("focus", ["closing-evidence", "back", "close"])
async def test_enters_at_the_question_and_after_it_lose_nothing_that_was_typed(focus, size):
    counter = prepared()
    async with running(counter, size=size):
        await EVERY["closing"](counter)
        await _fill(counter, "Jo", "portal line 7")
        await _back_from_the_question(counter)
        counter.app.screen.query_one(f"#{focus}").focus()
        await counter.press("f10")
        await _back_from_the_question(counter)
        await counter.press(ENTER, ENTER, ENTER)
        assert counter.name == "ClosingScreen"
        assert _typed(counter) == ["executed", "Jo", "portal line 7"]
        assert counter.says("The case is still open: F10 closes it.")
        assert all(map(counter.says, BUTTONS))


async def test_what_was_typed_is_gone_on_with_after_the_question():
    counter = prepared()
    async with running(counter):
        await EVERY["closing"](counter)
        await _fill(counter, "Jo", "portal line 7")
        await _back_from_the_question(counter)
        await counter.type("1")
        assert _typed(counter) == ["executed", "Jo", "portal line 71"]
        await counter.press("shift+tab")
        await counter.type("e")
        assert _typed(counter) == ["executed", "Joe", "portal line 71"]


async def test_esc_and_the_button_still_leave_the_form():
    counter = prepared()
    async with running(counter):
        await EVERY["closing"](counter)
        await _fill(counter, "Jo", "portal line 7")
        await _back_from_the_question(counter)
        await counter.press("tab", ENTER)
        await counter.until_on("CaseScreen")
        await counter.press("x")
        await counter.until_on("ClosingScreen")
        await counter.press("escape")
        await counter.until_on("CaseScreen")
