"""Holds a refund for one step, and writes down what the step did, in one commit."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from posrefund.errors import JournalTrouble, JournalUnavailable, LostLease, Unrecorded
from posrefund.refund.model import Entry, Refund, RefundState
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.transitions import Trigger, move

LEASE = timedelta(seconds=60)
"""How long a step may hold a refund; longer than any request may take."""


class Holding:
    """Nobody else moves a refund between `claim` and the write that lets it go again."""

    def __init__(self, *, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._unwritten: dict[str, int] = {}
        """By refund: the fence under which an attempt could not be written down."""

    def claim(self, refund: Refund) -> Refund:
        """Take the refund for one step, if it still stands where it was seen.

        Raises:
            LostLease: If somebody else is at it, or has moved it since.
        """
        now = self._clock.now()
        held = self._journal.claim(refund.id, now=now, until=now + LEASE)
        if held.version != refund.version:
            self.release(held)
            raise LostLease("refund {id} has moved on to {state}", id=refund.id, state=held.state)
        return held

    def release(self, held: Refund) -> Refund:
        """Let it go as it is."""
        return self._journal.record(replace(held, owner=None), None)

    def write(self, held: Refund, trigger: Trigger, *, why: str = "") -> Refund:
        """Move it before anything is asked or sent, and let it go.

        Raises:
            JournalUnavailable: If it could not be written down, so it was not done.
        """
        moved, entry = move(held, trigger, at=self._clock.now(), why=why)
        return self._journal.record(replace(moved, owner=None), entry)

    def begin(self, held: Refund) -> Refund:
        """Write down that an attempt leaves now, and keep it. Before the first byte, always.

        Raises:
            JournalUnavailable: If it could not be written down. Nothing may be sent.
        """
        now = self._clock.now()
        sending, entry = move(held, Trigger.SEND, at=now)
        try:
            begun = self._journal.record(replace(sending, lease_until=now + LEASE), entry)
        except JournalUnavailable:
            self._unwritten[held.id] = held.fence
            self._take_back(sending)
            raise
        self._unwritten.pop(held.id, None)
        return begun

    def _take_back(self, sending: Refund) -> None:
        """A commit that failed may have come through: then write, as is true, that nothing left."""
        with suppress(JournalTrouble, LostLease):
            kept = self._journal.get(sending.id)
            came = (sending.version + 1, sending.fence)
            if kept is not None and (kept.version, kept.fence) == came:
                self.note(kept, Trigger.UNSENT, "The journal failed before it left.")

    def drop(self, refund: Refund, *, is_ours: bool) -> Refund:
        """Give a decision up that `begin` could not write down.

        The journal may have kept more than it owned up to: SENDING, of which this process alone
        knows that nothing left. Of a SENDING of anybody else nobody knows it.

        Args:
            refund: As it was when it could not be written down.
            is_ours: Whether this process decided it, so that nobody else sends it unclaimed.

        Returns:
            It, NOT_SENT; or still INTENT, where that is sure and could not be written down.

        Raises:
            JournalUnavailable: If it is not sure what stands there.
            LostLease: If somebody else is at it, or it went further.
        """
        latest = self._journal.get(refund.id) or refund
        is_unsent = self._is_unsent(latest)
        if latest.state is RefundState.SENDING and is_unsent:
            latest = self.write(latest, Trigger.UNSENT, why="The journal failed before it left.")
        if latest.state.is_final:
            return latest
        if latest.state is not RefundState.INTENT:
            raise LostLease("refund {id} has moved on to {state}", id=latest.id, state=latest.state)
        try:
            held = latest if is_unsent else self.claim(latest)
            return self.write(held, Trigger.WITHDRAW, why=refund.message or "")
        except JournalUnavailable:
            if is_unsent or (is_ours and latest.fence == refund.fence):
                return latest  # An INTENT that nobody waits for is dropped by recovery.
            raise

    def crashed(self, sending: Refund) -> Refund:
        """Go on from an attempt nobody waits for: UNKNOWN, unless we know that it never left.

        Raises:
            LostLease: If somebody is at it.
            JournalUnavailable: If it could not be written down.
        """
        if self._is_unsent(sending):
            return self.drop(sending, is_ours=True)
        return self.write(self.claim(sending), Trigger.CRASH)

    def _is_unsent(self, refund: Refund) -> bool:
        return self._unwritten.get(refund.id) == refund.fence

    def note(self, held: Refund, trigger: Trigger, why: str) -> Refund:
        """Move it after an attempt, and let it go.

        Raises:
            Unrecorded: If the journal failed. Recovery asks what became of it.
        """
        moved, entry = move(held, trigger, at=self._clock.now(), why=why)
        return self.keep(moved, entry)

    def keep(self, moved: Refund, entry: Entry | None) -> Refund:
        """Write down what CCV said, and let it go.

        Raises:
            Unrecorded: If the journal failed. Recovery asks what became of it.
            NotAllowed: If another refund has this reference of CCV's.
        """
        try:
            return self._journal.record(replace(moved, owner=None), entry)
        except JournalUnavailable as error:
            raise Unrecorded(
                "refund {id} was sent and now is {state}, but this could not be written down; run"
                " recover",
                id=moved.id,
                state=moved.state,
            ) from error
