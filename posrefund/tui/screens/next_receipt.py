"""The next receipt, scanned where nothing of the last customer is left to do."""

from functools import partial

from textual import events

from posrefund.tui.messages import NextCustomer
from posrefund.tui.rhythm import MACHINE_GAP_SECONDS, KeyRhythm
from posrefund.tui.screens.page import Page


class NextReceipt(Page):
    """A page on which a scan leads home and is looked up there.

    It presses nothing, so a letter waits until it is certain that no other key follows at once.
    """

    rhythm: KeyRhythm

    _heard = ""
    """The letters of this moment: one that was pressed, or a scan so far."""

    @property
    def takes_next_receipt(self) -> bool:
        """Is it over? Where something is being decided, a scan is noise."""
        return True

    def may_go_on(self) -> bool:
        """May this page be left for the next customer? One that says no says why."""
        return True

    def on_key(self, event: events.Key) -> None:
        """Keep letters back until it is certain whether they are a scan."""
        is_end = event.key in {"enter", "tab"}
        if not self.takes_next_receipt or (not is_end and not event.is_printable):
            return
        if not self._heard and self.rhythm.came_at_once(event.time):
            # The rest of what began elsewhere. Half a code is no code.
            event.stop()
            self.app.bell()
        elif not is_end:
            event.stop()
            self._heard += event.character or ""
            # By way of the app, so that every key that has come by then is heard before.
            settle = partial(self._settle, self._heard, event.key)
            self.set_timer(MACHINE_GAP_SECONDS, lambda: self.app.call_later(settle))
        elif self._heard:
            event.stop()
            text, self._heard = self._heard, ""
            self._begin_next(text, is_whole=True)

    async def _settle(self, heard: str, key: str) -> None:
        """Nothing followed: it was a key, or a scanner that sends no Enter."""
        if heard != self._heard:
            return
        self._heard = ""
        if not self.is_current:
            return
        active = self.active_bindings.get(key)
        if len(heard) > 1 or active is None:
            self._begin_next(heard, is_whole=False)
        elif active.enabled:
            await self.app.run_action(active.binding.action, active.node)

    def _begin_next(self, text: str, *, is_whole: bool) -> None:
        is_held_down = len(text) > 1 and len(set(text)) == 1
        if is_held_down or (is_whole and len(text) == 1) or not text.strip():
            self.app.bell()
        elif self.may_go_on():
            self.post_message(NextCustomer(self, text, is_whole))
