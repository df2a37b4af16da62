"""Asks CCV what became of a refund, and says what the answer allows. It writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from posrefund.errors import KeyRefused, Mismatched, NoInformation, NotAllowed, NotFound, Withheld
from posrefund.refund.doubts import doubted, too_much, trusted
from posrefund.refund.matching import candidates, strangers
from posrefund.refund.model import (
    Doubt,
    Entry,
    ProviderRefund,
    ProviderStatus,
    Refund,
    RefundState,
)
from posrefund.refund.polling import (
    FRESH_SECONDS,
    decision_is_late,
    may_send_again,
    verification_is_due,
    window_is_over,
)
from posrefund.refund.ports import Clock, Journal, Provider
from posrefund.refund.rules import proves_absence
from posrefund.refund.transitions import Trigger, move, report, rule_for
from posrefund.refund.watch import ClockWatch
from posrefund.sentence import Sentence

NOT_LISTED = Sentence("CCV's list does not have it.")
NO_ANSWER = Sentence("More than a day has passed, and CCV gives no answer.")
NOT_DECIDED = Sentence("CCV has not decided for a day.")
SINCE_WHEN = {
    NO_ANSWER: Sentence(
        "CCV gives no answer, and the clock was set back, so nobody knows since when."
    ),
    NOT_DECIDED: Sentence(
        "CCV has not decided, and the clock was set back, so nobody knows since when."
    ),
}
"""What is said instead where the clock was set back."""
SEVERAL = Sentence("CCV lists more than one refund that could be this one.")
UNLIKE_OURS = Sentence("CCV lists a refund with our marker that is not like ours.")
TOO_OLD = Sentence("CCV does not list it, and its time is over.")
CLOCK_WAS_SET = Sentence("CCV does not list it, and the clock was set.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one question taught."""

    said: ProviderRefund | None = None
    """CCV has it, and this is how it stands."""
    is_listed: bool = True
    """Was it, or could it have been, on CCV's list? False after a complete list without it."""
    strangers: tuple[str, ...] = ()
    """Refunds of the same amount on that list that nobody here made: one may be it, unmarked."""
    send_again: bool = False
    """CCV does not list it, and the same request may leave once more."""
    give_up: str | None = None
    """The program can do no more by itself: why."""
    doubt: Doubt | None = None
    """The answer was odd."""


def learned(refund: Refund, lesson: Lesson, *, at: datetime) -> tuple[Refund, Entry | None]:
    """Return the refund as the lesson leaves it, and what is worth writing down of it."""
    told, entry = refund, None
    if lesson.doubt is None and verification_is_due(refund, now=at):
        told = replace(told, verified=told.verified + 1)
    if lesson.said is not None:
        told, entry = report(told, lesson.said, at=at)
    if entry is not None:
        return told, entry
    why = lesson.give_up
    if lesson.doubt is None:
        told = trusted(told)
    else:
        told = doubted(_with_doubts_of(refund, told), lesson.doubt, now=at)
        why = too_much(told, now=at)
    if why is not None and rule_for(told, Trigger.GIVE_UP) is not None:
        return move(told, Trigger.GIVE_UP, at=at, why=why)
    if told.state is RefundState.ATTENTION and not lesson.is_listed:
        facts = {"listed": False, "strangers": list(lesson.strangers)}
        entry = Entry(at=at, rule="-", state=told.state, text=NOT_LISTED, facts=facts)
    return told, entry


def _with_doubts_of(refund: Refund, told: Refund) -> Refund:
    """An answer that is odd itself does not end the doubts there were."""
    return replace(
        told, doubt=refund.doubt, doubt_since=refund.doubt_since, doubt_count=refund.doubt_count
    )


def strangers_of(look: Entry) -> list[str]:
    """Return the references of the strangers on the list that this entry tells of."""
    found = look.facts.get("strangers")
    return [str(name) for name in found] if isinstance(found, list) else []


class Inquiry:
    """One question at a time about one refund."""

    def __init__(
        self, *, provider: Provider, journal: Journal, clock: Clock, watch: ClockWatch
    ) -> None:
        self._provider = provider
        self._journal = journal
        self._clock = clock
        self._watch = watch

    def ahead(self, refunds: Sequence[Refund]) -> dict[str, ProviderRefund]:
        """Ask about all those that CCV knows in one question; answers by our id.

        Whatever is missing, for whatever reason, is asked for alone when its turn comes.

        Raises:
            NoInformation: If CCV asks to be left alone for a while: that holds for each of them.
        """
        known = [refund for refund in refunds if refund.provider_reference is not None]
        if len(known) < 2:
            return {}
        try:
            return self._provider.statuses(known)
        except NoInformation as error:
            if error.retry_after_seconds is not None:
                raise
            return {}
        except KeyRefused:
            return {}

    def about(self, refund: Refund, heard: ProviderRefund | None = None) -> Lesson:
        """Ask by CCV's reference where it is known, else look through CCV's list.

        Args:
            refund: As the journal has it.
            heard: What CCV has just said of it, so that it need not be asked again.

        Raises:
            NoInformation: If CCV gave no answer that can be used, and has had less than a day.
            KeyRefused: If CCV does not accept the key.
        """
        try:
            if refund.provider_reference is not None:
                return self._ask(refund, heard)
            return self._look_up(refund)
        except Withheld:
            return Lesson(doubt=Doubt.WITHHELD)
        except NoInformation:
            if self._is_late(refund):
                return Lesson(give_up=self._why_late(refund, NO_ANSWER))
            raise

    def insist_on_absence(self, refund: Refund, *, evidence: str, since: datetime) -> None:
        """Let a person rely on CCV's list not having it, or say why not yet.

        Raises:
            NotAllowed: If CCV has it after all, the list was not empty often enough or not just
                now, or it has a refund of that amount that the evidence does not speak of.
        """
        if refund.provider_reference is not None:
            raise NotAllowed(
                "CCV has it after all, as {reference}", reference=refund.provider_reference
            )
        looks = [
            entry
            for entry in self._journal.entries(refund.id)
            if entry.facts.get("listed") is False
        ]
        for stranger in {name for look in looks for name in strangers_of(look)}:
            if stranger not in evidence:
                raise NotAllowed(
                    "CCV lists {reference} of the same amount, which nobody here made and which may"
                    " be this refund; if it is another one, name it in the evidence",
                    reference=stranger,
                )
        is_fresh = bool(looks) and looks[-1].at >= since
        if not is_fresh or not proves_absence([look.at for look in looks], now=self._clock.now()):
            raise NotAllowed(
                "CCV's list has not been empty often enough to be sure; it is asked every 15"
                " minutes, or by `posrefund status`"
            )

    def _ask(self, refund: Refund, heard: ProviderRefund | None) -> Lesson:
        try:
            said = heard or self._provider.status(refund)
        except NotFound as error:
            if self._is_fresh(refund):
                # Right after the request CCV may not know it yet (ccv-api 15, question 20).
                raise NoInformation(error.sentence) from error
            return Lesson(doubt=Doubt.NOT_KNOWN)
        except Mismatched:
            return Lesson(doubt=Doubt.MISMATCH)
        if said.status is ProviderStatus.UNRECOGNISED:
            return Lesson(said=said, doubt=Doubt.UNRECOGNISED)
        if said.status is ProviderStatus.PENDING and self._is_late(refund):
            return Lesson(said=said, give_up=self._why_late(refund, NOT_DECIDED))
        return Lesson(said=said)

    def _look_up(self, refund: Refund) -> Lesson:
        """Find out what became of a refund whose answer was lost."""
        listed = self._provider.given_back([refund.original_reference])
        siblings = self._journal.of_payment(refund.environment, refund.original_reference)
        taken = [
            sibling.provider_reference
            for sibling in siblings
            if sibling.id != refund.id and sibling.provider_reference is not None
        ]
        ours = candidates(refund, listed, taken=taken)
        if len(ours) == 1:
            return Lesson(said=ours[0])
        if ours:
            return Lesson(give_up=SEVERAL)
        if any((said.description or "").endswith(refund.marker) for said in listed):
            return Lesson(give_up=UNLIKE_OURS)
        absent = Lesson(is_listed=False, strangers=strangers(refund, listed, taken=taken))
        now = self._clock.now()
        if window_is_over(refund, now=now):
            return replace(absent, give_up=TOO_OLD)
        if not self._watch.is_sane(refund):
            return replace(absent, give_up=CLOCK_WAS_SET)
        return replace(absent, send_again=may_send_again(refund, now=now))

    def _is_fresh(self, refund: Refund) -> bool:
        sent = refund.last_sent_at or refund.created_at
        return self._clock.now() - sent < timedelta(seconds=FRESH_SECONDS)

    def _why_late(self, refund: Refund, why: Sentence) -> Sentence:
        sent = refund.first_sent_at or refund.created_at
        return SINCE_WHEN[why] if self._clock.now() < sent else why

    def _is_late(self, refund: Refund) -> bool:
        is_waited_for = refund.state in {RefundState.ACCEPTED, RefundState.UNKNOWN}
        return is_waited_for and decision_is_late(refund, now=self._clock.now())
