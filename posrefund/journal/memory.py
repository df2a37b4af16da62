"""A journal that forgets everything at the end: every promise is kept but durability."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

from posrefund.errors import AlreadyOpen, LostLease, NotAllowed
from posrefund.journal.names import day_bounds, is_named, tail
from posrefund.journal.rows import OVERTAKEN, as_kept
from posrefund.money import Money
from posrefund.refund.model import Entry, Environment, Refund, RefundState

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


class MemoryJournal:
    """The same behaviour as `SqliteJournal`, in a dictionary."""

    def __init__(self, *, owner: str = "this process") -> None:
        self._owner = owner
        self._lock = threading.RLock()
        self._refunds: dict[str, Refund] = {}
        self._entries: dict[str, list[Entry]] = {}

    def open_case(self, refund: Refund, entry: Entry) -> Refund:
        """See `Journal.open_case`."""
        with self._lock:
            if refund.id in self._refunds:
                raise AlreadyOpen("refund {refund_id} exists", refund_id=refund.id)
            for other in self.of_payment(refund.environment, refund.original_reference):
                if not other.state.is_final:
                    raise AlreadyOpen(
                        "refund {refund_id} of this payment is not finished", refund_id=other.id
                    )
                if refund.ordinal and refund.ordinal == other.ordinal:
                    raise NotAllowed(OVERTAKEN)
            kept = replace(as_kept(refund, version=1), owner=self._owner, fence=1)
            self._refunds[refund.id] = kept
            self._entries[refund.id] = [entry]
            return kept

    def claim(self, refund_id: str, *, now: datetime, until: datetime) -> Refund:
        """See `Journal.claim`."""
        with self._lock:
            known = self._refunds.get(refund_id)
            if known is None:
                raise LostLease("refund {id} is not in this journal", id=refund_id)
            if known.owner is not None and known.lease_until and known.lease_until > now:
                raise LostLease("another step is working on refund {id}", id=refund_id)
            held = replace(known, owner=self._owner, lease_until=until, fence=known.fence + 1)
            self._refunds[refund_id] = held
            return held

    def record(self, refund: Refund, entry: Entry | None) -> Refund:
        """See `Journal.record`."""
        with self._lock:
            known = self._refunds[refund.id]
            if (known.version, known.fence) != (refund.version, refund.fence):
                raise LostLease("refund {id} was taken over", id=refund.id)
            reference = refund.provider_reference
            if reference is not None:
                rival = self.with_provider_reference(refund.environment, reference)
                if rival is not None and rival.id != refund.id:
                    raise NotAllowed(
                        "another refund already has the reference {reference}", reference=reference
                    )
            kept = as_kept(refund, version=refund.version + 1)
            self._refunds[refund.id] = kept
            if entry is not None:
                self._entries[refund.id].append(entry)
            return kept

    def append(self, refund_id: str, entry: Entry) -> None:
        """See `Journal.append`."""
        with self._lock:
            self._entries[refund_id].append(entry)

    @contextmanager
    def together(self) -> Iterator[None]:
        """See `Journal.together`; there is no power cut to survive."""
        with self._lock:
            yield

    def get(self, refund_id: str) -> Refund | None:
        """See `Journal.get`."""
        return self._refunds.get(refund_id)

    def with_provider_reference(self, environment: Environment, reference: str) -> Refund | None:
        """See `Journal.with_provider_reference`."""
        with self._lock:
            for refund in self._refunds.values():
                if (refund.environment, refund.provider_reference) == (environment, reference):
                    return refund
        return None

    def of_payment(self, environment: Environment, original_reference: str) -> list[Refund]:
        """See `Journal.of_payment`."""
        wanted = (environment, original_reference)
        return [
            refund
            for refund in self._newest_first()
            if (refund.environment, refund.original_reference) == wanted
        ]

    def open_refunds(self) -> list[Refund]:
        """See `Journal.open_refunds`."""
        return [refund for refund in reversed(self._newest_first()) if not refund.state.is_final]

    def unsettled_refunds(self) -> list[Refund]:
        """See `Journal.unsettled_refunds`."""
        return [
            refund
            for refund in reversed(self._newest_first())
            if (refund.state is RefundState.FAILED and refund.verified < 3)
            or (refund.alarm is not None and refund.state is not RefundState.CLOSED)
        ]

    def latest(
        self,
        *,
        limit: int,
        day: date | None = None,
        state: RefundState | None = None,
        text: str | None = None,
        amount: Money | None = None,
        terminal: str | None = None,
        before: tuple[datetime, str] | None = None,
    ) -> list[Refund]:
        """See `Journal.latest`."""
        begin, end = (_FIRST, _LAST) if day is None else day_bounds(day)
        wanted = tail(text.strip()) if text else ""
        found = [
            refund
            for refund in self._newest_first()
            if begin <= refund.created_at < end
            and state in {None, refund.state}
            and amount in {None, refund.amount}
            and (not wanted or is_named(refund, wanted))
            and (terminal is None or (refund.terminal or "").lower() == terminal.lower())
            and (before is None or (refund.created_at, refund.id) < before)
        ]
        return found[:limit]

    def entries(self, refund_id: str) -> list[Entry]:
        """See `Journal.entries`."""
        return list(self._entries.get(refund_id, []))

    def close(self) -> None:
        """Nothing to let go of."""

    def _newest_first(self) -> list[Refund]:
        with self._lock:
            return sorted(
                self._refunds.values(), key=lambda one: (one.created_at, one.id), reverse=True
            )
