"""Is this refund at CCV ours?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund.refund.matching import candidates, with_marker
from posrefund.refund.model import RefundState
from tests.support.builders import NOON, a_provider_refund, a_sent_refund, eur

LOST = a_sent_refund(RefundState.UNKNOWN)
OURS = a_provider_refund(description="Order 1001 #ABCDEFGHIJ")


def test_the_same_in_everything_is_ours() -> None:
    assert candidates(LOST, [OURS], taken=[]) == [OURS]


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "reversal"},
        {"original_reference": "T2"},
        {"amount": eur("5.01")},
        {"description": "Order 1001"},
        {"description": None},
        {"description": "Order 1001 #ABCDEFGHIK"},
    ],
)
def test_any_difference_makes_it_somebody_elses(changes: dict[str, object]) -> None:
    assert candidates(LOST, [replace(OURS, **changes)], taken=[]) == []


def test_an_answer_that_leaves_the_payment_out_is_known_by_its_marker() -> None:
    silent = replace(OURS, original_reference=None)

    assert candidates(LOST, [silent], taken=[]) == [silent]


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
def test_a_late_execution_or_another_clock_does_not_hide_ours(hours: int) -> None:
    late = replace(OURS, created_at=NOON + timedelta(hours=hours))

    assert candidates(LOST, [late], taken=[]) == [late]


def test_a_reference_the_journal_has_is_not_free() -> None:
    assert candidates(LOST, [OURS], taken=["TR1"]) == []


def test_the_marker_always_fits_into_the_description() -> None:
    assert with_marker("", "#ABCDEFGHIJ") == "#ABCDEFGHIJ"
    assert with_marker("Order 7", "#ABCDEFGHIJ") == "Order 7 #ABCDEFGHIJ"
    long = with_marker("x" * 300, "#ABCDEFGHIJ")
    assert len(long) == 255
    assert long.endswith(" #ABCDEFGHIJ")
