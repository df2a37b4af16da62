"""Yes is Y in every language, and the letter of the language besides; a scan is neither."""

import pytest

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
async def test_the_button_shows_the_letter_of_the_language(code, shown, speak):
    speak(code)
    async with running(a_counter()) as counter:
        await _at_the_question(counter)
        assert f"({shown})" in counter.text()


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
