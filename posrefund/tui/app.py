"""The counter: keys, screens, and the latest state of every refund.

What blocks is in `workers.py`. A worker tells what happened by a message; it is noted on the board
here, and every screen that is open draws it from there.
"""

import gc
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import Screen

from posrefund.refund.model import Finding, Refund, RefundOrder
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.terminal.model import Terminal
from posrefund.tui import messages, remarks
from posrefund.tui.board import Desk, page_at_ccv
from posrefund.tui.bookkeeping import PrintSlip
from posrefund.tui.customer import asked_by_the_terminal
from posrefund.tui.everywhere import EverywhereApp
from posrefund.tui.opening import Opening
from posrefund.tui.playing import Play
from posrefund.tui.screens.counter import CounterScreen
from posrefund.tui.screens.page import Page
from posrefund.tui.stdin import forgive_stray_bytes
from posrefund.tui.themes import DARK, LIGHT
from posrefund.wording import Outcome, error_words, words

_OTHERS_SECONDS = 30.0
"""How often the journal is read for what other windows and commands did."""
_TOAST_SECONDS = 10.0
_FLASH_SECONDS = 0.3
"""Waiting shorter than this needs no screen that says so."""


class RefundApp(EverywhereApp):
    """It is given its parts and nothing else: no settings, no SQL, no HTTP."""

    TITLE = "posrefund"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = "styles/counter.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "show_help", "Help"),
        Binding("f2", "next_language", "Language"),
        Binding("f4", "show_open", "The most urgent open refund", show=False),
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
        page_of: Callable[[Refund], str | None] = page_at_ccv,
        is_kept: bool = True,
        kiosk: bool = False,
        print_slip: PrintSlip | None = None,
        play: Play | None = None,
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
            page_of: Where a refund can be followed, or in practice finished, in a browser.
            is_kept: Whether the journal outlives the program; a demo's does not.
            kiosk: No key ends the program, and what somebody left standing is cleared away.
            print_slip: Prints a slip, where there is a printer. Called in a thread.
            play: For practice: plays the customer of a refund that waits. Called in a thread.
        """
        super().__init__(
            service=service,
            recovery=recovery,
            journal=journal,
            clock=clock,
            open_page=open_page,
            page_of=page_of,
            kiosk=kiosk,
        )
        self._prepare: Callable[[], object] = prepare
        self.is_kept = is_kept
        self.print_slip = print_slip
        self.play = play
        desk = Desk(counter=counter, mode=mode, plays_customer=play is not None)
        self._counter = CounterScreen(
            desk=desk, board=self._board, clock=clock, samples=samples or {}
        )
        self._open = Opening(
            desk=desk, board=self._board, clock=clock, terminals=terminals, rhythm=self._rhythm
        )
        self._search_number = 0
        self._tickets = itertools.count()
        self._preparing: dict[int, tuple[Page, RefundOrder]] = {}
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
        self.run_worker(self._load, thread=True)
        self.set_interval(_OTHERS_SECONDS, lambda: self.read_open(self._board.open_refunds()))
        self.watch_idleness()

    def _load(self) -> None:
        """Load the rest of the program. It stays, so the garbage collector need not look at it.

        Looking through all of it took 40 ms, every few seconds, and a key had to wait for that.
        """
        self._prepare()
        gc.freeze()

    # -- the end -------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """End the program; ask first while refunds are open."""
        if self._leaving or self._asking or self._kiosk:
            return
        number = len(self._board.open_refunds()) + len(self._preparing)
        if number:
            self._asking = True
            self.push_screen(self._open.quitting(number, is_kept=self.is_kept), self._quit_answered)
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

    @on(messages.NextCustomer)
    def _next_customer(self, message: messages.NextCustomer) -> None:
        self.leave_refund(message.page)
        if self.screen is self._counter:
            # After its own coming back, which clears what was said before.
            self._counter.call_later(self._counter.take, message.text, is_whole=message.is_whole)
        else:
            # A form that waits for its own answer came to the front.
            self.bell()

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
        say = partial(remarks.trouble, message.refund, message.error)
        self._board.remark(message.refund.id, say)

    @on(messages.CheckAnswered)
    def _check_answered(self, message: messages.CheckAnswered) -> None:
        self._note(message.refund)
        if message.refund.state is message.before.state:
            self._board.remark(message.refund.id, partial(remarks.nothing_new, self._clock.now()))

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
        self._show_open_soon()
        if before is None or (before.state, before.alarm) == (latest.state, latest.alarm):
            return
        if shown:
            # Whoever waits for it presses nothing, and has a minute to read what came.
            self.somebody_is_there()
        else:
            self._announce(latest)

    def _announce(self, refund: Refund) -> None:
        """Say what became of a refund nobody has on the screen."""
        said = words(refund)
        if said.outcome is not Outcome.RUNNING:
            text = " ".join((said.money, said.next, *asked_by_the_terminal(refund)))
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
    def _history_opened(self, message: messages.HistoryOpened) -> None:
        self.push_screen(self._open.history(message.line))

    def _go_on_to(self, screen: Page) -> None:
        """Show a screen; a form that led to it is over and must not be come back to."""
        if getattr(self.screen, "LEADS_ON", False):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def go_home(self) -> None:
        """Leave every screen but the counter, and clear what was typed there."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if self._counter.is_drawn:
            self._counter.action_clear()

    def must_stay(self, screen: Screen[Any]) -> bool:
        """Also while a decision is being written down."""
        preparing = any(screen is one for one, _ in self._preparing.values())
        return preparing or super().must_stay(screen)

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
