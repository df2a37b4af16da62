"""The one way to give money back. Every shell calls this and nothing else.

Read it from top to bottom: find a payment, write the decision down, send it, follow it. Each step
is durable before the next begins, and only `_attempt` sends anything that moves money.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from posrefund.errors import (
    AlreadyOpen,
    Declined,
    JournalUnavailable,
    KeyRefused,
    LostLease,
    NoInformation,
    NotAllowed,
    Unanswered,
    Unreachable,
    Unrecorded,
)
from posrefund.refund.drafting import Drafter
from posrefund.refund.inquiry import Inquiry, Lesson, learned
from posrefund.refund.model import (
    Entry,
    Finding,
    ProviderRefund,
    Refund,
    RefundOrder,
    RefundState,
)
from posrefund.refund.polling import (
    Profile,
    intent_is_old,
    may_send_again,
    next_step_at,
)
from posrefund.refund.ports import Clock, Journal, Provider
from posrefund.refund.rules import (
    check_closing,
    check_order,
    is_news,
    is_over,
    same_decision,
)
from posrefund.refund.search import Search
from posrefund.refund.transitions import Trigger, move, report
from posrefund.refund.watch import LONGEST_GAP, NAP, ClockWatch
from posrefund.safe_text import safe_text

LEASE = timedelta(seconds=60)
"""How long a step may hold a refund; longer than any request may take."""


class RefundService:
    """Carries out refunds, writing each step down before taking it.

    Safe to use from several threads, and beside other processes on the same journal.
    """

    def __init__(
        self,
        *,
        provider: Provider,
        journal: Journal,
        clock: Clock,
        counter: str,
        mint: Callable[[], str],
        short_id: Callable[[str], str],
        profile: Profile = Profile.RESPONSIVE,
        jitter: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self._provider = provider
        self._journal = journal
        self._watch = ClockWatch(clock)
        self._inquiry = Inquiry(provider=provider, journal=journal, clock=clock, watch=self._watch)
        self._search = Search(provider=provider, journal=journal, clock=clock)
        self._clock = clock
        self._drafter = Drafter(provider=provider, counter=counter, mint=mint, short_id=short_id)
        self._profile = profile
        self._jitter = jitter
        self._key_refused: KeyRefused | None = None
        # Only what this process decided does it send by itself a second time.
        self._decided: set[str] = set()

    def find(self, text: str) -> list[Finding]:
        """Look a payment up by its reference, an order, our id or the reference of a refund.

        Returns:
            One finding, or several where an order has several payments. Never empty.

        Raises:
            Misused: If the text cannot be a reference or an order.
            NotFound: If neither the journal nor CCV knows it.
            NoInformation: If CCV gave no answer that can be used.
        """
        return self._search.find(text)

    def intend(self, order: RefundOrder) -> Refund:
        """Check the decision against the rules and write it down. Nothing is sent.

        The same `order.id` again returns the refund it named before, whatever its state.

        Raises:
            NotAllowed: If our rules say no, or the id named another decision.
            AlreadyOpen: If the payment has an unfinished refund, here or since a moment ago.
            JournalUnavailable: If it could not be written down.
        """
        if order.id is not None:
            before = self._journal.get(order.id)
            if before is not None:
                return self._same_decision(before, order)
        self._watch.insist()
        now = self._clock.now()
        order = replace(order, finding=self._search.refreshed(order.finding))
        check_order(order, now=now)
        refund, entry = self._drafter.draft(order, at=now, lease=LEASE)
        try:
            opened = self._journal.open_case(refund, entry)
        except AlreadyOpen as error:
            rival = self._journal.get(error.refund_id)
            if order.id is None or rival is None or rival.id != order.id:
                raise
            return self._same_decision(rival, order)
        self._decided.add(opened.id)
        return opened

    def take_up(self, refund: Refund) -> Refund:
        """Take over a decision that was written down and not sent, because a person repeats it.

        Returns:
            It, ready to be sent; or NOT_SENT, where it is too old to be sent as it is.

        Raises:
            NotAllowed: If it belongs to another configuration.
            LostLease: If somebody else is about to send it.
        """
        self._refuse_foreign(refund)
        held = self._claim(refund)
        if held.state is not RefundState.INTENT:
            return self._release(held)
        if intent_is_old(held, now=self._clock.now()):
            return self._write(held, Trigger.WITHDRAW)
        self._decided.add(held.id)
        return held

    def send(self, refund: Refund) -> Refund:
        """Ask CCV for `refund` and return it in its new state.

        Eager, because it moves money: it has happened when this returns. A refund that comes back
        UNKNOWN is one nobody can vouch for yet; `follow` it, never start a second one. One that
        comes back INTENT did not leave; `follow` tries it again, `withdraw` drops it. One that
        was decided too long ago, as when the machine slept, comes back NOT_SENT.

        Raises:
            NotAllowed: If it was sent before. Nothing was sent now.
            KeyRefused: If CCV does not accept the key. It is NOT_SENT; no money moved.
            LostLease: If another process has taken it over. Nothing was sent now.
            JournalUnavailable: If it could not be written down. Nothing was sent.
            Unrecorded: If it left, and the journal failed after. Recovery asks.
        """
        if refund.state is not RefundState.INTENT:
            raise NotAllowed(f"refund {refund.id} was sent before")
        if self._watch.is_too_late(refund):
            return self.withdraw(refund)
        sent = self._attempt(refund)
        if self._key_refused is not None and sent.state is RefundState.INTENT:
            self.withdraw(sent)
            raise self._key_refused
        return sent

    def follow(self, refund: Refund, *, until: datetime | None = None) -> Iterator[Refund]:
        """Yield `refund` each time there is news, until it is final, needs a person, or `until`.

        Lazy, because it only continues what was decided: a shell that stops listening loses the
        news and never the refund.
        """
        current = refund
        while not is_over(current):
            due = self.next_step_at(current)
            if due is None or (until is not None and until < due):
                if until is not None:
                    self._clock.wait(_seconds(until - self._clock.now()))
                return
            self._clock.wait(_seconds(due - self._clock.now()))
            latest = self.check_quietly(current)
            if is_news(current, latest):
                yield latest
            current = latest

    def check_quietly(self, refund: Refund) -> Refund:
        """Take one step as `check` does; where nothing could be learned, only count the try.

        Raises:
            KeyRefused: If CCV does not accept the key. Nothing has changed.
        """
        try:
            return self.check(refund)
        except LostLease:
            pass
        except NoInformation as error:
            refund = self._pause(refund, error)
        return self._asked(self._journal.get(refund.id) or refund, refund)

    def check(self, refund: Refund) -> Refund:
        """Take the one next step this refund allows, and return it as it stands then.

        It asks CCV; only a refund nobody can find is sent again, the same bytes under the same
        reference, and only inside the window.

        Raises:
            NoInformation: If CCV gave no answer that can be used. Nothing has changed.
            KeyRefused: If CCV does not accept the key. Nothing has changed.
            LostLease: If another step is working on it just now.
            Unrecorded: If CCV answered and the journal failed. Recovery asks again.
        """
        self._refuse_foreign(refund)
        current = self._journal.get(refund.id) or refund
        current = replace(current, checks=refund.checks, checked_at=refund.checked_at)
        match current.state:
            case RefundState.INTENT:
                return self._try_intent(current)
            case RefundState.SENDING:
                return self._write(self._claim(current), Trigger.CRASH)
            case RefundState.NOT_SENT | RefundState.CLOSED:
                return current
        return self._learn(current, self._inquiry.about(current))

    def withdraw(self, refund: Refund) -> Refund:
        """Drop a refund that was not sent, so that its payment is free again.

        Raises:
            NotAllowed: If it may have left. Nothing has changed.
            LostLease: If another step is working on it.
        """
        is_held = refund.owner is not None and refund.id in self._decided
        held = refund if is_held else self._claim(refund)
        return self._write(held, Trigger.WITHDRAW, why=refund.message or "")

    def close(self, refund: Refund, *, executed: bool, by: str, evidence: str) -> Refund:
        """Let a person decide a case that the program cannot. CCV is asked once more before.

        That nothing was executed frees the payment for another refund; so it takes half an hour of
        quiet since the last attempt and, where CCV never named a reference, three empty lists.

        Raises:
            Misused: If name or evidence is missing. Nothing has changed.
            NotAllowed: If the case is not for a person, or it is too early to say.
            NoInformation: If CCV cannot be asked, and the verdict is that nothing was executed.
        """
        now = self._clock.now()
        check_closing(refund, executed=executed, by=by, evidence=evidence, now=now)
        asked = self.check_quietly(refund) if executed else self.check(refund)
        check_closing(asked, executed=executed, by=by, evidence=evidence, now=now)
        if not executed and refund.provider_reference is None:
            if asked.provider_reference is not None:
                raise NotAllowed(f"CCV has it after all, as {asked.provider_reference}")
            self._inquiry.insist_on_absence(asked)
        trigger = Trigger.CLOSE_EXECUTED if executed else Trigger.CLOSE_NOT_EXECUTED
        why = f"{safe_text(by, limit=60)}: {safe_text(evidence)}"
        closed, entry = move(self._claim(asked), trigger, at=self._clock.now(), why=why)
        verdict = "executed" if executed else "not executed"
        return self._journal.record(replace(closed, owner=None, closed_as=verdict), entry)

    def next_step_at(self, refund: Refund) -> datetime | None:
        """When `check` is due for this refund; None when it is final."""
        due = next_step_at(refund, profile=self._profile, jitter=self._jitter())
        if due is None or refund.state in {RefundState.ATTENTION, RefundState.FAILED}:
            return due
        # After a clock was set back, times of before would lie far ahead.
        return min(due, self._clock.now() + LONGEST_GAP)

    def is_ours(self, refund: Refund) -> bool:
        """Does it belong to the CCV address and environment of this configuration?"""
        provider = self._provider
        return refund.address == provider.address and refund.environment == provider.environment

    def _same_decision(self, before: Refund, order: RefundOrder) -> Refund:
        self._refuse_foreign(before)
        return same_decision(before, order)

    def _refuse_foreign(self, refund: Refund) -> None:
        if not self.is_ours(refund):
            raise NotAllowed(
                f"refund {refund.id} belongs to {refund.address} ({refund.environment});"
                " use that configuration for it"
            )

    def _attempt(self, refund: Refund) -> Refund:
        """Write SENDING down, then send. `refund` is held by us and may be sent."""
        if self._key_refused is not None:
            if refund.state is RefundState.INTENT:
                return refund
            raise self._key_refused
        now = self._clock.now()
        sending, entry = move(refund, Trigger.SEND, at=now)
        sending = self._journal.record(replace(sending, lease_until=now + LEASE), entry)
        if self._clock.now() - now > NAP or self._watch.is_too_late(sending):
            return self._note(sending, Trigger.UNSENT, "this machine slept before it was sent")
        try:
            said = self._provider.send(sending)
        except Unreachable as error:
            return self._note(sending, Trigger.UNSENT, str(error))
        except Declined as error:
            declined = replace(sending, failure_code=error.failure_code)
            return self._note(declined, Trigger.DECLINED, str(error))
        except KeyRefused as error:
            self._key_refused = error
            return self._note(sending, Trigger.KEY_REFUSED, str(error))
        except Unanswered as error:
            return self._note(self._pause(sending, error), Trigger.SILENCE, str(error))
        return self._hear(sending, said)

    def _pause(self, refund: Refund, error: Unanswered | NoInformation) -> Refund:
        if error.retry_after_seconds is None:
            return refund
        wait = timedelta(seconds=error.retry_after_seconds)
        return replace(refund, not_before=self._clock.now() + wait)

    def _hear(self, sending: Refund, said: ProviderRefund) -> Refund:
        moved, entry = report(sending, said, at=self._clock.now())
        try:
            return self._record_what_happened(replace(moved, owner=None), entry)
        except NotAllowed as error:
            return self._note(sending, Trigger.SILENCE, str(error))

    def _note(self, refund: Refund, trigger: Trigger, why: str) -> Refund:
        moved, entry = move(refund, trigger, at=self._clock.now(), why=why)
        return self._record_what_happened(replace(moved, owner=None), entry)

    def _record_what_happened(self, refund: Refund, entry: Entry | None) -> Refund:
        try:
            return self._journal.record(refund, entry)
        except JournalUnavailable as error:
            raise Unrecorded(
                f"refund {refund.id} was sent and now is {refund.state},"
                " but this could not be written down; run recover"
            ) from error

    def _learn(self, refund: Refund, lesson: Lesson) -> Refund:
        """Write down what a question taught, where it taught anything; send again at the most."""
        if lesson.send_again:
            held = self._claim(refund)
            if may_send_again(held, now=self._clock.now()):
                return self._attempt(held)
            return self._asked(self._release(held), refund)
        told, entry = learned(refund, lesson, at=self._clock.now())
        if entry is None and told == refund:
            return self._asked(refund, refund)
        held = self._claim(refund)
        told, entry = learned(held, lesson, at=self._clock.now())
        try:
            written = self._record_what_happened(replace(told, owner=None), entry)
        except NotAllowed:
            # Another refund has this reference already, so this one is not it.
            written = self._release(held)
        return self._asked(written, refund) if written.state is refund.state else written

    def _try_intent(self, refund: Refund) -> Refund:
        """Try a refund that did not leave again, or drop it when its time is over."""
        held = self._claim(refund)
        is_ours = held.id in self._decided and self._key_refused is None
        if self._watch.is_too_late(held) or not is_ours:
            return self._write(held, Trigger.WITHDRAW, why=held.message or "")
        return self._attempt(held)

    def _claim(self, refund: Refund) -> Refund:
        """Take the refund for one step, if it still stands where it was seen.

        Raises:
            LostLease: If somebody else is at it, or has moved it since.
        """
        now = self._clock.now()
        held = self._journal.claim(refund.id, now=now, until=now + LEASE)
        if held.version != refund.version:
            self._release(held)
            raise LostLease(f"refund {refund.id} has moved on to {held.state}")
        return held

    def _release(self, held: Refund) -> Refund:
        return self._journal.record(replace(held, owner=None), None)

    def _write(self, held: Refund, trigger: Trigger, *, why: str = "") -> Refund:
        moved, entry = move(held, trigger, at=self._clock.now(), why=why)
        return self._journal.record(replace(moved, owner=None), entry)

    def _asked(self, refund: Refund, before: Refund) -> Refund:
        """Count the question, and keep what the server asked for, in this process alone."""
        return replace(
            refund,
            checks=before.checks + 1,
            checked_at=self._clock.now(),
            not_before=before.not_before,
        )


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())
