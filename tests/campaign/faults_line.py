"""One line of the fault table: a fault, what is expected, what is seen; and a shop to play it in.

What is expected is written as what is seen is written, so a line is right when the two are equal:

    `unknown > succeeded, ledger 1, posts 2`

that is, the state right after the request, the state when the following is over, the refunds the
bank really made, and the refund requests it saw; `in time` when the request was over at its
deadline. Parts that are not expected are not shown. What may never be, in any line, is put behind:
a double refund, a lost one, other bytes, a stuck one, the API key or a raw answer in the journal.
"""

import base64
import contextlib
import shlex
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from posrefund.credentials import ApiKey
from posrefund.errors import PosrefundError
from posrefund.journal.sqlite import SqliteJournal
from posrefund.provider.client import HttpProvider
from posrefund.references import mint, short_id
from posrefund.refund.model import Environment, Refund, RefundOrder
from posrefund.refund.recovery import Recovery
from posrefund.refund.rules import is_over
from posrefund.refund.service import RefundService
from tests.campaign.crash_judge import judge
from tests.campaign.faults_door import Door
from tests.support.builders import eur
from tests.support.shop import DESK_2, KEY, BankClock, Shop

NEVER_LEFT = "intent > not_sent, ledger 0, posts 0"
DEADLINE = 0.3
"""Seconds a request may take here."""
SLACK = 2.0
"""And so much longer, because the machine may be busy. What drips here would drip for longer."""
DAY = timedelta(hours=26)
"""Longer than anything may go on by itself."""
UNWANTED = {
    "the key": KEY,
    "the coded key": base64.b64encode(f"{KEY}:".encode()).decode(),
    "an escape": "\x1b",
    "a raw page": "<html",
}
"""What may not be in a journal, whatever was answered."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One fault."""

    number: str
    fault: str
    expected: str
    play: Callable[["Line", Path], str]
    """Returns what was seen."""
    needs: str | None = None
    """A program without which the line cannot be played."""

    @property
    def name(self) -> str:
        """Number and fault."""
        return f"{self.number} {self.fault}"

    @property
    def replay(self) -> str:
        """The command that plays it again."""
        return f"python -m tests.campaign faults --only {shlex.quote(self.name)}"

    def shows(self, part: str) -> bool:
        """Whether something is said about a part."""
        return part in self.expected


class Stall(Shop):
    """A shop with short deadlines, whose line to the bank may lead over another address."""

    door: Door
    """What the line leads through, when it leads through one."""
    took = 0.0
    """Seconds of the last request, really passed."""

    def __init__(
        self, folder: Path, *, through: Callable[[int], Door] | None = None, **how: Any
    ) -> None:
        """Prepare.

        Args:
            folder: For the journal.
            through: Makes the door before the bank's port.
            how: What else the client is given, as `ca_file` or `proxy`.
        """
        super().__init__(folder)
        self._through = through
        self.at_end = contextlib.ExitStack()
        """What else is closed with the shop."""
        self.how = how

    def __enter__(self) -> Self:
        self.sandbox.start()
        if self._through is not None:
            self.door = self._through(self.sandbox.port)
            self.how = {"base_url": self.door.base_url} | self.how
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.at_end.close()
        if self._through is not None:
            self.door.shut()

    def open(self) -> None:
        self.clock = BankClock(self.sandbox.bank)
        given = {
            "base_url": self.sandbox.base_url,
            "key": ApiKey(KEY),
            "environment": Environment.TEST,
            "pay_url_hosts": ("127.0.0.1",),
            "clock": self.clock,
            "post_seconds": DEADLINE,
            "get_seconds": DEADLINE,
            "connect_seconds": DEADLINE / 2,
        }
        self.provider = HttpProvider(**(given | self.how))
        self.journal = SqliteJournal(self._path)
        self.service = RefundService(
            provider=self.provider,
            journal=self.journal,
            clock=self.clock,
            counter="Desk 2",
            mint=mint,
            short_id=short_id,
        )
        self.recovery = Recovery(service=self.service, journal=self.journal, clock=self.clock)

    def refund(self, text="1001", amount="5.00", *, finding=None, **changes):
        if finding is None:
            (finding,) = self.service.find(text)
        order = RefundOrder(finding=finding, amount=eur(amount), terminal=DESK_2)
        return self.service.send(self.service.intend(replace(order, **changes)))

    def rows(self) -> list[dict[str, Any]]:
        """The journal, read by nothing of the program."""
        with contextlib.closing(sqlite3.connect(self._path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM refund")]

    def post_times(self) -> list[float]:
        """When the refund requests came, in seconds since the first."""
        at = [
            seen.at / 1000
            for seen in self.sandbox.requests
            if seen.method == "POST" and seen.path.endswith("/refund")
        ]
        return [one - at[0] for one in at]

    def verdict(self) -> list[str]:
        """What may never be, and is."""
        posts = [
            seen.facts()
            for seen in self.sandbox.requests
            if seen.method == "POST" and seen.path.endswith("/refund")
        ]
        return judge(self.rows(), self.ledger(), posts) + self._unwanted()

    def _unwanted(self) -> list[str]:
        with contextlib.closing(sqlite3.connect(self._path)) as connection:
            kept = "".join(connection.iterdump())
        return [f"the journal holds {what}" for what, sign in UNWANTED.items() if sign in kept]

    def leave_no_work(self) -> Self:
        """Let bank time pass until nothing is open that goes on by itself."""
        for _ in self.recovery.work(until=self.clock.now() + DAY):
            continue
        return self


def follow(shop: Stall, refund: Refund) -> Refund:
    """Follow it until it is over, or for longer than it may last."""
    current = refund
    until = shop.clock.now() + DAY
    for news in shop.service.follow(refund, until=until):
        current = news
    return shop.journal.get(current.id) or current


def send(shop: Stall, **how: Any) -> tuple[Refund, str]:
    """Send a refund; return it and how it stood then, with the error if one was raised."""
    begun = time.monotonic()
    try:
        refund = shop.refund(**how)
    except PosrefundError as error:
        (row,) = shop.journal.latest(limit=1)
        return row, f"{type(error).__name__} {row.state}"
    finally:
        shop.took = time.monotonic() - begun
    return refund, str(refund.state)


def tell(line: Line, shop: Stall, sent: str, final: str) -> str:
    """Write what was seen the way the line writes what is expected."""
    parts = [f"{sent} > {final}"]
    if line.shows("ledger"):
        parts.append(f"ledger {len(shop.ledger())}")
    if line.shows("posts"):
        parts.append(f"posts {len(shop.posts())}")
    if line.shows("in time"):
        parts.append(in_time(shop.took))
    return ", ".join(parts + shop.verdict())


def in_time(seconds: float) -> str:
    """Was a request over at its deadline?"""
    return "in time" if seconds <= DEADLINE + SLACK else f"after {seconds:.1f} s"


def whole_story(line: Line, shop: Stall, **how: Any) -> str:
    """Send, follow, and tell."""
    refund, sent = send(shop, **how)
    final = refund if is_over(refund) else follow(shop, refund)
    return tell(line, shop, sent, str(final.state))


def meets(trouble: Callable[[Stall], None], line: Line, folder: Path, **how: Any) -> str:
    """Look the payment up over a good line, then meet the trouble with the request."""
    with Stall(folder, **how) as shop:
        (finding,) = shop.service.find("1001")
        # A new client has no connection from before, on which the request could still leave.
        shop.restart()
        trouble(shop)
        return whole_story(line, shop, finding=finding)
