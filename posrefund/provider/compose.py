"""The body of a refund request, exactly as CCV's two reference pages show it. Pure.

It is composed once, frozen in the journal, and every attempt sends those bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from posrefund.errors import Misused
from posrefund.provider import wire
from posrefund.refund.model import RefundOrder
from posrefund.terminal.model import Method, OperatingEnvironment, Terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What the configuration adds to every refund."""

    webhook_url: str | None = None
    return_url: str | None = None
    """Sent with terminal refunds only: CCV has no use for it elsewhere."""
    notification_requests: Sequence[Mapping[str, object]] | None = None


def compose(order: RefundOrder, *, description: str, extras: Extras) -> bytes:
    """Build the body. The amount is always in it: CCV takes a missing one for everything.

    Raises:
        Misused: If CCV would not take a field, or the terminal does not fit the payment. Nothing
            was sent.
    """
    payment = order.finding.payment
    on_terminal = payment.method == Method.TERMINAL
    try:
        fields: dict[str, Any] = {
            "reference": payment.reference,
            "description": description or None,
            "amount": _amount(order),
            "webhookUrl": extras.webhook_url,
            "returnUrl": extras.return_url if on_terminal else None,
            "notificationRequests": _plain(extras.notification_requests),
            "payoutInstructions": _payouts(order),
            "details": _details(order),
            "merchantOrderReference": order.order_reference,
        }
        return wire.refund_request(fields).to_bytes()
    except wire.NotUnderstood as error:
        raise Misused("the refund cannot be sent like this: {why}", why=error) from None


def _amount(order: RefundOrder) -> str:
    if order.amount.minor <= 0:
        raise Misused("the amount is not positive; type how much to give back")
    if order.amount.currency != order.finding.payment.amount.currency:
        raise Misused("a refund has the currency of its payment")
    return order.amount.text


def _plain(requests: Sequence[Mapping[str, object]] | None) -> list[dict[str, object]] | None:
    return [dict(request) for request in requests] if requests else None


def _payouts(order: RefundOrder) -> list[dict[str, object]] | None:
    """List the payout instructions; CCV wants their sum to be the amount of the refund."""
    if not order.payouts:
        return None
    if sum(payout.amount.minor for payout in order.payouts) != order.amount.minor:
        raise Misused("the payout amounts do not add up to the amount of the refund")
    return [
        {"externalReference": payout.external_reference, "amount": payout.amount.text}
        for payout in order.payouts
    ]


def _details(
    order: RefundOrder,
) -> wire.TerminalRefundDetails | wire.SoftPosRefundDetails | None:
    method, terminal = order.finding.payment.method, order.terminal
    if method == Method.TERMINAL:
        if terminal is None or terminal.method is not Method.TERMINAL:
            raise Misused("this payment was made on a card terminal; name the card terminal to use")
        return _terminal_details(terminal)
    if method == Method.SOFTPOS:
        if terminal is not None and terminal.method is not Method.SOFTPOS:
            raise Misused("this payment was made with SoftPOS; name the SoftPOS device to use")
        return _softpos_details(terminal, card_absent=order.card_absent)
    return None


def _terminal_details(terminal: Terminal) -> wire.TerminalRefundDetails:
    attended = terminal.operating_environment is OperatingEnvironment.ATTENDED
    if attended and not terminal.merchant_language:
        raise Misused("an ATTENDED terminal needs a merchant_language, such as NLD")
    return wire.terminal_details(
        {
            "managementSystemId": terminal.management_system_id,
            "terminalId": terminal.terminal_id,
            "accessProtocol": terminal.access_protocol,
            "operatingEnvironment": terminal.operating_environment,
            "merchantLanguage": terminal.merchant_language if attended else None,
        }
    )


def _softpos_details(terminal: Terminal | None, *, card_absent: bool) -> wire.SoftPosRefundDetails:
    present = not card_absent and (terminal is None or terminal.card_present)
    return wire.softpos_details(
        {
            "terminalId": terminal.terminal_id if terminal is not None else None,
            # The string is what CCV's example shows; the default is true.
            "cardPresent": None if present else "false",
        }
    )
