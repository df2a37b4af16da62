"""Writes a person's decision out as a refund; the provider composes the body."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from posrefund.refund.matching import marker_of, with_marker
from posrefund.refund.model import Entry, Refund, RefundOrder, RefundState
from posrefund.refund.ports import Provider
from posrefund.sentence import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafter:
    """Gives each refund its name, its one idempotency reference, its marker and its bytes."""

    provider: Provider
    counter: str
    mint: Callable[[], str]
    short_id: Callable[[str], str]

    def draft(self, order: RefundOrder, *, at: datetime, lease: timedelta) -> tuple[Refund, Entry]:
        """Return the refund in state INTENT, frozen for every attempt, and its first entry (T1).

        Raises:
            Misused: If a text of the order is longer than CCV takes.
        """
        reference = self.mint()
        short = self.short_id(reference)
        payment = order.finding.payment
        marker = marker_of(short)
        description = with_marker(order.description or payment.description or "", marker)
        refund = Refund(
            id=order.id or short,
            idempotency_reference=reference,
            environment=self.provider.environment,
            address=self.provider.address,
            original_reference=payment.reference,
            amount=order.amount,
            method=payment.method,
            terminal=order.terminal.name if order.terminal is not None else None,
            description=description,
            marker=marker,
            counter=self.counter,
            body=self.provider.compose(order, description=description),
            created_at=at,
            ordinal=len(order.finding.refunds) + 1,
            order_reference=order.order_reference or payment.order_reference,
            updated_at=at,
            lease_until=at + lease,
        )
        text = Sentence(
            "Decided at {counter}: {amount} of {payment}.",
            counter=self.counter,
            amount=order.amount,
            payment=payment.reference,
        )
        return refund, Entry(at=at, rule="T1", state=RefundState.INTENT, text=text)
