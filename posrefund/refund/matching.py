"""Is this refund at CCV ours? Pure: nothing is asked here, only compared."""

from collections.abc import Iterable
from datetime import timedelta

from posrefund.refund.model import ProviderRefund, Refund

CLOCKS_DIFFER = timedelta(hours=2)
"""CCV's clock and ours may say so different things of one moment, and ours may have been set."""


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

    Type, payment, amount, currency and marker must be ours, and no other refund of the journal
    may own the reference already (`taken`). CCV's own example leaves the payment out of its
    answer; the marker then speaks for itself. The time is not asked: a request may be carried out
    late, and the clocks of two machines differ.
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
    ]


def strangers(
    refund: Refund, listed: Iterable[ProviderRefund], *, taken: Iterable[str]
) -> tuple[str, ...]:
    """Return the references of refunds that could be this one, had CCV lost its marker.

    They are never adopted. They only forbid to say that CCV does not have it.
    """
    owned = set(taken)
    begun = (refund.first_sent_at or refund.created_at) - CLOCKS_DIFFER
    return tuple(
        said.reference
        for said in listed
        if said.reference not in owned
        and said.type == "refund"
        and said.amount == refund.amount
        and (said.created_at is None or said.created_at >= begun)
    )
