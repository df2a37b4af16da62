"""When to ask next."""

from datetime import timedelta

import pytest

from posrefund.refund.model import Refund, RefundState
from posrefund.refund.polling import (
    LONGEST_GAP,
    Profile,
    decision_is_late,
    may_send_again,
    next_step_at,
    repeat_is_due,
)
from tests.support.builders import NOON, a_refund, a_sent_refund

DAY = 24 * 3600


def gap_at(
    age: float,
    profile: Profile,
    *,
    state: RefundState = RefundState.ACCEPTED,
    checks: int = 1,
) -> float:
    """Seconds from a question asked at `age` to the next."""
    asked = NOON + timedelta(seconds=age)
    refund = a_sent_refund(state, checks=checks, checked_at=asked)
    due = next_step_at(refund, now=asked, profile=profile, jitter=1.0)
    assert due is not None
    return (due - asked).total_seconds()


@pytest.mark.parametrize(
    ("age", "gap"),
    [(1, 2), (60, 2), (61, 5), (180, 5), (181, 15), (600, 15), (601, 60), (3601, 900)],
)
def test_the_responsive_profile_slows_down_with_age(age: float, gap: float) -> None:
    assert gap_at(age, Profile.RESPONSIVE) == gap


def test_the_brisk_profile_asks_every_second_in_the_first_minute() -> None:
    assert gap_at(5, Profile.BRISK) == 1
    assert gap_at(61, Profile.BRISK) == 5


def test_the_certified_profile_waits_45_seconds_and_then_30() -> None:
    fresh = a_sent_refund(RefundState.ACCEPTED)
    assert next_step_at(fresh, now=NOON, profile=Profile.CERTIFIED, jitter=1.0) == NOON + timedelta(
        seconds=45
    )
    assert gap_at(45, Profile.CERTIFIED) == 30


@pytest.mark.parametrize("jitter", [0.8, 1.2])
def test_jitter_stretches_the_gap(jitter: float) -> None:
    fresh = a_sent_refund(RefundState.ACCEPTED)

    due = next_step_at(fresh, now=NOON, profile=Profile.RESPONSIVE, jitter=jitter)

    assert due == NOON + timedelta(seconds=2 * jitter)


def test_a_day_of_waiting_stays_below_320_questions() -> None:
    age, questions = 0.0, 0
    while age < DAY:
        age += gap_at(age, Profile.RESPONSIVE)
        questions += 1

    assert questions <= 320


def test_a_day_without_any_answer_stays_below_320_questions_too() -> None:
    age, questions = 0.0, 0
    while age < DAY:
        questions += 1
        age += gap_at(age, Profile.RESPONSIVE, state=RefundState.UNKNOWN, checks=questions)

    assert questions <= 320


DONE_WITH = [RefundState.SUCCEEDED, RefundState.NOT_SENT, RefundState.CLOSED]


@pytest.mark.parametrize("state", DONE_WITH)
def test_what_is_final_is_asked_no_more(state: RefundState) -> None:
    assert next_step_at(a_sent_refund(state), now=NOON, profile=Profile.BRISK, jitter=1.0) is None


@pytest.mark.parametrize(("verified", "minutes"), [(0, 1), (1, 10), (2, 60)])
def test_a_failed_refund_is_asked_about_three_times_more(verified: int, minutes: int) -> None:
    failed = a_sent_refund(RefundState.FAILED, verified=verified)

    due = next_step_at(failed, now=NOON, profile=Profile.BRISK, jitter=1.0)

    assert due == NOON + timedelta(minutes=minutes)


def test_a_verification_without_an_answer_is_not_asked_again_at_once() -> None:
    asked = NOON + timedelta(hours=2)
    failed = a_sent_refund(RefundState.FAILED, checks=1, checked_at=asked)

    due = next_step_at(failed, now=asked, profile=Profile.BRISK, jitter=1.0)

    assert due == asked + timedelta(minutes=1)


def test_a_clock_that_was_set_back_does_not_stop_the_questions() -> None:
    refund = a_sent_refund(RefundState.ACCEPTED)

    due = next_step_at(refund, now=NOON - timedelta(days=1), profile=Profile.BRISK, jitter=1.0)

    assert due == NOON - timedelta(days=1) + LONGEST_GAP


def test_a_refund_sent_long_in_the_future_is_for_a_person() -> None:
    refund = a_sent_refund(RefundState.ACCEPTED)

    assert not decision_is_late(refund, now=NOON - timedelta(hours=1))
    assert decision_is_late(refund, now=NOON - timedelta(hours=3))


def test_a_verified_failure_is_left_alone() -> None:
    failed = a_sent_refund(RefundState.FAILED, verified=3)

    assert next_step_at(failed, now=NOON, profile=Profile.BRISK, jitter=1.0) is None


def test_the_server_may_ask_for_more_time() -> None:
    later = NOON + timedelta(seconds=30)
    refund = a_sent_refund(RefundState.UNKNOWN, not_before=later)

    assert next_step_at(refund, now=NOON, profile=Profile.RESPONSIVE, jitter=1.0) == later
    assert not repeat_is_due(refund, now=NOON + timedelta(seconds=29))
    assert repeat_is_due(refund, now=later)


def test_a_repeat_never_comes_before_a_lagging_list_could_tell() -> None:
    lost = a_sent_refund(RefundState.UNKNOWN)

    assert not repeat_is_due(lost, now=NOON + timedelta(seconds=4.9))
    assert repeat_is_due(lost, now=NOON + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("refund", "seconds", "allowed"),
    [
        (a_sent_refund(RefundState.UNKNOWN), 4, False),
        (a_sent_refund(RefundState.UNKNOWN), 900, True),
        (a_sent_refund(RefundState.UNKNOWN), 901, False),
        (a_sent_refund(RefundState.UNKNOWN, attempts=6), 10, False),
        (a_sent_refund(RefundState.ATTENTION), 10, False),
        (a_sent_refund(RefundState.ACCEPTED), 10, False),
        (a_refund(), 10, False),
    ],
)
def test_a_repeat_is_only_for_unknown_refunds_inside_the_window(
    refund: Refund, seconds: float, allowed: bool
) -> None:
    assert may_send_again(refund, now=NOON + timedelta(seconds=seconds)) is allowed


def test_a_refund_that_needs_a_person_is_still_asked_about() -> None:
    assert gap_at(3600, Profile.BRISK, state=RefundState.ATTENTION) == 900
    assert gap_at(4 * DAY, Profile.BRISK, state=RefundState.ATTENTION) == DAY
