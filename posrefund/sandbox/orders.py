"""What a POST asks for: the body read and checked on its own, before any payment is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from posrefund.sandbox.cents import read_amount
from posrefund.sandbox.json_text import read_object, write
from posrefund.sandbox.refusal import Refusal
from posrefund.sandbox.transaction import Payout

_LENGTHS = {
    "reference": 255,
    "description": 255,
    "merchantOrderReference": 255,
    "webhookUrl": 2000,
    "returnUrl": 2000,
}
"""Longest texts (refund reference, "Refund request")."""
IDEMPOTENCY_LENGTH = 50
"""Longest Idempotency-Reference (CCV's page on idempotency)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A refund or reversal somebody asked for."""

    reference: str
    """The payment's reference."""
    amount: int | None = None
    """In cents; None is the whole payment."""
    description: str | None = None
    merchant_order_reference: str | None = None
    webhook_url: str | None = None
    return_url: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    payouts: tuple[Payout, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What two requests must share to be the same one; null and absent are equal."""
        return write(
            [
                self.reference,
                self.amount,
                self.description,
                self.merchant_order_reference,
                {name: self.details[name] for name in sorted(self.details)},
                [[payout.external_reference, payout.amount] for payout in self.payouts],
            ]
        )


def read_order(body: bytes) -> Order:
    """Read the body of POST /refund or POST /reversal.

    Raises:
        Refusal: If it is not JSON, lacks the reference, or has a value of the wrong kind or length.
    """
    try:
        asked = read_object(body)
    except ValueError as error:
        raise Refusal(f"The request is not JSON: {error}", kind="validation_error") from error
    texts = {name: _text(asked, name, length) for name, length in _LENGTHS.items()}
    if not texts["reference"]:
        raise Refusal.of_field("reference", "is required")
    amount = asked.get("amount")
    return Order(
        reference=texts["reference"],
        amount=None if amount is None else read_amount(amount),
        description=texts["description"],
        merchant_order_reference=texts["merchantOrderReference"],
        webhook_url=texts["webhookUrl"],
        return_url=texts["returnUrl"],
        details=_details(asked.get("details")),
        payouts=_payouts(asked.get("payoutInstructions")),
    )


def read_idempotency(value: str | None) -> str | None:
    """Check the Idempotency-Reference header; None when it was not sent.

    Raises:
        Refusal: If it is empty or longer than 50 characters.
    """
    if value is not None and not 0 < len(value) <= IDEMPOTENCY_LENGTH:
        raise Refusal.of_field("Idempotency-Reference", "must have 1 to 50 characters")
    return value


def _text(asked: Mapping[str, object], name: str, length: int) -> str | None:
    value = asked.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refusal.of_field(name, "must be a text")
    if len(value) > length:
        raise Refusal.of_field(name, f"has more than {length} characters")
    return value


def _details(value: object) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refusal.of_field("details", "must be an object")
    if any(isinstance(item, dict | list) for item in value.values()):
        raise Refusal.of_field("details", "must hold plain values")
    return {name: item for name, item in value.items() if item is not None}


def _payouts(value: object) -> tuple[Payout, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Refusal.of_field("payoutInstructions", "must be a list")
    return tuple(_payout(item) for item in value)


def _payout(item: object) -> Payout:
    if not isinstance(item, dict):
        raise Refusal.of_field("payoutInstructions", "must hold objects")
    reference = item.get("externalReference")
    if reference is not None and not isinstance(reference, str):
        raise Refusal.of_field("externalReference", "must be a text")
    return Payout(
        external_reference=reference,
        amount=read_amount(item.get("amount"), "payoutInstructions.amount"),
    )
