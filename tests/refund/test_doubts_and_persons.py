"""Odd answers, contradictions, and the person who decides what the program cannot."""

from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund.errors import (
    Mismatched,
    Misused,
    NoInformation,
    NotAllowed,
    Unanswered,
)
from posrefund.journal.memory import MemoryJournal
from posrefund.refund.model import Doubt, Entry, ProviderStatus, Refund, RefundOrder, RefundState
from tests.refund.conftest import Desk
from tests.refund.fates import lost_after_commit, raising, rules_of
from tests.support.builders import PAYMENT, a_provider_refund, eur
from tests.support.fakes import FrozenClock

VERDICT = {"by": "M. de Vries", "evidence": "helpdesk case 4711"}


def failed(desk: Desk) -> Refund:
    return desk.finish_with(ProviderStatus.FAILED, desk.refund())


def stuck_without_reference(desk: Desk) -> Refund:
    desk.bank.on_send = [raising(Unanswered("no answer"))] * 9
    return desk.finish(desk.refund())


def stuck_with_reference(desk: Desk) -> Refund:
    return desk.finish_with(ProviderStatus.MANUAL_INTERVENTION, desk.refund())


# -- doubts ---------------------------------------------------------------------------------------


def test_right_after_the_request_an_unknown_reference_means_nothing(desk: Desk) -> None:
    sent = desk.refund()
    ledger, desk.bank.ledger = desk.bank.ledger, {}

    with pytest.raises(NoInformation):
        desk.service.check(sent)

    desk.bank.ledger = ledger


def test_a_reference_ccv_does_not_know_for_ten_minutes_is_for_a_person(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.ledger = {}

    stuck = desk.finish(sent)

    assert stuck.state is RefundState.ATTENTION
    since_sent = desk.clock.at - sent.created_at
    assert timedelta(minutes=10) <= since_sent <= timedelta(minutes=13)


def test_a_doubt_ends_with_a_good_answer(desk: Desk) -> None:
    sent = desk.refund()
    ledger, desk.bank.ledger = desk.bank.ledger, {}
    desk.clock.at += timedelta(minutes=2)
    doubted = desk.service.check(sent)
    assert doubted.doubt is Doubt.NOT_KNOWN
    desk.bank.ledger = ledger

    assert desk.service.check(doubted).doubt is None


def test_three_answers_about_something_else_in_a_row_are_for_a_person(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [Mismatched("another amount")] * 3

    stuck = desk.finish(sent)

    assert stuck.state is RefundState.ATTENTION


def test_two_answers_about_something_else_are_borne(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [Mismatched("another amount")] * 2
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    assert desk.finish(sent).state is RefundState.SUCCEEDED


def test_a_status_nobody_knows_for_ten_minutes_is_for_a_person(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.decide("TR1", ProviderStatus.UNRECOGNISED)

    stuck = desk.finish(sent)

    assert stuck.state is RefundState.ATTENTION
    assert desk.clock.at - sent.created_at <= timedelta(minutes=12)


# -- a clock that was set -------------------------------------------------------------------------


@pytest.mark.parametrize("by", [timedelta(minutes=6), timedelta(seconds=-3), timedelta(days=-1)])
def test_after_the_clock_was_set_nothing_is_sent(desk: Desk, by: timedelta) -> None:
    desk.bank.on_send = [raising(Unanswered("no answer"))]
    lost = desk.refund()
    desk.clock.at += timedelta(seconds=30)
    desk.clock.jump(by)

    stuck = desk.service.check(lost)

    assert stuck.state is RefundState.ATTENTION
    assert len(desk.bank.sent) == 1
    desk.bank.payments["T2"] = replace(desk.bank.payments[PAYMENT], reference="T2")
    (finding,) = desk.service.find("T2")
    with pytest.raises(NotAllowed, match="clock"):
        desk.service.intend(RefundOrder(finding=finding, amount=eur("1.00")))


def test_a_clock_behind_the_journal_repeats_nothing(desk: Desk) -> None:
    desk.bank.on_send = [raising(Unanswered("no answer"))]
    lost = desk.refund()
    desk.clock.jump(timedelta(hours=-1))
    desk.restart()

    assert desk.service.check(lost).state is RefundState.ATTENTION
    assert len(desk.bank.sent) == 1


def test_a_small_correction_of_the_clock_is_borne(desk: Desk) -> None:
    desk.clock.jump(timedelta(seconds=-1))

    assert desk.refund().state is RefundState.ACCEPTED


# -- a machine that slept -------------------------------------------------------------------------


def test_a_decision_slept_over_is_not_sent(desk: Desk) -> None:
    decided = desk.decide()
    desk.clock.at += timedelta(hours=8)

    assert desk.service.send(decided).state is RefundState.NOT_SENT
    assert desk.bank.sent == []


class SleepyJournal(MemoryJournal):
    """The lid is closed right after the n-th SENDING was written down."""

    def __init__(self, clock: FrozenClock, *, at_attempt: int) -> None:
        super().__init__()
        self._clock = clock
        self._at_attempt = at_attempt

    def record(self, refund: Refund, entry: Entry | None) -> Refund:
        written = super().record(refund, entry)
        if (written.state, written.attempts) == (RefundState.SENDING, self._at_attempt):
            self._at_attempt = 0
            self._clock.at += timedelta(hours=8)
        return written


def test_a_machine_that_slept_before_the_wire_sends_nothing() -> None:
    clock = FrozenClock()
    desk = Desk(clock=clock, journal=SleepyJournal(clock, at_attempt=1))

    woken = desk.refund()

    assert (woken.state, woken.attempts) == (RefundState.INTENT, 0)
    assert desk.finish(woken).state is RefundState.NOT_SENT
    assert desk.bank.sent == []


def test_a_repeat_slept_over_is_not_sent_after_the_window() -> None:
    clock = FrozenClock()
    desk = Desk(clock=clock, journal=SleepyJournal(clock, at_attempt=2))
    desk.bank.on_send = [raising(Unanswered("no answer"))]

    stuck = desk.finish(desk.refund())

    assert stuck.state is RefundState.ATTENTION
    assert len(desk.bank.sent) == 1


# -- contradictions -------------------------------------------------------------------------------


def verify(desk: Desk) -> list[Refund]:
    """What a `recover` of a few seconds tells."""
    return list(desk.recovery.work(until=desk.clock.now() + timedelta(seconds=5)))


def test_a_failed_refund_is_asked_about_three_times_more(desk: Desk) -> None:
    failed(desk)
    questions = desk.bank.questions

    for minutes, asked in ((0, 0), (1, 1), (1, 1), (9, 2), (50, 3), (500, 3)):
        desk.clock.at += timedelta(minutes=minutes)
        assert verify(desk) == []
        assert desk.bank.questions == questions + asked
    assert desk.recovery.unsettled() == []


def test_nobody_waits_for_a_verification(desk: Desk) -> None:
    failed(desk)
    before = desk.clock.now()

    verify(desk)

    assert desk.clock.now() == before


def test_success_after_failed_is_an_alarm_and_the_payment_stays_taken(desk: Desk) -> None:
    refund = failed(desk)
    desk.bank.decide("TR1", ProviderStatus.SUCCESS)
    desk.clock.at += timedelta(minutes=2)

    (alarmed,) = verify(desk)

    assert (alarmed.state, alarmed.money_moved) == (RefundState.FAILED, "unknown")
    assert rules_of(desk, refund)[-1] == "T20"
    assert desk.find().left.text == "44.90"
    assert [one.id for one in desk.recovery.unsettled()] == [refund.id]


def test_a_person_ends_an_alarm(desk: Desk) -> None:
    refund = failed(desk)
    desk.bank.decide("TR1", ProviderStatus.SUCCESS)
    alarmed = desk.service.check(refund)

    closed = desk.service.close(alarmed, executed=True, **VERDICT)

    assert (closed.state, closed.money_moved) == (RefundState.CLOSED, "yes")
    assert desk.recovery.unsettled() == []


# -- closing --------------------------------------------------------------------------------------


def test_a_case_is_closed_with_name_and_evidence(desk: Desk) -> None:
    stuck = stuck_with_reference(desk)

    closed = desk.service.close(stuck, executed=True, **VERDICT)

    assert (closed.state, closed.closed_as) == (RefundState.CLOSED, "executed")
    last = desk.journal.entries(stuck.id)[-1]
    assert last.rule == "T17"
    assert "M. de Vries" in last.text
    assert "4711" in last.text


@pytest.mark.parametrize("missing", ["by", "evidence"])
def test_nobody_closes_a_case_without_saying_who_and_why(desk: Desk, missing: str) -> None:
    stuck = stuck_with_reference(desk)

    with pytest.raises(Misused):
        desk.service.close(stuck, executed=True, **(VERDICT | {missing: "  "}))


def test_only_a_case_for_a_person_is_closed(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.service.close(desk.refund(), executed=True, **VERDICT)


def test_a_case_ccv_has_decided_meanwhile_is_not_closed(desk: Desk) -> None:
    stuck = stuck_with_reference(desk)
    desk.bank.decide("TR1", ProviderStatus.SUCCESS)

    with pytest.raises(NotAllowed, match="succeeded"):
        desk.service.close(stuck, executed=True, **VERDICT)


def test_not_executed_takes_quiet_and_three_empty_lists(desk: Desk) -> None:
    stuck = stuck_without_reference(desk)

    with pytest.raises(NotAllowed, match="minutes"):
        desk.service.close(stuck, executed=False, **VERDICT)
    desk.clock.at += timedelta(minutes=40)
    for _ in range(2):
        with pytest.raises(NotAllowed, match="often enough"):
            desk.service.close(stuck, executed=False, **VERDICT)
        desk.clock.at += timedelta(minutes=6)
    closed = desk.service.close(stuck, executed=False, **VERDICT)

    assert (closed.state, closed.money_moved) == (RefundState.CLOSED, "no")
    desk.bank.on_send = []
    assert desk.refund().state is RefundState.ACCEPTED


def test_a_refund_of_that_amount_without_our_marker_forbids_not_executed_until_it_is_named(
    desk: Desk,
) -> None:
    stuck = stuck_without_reference(desk)
    desk.bank.ledger["TR7"] = a_provider_refund(
        reference="TR7", amount=stuck.amount, created_at=desk.clock.at, description="unmarked"
    )
    desk.clock.at += timedelta(minutes=40)
    for _ in range(4):
        with pytest.raises(NotAllowed, match="TR7 of the same amount"):
            desk.service.close(stuck, executed=False, **VERDICT)
        desk.clock.at += timedelta(minutes=6)

    named = VERDICT | {"evidence": "TR7 is the portal's, see case 4711"}
    closed = desk.service.close(stuck, executed=False, **named)

    assert closed.state is RefundState.CLOSED


def test_three_empty_lists_in_a_hurry_prove_nothing(desk: Desk) -> None:
    stuck = stuck_without_reference(desk)
    desk.clock.at += timedelta(minutes=40)

    for _ in range(5):
        with pytest.raises(NotAllowed, match="often enough"):
            desk.service.close(stuck, executed=False, **VERDICT)
        desk.clock.at += timedelta(seconds=30)


def test_what_the_list_shows_after_all_is_not_closed_as_not_executed(desk: Desk) -> None:
    desk.bank.on_send = [lost_after_commit(desk)]
    lost = desk.refund()
    ledger, desk.bank.ledger = desk.bank.ledger, {}
    desk.bank.on_send = [raising(Unanswered("no answer"))] * 9
    stuck = desk.finish(lost)
    desk.clock.at += timedelta(minutes=40)
    desk.bank.ledger = ledger

    with pytest.raises(NotAllowed):
        desk.service.close(stuck, executed=False, **VERDICT)

    kept = desk.journal.get(stuck.id)
    assert kept is not None
    assert kept.provider_reference == "TR1"


def test_a_refund_with_our_marker_is_never_taken_for_absent(desk: Desk) -> None:
    desk.bank.on_send = [lost_after_commit(desk)]
    lost = desk.refund()
    desk.bank.ledger["TR1"] = replace(desk.bank.ledger["TR1"], amount=eur("5.01"))
    stuck = desk.finish(lost)
    assert stuck.state is RefundState.ATTENTION
    desk.clock.at += timedelta(minutes=40)

    for _ in range(4):
        with pytest.raises(NotAllowed, match="often enough"):
            desk.service.close(stuck, executed=False, **VERDICT)
        desk.clock.at += timedelta(minutes=6)
    assert len(desk.bank.sent) == 1


def test_what_the_last_question_finds_is_not_closed_as_not_executed(desk: Desk) -> None:
    stuck = stuck_without_reference(desk)
    for _ in range(4):
        desk.clock.at += timedelta(minutes=20)
        desk.service.check(stuck)
    desk.bank.carry_out(stuck)
    desk.bank.decide("TR1", ProviderStatus.MANUAL_INTERVENTION)

    with pytest.raises(NotAllowed, match="after all"):
        desk.service.close(stuck, executed=False, **VERDICT)


def test_not_executed_is_not_believed_while_ccv_cannot_be_asked(desk: Desk) -> None:
    stuck = stuck_with_reference(desk)
    desk.clock.at += timedelta(minutes=40)
    desk.bank.on_ask = [NoInformation("no line")]

    with pytest.raises(NoInformation):
        desk.service.close(stuck, executed=False, **VERDICT)
