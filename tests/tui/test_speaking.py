"""The language changes while the program runs, and nothing else does."""

import gettext

import pytest
from textual.screen import Screen

from posrefund import language
from posrefund.errors import NoInformation
from posrefund.refund.model import ProviderStatus
from posrefund.tui.screens.page import Page
from posrefund.tui.screens.spoken import Spoken
from tests.tui.fakes import ENTER, a_counter, running
from tests.tui.screens import EVERY, prepared


class Loud(gettext.NullTranslations):
    """A language everybody understands: English, and louder."""

    def gettext(self, message):
        return _loud(message)

    def ngettext(self, one, many, number):
        return _loud(one if number == 1 else many)


def _loud(text):
    """In capitals, but for the names of values."""
    parts = text.split("{")
    return "{".join(
        part.upper() if at == 0 else part[: part.index("}")] + part[part.index("}") :].upper()
        for at, part in enumerate(parts)
    )


@pytest.fixture(autouse=True)
def english_and_loud(monkeypatch):
    """Dutch, German and French are all loud here, whatever catalogs there are."""

    def use(code):
        language._Current.code = code
        loud = code != language.SOURCE
        language._Current.catalog = Loud() if loud else gettext.NullTranslations()

    monkeypatch.setattr(language, "use", use)
    use(language.SOURCE)
    yield
    use(language.SOURCE)


def _exactly(counter, text):
    return text in counter.text()


async def test_f2_speaks_the_next_language_at_once_and_comes_round():
    async with running(a_counter()) as counter:
        assert _exactly(counter, "F2 Language")
        spoken = []
        for _ in language.LANGUAGES:
            await counter.press("f2")
            spoken.append(language.current())
            loud = language.current() != language.SOURCE
            await counter.until(lambda: _exactly(counter, "LANGUAGE") is loud)  # noqa: B023
        assert spoken == ["deu", "fra", "nld", "eng"]


async def test_a_running_refund_goes_on_and_its_screen_speaks_the_new_language():
    async with running(a_counter()) as counter:
        await counter.refund()
        before = counter.app.screen
        await counter.press("f2")
        await counter.until(lambda: _exactly(counter, "TO THE CUSTOMER"))
        assert _exactly(counter, "ESC LEAVE RUNNING".replace("ESC", "Esc"))
        assert _exactly(counter, "HAS NOT DECIDED YET")
        assert counter.app.screen is before
        assert len(counter.bank.sent) == 1
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.news()
        await counter.until_on("OutcomeScreen")
        assert _exactly(counter, "WAS GIVEN BACK")


async def test_what_was_typed_is_still_there():
    async with running(a_counter()) as counter:
        await counter.find()
        await counter.type("7.5")
        await counter.press("f2")
        await counter.until(lambda: _exactly(counter, "CONTINUE"))
        box = counter.app.screen.query_one("#amount")
        assert box.value == "7.5"
        assert counter.app.focused is box
        await counter.press(ENTER)
        await counter.until_on("ConfirmScreen")
        assert counter.says("7.50") or counter.says("7,50")


async def test_the_line_of_open_refunds_is_there_again_in_the_new_language():
    counter = prepared()
    async with running(counter):
        await counter.find("T-PART")
        await counter.until(lambda: _exactly(counter, "2 refunds are open"))
        await counter.press("f2")
        await counter.until(lambda: _exactly(counter, "2 REFUNDS ARE OPEN"))
        await counter.press("f2", "f2", "f2")
        await counter.until(lambda: _exactly(counter, "2 refunds are open"))


async def test_the_counter_below_speaks_it_too():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("f2", "escape")
        await counter.until_on("CounterScreen")
        await counter.until(lambda: _exactly(counter, "1 REFUND IS NOT FINISHED"))


@pytest.mark.parametrize("name", EVERY)
async def test_every_page_that_is_open_survives_a_change_of_language(name):
    counter = prepared()
    async with running(counter):
        await EVERY[name](counter)
        before = counter.app.screen
        counter.app.action_next_language()
        await counter.pilot.pause(0.1)
        assert counter.app.screen is before
        if isinstance(before, Page):
            await counter.until(lambda: _exactly(counter, "F1 HELP"))
            drawn = [line for line in counter.text().splitlines() if line.strip()]
            assert len(drawn) > 4


async def test_help_tells_the_keys_in_the_language_of_now():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("f2")
        await counter.until(lambda: _exactly(counter, "LEAVE RUNNING"))
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        await counter.until(lambda: _exactly(counter, "CHECK NOW"))
        assert _exactly(counter, "FOLLOW THE TERMINAL AND TELL")


async def test_help_names_the_keys_as_keyboards_do():
    async with running(a_counter(), size=(80, 40)) as counter:
        await counter.refund()
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        assert _exactly(counter, "PgDn")
        assert not _exactly(counter, "pgdn")


async def test_a_language_without_a_catalog_is_passed_over(monkeypatch):
    real = language.use

    def lacking(code):
        if code != language.SOURCE:
            raise FileNotFoundError(code)
        real(code)

    monkeypatch.setattr(language, "use", lacking)
    async with running(a_counter()) as counter:
        await counter.press("f2")
        await counter.until(lambda: language.current() == language.SOURCE)
        assert _exactly(counter, "F2 Language")


def test_every_screen_names_its_keys_in_the_language_of_now():
    from posrefund.tui import screens

    for module in _modules(screens):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, Screen):
                ours = kind.__module__.startswith("posrefund")
                assert not ours or issubclass(kind, Spoken), kind


def _modules(package):
    import importlib
    import pkgutil

    names = (found.name for found in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


async def test_what_was_said_last_of_a_refund_is_said_in_the_new_language():
    async with running(a_counter()) as counter:
        await counter.refund()
        counter.bank.on_ask.append(NoInformation("no answer came in time"))
        await counter.press("c")
        await counter.until(lambda: _exactly(counter, "Asking failed: no answer came in time."))
        await counter.press("f2")
        await counter.until(lambda: _exactly(counter, "ASKING FAILED: NO ANSWER CAME IN TIME."))
