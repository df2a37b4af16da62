"""A letter says yes only when it was pressed alone, and nothing that is tapped twice does."""

import pytest
from textual import events
from textual.keys import _character_to_key

from posrefund import language
from posrefund.refund.model import RefundState
from tests.tui.fakes import ENTER, a_counter, running
from tests.tui.screens import EVERY, prepared


@pytest.fixture
def speak():
    yield language.use
    language.use(language.SOURCE)


async def _at_the_question(counter):
    await counter.find()
    await counter.press(ENTER)
    await counter.until_on("ConfirmScreen")


# -- typed by a person, or by a slow scanner -------------------------------------------------------

QUESTIONS = ["confirm", "cancelling", "quitting", "closing_really"]
NO_ANSWER = "That was no answer, so nothing was"


async def type_slowly(counter, text, *, start=None, end=""):
    """Type a code as a slow scanner does, 0.2 seconds a key, and return when the next is due."""
    at = events.Key("a", "a").time if start is None else start
    keys = [(_character_to_key(char), char) for char in text]
    for key, character in [*keys, *([(end, None)] if end else [])]:
        event = events.Key(key, character)
        event.time = at
        counter.app.post_message(event)
        # Long enough for a letter to be taken for an answer.
        await counter.pilot.pause(0.1)
        at += 0.2
    return at


@pytest.mark.parametrize(
    ("question", "text"),
    [*((question, "T1003.Y") for question in QUESTIONS), ("confirm", "1y"), ("confirm", "jY")],
)
async def test_the_last_letter_of_what_is_typed_agrees_to_nothing(question, text):
    counter = prepared()
    async with running(counter):
        await EVERY[question](counter)
        asked, sent = counter.name, len(counter.bank.sent)
        at = await type_slowly(counter, text)
        await counter.until_says(NO_ANSWER)
        await counter.until_says("To agree, wait 2 seconds")
        assert counter.name == asked
        await type_slowly(counter, "", start=at, end="enter")
        await counter.until(lambda: counter.name != asked)
    assert len(counter.bank.sent) == sent
    assert counter.bank.cancels == []


@pytest.mark.parametrize(
    ("question", "text"), [*((question, "YT1003") for question in QUESTIONS), ("confirm", "y1")]
)
async def test_the_first_letter_of_what_is_typed_agrees_to_nothing(question, text):
    counter = prepared()
    async with running(counter):
        await EVERY[question](counter)
        settled = _settling_by_hand(counter)
        asked, sent = counter.name, len(counter.bank.sent)
        await type_slowly(counter, text[:1])
        await counter.until_says("Y \u2026")
        await type_slowly(counter, text[1:])
        await settled()
        await counter.until_says(NO_ANSWER)
        assert counter.name == asked
    assert len(counter.bank.sent) == sent
    assert counter.bank.cancels == []


@pytest.mark.parametrize("key", ["escape", "n", ENTER])
@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_no_right_after_a_yes_is_a_no(question, key):
    counter = prepared()
    async with running(counter):
        await EVERY[question](counter)
        settled = _settling_by_hand(counter)
        asked, sent = counter.name, len(counter.bank.sent)
        await type_slowly(counter, "y")
        await counter.press(key)
        await counter.until(lambda: counter.name != asked)
        await settled()
        assert counter.name != asked
    assert len(counter.bank.sent) == sent
    assert counter.bank.cancels == []


@pytest.mark.parametrize("key", ["ctrl+q", "tab", "left", "f1"])
@pytest.mark.parametrize("question", ["confirm", "cancelling"])
async def test_any_other_key_takes_a_yes_back_and_the_question_can_still_be_answered(question, key):
    counter = prepared()
    async with running(counter):
        await EVERY[question](counter)
        settled = _settling_by_hand(counter)
        asked, sent = counter.name, len(counter.bank.sent)
        await type_slowly(counter, "y")
        await counter.press(key)
        await settled()
        await counter.pilot.pause(0.1)
        assert len(counter.bank.sent) == sent
        assert counter.bank.cancels == []
        if counter.name != asked:
            await counter.press("escape")
        await counter.until_on(asked)
        await type_slowly(counter, "y")
        await settled()
        await counter.until(lambda: counter.name != asked)


async def test_a_yes_of_its_own_while_a_letter_waits_is_one_yes():
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        settled = _settling_by_hand(counter)
        await type_slowly(counter, "y")
        await counter.press("f10")
        await counter.until_on("ProgressScreen")
        await settled()
        assert counter.name == "ProgressScreen"
    assert len(counter.bank.sent) == 1


async def test_a_letter_that_is_held_is_one_yes():
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        settled = _settling_by_hand(counter)
        await type_slowly(counter, "yyy")
        await settled()
        await counter.until_on("ProgressScreen")
    assert len(counter.bank.sent) == 1


async def test_a_yes_counts_for_the_amount_that_still_stands_there():
    counter = prepared()
    async with running(counter):
        await EVERY["confirm_above"](counter)
        settled = _settling_by_hand(counter)
        await counter.press("tab")
        await counter.type("35")
        await type_slowly(counter, "y")
        await counter.press("backspace")
        await settled()
        await counter.until_says("First type the amount")
    assert counter.bank.sent == []


async def test_a_letter_does_not_wait_itself_out_of_what_was_typed_before():
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        at = await type_slowly(counter, "T1003")
        at = await type_slowly(counter, "y", start=at + 1.6)
        await type_slowly(counter, "", start=at + 0.2, end="left")
        await counter.until_says(NO_ANSWER)
        await counter.pilot.pause(0.2)
        assert counter.name == "ConfirmScreen"
    assert counter.bank.sent == []


def _settling_by_hand(counter):
    """Let a letter that says yes wait until it is told that its time is over."""
    waiting = []
    screen = counter.app.screen
    by_itself = screen.set_timer

    def set_timer(seconds, callback=None, **more):
        if seconds == counter.app._rhythm.alone_seconds:
            waiting.append(callback)
            return None
        return by_itself(seconds, callback, **more)

    screen.set_timer = set_timer

    async def settled():
        assert waiting, "nothing was waiting"
        for callback in waiting:
            callback()
        waiting.clear()
        await counter.pilot.pause()

    return settled


async def test_two_seconds_after_the_last_letter_a_yes_counts_again():
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        at = await type_slowly(counter, "T1003.")
        await type_slowly(counter, "y", start=at + 1.7)
        assert counter.name == "ConfirmScreen"
        await type_slowly(counter, "y", start=at + 1.9)
        await counter.until(lambda: counter.bank.sent)


async def test_the_rest_of_what_was_begun_before_the_question_agrees_to_nothing():
    async with running(a_counter()) as counter:
        await counter.find()
        start = events.Key("a", "a").time
        for number, key in enumerate([ENTER, "1", "0"]):
            event = events.Key(key, None)
            event.time = start + number * 0.2
            # At once: the letters come while the question is not there yet.
            counter.app.post_message(event)
        await counter.until_on("ConfirmScreen")
        await type_slowly(counter, "y", start=start + 0.6)
        await counter.pilot.pause(0.1)
        assert counter.name == "ConfirmScreen"
    assert counter.bank.sent == []


async def test_an_amount_and_a_yes_may_be_typed_at_one_beat():
    async with running(a_counter()) as counter:
        await counter.find()
        at = await type_slowly(counter, "5", end=ENTER)
        await counter.until_on("ConfirmScreen")
        await type_slowly(counter, "y", start=at)
        await counter.until(lambda: counter.bank.sent)


async def test_the_end_of_what_is_typed_does_not_press_a_yes_that_has_the_focus():
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        await counter.press("tab")
        assert counter.app.focused.id == "yes"
        await type_slowly(counter, "T1003.", end="enter")
        await counter.until_says(NO_ANSWER)
        assert counter.name == "ConfirmScreen"
        await counter.press("tab", "tab")
    assert counter.bank.sent == []


@pytest.mark.parametrize("scan", ["T1003.Y", "1003", "Y1003"])
@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_scan_into_a_question_is_not_swallowed_without_a_word(question, scan):
    counter = prepared()
    async with running(counter):
        await EVERY[question](counter)
        asked = counter.name
        await counter.scan(scan)
        await counter.until_says(NO_ANSWER)
        assert counter.name == asked


# -- tapped ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("question", "key"), [("confirm", ENTER), ("closing_really", "f10")])
@pytest.mark.parametrize("code", ["eng", "fra"])
async def test_no_key_in_the_footer_of_a_question_agrees_to_it(question, key, code, speak):
    counter = prepared()
    async with running(counter):
        await EVERY[question](counter)
        asked = counter.name
        await counter.press("escape")
        await counter.until(lambda: counter.name != asked)
        page = counter.name
        speak(code)
        columns = [0]
        while columns:
            await counter.press(key)
            await counter.until_on(asked)
            await counter.until(lambda: list(counter.app.screen.query("FooterKey")))
            keys = [one.region.x + 1 for one in counter.app.screen.query("FooterKey")]
            columns = [column for column in keys if column > columns[0]]
            for column in columns[:1]:
                await counter.pilot.click(offset=(column, 23))
                await counter.until_on(page)
    assert counter.bank.sent == []
    assert counter.journal.get("REFUND3AAA").state is RefundState.ATTENTION


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_second_tap_does_not_press_the_yes_that_came_to_be_below_it(question):
    counter = prepared()
    async with running(counter):
        counter.app._rhythm.tap_seconds = 60.0
        await EVERY[question](counter)
        asked, sent = counter.name, len(counter.bank.sent)
        yes = "#yes" if question == "confirm" else "#quit"
        await counter.pilot.click(yes)
        await counter.until_says(NO_ANSWER)
        assert counter.name == asked
        await counter.pilot.pause(0.2)  # the sentence moves the buttons
        counter.app.screen._in_front_since -= 60.0
        await counter.pilot.click(yes)
        await counter.until(lambda: counter.name != asked or counter.app._exit)
    assert len(counter.bank.sent) == sent + (question == "confirm")
