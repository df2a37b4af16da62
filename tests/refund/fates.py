"""What may become of a request."""

from collections.abc import Callable

from posrefund.errors import Unanswered
from posrefund.refund.model import ProviderRefund, Refund
from tests.refund.conftest import Desk


def raising(error: Exception) -> Callable[[Refund], ProviderRefund]:
    def send(_: Refund) -> ProviderRefund:
        raise error

    return send


def lost_after_commit(desk: Desk) -> Callable[[Refund], ProviderRefund]:
    def send(refund: Refund) -> ProviderRefund:
        desk.bank.carry_out(refund)
        raise Unanswered("the connection was cut")

    return send


def rules_of(desk: Desk, refund: Refund) -> list[str]:
    return [entry.rule for entry in desk.journal.entries(refund.id)]
