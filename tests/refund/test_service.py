"""The way of one refund: found, decided, sent, followed."""

from datetime import timedelta

import pytest

from posrefund.errors import (
    AlreadyOpen,
    Declined,
    JournalTrouble,
    JournalUnavailable,
    KeyRefused,
    LostLease,
    Misused,
    NoInformation,
    NotAllowed,
    NotFound,
    Unanswered,
    Unreachable,
    Unrecorded,
)
from posrefund.journal.memory import MemoryJournal
from posrefund.money import Money
from posrefund.refund.model import (
    Entry,
    ProviderRefund,
    ProviderStatus,
    Refund,
    RefundOrder,
    RefundState,
)
from tests.refund.conftest import Desk
from tests.refund.fates import raising, rules_of
from tests.support.builders import PAYMENT, a_payment, a_provider_refund, eur

# -- find -----------------------------------------------------------------------------------------


def test_a_payment_is_found_by_reference_order_refund_and_our_id(desk: Desk) -> None:
    refund = desk.finish(desk.refund())

    for text in (PAYMENT, "1001", " 1001 ", refund.id, refund.provider_reference):
        assert text is not None
        (finding,) = desk.service.find(text)
        assert finding.payment.reference == PAYMENT


def test_the_money_of_a_landing_page_is_found_at_its_child(desk: Desk) -> None:
    desk.bank.payments["L1"] = a_payment(
        reference="L1", method="landingpage", child_reference=PAYMENT
    )

    (finding,) = desk.service.find("L1")

    assert finding.payment.reference == PAYMENT


def test_an_order_with_two_payments_gives_two_findings(desk: Desk) -> None:
    desk.bank.payments["T2"] = a_payment(reference="T2", amount=eur("7.00"))

    assert {one.payment.reference for one in desk.service.find("1001")} == {PAYMENT, "T2"}


@pytest.mark.parametrize("text", ["", "   ", "a\x1bb", "a\nb", "x" * 256])
def test_what_cannot_be_a_reference_is_not_asked_for(desk: Desk, text: str) -> None:
    with pytest.raises(Misused):
        desk.service.find(text)
    assert desk.bank.questions == 0


def test_what_nobody_knows_is_said(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.service.find("nothing")


def test_a_list_in_another_currency_is_no_information(desk: Desk) -> None:
    odd = a_provider_refund(amount=Money(500, "GBP"))
    desk.bank.ledger["X"] = odd

    with pytest.raises(NoInformation):
        desk.find()


# -- intend ---------------------------------------------------------------------------------------


def test_a_decision_is_written_down_and_nothing_is_sent(desk: Desk) -> None:
    refund = desk.decide()

    assert refund.state is RefundState.INTENT
    assert rules_of(desk, refund) == ["T1"]
    assert desk.bank.sent == []


def test_a_second_refund_of_a_payment_waits_for_the_first(desk: Desk) -> None:
    first = desk.refund()

    with pytest.raises(AlreadyOpen) as refused:
        desk.decide("6.00")

    assert refused.value.refund_id == first.id


def test_a_finding_from_before_the_first_refund_does_not_let_a_second_through(desk: Desk) -> None:
    finding = desk.find()
    order = RefundOrder(finding=finding, amount=eur("5.00"))
    first = desk.finish_with(ProviderStatus.SUCCESS, desk.service.send(desk.service.intend(order)))

    assert first.state is RefundState.SUCCEEDED
    with pytest.raises(NotAllowed, match="given back before"):
        desk.service.intend(order)
    desk.clock.at += timedelta(minutes=5)
    with pytest.raises(NotAllowed, match="given back before"):
        desk.service.intend(order)


def test_the_same_id_never_makes_a_second_refund(desk: Desk) -> None:
    first = desk.refund(id="kiosk-7")
    again = desk.decide(id="kiosk-7")

    assert again.id == first.id == "kiosk-7"
    assert again.state is RefundState.ACCEPTED
    with pytest.raises(NotAllowed):
        desk.decide("6.00", id="kiosk-7")
    assert len(desk.bank.ledger) == 1


def test_what_our_rules_refuse_leaves_no_trace(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.decide("50.00")

    assert desk.journal.latest(limit=1) == []


# -- send -----------------------------------------------------------------------------------------


def test_a_refund_is_written_down_before_it_is_sent(desk: Desk) -> None:
    seen: list[RefundState] = []

    def look(refund: Refund) -> ProviderRefund:
        kept = desk.journal.get(refund.id)
        assert kept is not None
        seen.append(kept.state)
        return desk.bank.carry_out(refund)

    desk.bank.on_send.append(look)
    sent = desk.refund()

    assert seen == [RefundState.SENDING]
    assert (sent.state, sent.provider_reference) == (RefundState.ACCEPTED, "TR1")
    assert rules_of(desk, sent) == ["T1", "T3", "T4"]


def test_silence_is_not_failure(desk: Desk) -> None:
    desk.bank.on_send.append(raising(Unanswered("no answer")))

    sent = desk.refund()

    assert (sent.state, sent.money_moved) == (RefundState.UNKNOWN, "unknown")


def test_a_refusal_of_the_first_attempt_is_final(desk: Desk) -> None:
    desk.bank.on_send.append(raising(Declined("too much", failure_code="refund_limit")))

    sent = desk.refund()

    assert (sent.state, sent.failure_code) == (RefundState.FAILED, "refund_limit")
    assert desk.bank.ledger == {}


def test_what_did_not_leave_is_tried_again_under_the_same_reference(desk: Desk) -> None:
    desk.bank.on_send.append(raising(Unreachable("no route")))

    sent = desk.refund()
    assert (sent.state, sent.attempts) == (RefundState.INTENT, 0)
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    done = desk.finish(sent)

    assert done.state is RefundState.SUCCEEDED
    assert len(set(desk.bank.sent)) == 1
    assert len(desk.bank.sent) == 2


def test_what_never_left_is_dropped_after_two_minutes(desk: Desk) -> None:
    desk.bank.on_send = [raising(Unreachable("no route"))] * 30

    gone = desk.finish(desk.refund())

    assert (gone.state, gone.money_moved) == (RefundState.NOT_SENT, "no")
    assert desk.bank.ledger == {}
    desk.bank.on_send = []
    assert desk.refund().state is RefundState.ACCEPTED


def test_a_refused_key_stops_all_sending(desk: Desk) -> None:
    desk.bank.on_send.append(raising(KeyRefused("401")))

    with pytest.raises(KeyRefused):
        desk.refund(id="first")
    with pytest.raises(KeyRefused):
        desk.refund(id="second")

    assert len(desk.bank.sent) == 1
    for name in ("first", "second"):
        kept = desk.journal.get(name)
        assert kept is not None
        assert kept.state is RefundState.NOT_SENT


def test_a_refund_is_sent_once_only(desk: Desk) -> None:
    sent = desk.refund()

    with pytest.raises(NotAllowed):
        desk.service.send(sent)
    assert len(desk.bank.sent) == 1


def test_two_hands_on_one_decision_send_it_once(desk: Desk) -> None:
    decided = desk.decide()
    desk.service.send(decided)

    with pytest.raises(LostLease):
        desk.service.send(decided)
    assert len(desk.bank.sent) == 1


class FailingJournal(MemoryJournal):
    """Fails on the n-th write of a state."""

    def __init__(self, fail_at: RefundState) -> None:
        super().__init__()
        self.fail_at: RefundState | None = fail_at

    def record(self, refund: Refund, entry: Entry | None) -> Refund:
        if refund.state is self.fail_at:
            raise JournalUnavailable("disk full")
        return super().record(refund, entry)


def test_what_cannot_be_written_down_is_not_sent() -> None:
    desk = Desk(journal=FailingJournal(RefundState.SENDING))

    with pytest.raises(JournalUnavailable):
        desk.refund()

    assert desk.bank.sent == []


class ForgetfulJournal(MemoryJournal):
    """Keeps SENDING, says that it did not, and cannot be read right after."""

    def __init__(self) -> None:
        super().__init__()
        self.fails_to_read = 0
        self.is_forgetful = True

    def record(self, refund: Refund, entry: Entry | None) -> Refund:
        kept = super().record(refund, entry)
        if refund.state is RefundState.SENDING and self.is_forgetful:
            self.fails_to_read = 1
            raise JournalUnavailable("input/output error")
        return kept

    def get(self, refund_id: str) -> Refund | None:
        if self.fails_to_read:
            self.fails_to_read -= 1
            raise JournalUnavailable("input/output error")
        return super().get(refund_id)


@pytest.mark.parametrize("journal", [FailingJournal(RefundState.SENDING), ForgetfulJournal()])
def test_what_could_not_leave_is_abandoned_and_never_goes_by_itself(
    journal: MemoryJournal,
) -> None:
    desk = Desk(journal=journal)
    decided = desk.decide()
    with pytest.raises(JournalUnavailable):
        desk.service.send(decided)

    assert desk.service.abandon(decided).state is RefundState.NOT_SENT
    assert desk.service.abandon(decided).state is RefundState.NOT_SENT

    desk.clock.at += timedelta(minutes=2)
    desk.restart()
    assert list(desk.recovery.work(until=desk.clock.now() + timedelta(hours=1))) == []
    assert desk.bank.sent == []


def test_what_could_not_be_written_off_is_not_sent_by_a_check() -> None:
    journal = FailingJournal(RefundState.SENDING)
    desk = Desk(journal=journal)
    decided = desk.decide()
    with pytest.raises(JournalUnavailable):
        desk.service.send(decided)
    journal.fail_at = RefundState.NOT_SENT
    assert desk.service.abandon(decided).state is RefundState.INTENT

    journal.fail_at = None
    desk.clock.at += timedelta(minutes=2)

    assert desk.service.check(decided).state is RefundState.NOT_SENT
    assert desk.bank.sent == []


def test_an_intent_that_could_not_be_tried_again_is_abandoned_too() -> None:
    journal = ForgetfulJournal()
    journal.is_forgetful = False
    desk = Desk(journal=journal)
    desk.bank.on_send = [raising(Unreachable("no network"))]
    unsent = desk.service.send(desk.decide())
    assert unsent.state is RefundState.INTENT
    journal.is_forgetful = True
    desk.clock.at += timedelta(seconds=10)
    with pytest.raises(JournalUnavailable):
        desk.service.check(unsent)

    assert desk.service.abandon(unsent).state is RefundState.NOT_SENT
    assert len(desk.bank.sent) == 1


def test_what_another_process_is_sending_just_now_is_not_abandoned(desk: Desk) -> None:
    """It has the fence that this one read; whether it has left only the other knows."""
    decided = desk.decide()
    sender = desk.service
    desk.restart()

    def meanwhile(sending: Refund) -> ProviderRefund:
        with pytest.raises(LostLease):
            desk.service.abandon(decided)
        return desk.bank.carry_out(sending)

    desk.bank.on_send = [meanwhile]

    assert sender.send(decided).state is RefundState.ACCEPTED


def test_what_this_process_knows_to_be_unsent_is_not_looked_up_but_dropped() -> None:
    journal = ForgetfulJournal()
    desk = Desk(journal=journal)
    decided = desk.decide()
    with pytest.raises(JournalUnavailable):
        desk.service.send(decided)
    journal.fails_to_read = 1
    with pytest.raises(JournalTrouble):
        desk.service.abandon(decided)

    questions = desk.bank.questions
    assert desk.service.check(decided).state is RefundState.NOT_SENT
    assert (desk.bank.sent, desk.bank.questions) == ([], questions)


def test_what_somebody_else_took_on_is_not_abandoned() -> None:
    desk = Desk()
    decided = desk.decide()
    desk.service.send(decided)

    with pytest.raises(LostLease):
        desk.service.abandon(decided)

    assert desk.service.check(decided).state is RefundState.ACCEPTED


def test_an_answer_that_cannot_be_written_down_is_never_called_not_sent() -> None:
    journal = FailingJournal(RefundState.ACCEPTED)
    desk = Desk(journal=journal)

    with pytest.raises(Unrecorded):
        desk.refund(id="R")

    kept = journal.get("R")
    assert kept is not None
    assert kept.state is RefundState.SENDING
    journal.fail_at = None
    desk.clock.at += timedelta(minutes=2)
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    assert desk.finish(kept).state is RefundState.SUCCEEDED
    assert len(desk.bank.ledger) == 1


def test_a_second_confirmation_does_not_cover_a_refund_that_came_in_between(desk: Desk) -> None:
    desk.finish_with(ProviderStatus.SUCCESS, desk.refund())
    (seen,) = desk.service.find("1001")
    desk.finish_with(ProviderStatus.SUCCESS, desk.refund(again=True))

    with pytest.raises(NotAllowed, match="came in between"):
        desk.service.intend(RefundOrder(finding=seen, amount=eur("5.00"), again=True))
