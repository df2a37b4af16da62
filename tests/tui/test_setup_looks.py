"""How the set-up looks, at 80x24 in every language and once in a large window.

After a change that was meant, look at the pictures and write them anew:
`POSREFUND_UPDATE_SNAPSHOTS=1 pytest tests/tui/test_setup_looks.py`.
"""

import pytest

from posrefund import language
from posrefund.tui.themes import DARK, LIGHT
from tests.tui.fakes import screen_text
from tests.tui.setup_page import EVERY, SECRET, opened
from tests.tui.test_looks import SNAPSHOTS, UPDATING, _cut_keys, _pale

SMALL, LARGE = (80, 24), (120, 40)
FOLDERS = {code: "80x24" if code == language.SOURCE else code for code in language.LANGUAGES}
LOOKS = [(code, SMALL, folder) for code, folder in FOLDERS.items()]
LOOKS.append((language.SOURCE, LARGE, "120x40"))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("code", "size", "folder"), LOOKS)
async def test_the_set_up_looks_as_in_its_picture(name, code, size, folder):
    async with opened(size=size, code=code) as page:
        await EVERY[name](page)
        await page.until(lambda: page.app.screen.query("FooterKey"))
        await page.pilot.pause(0.1)
        shown = screen_text(page.app) + "\n"
        assert _cut_keys(page) == []
    assert SECRET not in shown
    picture = SNAPSHOTS / folder / f"{name}.txt"
    if UPDATING:
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text(shown, encoding="utf-8")
    assert shown == picture.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", EVERY)
async def test_everything_on_it_can_be_read(name):
    async with opened() as page:
        await EVERY[name](page)
        for theme in (DARK, LIGHT):
            page.app.theme = theme.name
            await page.pilot.pause(0.1)
            assert _pale(page) == []


async def test_a_window_that_is_too_small_says_so_in_the_language_of_now():
    async with opened(size=(60, 20)) as page:
        assert page.says("This window is too small (60x20); make it 80x24 or larger.")
        await page.press("f2")
        await page.until_says("zu klein (60x20)")
        await page.pilot.resize_terminal(*SMALL)
        await page.until(lambda: not page.says("zu klein"))
