"""Hand-written fakes of the ports. They keep the ports' promises; the type checker sees to it."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from posrefund.errors import NotFound
from posrefund.money import Money
from posrefund.refund.model import (
    Environment,
    Payment,
    ProviderRefund,
    ProviderStatus,
    Refund,
    RefundOrder,
)
from tests.support.builders import ADDRESS, NOON

Answer = ProviderRefund | Exception


class FrozenClock:
    """Stands still until a test or a wait moves it."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at
        self.waits: list[float] = []
        self._jumped = timedelta()

    def jump(self, by: timedelta) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.at += by
        self._jumped += by

    def elapsed(self) -> float:
        return (self.at - self._jumped - NOON).total_seconds()

    def now(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)
        return True

    def wake(self) -> None:
        pass


class FakeBank:
    """A provider with a ledger of its own: what was really carried out."""

    def __init__(self, payments: Iterable[Payment], *, clock: FrozenClock) -> None:
        self.payments = {payment.reference: payment for payment in payments}
        self.clock = clock
        self.ledger: dict[str, ProviderRefund] = {}
        self.keys: dict[str, str] = {}
        self.sent: list[tuple[str, bytes]] = []
        self.on_send: list[Callable[[Refund], ProviderRefund]] = []
        self.on_ask: list[Exception] = []
        self.questions = 0
        self.groups: list[list[str]] = []
        self.cancels: list[str] = []
        self.takes_cancels = True
        self.status_after: dict[str, ProviderStatus] = {}

    @property
    def address(self) -> str:
        return ADDRESS

    @property
    def environment(self) -> Environment:
        return Environment.TEST

    def payment(self, reference: str) -> Payment | ProviderRefund:
        self._ask()
        found = self.payments.get(reference) or self.ledger.get(reference)
        if found is None:
            raise NotFound("CCV does not know this reference")
        return found

    def payments_of_order(self, order_reference: str) -> list[Payment]:
        self._ask()
        return [one for one in self.payments.values() if one.order_reference == order_reference]

    def payments_made(
        self, *, after: datetime, before: datetime, amount: Money | None = None
    ) -> list[Payment]:
        self._ask()
        return [
            one
            for one in self.payments.values()
            if after <= one.created_at <= before and amount in {None, one.amount}
        ]

    def given_back(self, original_references: Sequence[str]) -> list[ProviderRefund]:
        self._ask()
        return [
            one for one in self.ledger.values() if one.original_reference in original_references
        ]

    def compose(self, order: RefundOrder, *, description: str) -> bytes:
        body = {
            "reference": order.finding.payment.reference,
            "amount": order.amount.text,
            "description": description,
        }
        return json.dumps(body).encode()

    def send(self, refund: Refund) -> ProviderRefund:
        self.sent.append((refund.idempotency_reference, refund.body))
        if self.on_send:
            return self.on_send.pop(0)(refund)
        return self.carry_out(refund)

    def carry_out(self, refund: Refund) -> ProviderRefund:
        """Book it, once per idempotency reference, and answer with how it stands."""
        known = self.keys.get(refund.idempotency_reference)
        if known is None:
            known = f"TR{len(self.ledger) + 1}"
            self.keys[refund.idempotency_reference] = known
            self.ledger[known] = ProviderRefund(
                reference=known,
                original_reference=refund.original_reference,
                type="refund",
                status=ProviderStatus.PENDING,
                status_text="pending",
                amount=refund.amount,
                description=refund.description,
                created_at=self.clock.now(),
                last_update=self.clock.now(),
            )
        return self.ledger[known]

    def status(self, refund: Refund) -> ProviderRefund:
        self._ask()
        reference = refund.provider_reference or ""
        if reference not in self.ledger:
            raise NotFound("CCV does not know this reference")
        if reference in self.status_after:
            self.decide(reference, self.status_after.pop(reference))
        return self.ledger[reference]

    def statuses(self, refunds: Sequence[Refund]) -> dict[str, ProviderRefund]:
        self.groups.append([refund.provider_reference or "" for refund in refunds])
        self._ask()
        return {
            refund.id: self.ledger[refund.provider_reference or ""]
            for refund in refunds
            if refund.provider_reference in self.ledger
        }

    def cancel(self, refund: Refund) -> bool:
        self._ask()
        self.cancels.append(refund.provider_reference or "")
        return self.takes_cancels

    def decide(self, reference: str, status: ProviderStatus, **changes: object) -> None:
        """Let the bank come to a result."""
        said = replace(self.ledger[reference], status=status, status_text=str(status))
        self.ledger[reference] = replace(said, last_update=self.clock.now(), **changes)

    def _ask(self) -> None:
        self.questions += 1
        if self.on_ask:
            raise self.on_ask.pop(0)
