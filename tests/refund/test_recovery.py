"""After a crash: what the program says, and that it never pays twice."""

from datetime import timedelta

from posrefund.errors import Unanswered
from posrefund.refund.model import Environment, ProviderStatus, Refund, RefundState
from tests.refund.conftest import Desk
from tests.support.builders import a_refund, an_entry


class PowerCut(BaseException):
    """The plug is pulled: no handler of ours may run."""


def cut_after_commit(desk: Desk, *, commit: bool) -> Refund:
    def send(refund: Refund) -> None:
        if commit:
            desk.bank.carry_out(refund)
        raise PowerCut

    desk.bank.on_send.append(send)  # type: ignore[arg-type]
    decided = desk.decide()
    try:
        desk.service.send(decided)
    except PowerCut:
        desk.restart()
    desk.clock.at += timedelta(seconds=61)
    return decided


def work(desk: Desk, *, seconds: float = 120) -> dict[str, RefundState]:
    until = desk.clock.now() + timedelta(seconds=seconds)
    return {refund.id: refund.state for refund in desk.recovery.work(until=until)}


def test_a_decision_nobody_sent_is_dropped(desk: Desk) -> None:
    decided = desk.decide()
    desk.restart()
    desk.clock.at += timedelta(seconds=61)

    (dropped,) = desk.recovery.take_over()

    assert (dropped.id, dropped.state) == (decided.id, RefundState.NOT_SENT)
    assert desk.bank.sent == []


def test_a_decision_somebody_is_about_to_send_is_left_alone(desk: Desk) -> None:
    decided = desk.decide()

    (still,) = desk.recovery.take_over()

    assert still.state is RefundState.INTENT
    assert desk.service.send(decided).state is RefundState.ACCEPTED


def test_an_attempt_cut_off_is_unknown_before_anything_is_asked(desk: Desk) -> None:
    cut_after_commit(desk, commit=True)
    desk.bank.questions = 0

    (taken,) = desk.recovery.take_over()

    assert taken.state is RefundState.UNKNOWN
    assert desk.bank.questions == 0


def test_a_cut_after_the_commit_is_found_and_paid_once(desk: Desk) -> None:
    decided = cut_after_commit(desk, commit=True)
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    assert work(desk) == {decided.id: RefundState.SUCCEEDED}
    assert len(desk.bank.ledger) == 1
    assert len(desk.bank.sent) == 1


def test_a_cut_before_the_commit_is_sent_again_and_paid_once(desk: Desk) -> None:
    decided = cut_after_commit(desk, commit=False)
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    assert work(desk) == {decided.id: RefundState.SUCCEEDED}
    assert len(desk.bank.ledger) == 1
    assert desk.bank.sent[0] == desk.bank.sent[1]


def test_after_the_window_nothing_is_sent_by_itself(desk: Desk) -> None:
    decided = cut_after_commit(desk, commit=False)
    desk.clock.at += timedelta(minutes=16)

    assert work(desk) == {decided.id: RefundState.ATTENTION}
    assert len(desk.bank.sent) == 1


def test_recovering_twice_is_recovering_once(desk: Desk) -> None:
    cut_after_commit(desk, commit=True)
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    work(desk)

    assert work(desk) == {}
    assert len(desk.bank.ledger) == 1


def test_what_ccv_has_not_decided_is_left_for_later(desk: Desk) -> None:
    sent = desk.refund()
    desk.restart()

    assert work(desk, seconds=30) == {sent.id: RefundState.ACCEPTED}


def test_a_case_for_a_person_is_asked_about_once_more(desk: Desk) -> None:
    stuck = desk.refund()
    desk.bank.status_after["TR1"] = ProviderStatus.MANUAL_INTERVENTION
    stuck = desk.finish(stuck)
    desk.bank.decide("TR1", ProviderStatus.SUCCESS)

    assert work(desk) == {stuck.id: RefundState.SUCCEEDED}


def test_refunds_of_another_configuration_are_named_and_not_touched(desk: Desk) -> None:
    foreign = desk.journal.open_case(a_refund(environment=Environment.LIVE), an_entry())
    desk.clock.at += timedelta(days=1)

    assert work(desk) == {foreign.id: RefundState.INTENT}
    assert desk.journal.get(foreign.id) == foreign


def test_silence_during_recovery_ends_with_a_person(desk: Desk) -> None:
    decided = cut_after_commit(desk, commit=False)
    desk.bank.on_send = [lambda _: (_ for _ in ()).throw(Unanswered("no"))] * 99

    assert work(desk, seconds=3600) == {decided.id: RefundState.ATTENTION}
    assert len(desk.bank.sent) <= 6


def test_a_decision_somebody_else_made_is_never_sent_by_recovery(desk: Desk) -> None:
    decided = desk.decide()
    desk.restart()

    assert work(desk) == {decided.id: RefundState.NOT_SENT}
    assert desk.bank.sent == []


def test_a_decision_repeated_in_time_is_taken_up_and_sent(desk: Desk) -> None:
    desk.decide(id="kiosk-7")
    desk.restart()
    desk.clock.at += timedelta(seconds=61)

    again = desk.decide(id="kiosk-7")
    sent = desk.service.send(desk.service.take_up(again))

    assert sent.state is RefundState.ACCEPTED
    assert len(desk.bank.ledger) == 1


def test_a_decision_repeated_too_late_is_dropped(desk: Desk) -> None:
    desk.decide(id="kiosk-7")
    desk.restart()
    desk.clock.at += timedelta(seconds=121)

    assert desk.service.take_up(desk.decide(id="kiosk-7")).state is RefundState.NOT_SENT
