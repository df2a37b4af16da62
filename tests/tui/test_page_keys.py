"""A page key in a list without room does nothing, instead of ending the program."""

import pytest
from textual.app import App
from textual.widgets import OptionList

from posrefund.tui.page_keys import forgive_page_keys


class Lists(App[None]):
    def compose(self):
        yield OptionList(*"abc")


@pytest.mark.parametrize("key", ["pageup", "pagedown"])
async def test_a_page_key_in_a_list_without_room_is_survived(key):
    forgive_page_keys()
    async with Lists().run_test(size=(20, 5)) as pilot:
        listed = pilot.app.query_one(OptionList)
        listed.styles.max_height = 0
        listed.styles.border = None
        listed.focus()
        await pilot.pause()
        assert not listed.scrollable_content_region
        listed._clear_caches()
        await pilot.press(key)
        assert pilot.app._exception is None


async def test_where_there_is_room_the_key_moves_a_page():
    forgive_page_keys()
    async with Lists().run_test(size=(20, 5)) as pilot:
        listed = pilot.app.query_one(OptionList)
        listed.focus()
        await pilot.press("home", "pagedown")
        assert listed.highlighted == 2
