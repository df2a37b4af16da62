"""The table, row by row."""

from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund.errors import NotAllowed
from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.refund.transitions import TABLE, Guard, Rule, Trigger, move, report, rule_for
from tests.support.builders import NOON, a_provider_refund, a_refund, a_sent_refund

OURS = {
    Trigger.SEND,
    Trigger.WITHDRAW,
    Trigger.GIVE_UP,
    Trigger.CLOSE_EXECUTED,
    Trigger.CLOSE_NOT_EXECUTED,
}
BOTH = (Guard.FIRST, Guard.REPEAT)
CASES = [(rule, state) for rule in TABLE for state in sorted(rule.before)]


@pytest.mark.parametrize(
    ("rule", "state"), CASES, ids=lambda case: str(getattr(case, "number", case))
)
def test_each_row_leads_where_it_says(rule: Rule, state: RefundState) -> None:
    attempts = 2 if rule.guard is Guard.REPEAT else 1
    alarm = "A contradiction." if rule.guard is Guard.ALARMED else None
    refund = a_sent_refund(state, attempts=attempts, alarm=alarm)

    moved, entry = move(refund, rule.trigger, at=NOON, why="Because.")

    assert (moved.state, entry.state, entry.rule) == (rule.after, rule.after, rule.number)
    assert entry.text.endswith("Because.")


def test_no_two_rows_claim_the_same_case() -> None:
    seen: dict[tuple[object, ...], str] = {}
    for rule in TABLE:
        for state in rule.before:
            guards = (rule.guard,) if rule.guard in BOTH else BOTH
            for guard in guards:
                case = (state, rule.trigger, guard)
                assert case not in seen, f"{rule.number} and {seen[case]}"
                seen[case] = rule.number


@pytest.mark.parametrize("trigger", list(Trigger))
def test_an_answer_to_a_request_always_has_a_row(trigger: Trigger) -> None:
    for attempts in (1, 2):
        refund = a_sent_refund(RefundState.SENDING, attempts=attempts)
        if trigger not in OURS:
            assert rule_for(refund, trigger) is not None


@pytest.mark.parametrize("state", [state for state in RefundState if state.is_final])
def test_final_means_final(state: RefundState) -> None:
    for trigger in Trigger:
        rule = rule_for(a_sent_refund(state), trigger)
        assert rule is None or (rule.alarm and rule.after is state)


def test_only_two_states_may_send() -> None:
    may_send = {
        state for state in RefundState if rule_for(a_sent_refund(state), Trigger.SEND) is not None
    }

    assert may_send == {RefundState.INTENT, RefundState.UNKNOWN}


@pytest.mark.parametrize("trigger", [Trigger.DECLINED, Trigger.UNSENT, Trigger.KEY_REFUSED])
def test_what_befalls_a_repeat_proves_nothing_about_the_first(trigger: Trigger) -> None:
    repeat = a_sent_refund(RefundState.SENDING, attempts=2)

    moved, _ = move(repeat, trigger, at=NOON)

    assert moved.state is RefundState.UNKNOWN


def test_sending_counts_the_attempt_and_keeps_the_first_time() -> None:
    first, _ = move(a_refund(), Trigger.SEND, at=NOON)
    lost, _ = move(first, Trigger.SILENCE, at=NOON)
    second, _ = move(lost, Trigger.SEND, at=NOON + timedelta(seconds=9))

    assert (second.attempts, second.first_sent_at) == (2, NOON)
    assert second.last_sent_at == NOON + timedelta(seconds=9)


def test_proof_that_nothing_left_takes_the_attempt_back() -> None:
    sending, _ = move(a_refund(), Trigger.SEND, at=NOON)

    unsent, _ = move(sending, Trigger.UNSENT, at=NOON)

    assert (unsent.attempts, unsent.first_sent_at) == (0, None)


def test_a_move_the_table_does_not_know_changes_nothing() -> None:
    with pytest.raises(NotAllowed):
        move(a_sent_refund(RefundState.SUCCEEDED), Trigger.SEND, at=NOON)


def test_a_pay_url_does_not_outlive_the_refund() -> None:
    accepted = a_sent_refund(RefundState.ACCEPTED, pay_url="https://x/?reference=TR1")

    done, _ = report(accepted, a_provider_refund(status=ProviderStatus.SUCCESS), at=NOON)

    assert done.pay_url is None


def test_a_contradiction_is_written_down_and_changes_nothing() -> None:
    for state, status in (
        (RefundState.SUCCEEDED, ProviderStatus.FAILED),
        (RefundState.FAILED, ProviderStatus.SUCCESS),
    ):
        final = a_sent_refund(state, provider_reference="TR1")

        kept, entry = report(final, a_provider_refund(status=status), at=NOON)

        assert entry is not None
        assert kept == replace(final, alarm=entry.text)
        assert (entry.state, kept.money_moved) == (state, "unknown")


def test_a_case_for_a_person_stays_one_while_ccv_only_says_pending() -> None:
    stuck = a_sent_refund(RefundState.ATTENTION, provider_reference="TR1")
    lost = a_sent_refund(RefundState.ATTENTION)

    assert report(stuck, a_provider_refund(), at=NOON)[0].state is RefundState.ATTENTION
    assert report(lost, a_provider_refund(), at=NOON)[0].state is RefundState.ACCEPTED


def test_an_answer_older_than_the_last_changes_nothing() -> None:
    later = NOON + timedelta(seconds=5)
    accepted = a_sent_refund(
        RefundState.ACCEPTED, provider_reference="TR1", facts={"last_update": later.isoformat()}
    )

    assert report(accepted, a_provider_refund(status=ProviderStatus.FAILED), at=NOON) == (
        accepted,
        None,
    )


def test_an_unknown_status_is_neither_success_nor_failure() -> None:
    odd = a_provider_refund(status=ProviderStatus.UNRECOGNISED, status_text="partying")

    moved, entry = report(a_sent_refund(RefundState.SENDING), odd, at=NOON)

    assert moved.state is RefundState.ACCEPTED
    assert entry is not None
    assert "partying" in entry.text
