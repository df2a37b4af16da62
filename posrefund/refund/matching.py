"""Is this refund at CCV ours? Pure: nothing is asked here, only compared."""

from collections.abc import Iterable
from datetime import timedelta

from posrefund.refund.model import ProviderRefund, Refund

EARLY = timedelta(minutes=2)
"""CCV's clock may be behind ours by this much."""
LATE = timedelta(minutes=10)
"""A request that timed out here may be carried out there so much later."""


def marker_of(refund_id: str) -> str:
    """The text that lets a lost refund be recognised: `#` and ten characters."""
    return f"#{refund_id}"


def with_marker(description: str, marker: str, *, limit: int = 255) -> str:
    """Append the marker, shortening the shop's text so that CCV's limit holds."""
    shop_text = description.strip()[: limit - len(marker) - 1].rstrip()
    return f"{shop_text} {marker}".strip()


def candidates(
    refund: Refund, listed: Iterable[ProviderRefund], *, taken: Iterable[str]
) -> list[ProviderRefund]:
    """Return the refunds at CCV that can be this one. Exactly one may be adopted; more never.

    Type, payment, amount, currency and marker must be ours, the time must fit, and no other
    refund of the journal may own the reference already (`taken`). CCV's own example leaves the
    payment out of its answer; the marker then speaks for itself.
    """
    owned = set(taken)
    return [
        said
        for said in listed
        if said.reference not in owned
        and said.type == "refund"
        and said.original_reference in {None, refund.original_reference}
        and said.amount == refund.amount
        and (said.description or "").endswith(refund.marker)
        and _time_fits(refund, said)
    ]


def _time_fits(refund: Refund, said: ProviderRefund) -> bool:
    if said.created_at is None or refund.first_sent_at is None or refund.last_sent_at is None:
        return True
    return refund.first_sent_at - EARLY <= said.created_at <= refund.last_sent_at + LATE
