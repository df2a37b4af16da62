"""CCV's lists: read page by page to their end, or not believed at all."""

from collections.abc import Callable, Collection, Iterable
from urllib.parse import quote

from posrefund.errors import NoInformation
from posrefund.provider import failures, reading, wire
from posrefund.provider.answer import Answer
from posrefund.provider.wire import NotUnderstood, Transaction

SHORT_PAGE = 10
"""A list with fewer transactions is whole. CCV does not say how long its pages are; not shorter."""
MAX_PAGES = 20

Ask = Callable[[str], Answer]
"""Asks for the transactions of a query."""


def whole_list(query: str, *, types: Collection[str], ask: Ask) -> list[Transaction]:
    """Read a list until there is nothing new.

    What is not of these types is passed over unread: it may well lack an amount.

    Raises:
        KeyRefused: If CCV does not accept the key.
        NoInformation: If it is not complete, or anything on it is unclear.
    """
    found: dict[str, object] = {}
    after = ""
    for _ in range(MAX_PAGES):
        page = _page(query + after, ask)
        is_last = len(page) < SHORT_PAGE or found.keys() >= page.keys()
        found |= page
        if is_last:
            return _understood(found.values(), types)
        after = f"&referenceAfter={quote(list(page)[-1], safe='')}"
    raise NoInformation("CCV's list has no end")


def _page(query: str, ask: Ask) -> dict[str, object]:
    """Read one page: its transactions by reference, in CCV's order."""
    answer = ask(query)
    if not answer.is_success:
        raise failures.list_refused(answer.status)
    try:
        rows = reading.transactions(answer)
        page = {wire.heading(one)[1]: one for one in rows}
    except NotUnderstood as error:
        raise NoInformation("CCV's list cannot be used: {why}", why=error) from None
    if len(page) < len(rows):
        raise NoInformation("CCV's list has one transaction twice")
    return page


def _understood(items: Iterable[object], types: Collection[str]) -> list[Transaction]:
    try:
        return [wire.read_transaction(one) for one in items if wire.heading(one)[0] in types]
    except NotUnderstood as error:
        raise NoInformation("CCV's list cannot be used: {why}", why=error) from None
