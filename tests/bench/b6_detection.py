"""B6: how late an outcome is noticed, and for how many requests. On paper: nothing waits.

Durations as in the project's study: lognormal, median 20 s, sigma 0.6; one in ten is slow, median
120 s, sigma 0.7; 3 s to 15 min. The times of the questions come from the program's own table, with
its jitter of 0.8 to 1.2; a round trip takes 80 ms. The baseline asks every 2 s. Budget: 1.1 s on
average at no more than 17 questions a refund, the profile being `responsive`.
"""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from posrefund.refund.model import Refund, RefundState
from posrefund.refund.polling import Profile, next_step_at
from tests.bench.measure import Row, Table, median, percentile
from tests.bench.setting import Setting
from tests.support.builders import NOON, a_sent_refund

MEAN_BUDGET_SECONDS, QUESTIONS_BUDGET = 1.1, 17
REFUNDS = 10_000
_ROUND_TRIP = timedelta(milliseconds=80)

Schedule = Callable[[Refund], datetime]
"""When to ask next, as `next_step_at` tells it."""


def run(_: Setting) -> Table:
    """Work it out; the same durations for every schedule, and the same in every run."""
    chance = random.Random(1)  # noqa: S311 - a simulation
    durations = [_duration(chance) for _ in range(REFUNDS)]

    def fixed(refund: Refund) -> datetime:
        return (refund.checked_at or refund.updated_at) + timedelta(seconds=2)

    def of(profile: Profile) -> Schedule:
        def schedule(refund: Refund) -> datetime:
            now = refund.checked_at or refund.updated_at
            jitter = chance.uniform(0.8, 1.2)
            due = next_step_at(refund, now=now, profile=profile, jitter=jitter)
            return due or NOON

        return schedule

    schedules = {"every 2 s": fixed, **{str(profile): of(profile) for profile in Profile}}
    table = Table("B6: from final at CCV to the answer that says so (on paper)")
    baseline = 0.0
    for name, schedule in schedules.items():
        followed = [_follow(schedule, duration) for duration in durations]
        delays = [delay for delay, _ in followed]
        questions = sum(asked for _, asked in followed) / REFUNDS
        mean = sum(delays) / REFUNDS
        baseline = baseline or mean
        judged = name == Profile.RESPONSIVE
        shown = f"mean {mean:.2f} s, median {median(delays):.2f}, p95 {percentile(delays, 95):.2f}"
        table.rows.append(
            Row(
                f"{name}: {questions:.1f} questions",
                shown,
                f"{mean / baseline:.2f}x",
                f"<= {MEAN_BUDGET_SECONDS} s at <= {QUESTIONS_BUDGET}" if judged else "",
                mean <= MEAN_BUDGET_SECONDS and questions <= QUESTIONS_BUDGET if judged else None,
            )
        )
    return table


def _duration(chance: random.Random) -> timedelta:
    while True:
        slow = chance.random() < 0.1
        middle, sigma = (120, 0.7) if slow else (20, 0.6)
        seconds = chance.lognormvariate(math.log(middle), sigma)
        if 3 <= seconds <= 900:
            return timedelta(seconds=seconds)


def _follow(schedule: Schedule, duration: timedelta) -> tuple[float, int]:
    """Ask until the answer is final; return the delay in seconds and the number of questions."""
    final_at = NOON + _ROUND_TRIP / 2 + duration
    refund = a_sent_refund(RefundState.ACCEPTED, updated_at=NOON + _ROUND_TRIP)
    questions = 0
    while True:
        asked_at = schedule(refund)
        questions += 1
        heard_at = asked_at + _ROUND_TRIP
        if asked_at + _ROUND_TRIP / 2 >= final_at:
            return (heard_at - final_at).total_seconds(), questions
        refund = replace(refund, checks=questions, checked_at=heard_at)
