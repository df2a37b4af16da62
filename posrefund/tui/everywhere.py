"""Keys that work on every screen, what is open besides, and what a kiosk does without."""

from abc import abstractmethod
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from textual import events, on
from textual.binding import Binding
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from posrefund import language
from posrefund.language import _
from posrefund.refund.model import Refund
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.tui import messages
from posrefund.tui.asking import AskingApp
from posrefund.tui.opening import Opening
from posrefund.tui.page_keys import forgive_page_keys
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.page import Page
from posrefund.tui.screens.spoken import Dialog, Spoken
from posrefund.tui.themes import DARK, LIGHT
from posrefund.tui.widgets.open_strip import OpenStrip, by_urgency, strip_text
from posrefund.wording import Outcome, words

IDLE = timedelta(seconds=60)
"""A kiosk that nobody has touched for so long shows the counter again."""
_IDLE_BEAT_SECONDS = 1.0
_STRIP_SECONDS = 0.25
"""A thousand refunds may move at once; the line below is drawn this seldom."""
_TEXTUALS_OWN = frozenset({"app.focus_next", "app.focus_previous", "screen.copy_text"})
_NOT_IN_A_KIOSK = frozenset({"quit", "help_quit", "suspend_process", "command_palette"})
_KEY_NAMES = {
    "esc": "Esc",
    "^q": "Ctrl+Q",
    "\u23ce": "Enter",
    "Esc": "Esc",
    "pgup": "PgUp",
    "pgdn": "PgDn",
    "del": "Del",
    "Enter": "Enter",
    "Tab": "Tab",
}


class EverywhereApp(AskingApp):
    """An app with help, two themes, four languages and one line about what is open."""

    _open: Opening

    def __init__(
        self,
        *,
        service: RefundService,
        recovery: Recovery,
        journal: Journal,
        clock: Clock,
        open_page: Callable[[str], bool],
        page_of: Callable[[Refund], str | None],
        kiosk: bool,
    ) -> None:
        super().__init__(
            service=service,
            recovery=recovery,
            journal=journal,
            clock=clock,
            open_page=open_page,
            page_of=page_of,
        )
        forgive_page_keys()
        self._kiosk = kiosk
        self._rhythm = KeyRhythm()
        self._touched_at = clock.now()
        self._strip_timer: Timer | None = None

    @abstractmethod
    def go_home(self) -> None:
        """Leave every screen but the counter, as it was at the start."""

    # -- keys ----------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Listen to the beat of the keys before anything acts on them."""
        if isinstance(event, events.InputEvent):
            self.somebody_is_there()
        if isinstance(event, events.MouseDown):
            self._rhythm.tapped_at = event.time
        if isinstance(event, events.Key) and not event.is_forwarded:
            before = self._rhythm.changes
            self._rhythm.heard(
                event.key,
                event.time,
                character=event.character if event.is_printable else None,
                box_of=self.screen if isinstance(self.focused, Input) else None,
            )
            if self._rhythm.changes != before and self._is_noise():
                self.bell()
                if isinstance(self.screen, Spoken):
                    self.screen.say_it_was_a_scan()
                return
        await super().on_event(event)

    def _is_noise(self) -> bool:
        """Is this a scan into a screen where letters press buttons?"""
        deaf = getattr(self.screen, "DEAF_TO_SCANNERS", False)
        deaf = deaf and not getattr(self.screen, "takes_next_receipt", False)
        return deaf and self._rhythm.is_machine and not isinstance(self.focused, Input)

    def get_key_display(self, binding: Binding) -> str:
        """Keys as they are printed on keyboards."""
        shown = super().get_key_display(binding)
        return _KEY_NAMES.get(shown) or (shown.upper() if len(shown) <= 3 else shown)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A kiosk cannot be left by a key."""
        return not (self._kiosk and action in _NOT_IN_A_KIOSK)

    def action_show_help(self) -> None:
        """What to do on the screen that is open, and its keys."""
        keys: dict[str, dict[str, None]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            is_told = binding.show or active.node in {self, self.screen}
            if (
                binding.description
                and active.enabled
                and is_told
                and binding.action not in _TEXTUALS_OWN
            ):
                shown = self.get_key_display(binding)
                keys.setdefault(binding.tooltip or binding.description, {})[shown] = None
        screen = self.screen
        text = screen.help_text if isinstance(screen, Page) else getattr(screen, "HELP", "")
        told = [(" ".join(shown), description) for description, shown in keys.items()]
        self.push_screen(self._open.help(text, told))

    def action_help_quit(self) -> None:
        """Say which key ends the program, where Ctrl+C has nothing to copy."""
        self.notify(_("Ctrl+Q ends the program."), markup=False)

    def action_change_theme(self) -> None:
        """Dark counters, light counters."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    # -- languages -----------------------------------------------------------------------------

    def action_next_language(self) -> None:
        """Speak the next language from now on, on every page that is open."""
        codes = list(language.LANGUAGES)
        at = codes.index(language.current())
        for code in (*codes[at + 1 :], *codes[: at + 1]):
            try:
                language.use(code)
            except FileNotFoundError:
                continue  # No catalog of it came with this copy of the program.
            break
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                # In the screen's own turn, so that nothing else draws on it meanwhile.
                screen.call_next(screen.speak_again)
        self._show_open_soon()

    # -- what is open besides ------------------------------------------------------------------

    def action_show_open(self) -> None:
        """Go to the most urgent open refund; from one of them, to the next."""
        page = self.screen
        refunds = by_urgency(self._board.open_refunds())
        if not refunds:
            return
        if not isinstance(page, Page):
            if getattr(page, "LEADS_ON", False):
                # A list that nobody has chosen from yet: it can be asked for again.
                self.switch_screen(self._open.refund(refunds[0]))
            return
        here = next((at for at, refund in enumerate(refunds) if page.follows(refund)), None)
        wanted = refunds[0] if here is None else refunds[(here + 1) % len(refunds)]
        if here is None:
            # On top: a form that is being filled in is come back to.
            self.push_screen(self._open.refund(wanted))
        elif not page.follows(wanted):
            self.switch_screen(self._open.refund(wanted))

    @on(messages.RefundLeft)
    def _refund_left(self, message: messages.RefundLeft) -> None:
        self.leave_refund(message.page)

    def leave_refund(self, page: object) -> None:
        """Go home from a refund. Only a form that is being filled in is come back to."""
        while page is self.screen and len(self.screen_stack) > 1:
            self.pop_screen()
            below = self.screen
            if isinstance(below, Page) and not (below.is_home or below.is_being_filled_in):
                page = below

    @on(OpenStrip.Touched)
    def _strip_touched(self) -> None:
        self.action_show_open()

    @on(OpenStrip.Drawn)
    @on(messages.PageShown)
    def _page_shown(self) -> None:
        self._show_open()

    def _show_open_soon(self) -> None:
        if self._strip_timer is None:
            self._strip_timer = self.set_timer(_STRIP_SECONDS, self._show_open)

    def _show_open(self) -> None:
        self._strip_timer = None
        # While the program ends there is no screen any more.
        page = self.screen_stack[-1] if self.screen_stack else None
        # The counter itself is a list of what is open.
        if isinstance(page, Page) and not page.is_home:
            refunds = by_urgency(self._board.open_refunds())
            others = [one for one in refunds if not page.follows(one)]
            page.show_open(strip_text(others, beside=others != refunds))

    # -- kiosk ---------------------------------------------------------------------------------

    def watch_idleness(self) -> None:
        """In a kiosk, clear away what somebody left standing."""
        if self._kiosk:
            self.set_interval(_IDLE_BEAT_SECONDS, self.clear_when_idle)

    def somebody_is_there(self) -> None:
        """The minute begins again."""
        self._touched_at = self._clock.now()

    def clear_when_idle(self) -> None:
        """Show the counter when nobody is there, unless something waits for an answer."""
        idle = self._clock.now() - self._touched_at
        if self._kiosk and idle >= IDLE and not any(map(self.must_stay, self.screen_stack)):
            self.go_home()

    def must_stay(self, screen: Screen[Any]) -> bool:
        """Does somebody's answer, or the end of a refund, belong on this screen?"""
        if isinstance(screen, Page):
            latest = (self._board.latest(one) for one in self._board.open_refunds())
            return any(
                screen.follows(one) and words(one).outcome is Outcome.RUNNING for one in latest
            )
        return not isinstance(screen, Dialog) or screen.ASKS
