"""What to do with refunds that were left open: by a crash, a closed window, another process."""

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from posrefund.errors import LostLease
from posrefund.refund.model import Refund, RefundState
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.rules import needs_a_person
from posrefund.refund.service import RefundService

Queue = list[tuple[datetime, int, Refund]]


class Recovery:
    """Takes open refunds over and works through them, each by the same steps as `follow`."""

    def __init__(self, *, service: RefundService, journal: Journal, clock: Clock) -> None:
        self._service = service
        self._journal = journal
        self._clock = clock
        # Two steps may be due at the same moment, and refunds have no order of their own.
        self._turns = itertools.count()

    def take_over(self) -> list[Refund]:
        """Settle what nobody works on any more, and return every open refund, oldest first.

        A decision nobody sent is dropped: nobody stands at the button now. An attempt nobody
        waits for becomes UNKNOWN, because it may have left. Both are written down before anything
        is asked. Refunds of another configuration are returned as they are.
        """
        return [self._settled(refund) for refund in self._journal.open_refunds()]

    def unsettled(self) -> list[Refund]:
        """Return the final refunds that are not done with: to be verified, or contradicted."""
        return self._journal.unsettled_refunds()

    def work(self, *, until: datetime) -> Iterator[Refund]:
        """Yield every refund `take_over` returns, then each piece of news about them.

        Ends when each is final, needs a person, or has no step due before `until`.

        Raises:
            KeyRefused: If CCV does not accept the key. What is open stays as it is.
        """
        queue: Queue = []
        for refund in self.take_over():
            yield refund
            self._plan(queue, refund)
        for refund in self.unsettled():
            if refund.alarm is not None:
                yield refund
            self._plan(queue, refund)
        while queue and queue[0][0] <= until:
            due, _, refund = heapq.heappop(queue)
            self._clock.wait(max(0.0, (due - self._clock.now()).total_seconds()))
            latest = self._step(refund)
            if (latest.state, latest.alarm) != (refund.state, refund.alarm):
                yield latest
            self._plan(queue, latest)

    def _plan(self, queue: Queue, refund: Refund) -> None:
        if not self._service.is_ours(refund):
            return
        if refund.state is RefundState.ATTENTION and not refund.checks:
            # A person must look, and one question now may spare them the trouble.
            heapq.heappush(queue, (self._clock.now(), next(self._turns), refund))
            return
        due = None if needs_a_person(refund) else self._service.next_step_at(refund)
        if refund.state is RefundState.FAILED and due is not None and due > self._clock.now():
            return  # To be verified later; nobody waits for that.
        if due is not None:
            heapq.heappush(queue, (due, next(self._turns), refund))

    def _step(self, refund: Refund) -> Refund:
        if refund.state is RefundState.INTENT:
            settled = self._settled(refund)
            return replace(settled, checks=refund.checks + 1, checked_at=self._clock.now())
        return self._service.check_quietly(refund)

    def _settled(self, refund: Refund) -> Refund:
        if not self._service.is_ours(refund):
            return refund
        try:
            if refund.state is RefundState.INTENT:
                return self._service.withdraw(replace(refund, owner=None))
            if refund.state is RefundState.SENDING:
                return self._service.check(refund)
        except LostLease:
            # Somebody is alive and at it: theirs to finish.
            return self._journal.get(refund.id) or refund
        return refund
