"""The keys at the bottom: those that matter now, and none beyond the edge."""

import pytest

from posrefund import language
from posrefund.language import _
from posrefund.refund.model import ProviderStatus
from posrefund.terminal.model import Method, Terminal
from tests.support.builders import a_payment
from tests.tui.fakes import a_counter, running
from tests.tui.screens import EVERY, counter_home, prepared
from tests.tui.test_history import _fill as fill
from tests.tui.test_looks import _cut_keys, _settled

# -- home ------------------------------------------------------------------------------------------


def _footer(counter):
    return counter.text().splitlines()[-1]


async def test_the_key_to_what_is_open_is_offered_while_something_is():
    counter = a_counter()
    async with running(counter):
        assert "F4" not in _footer(counter)
        assert "Ctrl+Q Quit" in _footer(counter)
        await counter.refund()
        await counter.press("escape")
        await counter.until_on("CounterScreen")
        await counter.until(lambda: "F4 Still open" in _footer(counter))
        assert "Ctrl+Q" not in _footer(counter)
        await counter.press("f4")
        await counter.until_on("ProgressScreen")
        await counter.press("escape")
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.news()
        await counter.until(lambda: "F4" not in _footer(counter))
        await counter.until(lambda: "Ctrl+Q Quit" in _footer(counter))


async def test_the_help_of_home_has_both_keys_in_full():
    counter = prepared()
    async with running(counter):
        await counter_home(counter)
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        assert counter.says("The most urgent open refund")
        assert counter.says("Quit")


@pytest.mark.parametrize("code", language.LANGUAGES)
@pytest.mark.parametrize("kiosk", [False, True])
async def test_it_fits_in_every_language(code, kiosk):
    language.use(code)
    counter = prepared()
    counter.app._kiosk = kiosk
    async with running(counter):
        await counter_home(counter)
        await _settled(counter)
        await counter.until(lambda: f"F4 {_('Still open')}" in _footer(counter))
        assert _cut_keys(counter) == []
        assert _footer(counter).rstrip().endswith(_("Still open"))


# -- the form of a SoftPOS refund ------------------------------------------------------------------


PHONE = Terminal(name="Manager's phone", method=Method.SOFTPOS, terminal_id="SP0001")
TABLET = Terminal(name="Tablet", method=Method.SOFTPOS, terminal_id="SP0002")


@pytest.mark.parametrize("code", language.LANGUAGES)
@pytest.mark.parametrize("terminals", [[PHONE], [PHONE, TABLET]], ids=["one", "two"])
@pytest.mark.parametrize("focus", ["amount", "terminal", "card", "text"])
async def test_the_keys_of_a_softpos_form_fit_wherever_the_focus_is(focus, terminals, code):
    language.use(code)
    payment = a_payment(method="softpos", terminal_id="SP0001")
    async with running(a_counter(payment, terminals=terminals)) as counter:
        await counter.find()
        counter.app.screen.query_one(f"#{focus}").focus()
        await _settled(counter)
        await counter.until(lambda: _("Continue") in _footer(counter))
        assert _cut_keys(counter) == []
        for key in ("Esc", "F1", _("Back"), _("Help")):
            assert key in _footer(counter)


async def test_a_list_of_softpos_terminals_says_how_it_opens_and_how_to_go_on():
    payment = a_payment(method="softpos", terminal_id="SP0001")
    async with running(a_counter(payment, terminals=[PHONE, TABLET])) as counter:
        await counter.find()
        await counter.press("tab")
        await counter.until(lambda: "Enter Open the list" in _footer(counter))
        assert "F10 Continue" in _footer(counter)
        assert "F7" in _footer(counter)
        assert "F6" not in _footer(counter), "the list itself is the way to the other terminal"
        await counter.press("tab")
        await counter.until(lambda: "F6" in _footer(counter))
        assert "F7" not in _footer(counter), "and this list to the other answer"


# -- the list of all refunds, and the form that closes a case --------------------------------------

OPENS = "\u2191\u2193 Enter"


async def _in_the_middle_of_the_history(counter):
    """Where there is an older page and a newer one: no footer of this screen is longer."""
    await counter.press("f3")
    await counter.until_on("HistoryScreen")
    await counter.until(lambda: _("Older") in _footer(counter))
    await counter.press("pagedown")
    await counter.until(lambda: _("Newer") in _footer(counter))


def _a_long_day():
    counter = a_counter()
    fill(counter, 60)
    return counter


@pytest.mark.parametrize("code", language.LANGUAGES)
async def test_the_history_says_how_a_refund_is_chosen_and_opened(code):
    language.use(code)
    async with running(_a_long_day()) as counter:
        await _in_the_middle_of_the_history(counter)
        await _settled(counter)
        assert f"{OPENS} {_('Open it')}" in _footer(counter)
        assert _cut_keys(counter) == []
        await counter.pilot.resize_terminal(60, 20)
        await _settled(counter)
        shown = _footer(counter)
        for words in (f"{OPENS} {_('Open it')}", _("Older"), f"Esc {_('Back')}"):
            assert words in shown


@pytest.mark.parametrize("code", language.LANGUAGES)
async def test_closing_a_case_says_how_to_choose_and_how_to_go_on(code):
    language.use(code)
    async with running(prepared()) as counter:
        await EVERY["closing"](counter)
        await _settled(counter)
        assert f"{OPENS} {_('Choose')}" in _footer(counter)
        assert f"Tab {_('Go on')}" in _footer(counter)
        assert _cut_keys(counter) == []
        await counter.pilot.resize_terminal(60, 20)
        await _settled(counter)
        for words in (_("Choose"), f"Tab {_('Go on')}", f"F10 {_('Close the case')}"):
            assert words in _footer(counter)
        await counter.press("tab")
        await counter.until(lambda: _("Choose") not in _footer(counter))
        assert f"Tab {_('Go on')}" in _footer(counter)


@pytest.mark.parametrize("key", ["space", "enter"])
async def test_both_keys_that_choose_choose_what_the_arrow_marked(key):
    async with running(prepared()) as counter:
        await EVERY["closing"](counter)
        await counter.press("down", key)
        assert counter.app.screen.query_one("#closing-what").pressed_button.id == "not-executed"
        assert counter.name == "ClosingScreen"


async def test_the_list_of_refunds_says_enter_opens_wherever_the_focus_is():
    language.use("deu")
    async with running(prepared()) as counter:
        await EVERY["counter"](counter)
        await counter.press("f3")
        await counter.until_on("HistoryScreen")
        await counter.press("tab")
        await counter.until(lambda: "Enter \u00d6ffnen" in _footer(counter))
