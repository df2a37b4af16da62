"""A counter for tests: the real app, service and recovery over a bank and a journal in memory."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from posrefund.errors import JournalUnavailable
from posrefund.journal.memory import MemoryJournal
from posrefund.references import short_id
from posrefund.refund.model import Entry, Payment, ProviderRefund, Refund
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.terminal.model import Method, Terminal
from posrefund.tui.app import RefundApp
from tests.support.builders import a_payment
from tests.support.fakes import FakeBank, FrozenClock

PAY_URL = "https://onlinepayments.ccv.eu/terminal/poll?reference=TL260414072854599CB87E19B0A3F4D21"
LONG_PAY_URL = PAY_URL + "C7E5B9A8D6F0E1C2B3A4D5E6F70819"
"""120 characters: as long as CCV's usual ones get."""

DESK = Terminal(name="Desk 2", method=Method.TERMINAL, terminal_id="1234536", is_default=True)
DOOR = Terminal(name="Door", method=Method.TERMINAL, terminal_id="77")
PHONE = Terminal(name="Manager's phone", method=Method.SOFTPOS, terminal_id="SP0001")

ENTER = "enter"
PATIENCE = 1500
"""Turns of the loop a test waits for something to come true: enough on a machine that is busy."""


class Bank(FakeBank):
    """Gives every refund a cashier's page, as CCV does for terminals."""

    def __init__(self, payments: Iterable[Payment], *, clock: FrozenClock) -> None:
        super().__init__(payments, clock=clock)
        self.pay_url: str | None = PAY_URL
        self.facts: dict[str, object] = {}

    def carry_out(self, refund: Refund) -> ProviderRefund:
        said = replace(super().carry_out(refund), pay_url=self.pay_url, facts=self.facts)
        self.ledger[said.reference] = said
        return said


class FailingJournal(MemoryJournal):
    """A memory that can be made to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.records_until_failure: int | None = None
        self.is_shut = False
        self.writes_and_fails = False
        self.dies_with_it = False
        self.is_dead = False

    def get(self, refund_id: str) -> Refund | None:
        if self.is_dead:
            raise JournalUnavailable("the disk is gone")
        return super().get(refund_id)

    def open_case(self, refund: Refund, entry: Entry) -> Refund:
        if self.is_shut:
            raise JournalUnavailable("the disk is full")
        return super().open_case(refund, entry)

    def record(self, refund: Refund, entry: Entry | None) -> Refund:
        if self.records_until_failure is not None:
            if self.records_until_failure == 0:
                self.records_until_failure = None
                raise JournalUnavailable("the disk is full")
            self.records_until_failure -= 1
        kept = super().record(refund, entry)
        if self.writes_and_fails:
            self.writes_and_fails = False
            self.is_dead = self.dies_with_it
            raise JournalUnavailable("the disk does not say what it did")
        return kept


def _minter() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"00000000-0000-4000-8000-{next(numbers):04x}00000000"


@dataclass
class Counter:
    """The parts of a counter, the app, and hands to use it."""

    app: RefundApp
    bank: Bank
    journal: FailingJournal
    clock: FrozenClock
    service: RefundService
    opened: list[str] = field(default_factory=list)
    pilot: Pilot[None] | None = None

    # -- hands ---------------------------------------------------------------------------------

    async def press(self, *keys: str) -> None:
        """Press keys as a person does: with time between them."""
        for key in keys:
            self.app._rhythm._at = float("-inf")
            await self.pilot.press(key)

    async def type(self, text: str) -> None:
        await self.press(*(_character_to_key(char) for char in text))

    async def scan(self, text: str, *, end: str = "enter") -> None:
        """Send keys as a scanner does: five milliseconds apart."""
        self.app._rhythm._at = float("-inf")
        keys = [(_character_to_key(char), char) for char in text]
        if end:
            keys.append((end, "\r" if end == "enter" else "\t"))
        start = events.Key("a", "a").time
        for number, (key, character) in enumerate(keys):
            event = events.Key(key, character)
            event.time = start + number * 0.005
            self.app.post_message(event)
        await self.pilot.pause()

    # -- eyes ----------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return type(self.app.screen).__name__

    def text(self) -> str:
        return screen_text(self.app)

    def says(self, words: str) -> bool:
        """Are these words on the screen, wherever the lines break?"""
        return _flat(words) in _flat(self.text())

    async def until(self, question: Callable[[], object]) -> None:
        """Let the app work until the answer is yes."""
        for _ in range(PATIENCE):
            if question():
                await self.pilot.pause()
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"it never came true; on the screen:\n{self.text()}")

    async def until_on(self, screen: str) -> None:
        await self.until(lambda: self.name == screen and self.app.screen.is_mounted)

    async def until_says(self, words: str) -> None:
        await self.until(lambda: self.says(words))

    # -- short cuts ----------------------------------------------------------------------------

    async def find(self, text: str = "1001") -> None:
        """Scan something and come to its payment."""
        await self.scan(text)
        await self.until_on("PaymentScreen")

    async def ask(self, amount: str | None = None) -> None:
        """Come to the question."""
        await self.find()
        if amount is not None:
            await self.type(amount)
        await self.press(ENTER)
        await self.until_on("ConfirmScreen")

    async def refund(self, amount: str | None = None) -> None:
        """Give money back, up to where CCV has it."""
        await self.ask(amount)
        await self.press("y")
        await self.until(lambda: self.name in {"ProgressScreen", "OutcomeScreen"})
        await self.until(lambda: self.only().state.value not in {"intent", "sending"})
        await self.pilot.pause()

    def only(self) -> Refund:
        """The one refund of the journal."""
        (refund,) = self.journal.latest(limit=5)
        return refund

    async def news(self, refund: Refund | None = None) -> None:
        """Let the follower ask now instead of in two seconds."""
        self.app._follower.check_now(refund or self.app._board.latest(self.only()))
        await self.pilot.pause()


def a_counter(
    *payments: Payment,
    mode: str = "TEST",
    terminals: Iterable[Terminal] = (DESK, DOOR, PHONE),
    **more: object,
) -> Counter:
    clock = FrozenClock()
    bank = Bank(payments or [a_payment(brand="VISA")], clock=clock)
    journal = FailingJournal()
    service = RefundService(
        provider=bank,
        journal=journal,
        clock=clock,
        counter="Desk 2",
        mint=_minter(),
        short_id=short_id,
    )
    opened: list[str] = []

    def open_page(url: str) -> bool:
        opened.append(url)
        return True

    app = RefundApp(
        service=service,
        recovery=Recovery(service=service, journal=journal, clock=clock),
        journal=journal,
        clock=clock,
        terminals=list(terminals),
        counter="Desk 2",
        mode=mode,
        open_page=open_page,
        **more,
    )
    # A test need not wait as long as a person does.
    app._rhythm.alone_seconds, app._rhythm.tap_seconds = 0.02, 0.0
    return Counter(app, bank, journal, clock, service, opened)


@asynccontextmanager
async def running(counter: Counter, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Counter]:
    """Run the app, and end its threads whatever happens."""
    try:
        async with counter.app.run_test(size=size, notifications=True) as pilot:
            counter.pilot = pilot
            await counter.until(lambda: not list(counter.app.workers))
            yield counter
    finally:
        counter.app.stop_following()


def screen_text(app: RefundApp) -> str:
    """The screen as lines of plain text, as the compositor paints it."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


_FRAMES = str.maketrans(dict.fromkeys("\u258a\u258e\u2594\u2581\u258c\u2590", " "))


def _flat(text: str) -> str:
    return " ".join(text.translate(_FRAMES).split()).casefold()
