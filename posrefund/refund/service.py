"""The one way to give money back. Every shell calls this and nothing else.

Read it from top to bottom: find a payment, write the decision down, send it, follow it. Each step
is durable before the next begins, and only `_attempt` sends anything that moves money.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from posrefund.errors import (
    AlreadyOpen,
    Declined,
    JournalTrouble,
    JournalUnavailable,
    KeyRefused,
    LostLease,
    NoInformation,
    NotAllowed,
    Unanswered,
    Unreachable,
)
from posrefund.refund.cancelling import ask_to_cancel
from posrefund.refund.drafting import Drafter
from posrefund.refund.holding import LEASE, Holding
from posrefund.refund.inquiry import Inquiry, Lesson, learned
from posrefund.refund.model import (
    Finding,
    ProviderRefund,
    Refund,
    RefundOrder,
    RefundState,
)
from posrefund.refund.polling import (
    Profile,
    asked,
    intent_is_old,
    may_send_again,
    next_step_at,
    paused,
)
from posrefund.refund.ports import Clock, Journal, Provider
from posrefund.refund.rules import (
    check_closing,
    check_confirmed,
    check_order,
    foreign,
    is_news,
    is_over,
    same_decision,
)
from posrefund.refund.search import Search
from posrefund.refund.transitions import Trigger, move, report, rule_for
from posrefund.refund.watch import NAP, SLEPT, ClockWatch
from posrefund.safe_text import safe_text


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
        self._hold = Holding(journal=journal, clock=clock)
        self._clock = clock
        self._drafter = Drafter(provider=provider, counter=counter, mint=mint, short_id=short_id)
        self._profile = profile
        self._jitter = jitter
        self._key_refused: KeyRefused | None = None
        # Only what this process decided does it send by itself a second time.
        self._decided: set[str] = set()

    def find(self, text: str, *, loosely: bool = False) -> list[Finding]:
        """Look payments up by anything a receipt or a screen shows of them; never returns none.

        Raises:
            Misused: If the text cannot be a reference or an order.
            NotFound: If neither the journal nor CCV knows it.
            NoInformation: If CCV gave no answer that can be used.
        """
        return self._search.find(text, loosely=loosely)

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
                self._refuse_foreign(before)
                return same_decision(before, order)
        self._watch.insist()
        now = self._clock.now()
        seen = order.finding
        order = replace(order, finding=self._search.refreshed(seen))
        try:
            check_confirmed(order, seen)
            check_order(order, now=now)
            refund, entry = self._drafter.draft(order, at=now, lease=LEASE)
            opened = self._journal.open_case(refund, entry)
        except AlreadyOpen as error:
            rival = self._journal.get(error.refund_id)
            if order.id is None or rival is None or rival.id != order.id:
                raise
            self._refuse_foreign(rival)
            return same_decision(rival, order)
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
        held = self._hold.claim(refund)
        if held.state is not RefundState.INTENT:
            return self._hold.release(held)
        if intent_is_old(held, now=self._clock.now()):
            return self._hold.write(held, Trigger.WITHDRAW)
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
            raise NotAllowed("refund {id} was sent before", id=refund.id)
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
        while not is_over(current) and (due := self.next_step_at(current)) is not None:
            if until is not None and until < due:
                self._wait_until(until)
                return
            self._wait_until(due)
            latest = self.check_quietly(current)
            if is_news(current, latest):
                yield latest
            current = latest

    def ask_ahead(self, refunds: Sequence[Refund]) -> dict[str, ProviderRefund]:
        """Ask CCV about several refunds in one question, for the checks that follow at once.

        Answers by our id; what is missing is asked for alone by its check.

        Raises:
            NoInformation: If CCV asks to be left alone for a while: `put_off` each of them.
        """
        return self._inquiry.ahead(refunds)

    def check_quietly(self, refund: Refund, heard: ProviderRefund | None = None) -> Refund:
        """Take one step as `check` does; where nothing could be learned, only count the try.

        Raises:
            KeyRefused: If CCV does not accept the key. Nothing has changed.
        """
        try:
            return self.check(refund, heard)
        except LostLease:
            pass
        except NoInformation as error:
            return self.put_off(refund, error)
        return asked(self._journal.get(refund.id) or refund, refund, now=self._clock.now())

    def put_off(self, refund: Refund, error: NoInformation) -> Refund:
        """Count a try that taught nothing; the next is not before the time CCV asked for."""
        now = self._clock.now()
        waiting = paused(refund, error.retry_after_seconds, now=now)
        return asked(self._journal.get(refund.id) or refund, waiting, now=now)

    def check(self, refund: Refund, heard: ProviderRefund | None = None) -> Refund:
        """Take the one next step this refund allows, and return it as it stands then.

        It asks CCV; only a refund nobody can find is sent again, the same bytes under the same
        reference, and only inside the window. `heard` is what `ask_ahead` heard of it just now.

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
                return self._hold.crashed(current)
            case RefundState.NOT_SENT | RefundState.CLOSED:
                return current
        try:
            lesson = self._inquiry.about(current, heard)
        except KeyRefused as error:
            self._key_refused = error  # Nothing more is sent until somebody sees to the key.
            raise
        return self._learn(current, lesson)

    def withdraw(self, refund: Refund) -> Refund:
        """Drop a refund that was not sent, so that its payment is free again.

        Raises:
            NotAllowed: If it may have left. Nothing has changed.
            LostLease: If another step is working on it.
        """
        is_held = refund.owner is not None and refund.id in self._decided
        held = refund if is_held else self._hold.claim(refund)
        return self._hold.write(held, Trigger.WITHDRAW, why=refund.message or "")

    def abandon(self, refund: Refund) -> Refund:
        """Drop a decision whose `send` raised JournalUnavailable, so that it never goes by itself.

        Raises:
            JournalTrouble: If it cannot be read what stands there. Recovery may send it yet, so
                nobody may give the money another way before that is known.
            LostLease: If somebody else has taken it over.
        """
        is_ours = refund.id in self._decided
        self._decided.discard(refund.id)
        try:
            return self._hold.drop(refund, is_ours=is_ours)
        except JournalUnavailable as error:
            raise JournalTrouble(
                "the journal fails, so refund {id} may still be sent: {why}",
                id=refund.id,
                why=error,
            ) from error

    def cancel(self, refund: Refund) -> bool:
        """Ask CCV to cancel a refund it has not decided; True if CCV took the request.

        Neither answer says what becomes of it (ccv-api 15, question 9); its status does.

        Raises:
            NotAllowed: If CCV does not have it, or has decided. Nothing was asked.
            NoInformation: If no answer came. It may be cancelled all the same.
            KeyRefused: If CCV does not accept the key.
        """
        self._refuse_foreign(refund)
        return ask_to_cancel(
            refund, provider=self._provider, journal=self._journal, clock=self._clock
        )

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
        latest = self.check_quietly(refund) if executed else self.check(refund)
        check_closing(latest, executed=executed, by=by, evidence=evidence, now=now)
        if not executed and refund.provider_reference is None:
            self._inquiry.insist_on_absence(latest, evidence=evidence, since=now)
        trigger = Trigger.CLOSE_EXECUTED if executed else Trigger.CLOSE_NOT_EXECUTED
        why = f"{safe_text(by, limit=60)}: {safe_text(evidence)}"
        closed, entry = move(self._hold.claim(latest), trigger, at=self._clock.now(), why=why)
        verdict = "executed" if executed else "not executed"
        return self._journal.record(replace(closed, owner=None, closed_as=verdict), entry)

    def next_step_at(self, refund: Refund) -> datetime | None:
        """When `check` is due for this refund; None when it is final."""
        now, jitter = self._clock.now(), self._jitter()
        return next_step_at(refund, now=now, profile=self._profile, jitter=jitter)

    def is_ours(self, refund: Refund) -> bool:
        """Does it belong to the CCV address and environment of this configuration?"""
        at = self._provider
        return (refund.address, refund.environment) == (at.address, at.environment)

    def _refuse_foreign(self, refund: Refund) -> None:
        if not self.is_ours(refund):
            raise foreign(refund)

    def _attempt(self, refund: Refund) -> Refund:
        """Write SENDING down, then send. `refund` is held by us and may be sent."""
        if self._key_refused is not None:
            if refund.state is RefundState.INTENT:
                return refund
            raise self._key_refused
        now = self._clock.now()
        sending = self._hold.begin(refund)
        if self._clock.now() - now > NAP or self._watch.is_too_late(sending):
            return self._hold.note(sending, Trigger.UNSENT, SLEPT)
        try:
            said = self._provider.send(sending)
        except Unreachable as error:
            return self._hold.note(sending, Trigger.UNSENT, str(error))
        except Declined as error:
            declined = replace(sending, failure_code=error.failure_code)
            return self._hold.note(declined, Trigger.DECLINED, str(error))
        except KeyRefused as error:
            self._key_refused = error
            return self._hold.note(sending, Trigger.KEY_REFUSED, str(error))
        except Unanswered as error:
            silent = paused(sending, error.retry_after_seconds, now=self._clock.now())
            return self._hold.note(silent, Trigger.SILENCE, str(error))
        return self._hear(sending, said)

    def _hear(self, sending: Refund, said: ProviderRefund) -> Refund:
        moved, entry = report(sending, said, at=self._clock.now())
        try:
            return self._hold.keep(moved, entry)
        except NotAllowed as error:
            return self._hold.note(sending, Trigger.SILENCE, str(error))

    def _learn(self, refund: Refund, lesson: Lesson) -> Refund:
        """Write down what a question taught, where it taught anything; send again at the most."""
        if lesson.send_again:
            held = self._hold.claim(refund)
            if may_send_again(held, now=self._clock.now()):
                return self._attempt(held)
            return asked(self._hold.release(held), refund, now=self._clock.now())
        told, entry = learned(refund, lesson, at=self._clock.now())
        if entry is None and told == refund:
            return asked(refund, refund, now=self._clock.now())
        held = self._hold.claim(refund)
        told, entry = learned(held, lesson, at=self._clock.now())
        try:
            written = self._hold.keep(told, entry)
        except NotAllowed:
            # Another refund has this reference already, so this one is not it.
            if rule_for(held, Trigger.GIVE_UP) is not None:
                return self._hold.note(held, Trigger.GIVE_UP, "CCV gives it another's reference.")
            written = self._hold.release(held)
        if written.state is not refund.state:
            return written
        return asked(written, refund, now=self._clock.now())

    def _try_intent(self, refund: Refund) -> Refund:
        """Try a refund that did not leave again, or drop it when its time is over."""
        held = self._hold.claim(refund)
        is_ours = held.id in self._decided and self._key_refused is None
        if self._watch.is_too_late(held) or not is_ours:
            return self._hold.write(held, Trigger.WITHDRAW, why=held.message or "")
        return self._attempt(held)

    def _wait_until(self, due: datetime) -> None:
        self._clock.wait(max(0.0, (due - self._clock.now()).total_seconds()))
