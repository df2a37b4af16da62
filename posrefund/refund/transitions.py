"""Which state may follow which, and why. One table, one row a rule; nothing else moves a refund.

The numbers are those of the reliability study, so that a test, an entry of the journal and the
reasoning behind them carry the same name.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from posrefund.errors import NotAllowed
from posrefund.refund.doubts import trusted
from posrefund.refund.model import Entry, ProviderRefund, ProviderStatus, Refund, RefundState
from posrefund.sentence import Sentence

INTENT, SENDING, UNKNOWN = RefundState.INTENT, RefundState.SENDING, RefundState.UNKNOWN
ACCEPTED, ATTENTION = RefundState.ACCEPTED, RefundState.ATTENTION
SUCCEEDED, FAILED = RefundState.SUCCEEDED, RefundState.FAILED
NOT_SENT, CLOSED = RefundState.NOT_SENT, RefundState.CLOSED


class Trigger(StrEnum):
    """What can happen to a refund."""

    WITHDRAW = "withdraw"
    """A person or the age limit drops it before anything left."""
    SEND = "send"
    """An attempt is about to leave. Written down before the first byte."""
    PENDING = "pending"
    """CCV has it and has not decided."""
    SUCCESS = "success"
    """CCV says the money was given back."""
    FAILURE = "failure"
    """CCV says it will not be given back."""
    MANUAL = "manual"
    """CCV says a person must look (`manualintervention`)."""
    UNRECOGNISED = "unrecognised"
    """CCV has it, in a status nobody told us about."""
    DECLINED = "declined"
    """CCV answered the request itself with an error object that refuses."""
    UNSENT = "unsent"
    """Provably not one byte of this attempt left."""
    KEY_REFUSED = "key refused"
    """CCV does not accept the API key."""
    SILENCE = "silence"
    """No answer that can be trusted: time-out, cut, 3xx, 409, 429, 5xx, wrong reference …"""
    CRASH = "crash"
    """Found as `sending` by somebody who did not send it."""
    GIVE_UP = "give up"
    """The program has done all it may do by itself."""
    CLOSE_EXECUTED = "close as executed"
    """A person vouches that the money was given back."""
    CLOSE_NOT_EXECUTED = "close as not executed"
    """A person vouches that no money was given back."""


class Guard(StrEnum):
    """What else must be true of a refund for a row to apply."""

    ALWAYS = "always"
    FIRST = "no earlier attempt may have left"
    REPEAT = "an earlier attempt may have left"
    LOST = "CCV's reference was not known before"
    ALARMED = "CCV contradicted what the customer was told"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    number: str
    before: frozenset[RefundState]
    trigger: Trigger
    after: RefundState
    because: str
    """One sentence for the journal: what this says about the money."""
    guard: Guard = Guard.ALWAYS
    alarm: bool = False
    """CCV contradicts what we told the customer. The state stays; a person must know."""


def _rule(
    number: str,
    before: tuple[RefundState, ...],
    trigger: Trigger,
    after: RefundState,
    because: str,
    guard: Guard = Guard.ALWAYS,
) -> Rule:
    return Rule(number, frozenset(before), trigger, after, because, guard)


def _alarm(number: str, state: RefundState, trigger: Trigger, because: str) -> Rule:
    return Rule(number, frozenset({state}), trigger, state, because, alarm=True)


ALARMED = Guard.ALARMED
_CONTRADICTED = (SUCCEEDED, FAILED)

TABLE: tuple[Rule, ...] = (
    _rule("T2", (INTENT,), Trigger.WITHDRAW, NOT_SENT, "Nothing was sent."),
    _rule("T3", (INTENT,), Trigger.SEND, SENDING, "The request is about to leave."),
    _rule("T4", (SENDING,), Trigger.PENDING, ACCEPTED, "CCV has the refund."),
    _rule("T5a", (SENDING,), Trigger.SUCCESS, SUCCEEDED, "CCV gave the money back at once."),
    _rule("T5b", (SENDING,), Trigger.FAILURE, FAILED, "CCV refused the refund at once."),
    _rule("T5c", (SENDING,), Trigger.MANUAL, ATTENTION, "CCV asks for a person to look."),
    _rule("T5d", (SENDING,), Trigger.UNRECOGNISED, ACCEPTED, "CCV has the refund."),
    _rule("T6", (SENDING,), Trigger.DECLINED, FAILED, "CCV refused the request.", Guard.FIRST),
    _rule("T7", (SENDING,), Trigger.UNSENT, INTENT, "Nothing left this machine.", Guard.FIRST),
    _rule("T8", (SENDING,), Trigger.KEY_REFUSED, INTENT, "CCV refused the API key.", Guard.FIRST),
    _rule("T9a", (SENDING,), Trigger.SILENCE, UNKNOWN, "No answer came that can be trusted."),
    # An earlier attempt may have been carried out, so this attempt's fate proves nothing.
    _rule("T9b", (SENDING,), Trigger.DECLINED, UNKNOWN, "A repeat was refused.", Guard.REPEAT),
    _rule("T9c", (SENDING,), Trigger.UNSENT, UNKNOWN, "A repeat did not leave.", Guard.REPEAT),
    _rule(
        "T9d", (SENDING,), Trigger.KEY_REFUSED, UNKNOWN, "A repeat met a refused key.", Guard.REPEAT
    ),
    _rule("T10", (SENDING,), Trigger.CRASH, UNKNOWN, "The program ended while sending."),
    _rule("T11a", (UNKNOWN,), Trigger.PENDING, ACCEPTED, "The lost refund was found at CCV."),
    _rule("T11b", (UNKNOWN,), Trigger.SUCCESS, SUCCEEDED, "It was found at CCV: done."),
    _rule("T11c", (UNKNOWN,), Trigger.FAILURE, FAILED, "It was found at CCV: refused."),
    _rule("T11d", (UNKNOWN,), Trigger.MANUAL, ATTENTION, "It was found; a person must look."),
    _rule("T11e", (UNKNOWN,), Trigger.UNRECOGNISED, ACCEPTED, "It was found at CCV."),
    _rule("T12", (UNKNOWN,), Trigger.SEND, SENDING, "CCV does not list it; the same request goes."),
    _rule("T13", (UNKNOWN,), Trigger.GIVE_UP, ATTENTION, "It could not be found out."),
    _rule("T14a", (ACCEPTED,), Trigger.SUCCESS, SUCCEEDED, "CCV gave the money back."),
    _rule("T14b", (ACCEPTED,), Trigger.FAILURE, FAILED, "CCV refused; no money moved."),
    _rule("T15a", (ACCEPTED,), Trigger.MANUAL, ATTENTION, "CCV asks for a person to look."),
    _rule("T15b", (ACCEPTED,), Trigger.GIVE_UP, ATTENTION, "CCV did not decide in time."),
    _rule("T16a", (ATTENTION,), Trigger.PENDING, ACCEPTED, "It was found at CCV.", Guard.LOST),
    _rule("T16b", (ATTENTION,), Trigger.SUCCESS, SUCCEEDED, "CCV gave the money back after all."),
    _rule("T16c", (ATTENTION,), Trigger.FAILURE, FAILED, "CCV refused; no money moved."),
    _rule("T17", (ATTENTION,), Trigger.CLOSE_EXECUTED, CLOSED, "A person closed it: executed."),
    _rule("T18", (ATTENTION,), Trigger.CLOSE_NOT_EXECUTED, CLOSED, "A person: not executed."),
    _rule("T17a", _CONTRADICTED, Trigger.CLOSE_EXECUTED, CLOSED, "A person: it was.", ALARMED),
    _rule("T18a", _CONTRADICTED, Trigger.CLOSE_NOT_EXECUTED, CLOSED, "A person: no.", ALARMED),
    _alarm("T19", SUCCEEDED, Trigger.FAILURE, "CCV now says failed, after it said success."),
    _alarm("T20", FAILED, Trigger.SUCCESS, "CCV now says success, after it said failed."),
)
"""Every move there is. T1, the first entry of all, is `RefundService.intend`."""

_TRIGGER_OF_STATUS = {
    ProviderStatus.PENDING: Trigger.PENDING,
    ProviderStatus.SUCCESS: Trigger.SUCCESS,
    ProviderStatus.FAILED: Trigger.FAILURE,
    ProviderStatus.MANUAL_INTERVENTION: Trigger.MANUAL,
    ProviderStatus.UNRECOGNISED: Trigger.UNRECOGNISED,
}


def rule_for(refund: Refund, trigger: Trigger) -> Rule | None:
    """Return the one row that applies, or None when the trigger changes nothing."""
    holds = {Guard.ALWAYS, Guard.FIRST if refund.attempts <= 1 else Guard.REPEAT}
    if refund.provider_reference is None:
        holds.add(Guard.LOST)
    if refund.alarm is not None:
        holds.add(Guard.ALARMED)
    for rule in TABLE:
        if refund.state in rule.before and trigger is rule.trigger and rule.guard in holds:
            return rule
    return None


def move(refund: Refund, trigger: Trigger, *, at: datetime, why: str = "") -> tuple[Refund, Entry]:
    """Return the refund in its next state, and the entry that says why.

    The attempts that may have left are counted here: sending adds one, proof that nothing left
    takes it back.

    Raises:
        NotAllowed: If no row of the table allows it. Nothing has changed.
    """
    rule = rule_for(refund, trigger)
    if rule is None:
        raise NotAllowed(
            "a refund that is {state} does not allow this step ({step})",
            state=refund.state,
            step=trigger.value,
        )
    return _apply(rule, refund, at=at, why=why)


def _apply(rule: Rule, refund: Refund, *, at: datetime, why: str) -> tuple[Refund, Entry]:
    moved = refund
    if not rule.alarm:
        moved = replace(refund, state=rule.after, checks=0, message=why or None, updated_at=at)
    if rule.trigger is Trigger.SEND:
        moved = replace(
            trusted(moved),
            attempts=refund.attempts + 1,
            first_sent_at=refund.first_sent_at or at,
            last_sent_at=at,
            not_before=None,
        )
    if rule.after is INTENT:
        moved = replace(moved, attempts=0, first_sent_at=None, last_sent_at=None)
    if rule.after.is_final:
        moved = replace(moved, pay_url=None)
    text = f"{rule.because} {why}".strip()
    if rule.alarm:
        moved = replace(refund, alarm=text)
    return moved, Entry(at=at, rule=rule.number, state=rule.after, text=text)


def report(refund: Refund, said: ProviderRefund, *, at: datetime) -> tuple[Refund, Entry | None]:
    """Apply what CCV says of a refund: its facts always, its status as the table allows.

    An answer older than the one already applied changes nothing (`lastUpdate` went back).
    """
    if _is_older(refund, said):
        return refund, None
    trigger = _TRIGGER_OF_STATUS[said.status]
    rule = rule_for(refund, trigger)
    if rule is not None and rule.alarm:
        told = refund
    else:
        told = replace(
            trusted(refund),
            provider_reference=said.reference,
            pay_url=None if refund.state.is_final else said.pay_url,
            failure_code=said.failure_code,
            facts=said.facts,
        )
    if rule is None:
        return told, None
    moved, entry = _apply(rule, told, at=at, why=_why(said))
    return moved, replace(entry, facts=said.facts)


def _is_older(refund: Refund, said: ProviderRefund) -> bool:
    known = refund.facts.get("last_update")
    return (
        isinstance(known, str)
        and said.last_update is not None
        and said.last_update < datetime.fromisoformat(known)
    )


def _why(said: ProviderRefund) -> str:
    if said.message:
        return said.message
    if said.failure_code:
        return Sentence("Code: {code}.", code=said.failure_code)
    if said.status is ProviderStatus.UNRECOGNISED:
        return Sentence("Its status is {status}.", status=repr(said.status_text))
    return ""
