"""Every screen in every language at 80x24: as in its picture, and no key beyond the edge.

English is in `test_looks.py`. After a change that was meant, look at the pictures and write them
anew: `POSREFUND_UPDATE_SNAPSHOTS=1 pytest tests/tui/test_four_languages.py`.
"""

import pytest

from posrefund import language
from tests.tui.fakes import running, screen_text
from tests.tui.screens import EVERY, prepared
from tests.tui.test_looks import SNAPSHOTS, UPDATING, _cut_keys, _settled

CALM = 5
"""So many looks in a row that are alike: a page that speaks another language is made anew."""
DIALOGS = frozenset(
    {"cancelling", "closing", "closing_really", "confirm", "confirm_above"}
    | {"help", "qr", "quitting", "slip"}
)
"""They keep the language in which they were opened; a question is not asked in two."""


@pytest.mark.parametrize("code", [code for code in language.LANGUAGES if code != language.SOURCE])
@pytest.mark.parametrize("name", EVERY)
async def test_the_screen_looks_as_in_its_picture(name, code):
    counter = prepared()
    if name in DIALOGS:
        language.use(code)
    async with running(counter):
        await EVERY[name](counter)
        while language.current() != code:
            counter.app.action_next_language()
            await counter.pilot.pause()
        await _settled(counter)
        shown = await _at_rest(counter)
        assert _cut_keys(counter) == []
    picture = SNAPSHOTS / code / f"{name}.txt"
    if UPDATING:
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text(shown, encoding="utf-8")
    assert shown == picture.read_text(encoding="utf-8")


async def _at_rest(counter):
    """What stands on the screen once nothing is drawn anew any more."""
    shown, times = "", 0
    while times < CALM:
        await counter.pilot.pause(0.1)
        now = screen_text(counter.app) + "\n"
        shown, times = now, times + 1 if now == shown else 0
    return shown
