"""One process's view of the journal all processes share; writing may fail before or after it.

What is promised: the rows and rules are `MemoryJournal`'s own. The view adds an owner, dead owners
whose refunds can be taken over at once, failures, and the boundaries at which others may act.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from posrefund.errors import JournalUnavailable
from posrefund.journal.memory import MemoryJournal
from posrefund.refund.model import Entry, Environment, Refund
from tests.campaign.world import World

T = TypeVar("T")


class JournalView(MemoryJournal):
    """Implements `refund.ports.Journal` for one process."""

    def __init__(self, world: World, process: object, *, owner: str) -> None:
        super().__init__(owner=owner)
        self._refunds = world.refunds
        self._entries = world.entries
        self._world = world
        self._process = process
        self._seen: dict[str, set[str]] = {}
        """The rows of each payment this process read last."""
        self._inside = False
        """Is one of `MemoryJournal`'s own steps under way? It is one commit: nobody acts in it."""

    def open_case(self, refund: Refund, entry: Entry) -> Refund:
        """Insert, under the world's luck."""
        self._before("open_case")
        opened = self._commit(super().open_case, refund, entry)
        self._world.opened[refund.id] = self._world.ms
        payment = refund.original_reference
        rows = {row.id for row in self._refunds.values() if row.original_reference == payment}
        if not rows - {opened.id} <= self._seen.get(payment, set()):
            self._world.violate("stale", f"{opened.id} was decided without knowing of another one")
        self._world.note(self._owner, f"T1 {refund.id} {refund.amount.text}")
        self._after("open_case")
        return opened

    def claim(self, refund_id: str, *, now: datetime, until: datetime) -> Refund:
        """Take, also from an owner that is provably dead, as the lock files of SQLite allow."""
        self._before("claim")
        known = self._refunds[refund_id]
        if known.owner in self._world.gone:
            # Only the view differs: who asks now sees a lease that is over.
            now = max(now, known.lease_until or now)
        held = self._commit(super().claim, refund_id, now=now, until=until)
        self._after("claim")
        return held

    def record(self, refund: Refund, entry: Entry | None) -> Refund:
        """Write, under the world's luck."""
        self._before("record")
        kept = self._commit(super().record, refund, entry)
        rule = entry.rule if entry is not None else "."
        self._world.note(self._owner, f"{rule} {refund.id} -> {refund.state}")
        self._after("record")
        return kept

    def append(self, refund_id: str, entry: Entry) -> None:
        """Write, under the world's luck."""
        self._before("append")
        self._commit(super().append, refund_id, entry)
        self._after("append")

    def get(self, refund_id: str) -> Refund | None:
        """Read, under the world's luck."""
        self._before("get")
        return super().get(refund_id)

    def of_payment(self, environment: Environment, original_reference: str) -> list[Refund]:
        """Read, under the world's luck."""
        self._before("of_payment")
        rows = self._commit(super().of_payment, environment, original_reference)
        if not self._inside:
            self._seen[original_reference] = {row.id for row in rows}
        return rows

    def _commit(self, step: Callable[..., T], *values: object, **named: object) -> T:
        was, self._inside = self._inside, True
        try:
            return step(*values, **named)
        finally:
            self._inside = was

    def _before(self, what: str) -> None:
        if self._inside:
            return
        self._world.boundary(self._process, f"before {what}")
        if self._world.chance(self._world.temper.journal):
            self._world.note(self._owner, f"journal fails before {what}")
            raise JournalUnavailable("the disk says no")

    def _after(self, what: str) -> None:
        if self._world.chance(self._world.temper.journal / 3):
            # Written, and yet reported as failed: a disk may do that to a commit.
            self._world.note(self._owner, f"journal fails after {what}")
            raise JournalUnavailable("the disk says no, after it did it")
        self._world.boundary(self._process, f"after {what}")
