"""CCV says nothing, or says that it will not tell: nothing is repeated, and it does not last."""

from datetime import timedelta

import pytest

from posrefund.errors import KeyRefused, NoInformation, Unanswered, Withheld
from posrefund.refund.model import Doubt, RefundState
from tests.refund.conftest import Desk
from tests.refund.fates import lost_after_commit, raising


def test_what_ccv_refuses_to_tell_for_ten_minutes_is_for_a_person(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [Withheld("403")] * 999

    stuck = desk.finish(sent)

    assert stuck.state is RefundState.ATTENTION
    since_sent = desk.clock.at - sent.created_at
    assert timedelta(minutes=10) <= since_sent <= timedelta(minutes=13)


def test_a_lost_refund_ccv_refuses_to_tell_of_is_for_a_person_and_never_repeated(
    desk: Desk,
) -> None:
    desk.bank.on_send = [lost_after_commit(desk)]
    lost = desk.refund()
    desk.bank.on_ask = [Withheld("403")] * 999

    stuck = desk.finish(lost)

    assert stuck.state is RefundState.ATTENTION
    assert len(desk.bank.sent) == 1


def test_a_refusal_to_tell_long_ago_is_forgotten_after_an_answer(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [Withheld("403")]
    doubted = desk.service.check(sent)
    assert doubted.doubt is Doubt.WITHHELD
    assert desk.service.check(doubted).doubt is None


def test_silence_for_a_day_is_for_a_person(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [NoInformation("no answer")] * 999

    stuck = desk.finish(sent)

    assert stuck.state is RefundState.ATTENTION
    since_sent = desk.clock.at - sent.created_at
    assert timedelta(hours=24) <= since_sent <= timedelta(hours=24, minutes=30)


def test_a_lost_refund_without_any_answer_for_a_day_is_for_a_person(desk: Desk) -> None:
    desk.bank.on_send = [raising(Unanswered("no answer"))]
    lost = desk.refund()
    desk.bank.on_ask = [NoInformation("no answer")] * 9999

    stuck = desk.finish(lost)

    assert stuck.state is RefundState.ATTENTION
    assert len(desk.bank.sent) == 1


def test_after_the_key_was_refused_for_a_question_nothing_more_is_sent(desk: Desk) -> None:
    desk.bank.on_send = [raising(Unanswered("no answer"))]
    lost = desk.refund()
    desk.bank.on_ask = [KeyRefused("401")]
    with pytest.raises(KeyRefused):
        desk.service.check(lost)

    desk.clock.at += timedelta(seconds=30)
    with pytest.raises(KeyRefused):
        desk.service.check(lost)

    assert len(desk.bank.sent) == 1


@pytest.mark.parametrize(
    ("errors", "why"),
    [
        ([], "CCV has not decided"),
        ([NoInformation("no answer")], "CCV gives no answer"),
    ],
)
def test_a_clock_set_back_by_more_than_a_day_does_not_lengthen_the_wait(
    desk: Desk, errors: list[Exception], why: str
) -> None:
    sent = desk.refund()
    desk.clock.at -= timedelta(hours=25)
    desk.bank.on_ask = errors

    stuck = desk.service.check(sent)

    assert stuck.state is RefundState.ATTENTION
    assert (stuck.message or "").startswith(f"{why}, and the clock was set back")
