"""Yes is Y in every language, and the letter of the language besides; a scan is neither."""

import pytest
from textual import events
from textual.keys import _character_to_key

from posrefund import language
from tests.support.builders import a_payment
from tests.tui.fakes import ENTER, a_counter, running
from tests.tui.screens import EVERY, prepared

LETTERS = [("nld", "j"), ("deu", "j"), ("fra", "o"), ("nld", "J"), ("eng", "y"), ("fra", "y")]


@pytest.fixture
def speak():
    yield language.use
    language.use(language.SOURCE)


async def _at_the_question(counter):
    await counter.find()
    await counter.press(ENTER)
    await counter.until_on("ConfirmScreen")


@pytest.mark.parametrize(("code", "letter"), LETTERS)
async def test_the_letter_of_the_language_gives_the_money_back(code, letter, speak):
    speak(code)
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        await counter.press(letter)
        await counter.until(lambda: counter.bank.sent)
    assert len(counter.bank.sent) == 1


@pytest.mark.parametrize(
    ("code", "letter"), [("eng", "j"), ("eng", "o"), ("nld", "o"), ("deu", "o"), ("fra", "j")]
)
async def test_the_letter_of_another_language_gives_nothing_back(code, letter, speak):
    speak(code)
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        await counter.press(letter)
        await counter.pilot.pause(0.2)
        assert counter.name == "ConfirmScreen"
    assert counter.bank.sent == []


@pytest.mark.parametrize(("code", "scan"), [("nld", "j-1001"), ("fra", "o1001"), ("deu", "1j")])
async def test_a_scan_with_that_letter_gives_nothing_back(code, scan, speak):
    speak(code)
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        await counter.scan(scan)
        await counter.pilot.pause(0.2)
        await counter.scan(scan[:1])
        await counter.pilot.pause(0.2)
    assert counter.bank.sent == []


async def test_that_letter_counts_only_once_the_amount_was_typed(speak):
    speak("nld")
    async with running(a_counter()) as counter:
        await counter.find()
        await counter.type("55.00")
        await counter.press(ENTER)
        await counter.until_on("ConfirmScreen")
        await counter.press("j", "tab", "j")
        await counter.pilot.pause(0.2)
        assert counter.name == "ConfirmScreen"
        await counter.type("55,00")
        await counter.press("j")
        await counter.until(lambda: counter.bank.sent)


@pytest.mark.parametrize(("code", "shown"), [("nld", "J"), ("fra", "O"), ("eng", "Y")])
async def test_button_and_footer_show_the_letter_of_the_language(code, shown, speak):
    speak(code)
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        assert f"({shown})" in counter.text()
        assert f" {shown} " in counter.text().splitlines()[-1]


@pytest.mark.parametrize(("code", "letter"), [("nld", "j"), ("fra", "o"), ("deu", "y")])
async def test_other_questions_take_it_too(code, letter, speak):
    speak(code)
    counter = prepared()
    async with running(counter):
        await EVERY["cancelling"](counter)
        await counter.press(letter)
        await counter.until_on("ProgressScreen")
        await counter.until(lambda: counter.bank.cancels)


@pytest.mark.parametrize(
    ("code", "scan"), [("fra", "ORDER-1001"), ("nld", "J1001-22"), ("eng", "Y1")]
)
@pytest.mark.parametrize("question", ["cancelling", "quitting", "closing_really"])
async def test_a_scan_answers_no_other_question_either(question, code, scan, speak):
    speak(code)
    counter = prepared()
    async with running(counter):
        await EVERY[question](counter)
        asked = counter.name
        await counter.scan(scan)
        await counter.pilot.pause(0.2)
        assert counter.name == asked
    assert counter.bank.cancels == []


async def test_other_questions_take_no_other_letter(speak):
    speak("deu")
    counter = prepared()
    async with running(counter):
        await EVERY["quitting"](counter)
        await counter.press("o")
        await counter.pilot.pause(0.1)
        assert counter.name == "QuitScreen"


async def test_a_yes_before_the_amount_was_typed_says_what_is_missing():
    counter = prepared()
    async with running(counter):
        await EVERY["confirm_above"](counter)
        assert not counter.says("Yes, give it back (Y)")
        await counter.press("y")
        await counter.until_says("First type the amount, 35.00")
        await counter.press("f10", "tab", "y")
        assert counter.name == "ConfirmScreen"
        await counter.type("35")
        await counter.until_says("Yes, give it back (Y)")
        assert not counter.says("First type the amount")
        await counter.press("y")
        await counter.until(lambda: counter.bank.sent)


async def test_after_a_no_it_is_said_that_nothing_was_sent():
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        await counter.press(ENTER)
        await counter.until_on("PaymentScreen")
        await counter.until_says("Nothing was sent.")
        await counter.type("5")
        await counter.until(lambda: not counter.says("Nothing was sent."))
    assert counter.bank.sent == []


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


@pytest.mark.parametrize("text", ["T1003.Y", "1y", "jY"])
@pytest.mark.parametrize("question", QUESTIONS)
async def test_the_last_letter_of_what_is_typed_agrees_to_nothing(question, text):
    counter = prepared()
    async with running(counter):
        await EVERY[question](counter)
        asked, sent = counter.name, len(counter.bank.sent)
        at = await type_slowly(counter, text)
        await counter.until_says(NO_ANSWER)
        await counter.until_says("To agree, press Y alone.")
        assert counter.name == asked
        await type_slowly(counter, "", start=at, end="enter")
        await counter.until(lambda: counter.name != asked)
    assert len(counter.bank.sent) == sent
    assert counter.bank.cancels == []


@pytest.mark.parametrize("text", ["YT1003", "y1"])
@pytest.mark.parametrize("question", QUESTIONS)
async def test_the_first_letter_of_what_is_typed_agrees_to_nothing(question, text):
    counter = prepared()
    async with running(counter):
        await EVERY[question](counter)
        counter.app._rhythm.alone_seconds = 1.0  # so that a busy machine is no slower than a person
        asked, sent, screen = counter.name, len(counter.bank.sent), counter.app.screen
        await type_slowly(counter, text[:1])
        await counter.until_says("Y \u2026")
        await type_slowly(counter, text[1:])
        await counter.until(lambda: not screen._is_settling)
        await counter.until_says(NO_ANSWER)
        assert counter.name == asked
    assert len(counter.bank.sent) == sent
    assert counter.bank.cancels == []


async def test_the_letter_and_then_enter_out_of_habit_is_a_yes():
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        counter.app._rhythm.alone_seconds = 1.0
        await type_slowly(counter, "y", end=ENTER)
        assert counter.name == "ConfirmScreen"
        assert counter.bank.sent == []
        await counter.until(lambda: counter.bank.sent)


@pytest.mark.parametrize("key", ["escape", "n"])
async def test_a_no_right_after_a_yes_is_a_no(key):
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        counter.app._rhythm.alone_seconds = 1.0
        await type_slowly(counter, "y")
        await counter.press(key)
        await counter.until_on("PaymentScreen")
        await counter.until_says("Nothing was sent.")
    assert counter.bank.sent == []


async def test_a_yes_counts_for_the_amount_that_still_stands_there():
    counter = prepared()
    async with running(counter):
        await EVERY["confirm_above"](counter)
        await counter.press("tab")
        await counter.type("35")
        counter.app._rhythm.alone_seconds = 1.0
        screen = counter.app.screen
        await type_slowly(counter, "y")
        await counter.press("backspace")
        await counter.until(lambda: not screen._is_settling)
        await counter.until_says("First type the amount")
    assert counter.bank.sent == []


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


# -- in the box where the amount is typed again ----------------------------------------------------


async def test_enter_in_the_box_says_what_is_next_and_the_footer_promises_nothing_else():
    counter = prepared()
    async with running(counter):
        await EVERY["confirm_above"](counter)
        assert "Enter No, go back" in counter.text().splitlines()[-1]
        await counter.press("tab")
        await counter.until(lambda: "Esc No, go back" in counter.text().splitlines()[-1])
        await counter.press(ENTER)
        await counter.until_says("First type the amount, 35.00")
        await counter.type("35")
        await counter.press(ENTER)
        await counter.until_says("Nothing was sent yet. To agree, press Y.")
        assert counter.name == "ConfirmScreen"
    assert counter.bank.sent == []


# -- what to think of besides ----------------------------------------------------------------------

LIKE_IT = "of this order's other payment"


def _with_a_similar_refund():
    first = a_payment(reference="T-ONE", order_reference="1015")
    second = a_payment(reference="T-TWO", order_reference="1015")
    return a_counter(first, second)


async def _at_the_second_question(counter, amount=""):
    await counter.find("T-ONE")
    await counter.press(ENTER)
    await counter.until_on("ConfirmScreen")
    await counter.press("y")
    await counter.until_on("ProgressScreen")
    await counter.press("escape")
    await counter.until_on("CounterScreen")
    await counter.find("T-TWO")
    await counter.until_says(LIKE_IT)
    await counter.press("f6")
    await counter.type(amount)
    await counter.press(ENTER)
    await counter.until_on("ConfirmScreen")


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
@pytest.mark.parametrize("amount", ["", "55"])
async def test_the_question_repeats_what_the_payment_warns_of(amount, size):
    async with running(_with_a_similar_refund()) as counter:
        await _at_the_second_question(counter, amount)
        await counter.pilot.resize_terminal(*size)
        await counter.pilot.pause(0.1)
        if size == (80, 24):
            assert counter.says(LIKE_IT)
            assert counter.says("Is this one meant, and not that one again?")
        assert counter.says("of payment T-TWO back")
        assert counter.says("No, go back")
        assert counter.says("Yes, give it back")
        for button in counter.app.screen.query("Button"):
            assert button.region in counter.app.screen.region


@pytest.mark.parametrize("code", language.LANGUAGES)
@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
@pytest.mark.parametrize("question", ["confirm", "confirm_above"])
async def test_both_answers_stay_in_sight_beside_all_that_is_said(question, size, code, speak):
    # The way to the question is read in English; a dialog is drawn in the language it opens in.
    counter = prepared()
    async with running(counter):
        await EVERY["payment"](counter)
        speak(code)
        if question == "confirm_above":
            await counter.type("35")
        await counter.press(ENTER)
        await counter.until_on("ConfirmScreen")
        await counter.pilot.resize_terminal(*size)
        await counter.press("k")
        await counter.until(lambda: str(counter.app.screen.query_one("#confirm-note").content))
        await counter.pilot.pause(0.1)
        dialog = counter.app.screen.query_one(".dialog").region
        for name in ("#confirm-sentence", "#confirm-note", "#no", "#yes"):
            assert counter.app.screen.query_one(name).region in dialog, name
