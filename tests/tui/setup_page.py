"""The set-up for tests: the real app over a CCV that answers what it is told to."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.keys import _character_to_key

from posrefund import language
from posrefund.credentials import ApiKey, KeyPlace, KeySource
from posrefund.language import _
from posrefund.sentence import Sentence
from posrefund.settings.loading import settings_of
from posrefund.tui.screens.setup_boxes import Line
from posrefund.tui.setup import SetupApp
from tests.tui.fakes import PATIENCE, _flat, screen_text

SECRET = "c4nary0123456789"
KEY = f"t_{SECRET}"
USUAL = "https://api.psp.ccv.eu/api/v1"


class Work:
    """Answers as CCV would, and keeps what it is given."""

    file = Path("/shop/config.toml")

    def __init__(self, *, known=None, source=KeySource.VARIABLE):
        self.known = known
        self.source = source
        self.asked = []
        self.kept = []
        self.errors = []
        self.go_on = threading.Event()
        self.go_on.set()

    def known_key(self):
        if self.known is None:
            return None
        origin = Sentence("POSREFUND_API_KEY")
        return KeyPlace(self.source, origin, lambda: ApiKey(self.known, origin=origin))

    def ask_ccv(self, settings, key):
        self.go_on.wait(20)
        key = key or self.known_key().read()
        self.asked.append((settings.provider.base_url, key.reveal()))
        if self.errors:
            error = self.errors.pop(0)
            if error is not None:
                raise error
        return key

    def keep(self, answers, key):
        if self.errors and self.errors[0] is not None:
            raise self.errors.pop(0)
        settings_of(answers, self.file)
        self.kept.append((answers, key and key.reveal()))


class Page:
    """The app, hands and eyes."""

    def __init__(self, work):
        self.work = work
        self.app = SetupApp(work)
        self.pilot = None

    async def press(self, *keys):
        for key in keys:
            await self.pilot.press(key)
        await self.pilot.pause()

    async def type(self, text):
        await self.press(*(_character_to_key(char) for char in text))

    async def answer(self, name, text):
        box = self.box(name)
        box.focus()
        await self.pilot.pause()
        box.value = text
        await self.press("enter")

    async def choose(self, name, value):
        self.box(name).value = value
        await self.pilot.pause()

    def box(self, name):
        return self.app.screen.query_one(f"#{name}")

    @property
    def shown(self):
        return [line.box.id for line in self.app.screen.query(Line) if line.display]

    def says(self, words):
        return _flat(words) in _flat(screen_text(self.app))

    async def until(self, question):
        for _turn in range(PATIENCE):
            if question():
                await self.pilot.pause()
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"it never came true; on the screen:\n{screen_text(self.app)}")

    async def until_says(self, words):
        await self.until(lambda: self.says(words))

    async def fill_in(self):
        await self.answer("key", KEY)
        await self.until_says("CCV takes the API key")
        await self.answer("terminal_id", "1234536")
        await self.answer("management_system_id", "000103030")


@asynccontextmanager
async def opened(work=None, *, size=(80, 24), code="eng") -> AsyncIterator[Page]:
    """Open the set-up, and leave it whatever happens."""
    language.use(code)
    page = Page(work or Work())
    async with page.app.run_test(size=size) as page.pilot:
        await page.pilot.pause()
        yield page


# -- how it looks, one after the other -------------------------------------------------------------


async def as_it_opens(page: Page) -> None:
    await page.pilot.pause()


async def filled_in(page: Page) -> None:
    await as_it_opens(page)
    await page.answer("key", KEY)
    await page.until_says(_("CCV takes the API key ({kind}).").partition(" (")[0])
    await page.answer("name", "Desk 2")
    await page.answer("terminal_id", "1234536")
    await page.answer("management_system_id", "000103030")


async def answered_wrongly(page: Page) -> None:
    await filled_in(page)
    await page.answer("merchant_language", "Klingon")
    await page.answer("base_url", "http://shop.example")


async def leaving(page: Page) -> None:
    await filled_in(page)
    await page.press("escape")
    await page.until(lambda: type(page.app.screen).__name__ == "LeaveSetup")


EVERY: dict[str, Callable[[Page], Awaitable[None]]] = {
    "setup": as_it_opens,
    "setup_filled": filled_in,
    "setup_wrong": answered_wrongly,
    "setup_leaving": leaving,
}
"""By the name of its picture."""
