"""Pure: does this answer belong to this request, and may this address be opened?

An answer that merely looks right has refunded the wrong customer before; so everything CCV could
be talking about instead is compared (`type`, references, amount, currency) before it is believed.
"""

import re
from collections.abc import Collection
from decimal import Decimal
from urllib.parse import unquote

from posrefund.provider.wire import Transaction
from posrefund.refund.model import Refund
from posrefund.sentence import Sentence

MAX_PAY_URL = 2048

_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|::1|\[::1\]")
_REFERENCE = re.compile(r"[A-Za-z0-9._~:+=-]{1,255}")
# What RFC 3986 lets stand in a path and a query. Everything a browser, Python or a terminal could
# read in two ways (backslash, space, control, quote, non-ASCII) is not in it.
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[A-Za-z0-9.-]+|\[::1\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[A-Za-z0-9._~:@/!$&'()*+,;=%-]*)"
    r"\?(?P<query>[A-Za-z0-9._~:@/?!$&'()*+,;=%-]+)"
)


def is_loopback(host: str) -> bool:
    """Is it this machine and can be no other, as for the sandbox?"""
    return _LOOPBACK.fullmatch(host) is not None


def is_reference(text: str) -> bool:
    """Can it be a reference of CCV's? It is never taken apart any further."""
    return _REFERENCE.fullmatch(text) is not None


def what_differs(answer: Transaction, refund: Refund) -> Sentence | None:
    """Name the first thing by which `answer` is not about `refund`; None if it is.

    `originalReference` may be missing: CCV's reference page shows a refund without it.
    """
    if answer.type.lower() != "refund":
        return Sentence("it is not about a refund")
    if not is_reference(answer.reference):
        return Sentence("its reference is not one")
    if refund.provider_reference not in {None, answer.reference}:
        return Sentence(
            "it is about refund {reference} and not about {expected}, which CCV gave us before",
            reference=answer.reference,
            expected=refund.provider_reference,
        )
    if answer.original_reference not in {None, refund.original_reference}:
        return Sentence("it is about another payment")
    if answer.amount != Decimal(refund.amount.minor).scaleb(-2):
        return Sentence("its amount is another one")
    if answer.currency.upper() != refund.amount.currency:
        return Sentence("its currency is another one")
    return None


def check_pay_url(
    url: str, *, hosts: Collection[str], reference: str, loopback_ok: bool
) -> str | None:
    """Return `url` if it leads to the page of refund `reference` on an allowed host, else None.

    Https only, on the port of https; the sandbox on this machine (`loopback_ok`) may use plain
    http and any port. The url is compared, never repaired: what is returned is what was given.
    """
    found = _URL.fullmatch(url) if len(url) <= MAX_PAY_URL else None
    if found is None or not _names(found["query"], reference):
        return None
    host = found["host"].lower()
    if loopback_ok and is_loopback(host):
        return url if _is_port(found["port"]) else None
    on_https = found["scheme"] == "https" and found["port"] in {None, "443"}
    allowed = host in {name.lower() for name in hosts} and not host.endswith(".")
    return url if on_https and allowed else None


def _names(query: str, reference: str) -> bool:
    """Does the query name exactly this reference, and only once?"""
    pairs = [pair.partition("=") for pair in query.split("&")]
    named = [value for name, _, value in pairs if unquote(name) == "reference"]
    return len(named) == 1 and unquote(named[0]) == reference


def _is_port(text: str | None) -> bool:
    return text is None or 0 < int(text) <= 65535
