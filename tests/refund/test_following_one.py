"""What becomes of a refund once it was sent: asked about, found, sent again, given up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund.errors import (
    Declined,
    KeyRefused,
    NoInformation,
    NotAllowed,
    Unanswered,
)
from posrefund.refund.model import (
    ProviderStatus,
    RefundState,
)
from tests.refund.conftest import Desk
from tests.refund.fates import lost_after_commit, raising, rules_of
from tests.support.builders import a_provider_refund


def test_a_refund_is_followed_to_its_end(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    assert [news.state for news in desk.service.follow(sent)] == [RefundState.SUCCEEDED]


def test_a_lost_answer_is_found_at_ccv_and_never_sent_twice(desk: Desk) -> None:
    desk.bank.on_send.append(lost_after_commit(desk))
    lost = desk.refund()

    news = next(desk.service.follow(lost))

    assert (news.state, news.provider_reference) == (RefundState.ACCEPTED, "TR1")
    assert len(desk.bank.sent) == 1
    assert rules_of(desk, lost) == ["T1", "T3", "T9a", "T11a"]


def test_what_ccv_never_got_is_sent_again_byte_for_byte(desk: Desk) -> None:
    desk.bank.on_send.append(raising(Unanswered("no answer")))
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    done = desk.finish(desk.refund())

    assert done.state is RefundState.SUCCEEDED
    assert done.attempts == 2
    assert len(desk.bank.ledger) == 1
    assert desk.bank.sent[0] == desk.bank.sent[1]


def test_a_refusal_of_a_repeat_proves_nothing(desk: Desk) -> None:
    desk.bank.on_send = [
        raising(Unanswered("no answer")),
        raising(Declined("no", failure_code="refund_limit")),
    ]
    states = [news.state for news in desk.service.follow(desk.refund())]

    assert RefundState.FAILED not in states[:1]
    assert len(desk.bank.ledger) == 1


def test_what_cannot_be_found_out_goes_to_a_person_and_no_more_is_sent(desk: Desk) -> None:
    desk.bank.on_send = [raising(Unanswered("no answer"))] * 99

    lost = desk.finish(desk.refund())

    assert lost.state is RefundState.ATTENTION
    assert len(desk.bank.sent) <= 6
    sent_in = desk.clock.at - lost.created_at
    assert sent_in <= timedelta(minutes=17)


def test_two_refunds_that_could_be_ours_are_for_a_person(desk: Desk) -> None:
    desk.bank.on_send.append(lost_after_commit(desk))
    lost = desk.refund()
    twin = replace(desk.bank.ledger["TR1"], reference="TR2")
    desk.bank.ledger["TR2"] = twin

    assert desk.finish(lost).state is RefundState.ATTENTION


def test_a_refund_made_elsewhere_is_never_taken_for_ours(desk: Desk) -> None:
    desk.bank.on_send.append(raising(Unanswered("no answer")))
    lost = desk.refund()
    desk.bank.ledger["PORTAL"] = a_provider_refund(reference="PORTAL", description="by hand")

    desk.bank.status_after["TR2"] = ProviderStatus.SUCCESS
    done = desk.finish(lost)

    assert done.provider_reference == "TR2"


def test_a_failed_question_is_not_a_failed_refund(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [NoInformation("502"), NoInformation("html")]
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    assert [news.state for news in desk.service.follow(sent)] == [RefundState.SUCCEEDED]


def test_a_check_without_news_writes_nothing(desk: Desk) -> None:
    sent = desk.refund()

    checked = desk.service.check(sent)

    assert checked.version == sent.version
    assert checked.checks == 1


def test_waiting_ends_when_the_shell_wants_it_to(desk: Desk) -> None:
    sent = desk.refund()
    until = desk.clock.now() + timedelta(seconds=30)

    assert list(desk.service.follow(sent, until=until)) == []
    assert desk.clock.now() == until


def test_manual_intervention_is_for_a_person_and_may_still_end_well(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.status_after["TR1"] = ProviderStatus.MANUAL_INTERVENTION

    stuck = desk.finish(sent)
    assert (stuck.state, stuck.money_moved) == (RefundState.ATTENTION, "unknown")
    desk.bank.decide("TR1", ProviderStatus.SUCCESS)

    assert desk.service.check(stuck).state is RefundState.SUCCEEDED


def test_what_ccv_does_not_decide_in_a_day_is_for_a_person(desk: Desk) -> None:
    stuck = desk.finish(desk.refund())

    assert stuck.state is RefundState.ATTENTION
    assert desk.clock.at - stuck.created_at <= timedelta(hours=24, minutes=20)
    assert desk.bank.questions <= 330


def test_another_configuration_is_never_asked(desk: Desk) -> None:
    foreign = replace(desk.refund(), address="https://elsewhere.example/api/v1")

    with pytest.raises(NotAllowed, match="belongs to"):
        desk.service.check(foreign)


def test_a_withdrawn_decision_frees_the_payment(desk: Desk) -> None:
    gone = desk.service.withdraw(desk.decide())

    assert gone.state is RefundState.NOT_SENT
    assert desk.refund().state is RefundState.ACCEPTED


def test_what_may_have_left_cannot_be_withdrawn(desk: Desk) -> None:
    sent = desk.refund()

    with pytest.raises(NotAllowed):
        desk.service.withdraw(sent)


def test_a_server_that_asks_for_time_is_given_it(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [NoInformation("429", retry_after_seconds=40)]
    desk.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    desk.finish(sent)

    assert 40 in desk.clock.waits


def test_a_refused_key_ends_the_following_and_not_the_refund(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [KeyRefused("401")]

    with pytest.raises(KeyRefused):
        desk.finish(sent)

    kept = desk.journal.get(sent.id)
    assert kept is not None
    assert kept.state is RefundState.ACCEPTED
