"""The counter: keys, screens, and the latest state of every refund.

What blocks is in `workers.py`. A worker tells what happened by a message; it is noted on the board
here, and every screen that is open draws it from there.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from posrefund.refund.model import Finding, Refund, RefundOrder
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.terminal.model import Terminal
from posrefund.tui import messages, remarks
from posrefund.tui.board import Board, Desk
from posrefund.tui.opening import Opening
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.counter import CounterScreen
from posrefund.tui.screens.page import Page
from posrefund.tui.stdin import forgive_stray_bytes
from posrefund.tui.themes import DARK, LIGHT
from posrefund.tui.workers import WorkingApp
from posrefund.wording import Outcome, error_words, words

CHECK_FLOOR = timedelta(seconds=2)
"""However often somebody presses the key, CCV is not asked about one refund more often."""
_OTHERS_SECONDS = 30.0
"""How often the journal is read for what other windows and commands did."""
_TEXTUALS_OWN = frozenset({"app.focus_next", "app.focus_previous", "screen.copy_text"})
_TOAST_SECONDS = 10.0
_KEY_NAMES = {"esc": "Esc", "^q": "Ctrl+Q", "\u23ce": "Enter", "Esc": "Esc"}
_FLASH_SECONDS = 0.3
"""Waiting shorter than this needs no screen that says so."""


class RefundApp(WorkingApp):
    """It is given its parts and nothing else: no settings, no SQL, no HTTP."""

    TITLE = "posrefund"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = "styles/counter.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "show_help", "Help"),
        Binding("f8", "change_theme", "Light or dark", show=False),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    def __init__(
        self,
        *,
        service: RefundService,
        recovery: Recovery,
        journal: Journal,
        clock: Clock,
        terminals: Sequence[Terminal],
        counter: str,
        mode: str,
        open_page: Callable[[str], bool],
        prepare: Callable[[], object] = lambda: None,
        samples: Mapping[str, str] | None = None,
    ) -> None:
        """Put the app together; nothing runs before it is run.

        Args:
            service: Carries out refunds.
            recovery: Takes over what was left open.
            journal: For reading lists and histories only.
            clock: Tells the time.
            terminals: As configured.
            counter: The name of this workstation.
            mode: `PRACTICE`, `TEST` or `LIVE`.
            open_page: Opens a browser and returns whether it could. Called in a thread.
            prepare: Loads what the first question needs. Called in a thread, after a first frame.
            samples: For practice: what can be looked up, and what it shows.
        """
        super().__init__(
            service=service, recovery=recovery, journal=journal, clock=clock, open_page=open_page
        )
        self._prepare: Callable[[], object] = prepare
        self._board = Board(self)
        self._rhythm = KeyRhythm()
        desk = Desk(counter=counter, mode=mode)
        self._counter = CounterScreen(
            desk=desk, board=self._board, clock=clock, samples=samples or {}
        )
        self._open = Opening(
            desk=desk, board=self._board, clock=clock, terminals=terminals, rhythm=self._rhythm
        )
        self._search_number = 0
        self._tickets = itertools.count()
        self._preparing: dict[int, tuple[Page, RefundOrder]] = {}
        self._asked_at: dict[str, datetime] = {}
        self._asking = False
        self._leaving = False
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        # Before anything is drawn, so that the styles are read once and not twice.
        self.set_reactive(RefundApp.theme, DARK.name)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[None]:
        """The counter is the first thing drawn; there is no empty screen before it."""
        return self._counter

    def on_mount(self) -> None:
        """Draw first; then start following, and look what was left open."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._follower.start()
        self.take_over()
        self.run_worker(self._prepare, thread=True)
        self.set_interval(_OTHERS_SECONDS, lambda: self.read_open(self._board.open_refunds()))

    # -- keys ----------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Listen to the beat of the keys before anything acts on them."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            before = self._rhythm.changes
            self._rhythm.heard(event.key, event.time)
            if self._rhythm.changes != before and self._is_noise():
                self.bell()
                return
        await super().on_event(event)

    def _is_noise(self) -> bool:
        """Is this a scan into a screen where letters press buttons?"""
        deaf = getattr(self.screen, "DEAF_TO_SCANNERS", False)
        return deaf and self._rhythm.is_machine and not isinstance(self.focused, Input)

    def action_show_help(self) -> None:
        """The keys of the screen that is open."""
        keys = [
            (self.get_key_display(active.binding), active.binding.description)
            for active in self.screen.active_bindings.values()
            if active.binding.description
            and active.enabled
            and (active.binding.show or active.node in {self, self.screen})
            and active.binding.action not in _TEXTUALS_OWN
        ]
        self.push_screen(self._open.help(list(dict.fromkeys(keys))))

    def action_change_theme(self) -> None:
        """Dark counters, light counters."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def get_key_display(self, binding: Binding) -> str:
        """Keys as they are printed on keyboards."""
        shown = super().get_key_display(binding)
        return _KEY_NAMES.get(shown) or (shown.upper() if len(shown) <= 3 else shown)

    async def action_quit(self) -> None:
        """End the program; ask first while refunds are open."""
        if self._leaving or self._asking:
            return
        number = len(self._board.open_refunds()) + len(self._preparing)
        if number:
            self._asking = True
            self.push_screen(self._open.quitting(number), self._quit_answered)
        else:
            self._leave()

    def _quit_answered(self, yes: bool | None) -> None:
        self._asking = False
        if yes:
            self._leave()

    def _leave(self) -> None:
        self._leaving = True
        self.set_timer(_FLASH_SECONDS, lambda: self.push_screen(self._open.finishing()))
        self.finish()

    @on(messages.FollowingEnded)
    def _end_when_idle(self) -> None:
        """Textual waits for threads with an empty screen; wait with a word on it instead."""
        if all(worker.is_finished for worker in self.workers):
            self.exit()
        else:
            self.set_timer(0.05, self._end_when_idle)

    # -- finding a payment ---------------------------------------------------------------------

    @on(messages.SearchRequested)
    def _search_requested(self, message: messages.SearchRequested) -> None:
        self._search_number += 1
        self._counter.show_looking(message.text)
        self.look_up(self._search_number, message.text)

    @on(messages.SearchFailed)
    def _search_failed(self, message: messages.SearchFailed) -> None:
        if message.number == self._search_number:
            self._counter.show_failed(message.text, error_words(message.error))

    @on(messages.PaymentsFound)
    def _payments_found(self, message: messages.PaymentsFound) -> None:
        if message.number != self._search_number:
            return
        self._counter.show_found()
        if self.screen is not self._counter:
            # Somebody has moved on; a payment must not jump in front of what they do.
            return
        if len(message.findings) == 1:
            self._show_payment(message.findings[0])
        else:
            self.push_screen(self._open.findings(message.findings), self._show_payment)

    def _show_payment(self, finding: Finding | None) -> None:
        if finding is not None:
            self.push_screen(self._open.payment(finding))

    # -- carrying a refund out -----------------------------------------------------------------

    @on(messages.RefundConfirmed)
    def _refund_confirmed(self, message: messages.RefundConfirmed) -> None:
        ticket = next(self._tickets)
        self.carry_out(ticket, message.order)
        screen = self._open.preparing(message.order)
        self._preparing[ticket] = screen, message.order
        self._go_on_to(screen)

    @on(messages.RefundBegun)
    def _refund_begun(self, message: messages.RefundBegun) -> None:
        screen, _ = self._preparing.pop(message.ticket)
        self._board.note(message.refund)
        self._replace(screen, self._open.refund(message.refund))

    @on(messages.OrderRefused)
    def _order_refused(self, message: messages.OrderRefused) -> None:
        screen, order = self._preparing.pop(message.ticket)
        self._replace(screen, self._open.refused(order, message.error))

    # -- following refunds ---------------------------------------------------------------------

    @on(messages.JournalRead)
    def _journal_read(self, message: messages.JournalRead) -> None:
        self._board.fill(message.others)
        for refund in message.open_refunds:
            self._note(refund)
        self._counter.show_refunds()

    @on(messages.JournalFailed)
    def _journal_failed(self, message: messages.JournalFailed) -> None:
        self._counter.show_trouble(error_words(message.error))

    @on(messages.RefundMoved)
    def _refund_moved(self, message: messages.RefundMoved) -> None:
        self._note(message.refund)

    @on(messages.RefundTroubled)
    def _refund_troubled(self, message: messages.RefundTroubled) -> None:
        self._board.remark(message.refund.id, remarks.trouble(message.refund, message.error))

    @on(messages.CheckAnswered)
    def _check_answered(self, message: messages.CheckAnswered) -> None:
        self._note(message.refund)
        if message.refund.state is message.before.state:
            self._board.remark(message.refund.id, remarks.nothing_new(self._clock.now()))

    @on(messages.CheckRequested)
    def _check_requested(self, message: messages.CheckRequested) -> None:
        refund, now = message.refund, self._clock.now()
        before = self._asked_at.get(refund.id)
        if before is not None and now - before < CHECK_FLOOR:
            return
        self._asked_at[refund.id] = now
        self._board.remark(refund.id, remarks.ASKING)
        self.check(refund)

    @on(messages.PageRequested)
    def _page_requested(self, message: messages.PageRequested) -> None:
        url = self._board.latest(message.refund).pay_url
        if url is not None:
            self._board.remark(message.refund.id, remarks.OPENING)
            self.browse(message.refund, url)

    @on(messages.PageOpened)
    def _page_opened(self, message: messages.PageOpened) -> None:
        text = remarks.OPENED if message.opened else remarks.NOT_OPENED
        self._board.remark(message.refund.id, text)

    def _note(self, refund: Refund) -> None:
        """Note a refund, and let every screen and the cashier know."""
        before = self._board.note(refund)
        latest = self._board.latest(refund)
        shown = False
        for screen in self.screen_stack:
            if isinstance(screen, Page) and screen.follows(latest):
                shown = True
                if not screen.suits(latest):
                    self._replace(screen, self._open.refund(latest))
        if shown or before is None:
            return
        if (before.state, before.alarm) != (latest.state, latest.alarm):
            self._announce(latest)

    def _announce(self, refund: Refund) -> None:
        """Say what became of a refund nobody has on the screen."""
        said = words(refund)
        if said.outcome is not Outcome.RUNNING:
            text = f"{said.money} {said.next}"
            self.notify(text, title=said.title, timeout=_TOAST_SECONDS, markup=False)

    # -- screens -------------------------------------------------------------------------------

    @on(messages.RefundOpened)
    def _refund_opened(self, message: messages.RefundOpened) -> None:
        refund = self._board.get(message.refund_id)
        if refund is None:
            self.fetch(message.refund_id)
        else:
            self._go_on_to(self._open.refund(refund))

    @on(messages.RefundFetched)
    def _refund_fetched(self, message: messages.RefundFetched) -> None:
        self._board.note(message.refund)
        self._go_on_to(self._open.refund(message.refund))

    @on(messages.CaseOpened)
    def _case_opened(self, message: messages.CaseOpened) -> None:
        self._board.fill([message.refund])
        self.push_screen(self._open.case(message.refund))

    @on(messages.HistoryOpened)
    def _history_opened(self) -> None:
        self.push_screen(self._open.history())

    def _go_on_to(self, screen: Page) -> None:
        """Show a screen; a form that led to it is over and must not be come back to."""
        if getattr(self.screen, "LEADS_ON", False):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def _replace(self, old: Page, new: Page) -> None:
        """Show `new` where `old` is, as soon as nothing covers it."""
        if self.screen is old:
            self.switch_screen(new)
        else:
            old.successor = new


def run(app: RefundApp) -> int:
    """Run the counter and return the exit status. What was sent is followed to its answer."""
    forgive_stray_bytes()
    try:
        app.run()
    finally:
        app.stop_following()
    return app.return_code or 0
