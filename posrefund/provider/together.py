"""Pure: which of several transactions in one answer is which of our refunds?"""

from collections import Counter
from collections.abc import Iterable, Sequence

from posrefund.provider import checks, translate, wire
from posrefund.provider.wire import NotUnderstood, Transaction
from posrefund.refund.model import ProviderRefund, Refund


def told_apart(
    listed: Iterable[object], refunds: Sequence[Refund], pay_urls: translate.PayUrlRule
) -> dict[str, ProviderRefund]:
    """Return, by our id, the refunds of which exactly one transaction speaks, and fits.

    CCV promises neither an order nor that each is there; what is missing is asked for alone.
    """
    read = [said for said in map(_read, listed) if said is not None]
    mentioned = Counter(said.reference for said in read)
    ours = {refund.provider_reference: refund for refund in refunds}
    found: dict[str, ProviderRefund] = {}
    for said in read:
        refund = ours.get(said.reference)
        if refund is None or mentioned[said.reference] > 1 or checks.what_differs(said, refund):
            continue
        try:
            found[refund.id] = translate.given_back(said, pay_urls)
        except NotUnderstood:
            continue
    return found


def _read(one: object) -> Transaction | None:
    try:
        return wire.read_transaction(one)
    except NotUnderstood:
        return None
