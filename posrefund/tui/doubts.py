"""Which refunds need a confirmation of their own, asked of the rules and not decided here."""

from dataclasses import replace
from datetime import datetime

from posrefund.errors import NotAllowed
from posrefund.refund.model import RefundOrder
from posrefund.refund.rules import check_order


def with_doubts(order: RefundOrder, *, now: datetime) -> tuple[RefundOrder, tuple[str, ...]]:
    """Return the order as it may be sent, and what a person must confirm expressly first.

    Raises:
        NotAllowed: If no confirmation makes it possible. Nothing was sent.
    """
    above = replace(order, above_original=True)
    again = replace(order, again=True)
    both = replace(above, again=True)
    plain = _objection(order, now)
    if plain is None:
        return order, ()
    for tried in (above, again):
        if _objection(tried, now) is None:
            return tried, (plain,)
    if _objection(both, now) is None:
        return both, (plain, _objection(above, now) or "")
    raise NotAllowed(_objection(both, now) or plain)


def _objection(order: RefundOrder, now: datetime) -> str | None:
    try:
        check_order(order, now=now)
    except NotAllowed as error:
        return str(error)
    return None
