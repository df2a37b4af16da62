"""Carries the lines of a batch out: sent one after the other, followed together, in one thread.

A person may read it as a loop: what is due is asked about; else the next line that may go is
looked up, written down and sent; else it waits. Every step is one of `RefundService`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from posrefund.cli.batch_file import Line
from posrefund.cli.batch_orders import OrderBook
from posrefund.cli.batch_outcome import Outcome, Verdict, given_up, not_begun, outcome_of, refused
from posrefund.errors import (
    JournalTrouble,
    JournalUnavailable,
    KeyRefused,
    LostLease,
    NoInformation,
    NotAllowed,
    NotFound,
    PosrefundError,
)
from posrefund.refund.model import Refund, RefundOrder, RefundState
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.recovery import Agenda
from posrefund.refund.rules import BUSY_FOR, busy_with, is_over
from posrefund.refund.service import RefundService
from posrefund.sentence import Sentence

LOOKED_AHEAD = 4
"""Lines of one machine that are looked up and wait for its terminal; more would grow stale."""
LOOK_AGAIN = timedelta(seconds=5)
"""A terminal that is busy with a refund of somebody else is looked at again after that."""
MOST_UNKNOWN = 10
"""With so many refunds unknown at once no other is begun: something is wrong on the way to CCV."""
LOOK_UP_GAPS = (1.0, 2.0, 5.0)
"""Seconds before a payment is looked up again after CCV gave no answer."""
MOST_SILENT = 2
"""After so many lines in a row that got no answer at all, nothing more is begun."""


@dataclass(slots=True, kw_only=True)
class _Running:
    """A refund that this run is seeing to."""

    line: Line
    refund: Refund
    seat: str | None
    is_unwritten: bool = False
    """Its last step met a failing journal."""


class BatchRun:
    """One run over the lines. Afterwards every line has had its outcome told, once."""

    def __init__(
        self,
        *,
        book: OrderBook,
        service: RefundService,
        journal: Journal,
        clock: Clock,
        on_outcome: Callable[[Outcome], None],
        on_news: Callable[[Line, Refund], None],
        on_wait: Callable[[Refund, datetime], None],
    ) -> None:
        """Prepare.

        Args:
            book: Turns lines into orders.
            service: Takes the steps.
            journal: Says how a refund stands.
            clock: Tells what is due.
            on_outcome: Told how a line ended, in the order of the endings.
            on_news: Told of a refund that goes on, after each of its steps.
            on_wait: Told once of a refund of others that keeps a terminal busy, and how long at
                most it does.
        """
        self._book = book
        self._service = service
        self._journal = journal
        self._clock = clock
        self._on_outcome = on_outcome
        self._on_news = on_news
        self._on_wait = on_wait
        self._agenda = Agenda()
        self._waiting: dict[int, Line] = {}
        self._ready: dict[int, RefundOrder] = {}
        self._running: dict[str, _Running] = {}
        self._tries: dict[int, int] = {}
        self._not_before: datetime | None = None
        self._silent = 0
        self._why_stopped: Sentence | None = None
        self._owes_a_line = False
        self._unbegun: set[int] = set()
        self._taken: dict[str, datetime] = {}
        """Terminals that somebody else keeps busy, and when to look again."""
        self._waited_for: set[str] = set()
        """Refunds of others that were told of."""

    def run(self, lines: Sequence[Line], *, until: datetime | None) -> None:
        """Take every line as far as it goes, or until the time is over.

        Raises:
            KeyRefused: If CCV does not accept the key; `finish` tells how the lines stand.
            JournalTrouble: If the journal fails; the same.
        """
        self._waiting = {line.number: line for line in lines}
        for line in lines:
            self._take_up(line)
        while self._running or (self._waiting and self._why_stopped is None):
            now = self._clock.now()
            if until is not None and until <= now:
                self._why_stopped = Sentence("the time for this run was over")
                return
            self._step(now, until)

    def finish(self) -> None:
        """Tell how every line stands that has had no outcome yet. What was not sent is dropped.

        Not so a decision that the journal kept and denied: nobody here can tell it from that of
        another run, so it is in doubt, and recovery drops it.
        """
        for running in list(self._running.values()):
            self._end(running, self._dropped(running))
        for line in list(self._waiting.values()):
            self._tell(self._left(line))

    def _left(self, line: Line) -> Outcome:
        """How a line stands that this run did not come to. An earlier one may have begun it."""
        try:
            line, refund = self._book.in_journal(line)
        except JournalTrouble:
            if line.number not in self._unbegun:
                why = Sentence("the journal cannot be read, so nobody knows how far it came")
                return not_begun(line, why, verdict=Verdict.UNKNOWN)
            refund = None
        if refund is not None:
            return outcome_of(line, refund)
        return not_begun(line, self._why_stopped or Sentence("the run ended before it"))

    # -- what an earlier run began -------------------------------------------------------------

    def _take_up(self, line: Line) -> None:
        try:
            line, refund = self._begun(line)
        except LostLease as error:
            self._tell_as_it_stands(line, error)
        except NoInformation:
            # Whether a name that was given means this payment is asked again when its turn comes.
            return
        except (KeyRefused, JournalTrouble):
            raise
        except PosrefundError as error:
            self._tell(refused(line, error))
        else:
            self._waiting[line.number] = line
            if refund is None:
                self._unbegun.add(line.number)
            else:
                self._carry_on(line, refund, seat=self._book.seat_of(refund))

    def _begun(self, line: Line) -> tuple[Line, Refund | None]:
        """The refund it has, after its next step. One that was never sent is ours from now on."""
        named = line
        line, refund = self._book.begun(named)
        if refund is None or refund.state.is_final:
            return line, refund
        if refund.state is not RefundState.INTENT:
            return line, self._service.check_quietly(refund)
        taken = self._service.take_up(refund)
        # Where it was too old to be sent as it was, the next name is free.
        return self._book.begun(named) if taken.state is RefundState.NOT_SENT else (line, taken)

    # -- one step ------------------------------------------------------------------------------

    def _step(self, now: datetime, until: datetime | None) -> None:
        planned = self._agenda.first()
        is_due = planned is not None and planned[0] <= now
        if planned is not None and is_due and not self._owes_a_line:
            # Taken in turns, so that many who wait never keep the others from their turn.
            self._owes_a_line = True
            self._hear(self._step_of(planned[1], self._service.check_quietly))
            return
        self._owes_a_line = False
        line = self._next(now)
        if line is not None:
            self._begin(line)
        elif not is_due:
            times = (
                planned[0] if planned else None,
                until,
                self._not_before,
                *self._taken.values(),
            )
            due = min((at for at in times if at is not None and at > now), default=now)
            self._clock.wait((due - now).total_seconds())

    def _next(self, now: datetime) -> Line | None:
        """The next line that may go now."""
        if self._why_stopped is not None or (self._not_before and now < self._not_before):
            return None
        states = [running.refund.state for running in self._running.values()]
        if states.count(RefundState.UNKNOWN) >= MOST_UNKNOWN:
            return None
        ahead: dict[str, int] = {}
        for number, line in self._waiting.items():
            order = self._ready.get(number)
            if order is not None:
                if self._is_free(order, now):
                    return line
                ahead[line.machine] = ahead.get(line.machine, 0) + 1
        for number, line in self._waiting.items():
            if number not in self._ready and ahead.get(line.machine, 0) < LOOKED_AHEAD:
                return line
        return None

    def _is_free(self, order: RefundOrder, now: datetime) -> bool:
        """Is neither the payment nor the terminal taken, by a running line or by others?"""
        seat, reference = self._book.seat(order), order.finding.payment.reference
        if seat is not None and self._taken.get(seat, now) > now:
            return False
        return not any(
            one.refund.original_reference == reference or (seat is not None and one.seat == seat)
            for one in self._running.values()
        )

    def _is_taken_by_others(self, order: RefundOrder, now: datetime) -> bool:
        """Does a refund that is not of this run keep the terminal busy? Then look again later."""
        seat = self._book.seat(order)
        if seat is None or order.terminal is None:
            return False
        others = [one for one in self._journal.open_refunds() if one.id not in self._running]
        busy = busy_with(others, order.terminal.name, now=now)
        if busy is None:
            return False
        if busy.id not in self._waited_for:
            self._waited_for.add(busy.id)
            self._on_wait(busy, (busy.first_sent_at or busy.created_at) + BUSY_FOR)
        self._taken[seat] = now + LOOK_AGAIN
        return True

    def _begin(self, line: Line) -> None:
        try:
            order = self._ready.pop(line.number, None) or self._ordered(line)
            if order is None:
                return
            self._silent = 0
            now = self._clock.now()
            if not self._is_free(order, now) or self._is_taken_by_others(order, now):
                self._ready[line.number] = order
                return
            decided = self._service.intend(order)
        except NoInformation as error:
            self._postpone(line, error)
        except (KeyRefused, JournalTrouble):
            raise
        except PosrefundError as error:
            self._tell(refused(line, error))
        else:
            self._carry_on(line, decided, seat=self._book.seat(order))

    def _ordered(self, line: Line) -> RefundOrder | None:
        """What is to be decided; None where its payment cannot be told, and that was said."""
        try:
            return self._book.order(line)
        except (NotAllowed, NotFound) as error:
            self._tell_as_it_stands(line, error)
            return None

    def _tell_as_it_stands(self, line: Line, error: PosrefundError) -> None:
        """Tell why a line goes no further; what an earlier run began of it is not forgotten."""
        named, refund = self._book.in_journal(line)
        is_its = refund is not None and refund.amount == line.amount
        if refund is not None and is_its:
            self._tell(outcome_of(named, refund))
        else:
            self._tell(refused(line, error))

    def _postpone(self, line: Line, error: NoInformation) -> None:
        """A question moved no money, so it may be asked again; but not for ever."""
        tried = self._tries.get(line.number, 0)
        self._tries[line.number] = tried + 1
        if tried < len(LOOK_UP_GAPS):
            seconds = max(LOOK_UP_GAPS[tried], error.retry_after_seconds or 0.0)
            self._not_before = self._clock.now() + timedelta(seconds=seconds)
            return
        self._tell_as_it_stands(line, error)
        self._silent += 1
        if self._silent >= MOST_SILENT:
            self._why_stopped = Sentence("CCV gives no answer")

    # -- a refund on its way -------------------------------------------------------------------

    def _carry_on(self, line: Line, refund: Refund, *, seat: str | None) -> None:
        """From here on it has a refund; one that is only decided is sent."""
        self._waiting.pop(line.number, None)
        self._running[refund.id] = _Running(line=line, refund=refund, seat=seat)
        if refund.state is RefundState.INTENT:
            self._on_news(line, refund)
            try:
                refund = self._step_of(refund, self._service.send)
            except LostLease:
                # Another process was given the same line and was faster.
                refund = self._latest(refund.id)
        self._hear(refund)

    def _step_of(self, refund: Refund, step: Callable[[Refund], Refund]) -> Refund:
        try:
            return step(refund)
        except JournalUnavailable:
            self._running[refund.id].is_unwritten = True
            raise

    def _hear(self, refund: Refund) -> None:
        running = self._running[refund.id]
        running.refund = refund
        if is_over(refund):
            self._end(running, outcome_of(running.line, refund))
            return
        self._on_news(running.line, refund)
        self._agenda.put(refund, self._service.next_step_at(refund))

    def _end(self, running: _Running, outcome: Outcome) -> None:
        self._agenda.put(running.refund, None)
        del self._running[running.refund.id]
        self._tell(outcome)

    def _tell(self, outcome: Outcome) -> None:
        self._waiting.pop(outcome.line.number, None)
        self._ready.pop(outcome.line.number, None)
        self._on_outcome(outcome)

    def _dropped(self, running: _Running) -> Outcome:
        """Drop what was not sent: when this run ends, nobody may send it later."""
        line, refund = running.line, running.refund
        is_given_up = running.is_unwritten and refund.state is RefundState.INTENT
        try:
            if is_given_up:
                return given_up(line, self._service.abandon(refund))
            latest = self._latest(refund.id)
            if latest.state is RefundState.INTENT:
                latest = self._service.withdraw(latest)
        except LostLease:
            latest = self._read(refund)
        except PosrefundError:
            # Then nobody can promise that it will not be sent.
            latest = _in_doubt(refund)
        return outcome_of(line, latest)

    def _read(self, refund: Refund) -> Refund:
        try:
            return self._latest(refund.id)
        except JournalTrouble:
            return _in_doubt(refund)

    def _latest(self, refund_id: str) -> Refund:
        found = self._journal.get(refund_id)
        if found is None:
            raise JournalTrouble("the journal has lost refund {id}", id=refund_id)
        return found


def _in_doubt(refund: Refund) -> Refund:
    """A refund that cannot be read any more: a decision may have been sent since, or be yet."""
    is_decided = refund.state is RefundState.INTENT
    return replace(refund, state=RefundState.SENDING) if is_decided else refund
