"""Values of the domain with sensible defaults, so that a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from posrefund.money import Money
from posrefund.refund.model import (
    Entry,
    Environment,
    Finding,
    Payment,
    ProviderRefund,
    ProviderStatus,
    Refund,
    RefundOrder,
    RefundState,
)
from posrefund.refund.rules import examine

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAYMENT = "T1505181754007760.Y"
ADDRESS = "http://127.0.0.1:1/api/v1"


def eur(text: str) -> Money:
    """EUR from text."""
    return Money.parse(text, "EUR")


def a_payment(**changes: object) -> Payment:
    """A terminal sale of 49.90 that succeeded."""
    payment = Payment(
        reference=PAYMENT,
        type="sale",
        status=ProviderStatus.SUCCESS,
        status_text="success",
        method="terminal",
        amount=eur("49.90"),
        order_reference="1001",
        description="Order 1001",
        created_at=NOON - timedelta(days=1),
        terminal_id="1234536",
    )
    return replace(payment, **changes)


def a_provider_refund(**changes: object) -> ProviderRefund:
    """A pending refund of 5.00 as CCV tells of it."""
    said = ProviderRefund(
        reference="TR1",
        original_reference=PAYMENT,
        type="refund",
        status=ProviderStatus.PENDING,
        status_text="pending",
        amount=eur("5.00"),
        created_at=NOON,
        last_update=NOON,
    )
    return replace(said, **changes)


def a_refund(**changes: object) -> Refund:
    """A refund of 5.00, decided and not sent."""
    refund = Refund(
        id="ABCDEFGHIJ",
        idempotency_reference="0b3a6a3e-7f0e-4b8e-9d57-2f2f8f1f7a11",
        environment=Environment.TEST,
        address=ADDRESS,
        original_reference=PAYMENT,
        amount=eur("5.00"),
        method="terminal",
        terminal="Desk 2",
        description="Order 1001 #ABCDEFGHIJ",
        marker="#ABCDEFGHIJ",
        counter="Desk 2",
        body=b'{"reference":"T1505181754007760.Y","amount":"5.00"}',
        created_at=NOON,
        updated_at=NOON,
        lease_until=NOON + timedelta(seconds=60),
    )
    return replace(refund, **changes)


def a_sent_refund(state: RefundState, **changes: object) -> Refund:
    """A refund with one attempt behind it."""
    sent = {"attempts": 1, "first_sent_at": NOON, "last_sent_at": NOON, "state": state}
    return a_refund(**(sent | changes))


def an_entry(**changes: object) -> Entry:
    """The first line of a history."""
    entry = Entry(at=NOON, rule="T1", state=RefundState.INTENT, text="Decided.")
    return replace(entry, **changes)


def a_finding(payment: Payment | None = None, **changes: object) -> Finding:
    """A payment nothing of which was given back."""
    finding = examine(payment or a_payment(), (), (), looked_at=NOON)
    return replace(finding, **changes)


def an_order(amount: str = "5.00", **changes: object) -> RefundOrder:
    """A decision to give 5.00 of the payment back."""
    return replace(RefundOrder(finding=a_finding(), amount=eur(amount)), **changes)
