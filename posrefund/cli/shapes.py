"""The JSON of an answer. Keys are stable: scripts rely on them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from posrefund.refund.model import Entry, Finding, ProviderRefund, ProviderStatus, Refund
from posrefund.refund.rules import why_not_refundable
from posrefund.terminal.model import Terminal

Shape = dict[str, object]


def refund_shape(refund: Refund) -> Shape:
    """A refund as it stands."""
    return {
        "id": refund.id,
        "state": str(refund.state),
        "environment": str(refund.environment),
        "original_reference": refund.original_reference,
        "provider_reference": refund.provider_reference,
        "amount": refund.amount.text,
        "currency": refund.amount.currency,
        "method": refund.method,
        "terminal": refund.terminal,
        "pay_url": None if refund.state.is_final else refund.pay_url,
        "failure_code": refund.failure_code,
        "message": refund.message,
        "idempotency_reference": refund.idempotency_reference,
        "attempts": refund.attempts,
        "counter": refund.counter,
        "created_at": moment(refund.created_at),
        "updated_at": moment(refund.updated_at),
        "final": refund.state.is_final,
        "money_moved": refund.money_moved,
    }


def case_shape(refund: Refund, entries: Iterable[Entry]) -> Shape:
    """A refund with its history and every documented field CCV sent."""
    return {
        **refund_shape(refund),
        "entries": [
            {
                "at": moment(entry.at),
                "rule": entry.rule,
                "state": str(entry.state),
                "text": entry.text,
                "facts": dict(entry.facts),
            }
            for entry in entries
        ],
        "facts": dict(refund.facts),
    }


def finding_shape(finding: Finding, terminals: Sequence[Terminal]) -> Shape:
    """A payment, and what is left of it. `refunds` are ours; `at_ccv` is what CCV lists."""
    payment = finding.payment
    return {
        "reference": payment.reference,
        "order_reference": payment.order_reference,
        "description": payment.description,
        "type": payment.type,
        "status": _status(payment.status, payment.status_text),
        "method": payment.method,
        "brand": payment.brand,
        "terminal": terminal_name(payment.terminal_id, terminals),
        "terminal_id": payment.terminal_id,
        "created_at": None if payment.created_at is None else moment(payment.created_at),
        "currency": payment.amount.currency,
        "amount": payment.amount.text,
        "given_back": finding.returned.text,
        "open": finding.open.text,
        "left": finding.left.text,
        "not_refundable": why_not_refundable(payment),
        "payouts": [
            {"reference": payout.external_reference, "amount": payout.amount.text}
            for payout in payment.payouts
        ],
        "refunds": [refund_shape(refund) for refund in finding.refunds],
        "at_ccv": [_listed_shape(said) for said in finding.given_back],
    }


def terminal_name(terminal_id: str | None, terminals: Sequence[Terminal]) -> str | None:
    """The configured name of the terminal CCV knows by this id."""
    names = (one.name for one in terminals if terminal_id and one.terminal_id == terminal_id)
    return next(names, None)


def moment(at: datetime) -> str:
    """ISO 8601, UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _listed_shape(said: ProviderRefund) -> Shape:
    return {
        "reference": said.reference,
        "type": said.type,
        "status": _status(said.status, said.status_text),
        "amount": said.amount.text,
        "currency": said.amount.currency,
        "failure_code": said.failure_code,
        "created_at": None if said.created_at is None else moment(said.created_at),
    }


def _status(status: ProviderStatus, as_written: str) -> str:
    return as_written if status is ProviderStatus.UNRECOGNISED else str(status)
