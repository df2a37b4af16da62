"""The set-up on the screen: every answer checked as it comes, nothing written before that."""

import threading
from types import SimpleNamespace

import pytest
from rich.pretty import pretty_repr
from textual.message_pump import MessagePump
from textual.widgets import Input

from posrefund import language
from posrefund.credentials import KeySource
from posrefund.errors import ConfigWrong, KeyRefused, Misused, NoInformation
from posrefund.settings.answers import usable
from posrefund.tui.screens.setup_boxes import KeyBox, Line
from posrefund.tui.setup import SetupApp
from posrefund.tui.themes import DARK, LIGHT
from tests.tui.fakes import screen_text
from tests.tui.setup_page import KEY, SECRET, USUAL, Work, opened
from tests.tui.test_looks import _cut_keys, _pale


async def test_what_was_answered_is_kept_as_the_file_will_have_it():
    async with opened() as page:
        await page.fill_in()
        await page.answer("counter", "Desk 2")
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    ((answers, key),) = page.work.kept
    assert key == KEY
    assert page.work.asked == [(USUAL, KEY)], "CCV is asked once about the same words"
    settings = usable(answers, page.work.file)
    (terminal,) = settings.terminals
    assert (settings.counter, settings.language, terminal.name) == ("Desk 2", "eng", "Desk 2")
    assert (terminal.terminal_id, terminal.management_system_id) == ("1234536", "000103030")
    assert (terminal.operating_environment, terminal.merchant_language) == ("ATTENDED", "ENG")


async def test_an_unattended_terminal_has_no_language():
    async with opened() as page:
        await page.fill_in()
        await page.choose("operating_environment", "SEMI_UNATTENDED")
        assert "merchant_language" not in page.shown
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    (terminal,) = page.work.kept[0][0]["terminals"]
    assert terminal["operating_environment"] == "SEMI_UNATTENDED"
    assert "merchant_language" not in terminal


@pytest.mark.parametrize("number", ["SP0001", ""])
async def test_a_phone_is_asked_for_its_id_alone(number):
    async with opened() as page:
        await page.choose("method", "softpos")
        assert page.shown[-2:] == ["name", "softpos_id"]
        await page.answer("key", KEY)
        await page.answer("name", "Phone")
        await page.answer("softpos_id", number)
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    (terminal,) = page.work.kept[0][0]["terminals"]
    assert terminal == {"name": "Phone", "method": "softpos"} | (
        {"terminal_id": number} if number else {}
    )


async def test_a_terminal_may_come_later():
    async with opened() as page:
        await page.choose("method", "none")
        assert page.shown[-1] == "method"
        await page.answer("key", KEY)
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    assert "terminals" not in page.work.kept[0][0]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("base_url", "http://x.example/", "plain http is only for this machine"),
        ("base_url", "", "CCV's address: is empty"),
        ("key", "no key", "contains a space"),
        ("key", "t_your_key", "is a placeholder"),
        ("counter", "x" * 41, "is longer than 40 characters"),
        ("terminal_id", "", "Terminal id: is missing; it is needed for a card terminal"),
        ("terminal_id", "0001 03030", "has a space in it"),
        ("management_system_id", "0001 03030", "has a space in it"),
        ("management_system_id", "9" * 51, "is longer than 50"),
        ("merchant_language", "12", "must be three letters"),
    ],
)
async def test_what_cannot_be_used_is_said_at_once_and_not_left(name, text, why):
    async with opened() as page:
        await page.answer(name, text)
        assert page.says(why)
        assert page.app.focused is page.box(name)
        assert page.work.asked == []
        await page.press("f10")
        assert page.work.kept == []


async def test_an_empty_question_that_is_passed_by_is_no_mistake():
    async with opened() as page:
        page.box("terminal_id").focus()
        await page.press("tab", "tab")
        assert not page.says("is empty")
        await page.press("f10")
        assert page.says("the API key is empty")
        assert page.app.focused is page.box("key")


async def test_a_key_ccv_does_not_take_is_not_kept():
    work = Work()
    work.errors = [KeyRefused("CCV does not accept the API key"), None]
    async with opened(work) as page:
        await page.answer("terminal_id", "1")
        await page.answer("management_system_id", "1")
        await page.answer("key", KEY)
        await page.until_says("does not accept the API key")
        assert work.kept == []
        await page.answer("key", f"{KEY}x")
        await page.until_says("CCV takes the API key (test: no real money).")
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    assert work.kept[0][1] == f"{KEY}x"


async def test_where_ccv_cannot_be_asked_somebody_says_so_twice():
    work = Work()
    work.errors = [NoInformation("nobody is there"), NoInformation("nobody is there"), None]
    async with opened(work) as page:
        await page.answer("terminal_id", "1")
        await page.answer("management_system_id", "1")
        await page.answer("key", KEY)
        await page.until_says("(nobody is there)")
        await page.press("f10")
        await page.until_says("press F10 once more")
        assert work.kept == []
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    assert len(work.asked) == 2


async def test_another_address_is_another_question():
    async with opened() as page:
        await page.fill_in()
        await page.answer("base_url", "http://127.0.0.1:1/api")
        await page.until(lambda: len(page.work.asked) == 2)
        await page.until_says("CCV takes the API key")
    assert [address for address, _key in page.work.asked] == [USUAL, "http://127.0.0.1:1/api"]


async def test_an_answer_about_other_words_is_not_believed():
    work = Work()
    work.go_on.clear()
    async with opened(work) as page:
        await page.answer("key", KEY)
        await page.until_says("Asking CCV")
        box = page.box("key")
        box.focus()
        await page.type("x")
        work.go_on.set()
        await page.until(lambda: work.asked)
        await page.pilot.pause(0.05)
        assert not page.says("CCV takes the API key")


async def test_who_leaves_does_not_wait_for_ccv():
    work = Work()
    work.go_on.clear()
    async with opened(work) as page:
        await page.answer("key", KEY)
        await page.until_says("Asking CCV")
        await page.press("escape", "y")
        await page.until(lambda: page.app._exit)
    assert not page.app.is_done
    assert work.kept == []
    work.go_on.set()


async def test_what_cannot_be_written_is_said_and_can_be_tried_again():
    work = Work()
    async with opened(work) as page:
        await page.fill_in()
        work.errors = [Misused("there is a configuration already"), None]
        await page.press("f10")
        await page.until_says("there is a configuration already")
        assert not page.app.is_done
        work.errors = [ConfigWrong("the disk is full")]
        await page.press("f10")
        await page.until_says("the disk is full")
        await page.press("escape")
        await page.until_says("Not all of it could be written")
        await page.press("n")
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    assert len(work.kept) == 1


async def test_a_key_that_is_there_already_need_not_be_typed():
    async with opened(Work(known=KEY, source=KeySource.FILE)) as page:
        assert page.says("empty: the one from POSREFUND_API_KEY")
        await page.choose("method", "none")
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    assert page.work.kept[0][1] is None


@pytest.mark.parametrize("source", [KeySource.VARIABLE, KeySource.CREDENTIAL])
@pytest.mark.parametrize(("prefix", "kind"), [("l_", "live: real money"), ("t_", "no real money")])
async def test_beside_a_key_that_is_handed_over_none_can_be_typed(source, prefix, kind):
    async with opened(Work(known=f"{prefix}{SECRET}", source=source)) as page:
        assert page.says("from POSREFUND_API_KEY")
        assert page.says(kind)
        assert not page.app.screen.query(KeyBox)
        await page.choose("method", "none")
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    assert page.work.kept[0][1] is None


async def test_a_key_that_is_handed_over_and_cannot_be_used_is_said_at_once():
    async with opened(Work(known="")) as page:
        assert page.says("POSREFUND_API_KEY is empty")
        await page.choose("method", "none")
        await page.press("f10")
        await page.until(lambda: page.app.screen.query_one(".bad"))
        assert page.work.kept == []


@pytest.mark.parametrize(
    ("name", "why"),
    [("terminal_id", "Terminal id: is missing"), ("counter", "Name of this counter: is empty")],
)
async def test_an_answer_that_is_emptied_while_ccv_is_asked_is_not_written(name, why):
    work = Work()
    async with opened(work) as page:
        await page.fill_in()
        await page.answer("base_url", "http://127.0.0.1:1/api")
        work.go_on.clear()
        await page.answer("base_url", USUAL)
        await page.press("f10")
        page.box(name).value = ""
        await page.pilot.pause()
        work.go_on.set()
        await page.until_says(why)
        assert work.kept == []
        await page.answer(name, "7")
        await page.press("f10")
        await page.until(lambda: page.app.is_done)
    assert "7" in str(work.kept[0][0])


async def test_an_address_that_was_changed_while_ccv_was_asked_is_asked_about_itself():
    work = Work()
    async with opened(work) as page:
        await page.answer("terminal_id", "1")
        await page.answer("management_system_id", "1")
        work.go_on.clear()
        await page.answer("key", KEY)
        await page.press("f10")
        box = page.box("base_url")
        with box.prevent(Input.Changed):  # as if its news were still on the way
            box.value = "http://127.0.0.1:1/api"
        work.go_on.set()
        await page.until(lambda: page.app.is_done)
    assert work.asked[-1] == ("http://127.0.0.1:1/api", KEY)
    assert work.kept[0][0]["provider"] == {"base_url": "http://127.0.0.1:1/api"}


async def test_a_live_key_says_that_the_money_is_real():
    async with opened() as page:
        await page.answer("key", KEY.replace("t_", "l_"))
        await page.until_says("live: real money")


@pytest.mark.parametrize("keys", [["enter"] * 15, ["tab", "enter"] * 12, ["down"] * 15])
async def test_no_habit_of_the_fingers_writes_anything(keys):
    async with opened() as page:
        await page.press(*keys)
        assert not page.work.kept
        assert not page.app._exit


async def test_the_key_is_nowhere_to_be_read(monkeypatch):
    told = []
    post = MessagePump.post_message

    def overheard(pump, message):
        told.append(f"{message!r} {pretty_repr(message)} {vars(message)}")
        return post(pump, message)

    monkeypatch.setattr(MessagePump, "post_message", overheard)
    async with opened() as page:
        box = page.box("key")
        box.focus()
        await page.type(KEY)
        await page.press("enter")
        await page.until_says("CCV takes the API key")
        box.focus()
        await page.press("shift+home", "ctrl+c", "ctrl+x", "tab")
        assert box.value == KEY, "what is looked for was there"
        assert page.app.clipboard == ""
        shown = [
            screen_text(page.app),
            page.app.export_screenshot(),
            pretty_repr(page.app.tree),
            *(pretty_repr(one) for one in [page.app, *page.app.screen.walk_children()]),
            *(thread.name for thread in threading.enumerate()),
        ]
    assert len(told) > len(KEY)
    assert not any(SECRET in text for text in [*shown, *told])


async def test_the_key_is_not_kept_on_the_page_that_was_left():
    async with opened() as page:
        await page.answer("key", KEY)
        box = page.box("key")
        await page.press("escape", "y")
        await page.until(lambda: page.app._exit)
    assert box.value == ""


def test_a_defect_ends_it_without_a_value(capsys):
    work = Work()
    work.ask_ccv = lambda settings, key: 1 / 0
    app = SetupApp(work)

    async def type_it(pilot):
        await pilot.pause()
        app.screen.query_one(KeyBox).value = KEY
        app.screen.query_one(KeyBox).focus()
        await pilot.press("enter")
        await pilot.pause(1)

    assert app.run(headless=True, size=(80, 24), auto_pilot=type_it) is None
    said = capsys.readouterr()
    assert app.return_code == 9
    assert SECRET not in said.out + said.err
    assert "ZeroDivisionError" in said.err


@pytest.mark.parametrize("code", language.LANGUAGES)
async def test_every_question_and_every_key_is_seen_in_every_language(code):
    async with opened() as page:
        while language.current() != code:
            await page.press("f2")
        assert page.box("language").value == code
        assert page.box("merchant_language").value == code.upper()
        for method in ("terminal", "softpos", "none"):
            await page.choose("method", method)
            for line in page.app.screen.query(Line):
                assert not line.display or page.says(language._(line.question)), line.question
            assert page.says(language._("Write it and open the counter"))
        assert _cut_keys(page) == []
        assert page.says(language._("Leave"))


async def test_what_was_typed_survives_another_language():
    async with opened() as page:
        await page.answer("counter", "Balie")
        page.box("key").value = KEY
        await page.press("f2")
        assert (page.box("counter").value, page.box("key").value) == ("Balie", KEY)
        assert page.box("method").value == "terminal"


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
async def test_everything_can_be_read(theme):
    async with opened() as page:
        if theme == LIGHT.name:
            await page.press("f8")
        await page.fill_in()
        await page.answer("counter", "x" * 41)
        page.app.screen.focus_next()
        await page.pilot.pause(0.1)
        assert page.app.theme == theme
        assert _pale(SimpleNamespace(app=page.app)) == []


async def test_every_size_of_window_is_survived():
    async with opened() as page:
        for size in [(1, 1), (20, 5), (300, 100), (80, 24)]:
            await page.pilot.resize_terminal(*size)
            await page.pilot.pause()
        assert page.says("SET-UP")
