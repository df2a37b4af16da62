"""The world of one simulated run: one seed decides about time, crashes, pauses and the network.

What is promised: nothing here asks the real clock, the real network or the real random generator,
so a run depends on its seed and its number alone. The service, the journal and the provider client
are the shipped ones; only what lies beyond their ports is pretended.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from posrefund.refund.model import Refund
from posrefund.sandbox.bank import Bank
from posrefund.sandbox.faults import Faults
from posrefund.sandbox.routes import Routes
from posrefund.sandbox.transaction import Transaction

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)
KEY_LIFETIMES = (30 * 60, 3600, 24 * 3600)
"""Seconds after which a provider may forget an idempotency reference: the shortest published, and
two ordinary ones. LIMIT: a lifetime shorter than our window of 15 minutes is outside CCV's promise
(and every other provider's), so it is not drawn."""
LATEST_EXECUTION = 14 * 60
"""LIMIT: a request that is carried out later than this after it was sent could meet a forgotten
key: window (15 min) + delay must stay below the shortest key lifetime (30 min)."""


class PowerCut(BaseException):
    """The process ends here and now; nothing of it runs on."""

    def __init__(self, process: object) -> None:
        super().__init__("power cut")
        self.process = process
        """Which process; None means the whole machine."""


@dataclass(frozen=True, slots=True)
class Temper:
    """How unkind one run is: probabilities, drawn once."""

    network: float
    crash: float
    pause: float
    interleave: float
    journal: float
    jump: float
    flap: float
    listing_hides: float

    @classmethod
    def drawn(cls, rng: Random) -> "Temper":
        """Mix calm and storm, so that rare hazards also meet an otherwise healthy day."""
        return cls(
            network=rng.choice((0.0, 0.1, 0.25, 0.45, 0.7)),
            crash=rng.choice((0.0, 0.0, 0.01, 0.03, 0.1)),
            pause=rng.choice((0.0, 0.0, 0.01, 0.04)),
            interleave=rng.choice((0.0, 0.03, 0.1)),
            journal=rng.choice((0.0, 0.0, 0.0, 0.02, 0.08)),
            jump=rng.choice((0.0, 0.0, 0.0, 0.05)),
            flap=rng.choice((0.0, 0.0, 0.1)),
            listing_hides=rng.choice((0.0, 0.0, 0.1)),
        )


class ForgetfulBank(Bank):
    """The sandbox's bank, which forgets an idempotency reference after a while."""

    lifetime_seconds = float(KEY_LIFETIMES[0])

    def once(
        self,
        key: tuple[str, str, str] | None,
        fingerprint: str,
        make: Callable[[], Transaction],
    ) -> Transaction:
        """Remember the key for its lifetime, counted from its first execution."""
        known = self._once.get(key) if key is not None else None
        if known and key is not None:
            first = min(self.get(reference).created for reference in known.values())
            if self.now() - first > self.lifetime_seconds * 1000:
                del self._once[key]
        return super().once(key, fingerprint, make)


@dataclass(slots=True, kw_only=True)
class Post:
    """One refund request that reached the wire."""

    at: int
    """True time, in milliseconds since the start."""
    key: str
    body: bytes
    address: str
    process: str
    attempt: int


@dataclass(slots=True)
class Frame:
    """One action that is under way; others may run inside it."""

    process: object
    began: int
    jumps: int
    """How often the clock had been set when it began."""
    slept: bool = False
    """Did the process sleep in the middle of it?"""


class World:
    """Time, chance, the bank and the one journal all processes of the machine share."""

    tolerated: frozenset[str] = frozenset()
    """Promises known to be broken: a run that meets one ends there; others are looked for."""

    def __init__(self, seed: int, run: int) -> None:
        self.rng = Random(f"{seed}:{run}")  # noqa: S311 - it must be repeatable, not secret
        self.temper = Temper.drawn(self.rng)
        self.ms = 0
        self.wall_offset_ms = 0
        self.jumps: list[tuple[int, int]] = []
        """When the wall clock was set, and by how much, in milliseconds."""
        self.bank_skew_ms = self.rng.choice((0, 0, 0, 0, -80_000, 80_000))
        if self.rng.random() < 0.05:
            # The shop's clock has been wrong by an hour, or by minutes, since before the start.
            self.bank_skew_ms = self.rng.choice((-3_600_000, -1_200_000, 1_200_000, 3_600_000))
        self.calm = False
        self.log: list[tuple[int, str, str]] = []
        self.posts: list[Post] = []
        self.violations: list[str] = []
        self.cut_short = ""
        """The open defect that ended this run."""
        self.stack: list[Frame] = []
        self.refunds: dict[str, Refund] = {}
        """The journal's rows; every process has its view of them."""
        self.entries: dict[str, list[object]] = {}
        self.opened: dict[str, int] = {}
        """When each refund was decided, in true time."""
        self.lists_fail_until = 0
        """Until then CCV's lists are out of order."""
        self.misled: set[str] = set()
        """References CCV answered a question about with something else."""
        self.cached: set[str] = set()
        """References CCV answered a question about with an answer of before."""
        self.gone: set[str] = set()
        """Owners that are provably dead."""
        self.flipped: dict[str, int] = {}
        """What CCV itself changed after it was final, and how often ours was verified then."""
        self.meanwhile: Callable[[object], None] = lambda process: None
        """Lets another process act in the middle of a port call."""
        self.minted = 0
        self.bank = ForgetfulBank(now=self.bank_ms, mint=self._digits)
        self.bank.lifetime_seconds = float(self.rng.choice(KEY_LIFETIMES))
        self.faults = Faults()
        self.routes = Routes(bank=self.bank, faults=self.faults)

    # -- time ----------------------------------------------------------------------------------

    def bank_ms(self) -> int:
        """CCV's clock: epoch milliseconds."""
        return START_MS + self.ms + self.bank_skew_ms

    def now(self) -> datetime:
        """The wall clock of the shop's machine."""
        return START + timedelta(milliseconds=self.ms + self.wall_offset_ms)

    def elapsed(self) -> float:
        """What nobody can set: seconds since the start, sleep included."""
        return self.ms / 1000

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.ms += max(0, round(seconds * 1000))

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall_offset_ms += round(seconds * 1000)
        self.jumps.append((self.ms, round(seconds * 1000)))
        self.note("clock", f"set by {seconds:+.0f} s")

    def wait(self, seconds: float) -> bool:
        """Wait, which takes no time here; another process may act meanwhile."""
        self.advance(seconds)
        return True

    def wake(self) -> None:
        """Nobody waits really."""

    # -- chance --------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        """Draw; nothing is drawn for what is impossible or once calm has come."""
        return probability > 0 and not self.calm and self.rng.random() < probability

    def mint(self) -> str:
        """An idempotency reference from the run's own generator."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def _digits(self) -> str:
        self.minted += 1
        return f"{self.minted:08X}"

    # -- the boundary between a process and the rest of the world --------------------------------

    def boundary(self, process: object, where: str) -> None:
        """A port call begins or ends: the process may die here, sleep, or others may act."""
        if self.calm:
            return
        draw = self.rng.random()
        temper = self.temper
        if draw < temper.crash:
            machine = self.rng.random() < 0.15
            self.note(str(process), f"dies {where}" + (" with the machine" if machine else ""))
            raise PowerCut(None if machine else process)
        draw -= temper.crash
        if where == "before POST":
            # LIMIT: between its last look at the clock and the first byte nobody can keep a program
            # from being stopped; what a sleep there costs is bounded by the transport's deadline.
            return
        if draw < temper.pause:
            self._sleep(process, where)
        elif draw < temper.pause + temper.interleave and len(self.stack) < 3:
            self.note(str(process), f"is interrupted {where}")
            self.meanwhile(process)

    def _sleep(self, process: object, where: str) -> None:
        seconds = self.rng.choice((1, 20, 61, 70, 130, 700, 1000, 2000, 4000, 30_000))
        self.note(str(process), f"sleeps {seconds} s {where}")
        for frame in self.stack:
            frame.slept = True
        parts = self.rng.choice((1, 1, 2, 4)) if len(self.stack) < 3 else 1
        for _ in range(parts):
            self.advance(seconds / parts)
            if len(self.stack) < 3 and self.rng.random() < 0.6:
                self.meanwhile(process)
        self.note(str(process), "wakes up")

    # -- what is known ---------------------------------------------------------------------------

    def note(self, who: str, what: str) -> None:
        """Write down what happened, for the log that two executions must agree on."""
        self.log.append((self.ms, who, what))

    def violate(self, invariant: str, what: str) -> None:
        """Write down a broken promise, once."""
        line = f"{invariant}: {what}"
        if self.cut_short:
            return
        if invariant in self.tolerated:
            self.note("tolerated", line)
            self.cut_short = invariant
            return
        if line not in self.violations:
            self.violations.append(line)
            self.note("VIOLATION", line)

    def end_at_limit(self, limit: str) -> None:
        """End the run where no program could know better."""
        self.cut_short = self.cut_short or f"limit: {limit}"
        self.note("LIMIT", limit)

    def went_back(self, since: int, until: int) -> bool:
        """Was the wall clock set back between two true times?"""
        return any(by < -2000 and since <= at <= until for at, by in self.jumps)

    def ledger(self) -> list[Transaction]:
        """What the bank really did for us."""
        self.bank.settle()
        return self.bank.refunds(origin="api")


@dataclass(slots=True)
class Outcome:
    """What became of one run."""

    run: int
    violations: list[str]
    cut_short: str
    log: list[tuple[int, str, str]]
    rules: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    posts: int = 0
    ledger: int = 0
