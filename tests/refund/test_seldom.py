"""What seldom happens, and must be right all the same."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from posrefund.errors import (
    AlreadyOpen,
    KeyRefused,
    LostLease,
    NoInformation,
    NotAllowed,
    NotFound,
    PosrefundError,
    Unanswered,
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
from posrefund.refund.rules import cancel_is_offered, check_order
from posrefund.refund.search import Search
from posrefund.refund.transitions import report
from tests.refund.conftest import Desk
from tests.support.builders import (
    NOON,
    PAYMENT,
    a_finding,
    a_payment,
    a_provider_refund,
    a_sent_refund,
    an_order,
    eur,
)


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_and_less_are_not_given_back(minor: int) -> None:
    order = replace(an_order(), amount=Money(minor, "EUR"))

    with pytest.raises(NotAllowed, match="more than nothing"):
        check_order(order, now=NOON)


def test_what_was_sent_meanwhile_is_not_taken_up_again(desk: Desk) -> None:
    desk.decide(id="kiosk-7")
    desk.restart()
    desk.clock.at += timedelta(seconds=61)
    seen = desk.decide(id="kiosk-7")
    sent = desk.service.send(desk.service.take_up(seen))

    taken = desk.service.take_up(sent)

    assert taken.state is RefundState.ACCEPTED
    assert taken.owner is None
    assert len(desk.bank.sent) == 1


def test_a_refund_alone_is_not_asked_about_ahead(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.questions = 0

    assert desk.service.ask_ahead([sent]) == {}
    assert desk.bank.questions == 0


@pytest.mark.parametrize("offered", [True, False, None, "true"])
@pytest.mark.parametrize("state", RefundState)
def test_cancelling_is_offered_only_where_ccv_does_and_has_not_decided(
    state: RefundState, offered: object
) -> None:
    refund = a_sent_refund(state, facts={"cancel_offered": offered})

    assert cancel_is_offered(refund) == (state is RefundState.ACCEPTED and offered is True)


def test_an_order_may_be_no_reference_at_all(desk: Desk) -> None:
    desk.bank.payments[PAYMENT] = a_payment(order_reference="Table 4, M. & sons")

    (finding,) = desk.service.find("Table 4, M. & sons")

    assert finding.payment.reference == PAYMENT


def test_a_refund_of_nobody_knows_what_leads_nowhere(desk: Desk) -> None:
    sent = desk.refund()
    reference = sent.provider_reference or ""
    desk.bank.ledger[reference] = replace(desk.bank.ledger[reference], original_reference=None)
    other = Desk()
    other.bank.ledger = desk.bank.ledger

    with pytest.raises(NotFound):
        other.service.find(reference)


def test_a_refund_of_a_refund_leads_nowhere(desk: Desk) -> None:
    reference = desk.refund().provider_reference or ""
    said = desk.bank.ledger[reference]
    desk.bank.ledger["TR9"] = replace(said, reference="TR9", original_reference=reference)
    other = Desk()
    other.bank.ledger = desk.bank.ledger

    with pytest.raises(NotFound, match="no payment"):
        other.service.find("TR9")


def test_a_payment_ccv_has_forgotten_hides_no_other_that_ends_alike(desk: Desk) -> None:
    for name in ("A-4711", "B-4711"):
        desk.bank.payments[name] = a_payment(reference=name, order_reference=name)
        (finding,) = desk.service.find(name)
        order = RefundOrder(finding=finding, amount=eur("1.00"))
        desk.service.send(desk.service.intend(order))
    del desk.bank.payments["A-4711"]
    search = Search(provider=desk.bank, journal=desk.journal, clock=desk.clock)

    found = search.find("4711", loosely=True)

    assert [finding.payment.reference for finding in found] == ["B-4711"]


def test_an_open_refund_comes_first_whoever_began_it() -> None:
    ours = a_sent_refund(RefundState.UNKNOWN)
    order = replace(an_order(), finding=a_finding(refunds=(ours,)))

    with pytest.raises(AlreadyOpen) as refused:
        check_order(order, now=NOON)

    assert refused.value.refund_id == ours.id


def test_a_decision_somebody_sent_meanwhile_cannot_be_dropped_any_more(desk: Desk) -> None:
    decided = desk.decide()
    sent = desk.service.send(decided)

    with pytest.raises(LostLease, match="accepted"):
        desk.service.withdraw(replace(decided, owner=None))

    kept = desk.journal.get(sent.id)
    assert kept is not None
    assert (kept.state, kept.owner) == (RefundState.ACCEPTED, None)


class Overtaken(MemoryJournal):
    """Another process writes a decision down right before ours."""

    def __init__(self, **other: object) -> None:
        super().__init__()
        self._other: dict[str, object] | None = {"idempotency_reference": "other"} | other

    def open_case(self, refund: Refund, entry: Entry) -> Refund:
        if self._other is not None:
            other, self._other = replace(refund, **self._other), None
            super().open_case(other, entry)
        return super().open_case(refund, entry)


def test_the_same_id_written_down_a_moment_before_is_the_same_decision() -> None:
    desk = Desk(journal=Overtaken())

    decided = desk.decide(id="kiosk-7")

    assert decided.idempotency_reference == "other"
    assert desk.journal.latest(limit=9) == [decided]


@pytest.mark.parametrize("name", [None, "kiosk-7"])
def test_another_decision_written_down_a_moment_before_comes_first(name: str | None) -> None:
    desk = Desk(journal=Overtaken(id="kiosk-8"))

    with pytest.raises(AlreadyOpen) as refused:
        desk.decide(id=name)

    assert refused.value.refund_id == "kiosk-8"


def test_the_same_id_written_down_before_the_rules_are_asked_is_the_same_decision() -> None:
    class Late(MemoryJournal):
        is_late = True

        def get(self, refund_id: str) -> Refund | None:
            if self.is_late and refund_id == "kiosk-7":
                self.is_late = False
                return None
            return super().get(refund_id)

    desk = Desk()
    first = desk.decide(id="kiosk-7")
    late = Late()
    late._refunds, late._entries = desk.journal._refunds, desk.journal._entries
    desk.journal = late
    desk.restart()

    assert desk.decide(id="kiosk-7") == first


@pytest.mark.parametrize("changes", [{"type": "authorise"}, {"method": "token"}])
def test_what_cannot_be_refunded_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(NotAllowed):
        check_order(replace(an_order(), finding=a_finding(a_payment(**changes))), now=NOON)


def test_a_window_that_closes_between_the_look_and_the_repeat_is_closed() -> None:
    class Slow(MemoryJournal):
        """It takes a while to get hold of the refund."""

        slowness = timedelta()

        def claim(self, refund_id: str, *, now: datetime, until: datetime) -> Refund:
            desk.clock.at += self.slowness
            return super().claim(refund_id, now=now, until=until)

    desk = Desk(journal=Slow())
    desk.bank.on_send = [_silence]
    lost = desk.refund()
    desk.clock.at += timedelta(minutes=14)
    desk.journal.slowness = timedelta(minutes=2)  # type: ignore[attr-defined]

    checked = desk.service.check(lost)

    assert (checked.state, checked.owner) == (RefundState.UNKNOWN, None)
    assert len(desk.bank.sent) == 1


def _silence(_: Refund) -> ProviderRefund:
    raise Unanswered("no answer")


def test_several_that_ccv_has_are_asked_about_in_one_question(desk: Desk) -> None:
    sent = [desk.refund(), _another(desk)]
    desk.bank.questions = 0

    heard = desk.service.ask_ahead(sent)

    assert {said.reference for said in heard.values()} == {"TR1", "TR2"}
    assert set(heard) == {refund.id for refund in sent}
    assert desk.bank.questions == 1


@pytest.mark.parametrize("error", [NoInformation("no answer"), KeyRefused("401")])
def test_a_question_ahead_that_gets_no_answer_is_asked_again_one_by_one(
    desk: Desk, error: PosrefundError
) -> None:
    sent = [desk.refund(), _another(desk)]
    desk.bank.on_ask = [error]

    assert desk.service.ask_ahead(sent) == {}


def test_a_question_ahead_that_is_told_to_wait_puts_each_of_them_off(desk: Desk) -> None:
    sent = [desk.refund(), _another(desk)]
    desk.bank.on_ask = [NoInformation("busy", retry_after_seconds=40)]

    with pytest.raises(NoInformation) as busy:
        desk.service.ask_ahead(sent)

    for refund in sent:
        later = desk.service.put_off(refund, busy.value)
        assert later.checks == refund.checks + 1
        assert desk.service.next_step_at(later) == desk.clock.now() + timedelta(seconds=40)


def _another(desk: Desk) -> Refund:
    desk.bank.payments["P2"] = a_payment(reference="P2", order_reference="2")
    (finding,) = desk.service.find("2")
    return desk.service.send(desk.service.intend(RefundOrder(finding=finding, amount=eur("1.00"))))


def test_recovering_tells_of_contradictions_that_wait_for_a_person(desk: Desk) -> None:
    done = desk.finish_with(ProviderStatus.SUCCESS, desk.refund())
    desk.bank.decide("TR1", ProviderStatus.FAILED)
    alarmed = desk.service.check(done)
    assert alarmed.alarm is not None

    told = list(desk.recovery.work(until=desk.clock.now() + timedelta(hours=1)))

    assert [refund.id for refund in told] == [done.id]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"message": "The page's address is not allowed."}, "The page's address is not allowed."),
        ({"failure_code": "odd"}, "Code: odd."),
        (
            {"status": ProviderStatus.UNRECOGNISED, "status_text": "in_review"},
            "Its status is 'in_review'.",
        ),
        ({}, None),
    ],
)
def test_the_history_says_what_ccv_said_besides(said: dict[str, object], why: str | None) -> None:
    moved, entry = report(a_sent_refund(RefundState.SENDING), a_provider_refund(**said), at=NOON)

    assert moved.message == why
    assert entry is not None
    assert entry.text == f"CCV has the refund. {why or ''}".strip()


# -- two refunds with one reference of CCV's ----------------------------------------------------


def twins(desk: Desk) -> tuple[Refund, Refund]:
    """CCV names the second refund as it named the first, which is of another payment."""
    desk.bank.payments["P2"] = a_payment(reference="P2", order_reference="2")
    first = desk.refund()

    def same(refund: Refund) -> ProviderRefund:
        said = replace(
            desk.bank.ledger["TR1"], original_reference="P2", description=refund.description
        )
        desk.bank.ledger["TR1"] = said
        return said

    (finding,) = desk.service.find("2")
    desk.bank.on_send = [same]
    order = RefundOrder(finding=finding, amount=eur("5.00"))
    return first, desk.service.send(desk.service.intend(order))


def test_a_reference_that_is_taken_is_not_believed(desk: Desk) -> None:
    first, second = twins(desk)

    assert (second.state, second.provider_reference) == (RefundState.UNKNOWN, None)
    desk.clock.at += timedelta(seconds=5)
    checked = desk.service.check(second)

    assert checked.state in {RefundState.UNKNOWN, RefundState.ATTENTION}
    assert (checked.provider_reference, checked.owner) == (None, None)
    kept = desk.journal.get(first.id)
    assert kept is not None
    assert kept.provider_reference == "TR1"


def test_a_reference_that_is_taken_is_for_a_person_within_a_day(desk: Desk) -> None:
    _, second = twins(desk)

    for news in desk.service.follow(second, until=desk.clock.now() + timedelta(hours=25)):
        second = news

    assert second.state is RefundState.ATTENTION
    assert desk.service.check(second).state is RefundState.ATTENTION
