"""When to ask next. Pure: a table of ages and gaps, in seconds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from posrefund.refund.model import Refund, RefundState

INTENT_AGE_SECONDS = 120.0
"""An intent older than this is dropped, never sent by itself."""
RESEND_WINDOW_SECONDS = 15 * 60.0
"""Counted from the first attempt: half of the shortest key lifetime any provider publishes."""
MAX_ATTEMPTS = 6
LONGEST_GAP = timedelta(minutes=20)
"""No open refund that a person may be waiting for goes without a question for longer."""
DECIDE_WITHIN_SECONDS = 24 * 3600.0
"""A refund CCV has not decided after this needs a person."""
SET_BACK_SECONDS = 2 * 3600.0
"""A refund that was sent so far in the future was sent before the clock was set back."""
FRESH_SECONDS = 60.0
"""So long after the request CCV may still answer 404 for a refund it has."""
NEUTRAL_AFTER_SECONDS = 6 * 60.0
"""After this the screen says that the result is not known yet (CCV test book FS6)."""

VERIFY_AFTER_SECONDS = (60.0, 600.0, 3600.0)
"""When a failed refund is asked about again: CCV does not promise that failed stays failed."""
QUIET_SECONDS = 30 * 60.0
"""After the last attempt, before a person may say that it was not carried out."""

_MINUTE, _HOUR = 60.0, 3600.0


class Profile(StrEnum):
    """How eagerly a refund CCV has is asked about."""

    RESPONSIVE = "responsive"
    BRISK = "brisk"
    CERTIFIED = "certified"
    """The reading of CCV's test book (FS7) for tills without webhook: 45 s, then every 30 s."""


Steps = Sequence[tuple[float, float]]

_SLOW: Steps = ((3 * _MINUTE, 5), (10 * _MINUTE, 15), (_HOUR, 60), (24 * _HOUR, 15 * _MINUTE))

_ACCEPTED: dict[Profile, Steps] = {
    Profile.RESPONSIVE: ((_MINUTE, 2), *_SLOW),
    Profile.BRISK: ((_MINUTE, 1), *_SLOW),
    Profile.CERTIFIED: ((0, 45), (_HOUR, 30), (24 * _HOUR, 15 * _MINUTE)),
}
"""Rows of (up to this age, gap between questions)."""

_UNKNOWN_GAPS = (1.0, 2.0, 2.0, 5.0, 10.0, 20.0, 40.0)
"""Between look-ups. The first comes quickly: a cashier is waiting for a word."""
_UNKNOWN_SLOW: Steps = ((RESEND_WINDOW_SECONDS, 0), (_HOUR, 60), (24 * _HOUR, 15 * _MINUTE))
"""Nothing is sent any more, and CCV gives no answer: a list would have ended it."""
_RESEND_GAPS = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Between attempts. Never sooner, because CCV's list may lag behind what CCV has done."""
_INTENT: Steps = ((10, 2), (30, 5), (INTENT_AGE_SECONDS, 10))
_ATTENTION: Steps = ((72 * _HOUR, 15 * _MINUTE),)
_DAY_SECONDS = 24 * _HOUR


def next_step_at(
    refund: Refund, *, now: datetime, profile: Profile, jitter: float
) -> datetime | None:
    """Return when the next step of an unfinished refund is due, or None when there is none.

    Args:
        refund: As the journal has it.
        now: The wall clock.
        profile: The configured eagerness.
        jitter: A factor of 0.8 to 1.2 that keeps many counters from asking in step.
    """
    if refund.state is RefundState.FAILED and refund.verified < len(VERIFY_AFTER_SECONDS):
        return _verification_at(refund)
    if refund.state.is_final:
        return None
    due = _anchor(refund) + timedelta(seconds=_gap(refund, profile) * jitter)
    if refund.not_before is not None and due < refund.not_before:
        due = refund.not_before
    if refund.state is RefundState.ATTENTION:
        return due
    # After a clock was set back, times of before would lie far ahead.
    return min(due, now + LONGEST_GAP)


def _verification_at(refund: Refund) -> datetime:
    due = refund.updated_at + timedelta(seconds=VERIFY_AFTER_SECONDS[refund.verified])
    if refund.checked_at is None:
        return due
    # A question that got no answer does not count, and must not be asked again at once.
    return max(due, refund.checked_at + timedelta(seconds=VERIFY_AFTER_SECONDS[0]))


def _anchor(refund: Refund) -> datetime:
    return refund.checked_at if refund.checked_at and refund.checks else refund.updated_at


def _gap(refund: Refund, profile: Profile) -> float:
    if refund.state is RefundState.UNKNOWN:
        gap = _UNKNOWN_GAPS[min(refund.checks, len(_UNKNOWN_GAPS) - 1)]
        return max(gap, _step(_UNKNOWN_SLOW, _age(refund), beyond=15 * _MINUTE))
    if refund.state is RefundState.ATTENTION:
        return _step(_ATTENTION, _age(refund), beyond=_DAY_SECONDS)
    if refund.state is RefundState.ACCEPTED:
        steps = _ACCEPTED[profile]
        if profile is Profile.CERTIFIED and refund.checks:
            steps = steps[1:]
        return _step(steps, _age(refund), beyond=15 * _MINUTE)
    return _step(_INTENT, _age(refund), beyond=10)


def _age(refund: Refund) -> float:
    """How old it was when it was last asked about."""
    return (_anchor(refund) - (refund.first_sent_at or refund.created_at)).total_seconds()


def _step(steps: Steps, age: float, *, beyond: float) -> float:
    for up_to, gap in steps:
        if age <= up_to:
            return gap
    return beyond


def asked(refund: Refund, before: Refund, *, now: datetime) -> Refund:
    """Count a question, and keep what the server asked for. Only this process knows of it."""
    return replace(refund, checks=before.checks + 1, checked_at=now, not_before=before.not_before)


def paused(refund: Refund, seconds: float | None, *, now: datetime) -> Refund:
    """Leave the server alone for as long as it asked, if it did."""
    return (
        refund if seconds is None else replace(refund, not_before=now + timedelta(seconds=seconds))
    )


def may_send_again(refund: Refund, *, now: datetime) -> bool:
    """May an unknown refund, just looked up and not found, be repeated now?

    Inside the window, with attempts left, and not before a lagging list could have told or the
    server allows it.
    """
    if refund.state is not RefundState.UNKNOWN or refund.attempts >= MAX_ATTEMPTS:
        return False
    return not window_is_over(refund, now=now) and repeat_is_due(refund, now=now)


def verification_is_due(refund: Refund, *, now: datetime) -> bool:
    """Is it time to ask about a failed refund again?"""
    is_open = refund.state is RefundState.FAILED and refund.verified < len(VERIFY_AFTER_SECONDS)
    return is_open and _verification_at(refund) <= now


def repeat_is_due(refund: Refund, *, now: datetime) -> bool:
    """Has enough time passed since the last attempt, and since what the server asked for?"""
    if refund.not_before is not None and now < refund.not_before:
        return False
    gap = _RESEND_GAPS[min(refund.attempts, len(_RESEND_GAPS)) - 1]
    return _seconds_since(refund.last_sent_at, now) >= gap


def window_is_over(refund: Refund, *, now: datetime) -> bool:
    """May the same request no longer be sent, because CCV may have forgotten its reference?"""
    return _seconds_since(refund.first_sent_at, now) > RESEND_WINDOW_SECONDS


def intent_is_old(refund: Refund, *, now: datetime) -> bool:
    """Has a decision been waiting so long that nobody stands there any more?"""
    return _seconds_since(refund.created_at, now) > INTENT_AGE_SECONDS


def decision_is_late(refund: Refund, *, now: datetime) -> bool:
    """Has a refund been on its way for a day, or for a time that nobody can tell any more?"""
    seconds = _seconds_since(refund.first_sent_at, now)
    return seconds > DECIDE_WITHIN_SECONDS or seconds < -SET_BACK_SECONDS


def _seconds_since(then: datetime | None, now: datetime) -> float:
    return (now - then).total_seconds() if then is not None else 0.0
