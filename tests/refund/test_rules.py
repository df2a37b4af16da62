"""What may be given back, and how much."""

from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund import language
from posrefund.errors import NotAllowed, NotConfirmed
from posrefund.figures import moment_text
from posrefund.language import LANGUAGES
from posrefund.money import Money
from posrefund.refund.model import Payout, ProviderStatus, RefundState
from posrefund.refund.rules import (
    check_order,
    examine,
    held_back,
    same_decision,
    why_not_refundable,
)
from posrefund.speech import said
from tests.support.builders import (
    NOON,
    a_finding,
    a_payment,
    a_provider_refund,
    a_refund,
    a_sent_refund,
    an_order,
    eur,
)


def left(*, given_back=(), ours=()) -> str:
    return examine(a_payment(), given_back, ours, looked_at=NOON).left.text


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"type": "authorise"}, "capture"),
        ({"type": "refund"}, "sales and captures"),
        ({"method": "landingpage"}, "landingpage"),
        ({"method": "vault"}, "vault"),
        ({"status": ProviderStatus.PENDING}, "pending"),
        ({"status": ProviderStatus.FAILED, "status_text": "failed"}, "failed"),
        ({"status": ProviderStatus.MANUAL_INTERVENTION, "status_text": "manual"}, "manual"),
        ({"status": ProviderStatus.UNRECOGNISED, "status_text": "odd"}, "odd"),
    ],
)
def test_what_cannot_be_refunded_says_why(changes: dict[str, object], word: str) -> None:
    assert word in (why_not_refundable(a_payment(**changes)) or "")


@pytest.mark.parametrize("kind", ["sale", "capture"])
def test_sales_and_captures_can_be_refunded(kind: str) -> None:
    assert why_not_refundable(a_payment(type=kind)) is None


def test_all_of_it_is_left_at_first() -> None:
    assert left() == "49.90"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ProviderStatus.PENDING, "44.90"),
        (ProviderStatus.SUCCESS, "44.90"),
        (ProviderStatus.MANUAL_INTERVENTION, "44.90"),
        (ProviderStatus.UNRECOGNISED, "44.90"),
        (ProviderStatus.FAILED, "49.90"),
    ],
)
def test_whatever_has_not_failed_at_ccv_is_taken_off(status: ProviderStatus, expected: str) -> None:
    assert left(given_back=[a_provider_refund(status=status)]) == expected


def test_what_ccv_has_not_decided_is_on_its_way_and_not_given_back() -> None:
    listed = [
        a_provider_refund(),
        a_provider_refund(reference="TR2", status=ProviderStatus.SUCCESS, amount=eur("7.00")),
    ]

    finding = examine(a_payment(), listed, (), looked_at=NOON)

    assert (finding.returned.text, finding.open.text, finding.left.text) == (
        "7.00",
        "5.00",
        "37.90",
    )


def test_a_reversal_is_taken_off_too() -> None:
    assert left(given_back=[a_provider_refund(type="reversal")]) == "44.90"


@pytest.mark.parametrize("state", list(RefundState))
def test_ours_are_taken_off_unless_provably_nothing_moved(state: RefundState) -> None:
    free = {RefundState.FAILED, RefundState.NOT_SENT}

    assert left(ours=[a_sent_refund(state)]) == ("49.90" if state in free else "44.90")


def test_one_refund_is_never_counted_twice() -> None:
    listed = a_provider_refund(description="x #ABCDEFGHIJ")

    assert left(given_back=[listed], ours=[a_sent_refund(RefundState.UNKNOWN)]) == "44.90"
    known = a_sent_refund(RefundState.ACCEPTED, provider_reference="TR1", marker="#other")
    assert left(given_back=[a_provider_refund()], ours=[known]) == "44.90"


PENDING, MANUAL = ProviderStatus.PENDING, ProviderStatus.MANUAL_INTERVENTION
SUCCESS, FAILED = ProviderStatus.SUCCESS, ProviderStatus.FAILED


@pytest.mark.parametrize(
    ("verdict", "status", "expected"),
    [
        # returned, open, held back, left
        ("executed", PENDING, ("5.00", "0.00", "0.00", "44.90")),
        ("executed", MANUAL, ("5.00", "0.00", "0.00", "44.90")),
        ("executed", SUCCESS, ("5.00", "0.00", "0.00", "44.90")),
        ("executed", FAILED, ("5.00", "0.00", "0.00", "44.90")),
        ("executed", None, ("5.00", "0.00", "0.00", "44.90")),
        ("not executed", PENDING, ("0.00", "5.00", "5.00", "44.90")),
        ("not executed", MANUAL, ("0.00", "5.00", "5.00", "44.90")),
        ("not executed", SUCCESS, ("5.00", "0.00", "0.00", "44.90")),
        ("not executed", FAILED, ("0.00", "0.00", "0.00", "49.90")),
        ("not executed", None, ("0.00", "0.00", "0.00", "49.90")),
    ],
)
@pytest.mark.parametrize("known_by", ["reference", "marker"])
def test_what_a_person_closed_is_counted_by_the_verdict_and_never_frees_what_ccv_may_still_do(
    known_by: str, verdict: str, status: ProviderStatus | None, expected: tuple[str, ...]
) -> None:
    closed = a_sent_refund(
        RefundState.CLOSED,
        closed_as=verdict,
        provider_reference="TR1" if known_by == "reference" else None,
    )
    listed = [] if status is None else [a_provider_refund(status=status, description=closed.marker)]

    finding = examine(a_payment(), listed, [closed], looked_at=NOON)

    sums = (finding.returned, finding.open, held_back(finding), finding.left)
    assert tuple(amount.text for amount in sums) == expected


def test_what_is_known_here_as_done_is_given_back_though_the_list_lags_behind() -> None:
    done = a_sent_refund(RefundState.SUCCEEDED, provider_reference="TR1")
    for listed in ([], [a_provider_refund()]):
        finding = examine(a_payment(), listed, [done], looked_at=NOON)
        assert (finding.returned.text, finding.open.text, finding.left.text) == (
            "5.00",
            "0.00",
            "44.90",
        )


def test_another_refund_with_the_same_end_is_not_taken_for_one_whose_reference_is_known() -> None:
    done = a_sent_refund(RefundState.SUCCEEDED, provider_reference="TR1")
    listed = [
        a_provider_refund(status=SUCCESS),
        a_provider_refund(reference="TR2", status=FAILED, description=done.marker),
    ]
    assert left(given_back=listed, ours=[done]) == "44.90"


def test_an_amount_above_all_limits_names_what_is_left_and_ccvs_limit() -> None:
    listed = [a_provider_refund(status=SUCCESS, amount=eur("9.00"))]
    finding = examine(a_payment(), listed, (), looked_at=NOON)
    with pytest.raises(NotAllowed) as refused:
        check_order(an_order("99.99", finding=finding), now=NOON)
    assert "EUR 40.90 of this payment is left" in str(refused.value)
    assert "EUR 50.88 at most (CCV's limit of 120 %)" in str(refused.value)


def test_where_ccvs_limit_is_reached_no_amount_is_named_that_could_be_tried() -> None:
    listed = [a_provider_refund(status=SUCCESS, amount=eur("59.88"))]
    finding = examine(a_payment(), listed, (), looked_at=NOON)
    with pytest.raises(NotAllowed, match="nothing of this payment is left"):
        check_order(an_order("1.00", finding=finding, above_original=True), now=NOON)


def test_never_less_than_nothing_is_left() -> None:
    assert left(given_back=[a_provider_refund(amount=eur("59.00"))]) == "0.00"


def test_what_is_left_may_be_given_back() -> None:
    check_order(an_order("49.90"), now=NOON)


def test_a_refund_has_the_currency_of_its_payment() -> None:
    with pytest.raises(NotAllowed, match="EUR"):
        check_order(replace(an_order(), amount=Money(500, "GBP")), now=NOON)


def test_more_than_is_left_needs_its_own_word() -> None:
    with pytest.raises(NotAllowed, match="own confirmation"):
        check_order(an_order("49.91"), now=NOON)
    check_order(an_order("59.88", above_original=True), now=NOON)


def test_more_than_120_percent_is_never_asked_for() -> None:
    with pytest.raises(NotAllowed, match="more than can be given back"):
        check_order(an_order("59.89", above_original=True), now=NOON)


def test_120_percent_is_cut_off_to_cents_as_ccv_does() -> None:
    finding = a_finding(a_payment(amount=eur("9.99")))
    check_order(an_order("11.98", finding=finding, above_original=True), now=NOON)
    with pytest.raises(NotAllowed):
        check_order(an_order("11.99", finding=finding, above_original=True), now=NOON)


def test_earlier_refunds_lower_the_ceiling() -> None:
    finding = examine(a_payment(), [a_provider_refund(amount=eur("30.00"))], (), looked_at=NOON)
    check_order(an_order("29.88", finding=finding, above_original=True), now=NOON)
    with pytest.raises(NotAllowed):
        check_order(an_order("29.89", finding=finding, above_original=True), now=NOON)


def test_an_equal_refund_after_a_finished_one_needs_its_own_word() -> None:
    done = a_sent_refund(RefundState.SUCCEEDED)
    finding = examine(a_payment(), (), [done], looked_at=NOON)

    with pytest.raises(NotAllowed, match=done.id):
        check_order(an_order(finding=finding), now=NOON)
    check_order(an_order(finding=finding, again=True), now=NOON)
    check_order(an_order("5.01", finding=finding), now=NOON)
    check_order(an_order(finding=finding), now=NOON + timedelta(days=31))


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_equal_refund_is_told_with_its_time_on_this_machine(code: str) -> None:
    at = NOON + timedelta(microseconds=123456)
    done = a_sent_refund(RefundState.SUCCEEDED, created_at=at)
    finding = examine(a_payment(), (), [done], looked_at=NOON)

    language.use(code)
    with pytest.raises(NotConfirmed) as refused:
        check_order(an_order(finding=finding), now=at)
    assert f"{moment_text(at)}, " in said(refused.value)
    assert done.id in said(refused.value)
    assert "2026-11-20 12:00:00+00:00" in str(refused.value), "exact, for scripts"


@pytest.mark.parametrize(("at", "words"), [(NOON, moment_text(NOON)), (None, "time unknown")])
def test_an_equal_refund_made_elsewhere_is_told_with_its_time(at, words) -> None:
    finding = examine(a_payment(), [a_provider_refund(created_at=at)], (), looked_at=NOON)

    with pytest.raises(NotConfirmed) as refused:
        check_order(an_order(finding=finding), now=NOON)
    assert f"({words}, TR1)" in said(refused.value)


def test_an_equal_refund_made_elsewhere_needs_its_own_word() -> None:
    finding = examine(a_payment(), [a_provider_refund()], (), looked_at=NOON)

    with pytest.raises(NotAllowed, match="TR1"):
        check_order(an_order(finding=finding), now=NOON)


def test_an_equal_refund_after_a_failed_one_is_free() -> None:
    failed = a_provider_refund(status=ProviderStatus.FAILED)
    finding = examine(a_payment(), [failed], [a_sent_refund(RefundState.FAILED)], looked_at=NOON)

    check_order(an_order(finding=finding), now=NOON)


SPLIT = a_payment(
    payouts=(
        Payout(external_reference="A", amount=eur("20.00")),
        Payout(external_reference="B", amount=eur("29.90")),
    )
)


def part(reference: str | None, amount: str) -> Payout:
    return Payout(external_reference=reference, amount=eur(amount))


@pytest.mark.parametrize(
    "payouts",
    [(), (part("A", "4.00"),), (part("A", "4.00"), part("C", "1.00"))],
)
def test_a_split_payment_needs_parts_that_add_up(payouts: tuple[Payout, ...]) -> None:
    with pytest.raises(NotAllowed):
        check_order(an_order(finding=a_finding(SPLIT), payouts=payouts), now=NOON)


def test_parts_that_add_up_are_let_through() -> None:
    payouts = (part("A", "4.00"), part("B", "1.00"))

    check_order(an_order(finding=a_finding(SPLIT), payouts=payouts), now=NOON)


def test_an_id_names_one_decision_for_ever() -> None:
    before = a_refund()

    assert same_decision(before, an_order()) is before
    with pytest.raises(NotAllowed):
        same_decision(before, an_order("5.01"))
    with pytest.raises(NotAllowed):
        same_decision(replace(before, original_reference="T2"), an_order())


def test_the_sample_given_back_to_110_percent_leaves_what_its_text_says() -> None:
    payment = a_payment(amount=eur("40.00"))
    listed = [
        a_provider_refund(status=SUCCESS, amount=eur("40.00")),
        a_provider_refund(reference="TR2", status=SUCCESS, amount=eur("4.00"), created_at=None),
    ]
    finding = examine(payment, listed, (), looked_at=NOON)
    assert finding.left.text == "0.00"
    with pytest.raises(NotConfirmed, match=r"above the EUR 0\.00 that is left"):
        check_order(an_order("4.00", finding=finding), now=NOON)
    check_order(an_order("4.00", finding=finding, above_original=True, again=True), now=NOON)
