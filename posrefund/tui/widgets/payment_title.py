"""What a payment is called, and what is known of it, in two lines."""

from collections.abc import Sequence

from textual.content import Content

from posrefund.language import _
from posrefund.refund.model import Payment
from posrefund.safe_text import safe_text
from posrefund.speech import method_text, quoted
from posrefund.terminal.model import Terminal
from posrefund.tui.times import date_text


def title(payment: Payment) -> Content:
    """Its reference, whole."""
    reference = safe_text(payment.reference, limit=255)
    return Content.assemble((_("Payment"), "$quiet"), " ", (reference, "bold"))


def details(payment: Payment, terminals: Sequence[Terminal]) -> Content:
    """When, how, where and for what it was paid."""
    used = [
        one.name
        for one in terminals
        if one.method == payment.method and one.terminal_id == payment.terminal_id
    ]
    order = payment.order_reference
    pieces = [
        date_text(payment.created_at) if payment.created_at is not None else "",
        method_text(payment.method),
        used[0] if used and payment.terminal_id else "",
        payment.brand or "",
        _("order {order}").format(order=order) if order else "",
        quoted(payment.description) if payment.description else "",
    ]
    return Content(" \u00b7 ".join(safe_text(piece, limit=100) for piece in pieces if piece))
