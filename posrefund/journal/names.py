"""By which names a refund is found, and when two names are one. The same for every journal."""

import string
from datetime import UTC, date, datetime, time, timedelta

from posrefund.refund.model import Refund

SHORTEST_TAIL = 3
"""Fewer characters would fit half the journal."""

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_ENDING = 2
"""Characters of CCV's ending: a point and a letter."""


def tail(name: str | None) -> str:
    """Return the name from its end, without CCV's ending, so that its last characters are first.

    Only ASCII capitals are made small, as SQL does it.
    """
    small = (name or "").translate(_LOWER)
    if small[-_ENDING:-1] == "." and small[-1] in string.ascii_lowercase and len(small) > _ENDING:
        small = small[:-_ENDING]
    return small[::-1]


def tails(refund: Refund) -> tuple[str, str, str, str]:
    """Return the tails of our id, of CCV's reference, of the payment's and of the order's."""
    return (
        tail(refund.id),
        tail(refund.provider_reference),
        tail(refund.original_reference),
        tail(refund.order_reference),
    )


def is_named(refund: Refund, wanted: str) -> bool:
    """Is `wanted`, a tail, one of its names, or the end of one that is long enough?"""
    names = [name for name in tails(refund) if name]
    if len(wanted) < SHORTEST_TAIL:
        return bool(wanted) and wanted in names
    return any(name.startswith(wanted) for name in names)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and ends where this machine is."""
    midnight = datetime.combine(day, time()).astimezone(UTC)
    following = datetime.combine(day + timedelta(days=1), time()).astimezone(UTC)
    return midnight, following
