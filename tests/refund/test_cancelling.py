"""A wish to cancel is only that: what CCV says of the refund afterwards counts."""

import pytest

from posrefund.errors import NoInformation, NotAllowed
from posrefund.refund.cancelling import ASKED, REFUSED, TAKEN
from posrefund.refund.model import ProviderStatus, RefundState
from tests.refund.conftest import Desk


@pytest.mark.parametrize("takes", [True, False])
def test_a_cancel_is_a_wish_and_changes_nothing_by_itself(desk: Desk, *, takes: bool) -> None:
    sent = desk.refund()
    desk.bank.takes_cancels = takes

    assert desk.service.cancel(sent) is takes

    assert desk.bank.cancels == [sent.provider_reference]
    assert desk.journal.get(sent.id).state is RefundState.ACCEPTED
    said = [entry.text for entry in desk.journal.entries(sent.id)]
    assert said[-2:] == [ASKED, TAKEN if takes else REFUSED]


def test_a_cancel_without_an_answer_leaves_the_question_in_the_journal(desk: Desk) -> None:
    sent = desk.refund()
    desk.bank.on_ask = [NoInformation("no answer")]

    with pytest.raises(NoInformation):
        desk.service.cancel(sent)

    assert desk.journal.entries(sent.id)[-1].text == ASKED


def test_only_what_ccv_has_and_has_not_decided_is_cancelled(desk: Desk) -> None:
    done = desk.finish_with(ProviderStatus.FAILED, desk.refund())

    with pytest.raises(NotAllowed):
        desk.service.cancel(done)

    assert desk.bank.cancels == []
