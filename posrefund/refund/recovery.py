"""What to do with refunds that were left open: by a crash, a closed window, another process."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from posrefund.errors import LostLease
from posrefund.refund.model import Refund, RefundState
from posrefund.refund.polling import INTENT_AGE_SECONDS
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.rules import is_news, needs_a_person
from posrefund.refund.service import RefundService

LOOK_SECONDS = 5.0
"""No longer does `watch` go without a look into the journal."""
LEFT_ALONE = timedelta(seconds=INTENT_AGE_SECONDS + 1)
"""A decision this old is sent by nobody any more, so whoever made it has gone away."""


class Agenda:
    """Which refund is to be seen to when. Each is on it once at the most."""

    def __init__(self) -> None:
        self._due: dict[str, tuple[datetime, Refund]] = {}

    def put(self, refund: Refund, due: datetime | None) -> None:
        """See to it then, whatever was planned before; None is never."""
        self._due.pop(refund.id, None)
        if due is not None:
            self._due[refund.id] = (due, refund)

    def first(self) -> tuple[datetime, Refund] | None:
        """What is due first, and when. Of two at the same moment, what was put first."""
        return min(self._due.values(), key=lambda planned: planned[0], default=None)


class Recovery:
    """Takes open refunds over and works through them, each by the same steps as `follow`."""

    def __init__(self, *, service: RefundService, journal: Journal, clock: Clock) -> None:
        self._service = service
        self._journal = journal
        self._clock = clock

    def take_over(self) -> list[Refund]:
        """Settle what nobody works on any more, and return every open refund, oldest first.

        A decision nobody sent is dropped: nobody stands at the button now. An attempt nobody
        waits for becomes UNKNOWN, because it may have left. Both are written down before anything
        is asked. Refunds of another configuration are returned as they are.
        """
        with self._journal.together():
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
        agenda = Agenda()
        for refund in self.take_over():
            yield refund
            agenda.put(refund, self._due_soon(refund))
        for refund in self.unsettled():
            if refund.alarm is not None:
                yield refund
            agenda.put(refund, self._due_soon(refund))
        while (planned := agenda.first()) is not None and planned[0] <= until:
            due, refund = planned
            self._clock.wait(max(0.0, (due - self._clock.now()).total_seconds()))
            latest = self._step(refund)
            if (latest.state, latest.alarm) != (refund.state, refund.alarm):
                yield latest
            agenda.put(latest, self._due_soon(latest))

    def watch(self, *, on_turn: Callable[[], None] = lambda: None) -> Iterator[Refund]:
        """Do as `work` does, and stay: yield what is open, what comes later, and all the news.

        Looks into the journal again and again for what other processes left behind. It asks for as
        long as anything may change: slowly about a case for a person, and about a failed refund
        until it is verified. A decision is left to whoever made it while it may still be sent.
        Never ends by itself.

        Args:
            on_turn: Called in each turn, a few seconds and one step of a refund apart: a sign that
                the journal could be read and the work goes on.

        Raises:
            KeyRefused: If CCV does not accept the key. What is open stays as it is.
            JournalUnavailable: If the journal fails. Nothing was sent by this step.
            Unrecorded: If CCV answered and the journal failed. Whoever recovers asks again.
        """
        agenda = Agenda()
        told: dict[str, Refund] = {}
        next_look = self._clock.elapsed()
        while True:
            if self._clock.elapsed() >= next_look:
                yield from self._look(agenda, told)
                next_look = self._clock.elapsed() + LOOK_SECONDS
            on_turn()
            planned = agenda.first()
            # Also where the clock was set back and everything seems to be far away.
            seconds = next_look - self._clock.elapsed()
            if planned is not None:
                seconds = min(seconds, (planned[0] - self._clock.now()).total_seconds())
            self._clock.wait(max(0.0, seconds))
            if planned is not None and planned[0] <= self._clock.now():
                latest = self._step(planned[1])
                if is_news(planned[1], latest):
                    told[latest.id] = latest
                    yield latest
                agenda.put(latest, self._due_ever(latest))

    def _look(self, agenda: Agenda, told: dict[str, Refund]) -> Iterator[Refund]:
        """Yield and plan what the journal has that is new to us; forget what is over."""
        found = {one.id: one for one in [*self._journal.open_refunds(), *self.unsettled()]}
        for refund_id in told.keys() - found.keys():
            del told[refund_id]
        for refund in found.values():
            known = told.get(refund.id)
            if known is not None and not is_news(known, refund):
                continue
            told[refund.id] = refund
            agenda.put(refund, self._due_ever(refund))
            if known is not None or not refund.state.is_final or refund.alarm is not None:
                yield refund

    def _due(self, refund: Refund) -> datetime | None:
        """When its next step is due, however far away; None when it has none, or is not ours."""
        if not self._service.is_ours(refund):
            return None
        if refund.state is RefundState.ATTENTION and not refund.checks:
            # A person must look, and one question now may spare them the trouble.
            return self._clock.now()
        return self._service.next_step_at(refund)

    def _due_soon(self, refund: Refund) -> datetime | None:
        """The same, where it is worth waiting for: a person, or another hour, is not."""
        due = self._due(refund)
        was_asked = refund.checks > 0 or refund.state is not RefundState.ATTENTION
        if needs_a_person(refund) and was_asked:
            return None
        if refund.state is RefundState.FAILED and due is not None and due > self._clock.now():
            return None  # To be verified later; nobody waits for that.
        return due

    def _due_ever(self, refund: Refund) -> datetime | None:
        """The same, where nobody says that whoever made a decision has gone away."""
        due = self._due(refund)
        if refund.state is RefundState.INTENT and due is not None:
            return max(due, refund.created_at + LEFT_ALONE)
        return due

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
