"""Which transactions a list query shows: GET /transaction with filters (transaction query)."""

from collections.abc import Callable, Iterable, Mapping

from posrefund.sandbox.books import Books
from posrefund.sandbox.cents import read_amount
from posrefund.sandbox.refusal import Refusal
from posrefund.sandbox.transaction import Transaction

_Filter = Callable[[Transaction, str], bool]

_FILTERS: dict[str, _Filter] = {
    "merchantOrderReference": lambda item, value: item.order == value,
    "type": lambda item, value: item.type == value.lower(),
    "status": lambda item, value: item.status.lower() == value.lower(),
    "method": lambda item, value: item.method == value.lower(),
    "createdAfter": lambda item, value: item.created > _epoch("createdAfter", value),
    "createdBefore": lambda item, value: item.created < _epoch("createdBefore", value),
    "amountMinimum": lambda item, value: item.amount >= read_amount(value, "amountMinimum"),
    "amountMaximum": lambda item, value: item.amount <= read_amount(value, "amountMaximum"),
}
_SOURCES = ("references", "originalReferences")
_PAGING = ("referenceAfter", "referenceBefore", "paidout")


def is_list_query(query: Mapping[str, str]) -> bool:
    """Whether any parameter of a list query is there."""
    return any(name in query for name in (*_SOURCES, *_PAGING, *_FILTERS))


def select(books: Books, query: Mapping[str, str], *, now: int, size: int) -> list[Transaction]:
    """Find the transactions of one page, in the order in which they were made.

    Args:
        books: Where to look.
        query: The parameters; timestamps are epoch milliseconds and exclusive.
        now: Epoch milliseconds; what a script hides until later is left out.
        size: The most one page holds. `referenceAfter` and `referenceBefore` turn pages.

    Raises:
        Refusal: If a parameter makes no sense, or a script wants the list to fail.
    """
    found = [item for item in _source(books, query) if not _is_hidden(item, now)]
    for name, fits in _FILTERS.items():
        if name in query:
            found = [item for item in found if fits(item, query[name])]
    if "paidout" in query:
        found = [item for item in found if item.paidout(now) == query["paidout"].lower()]
    return _page(books, sorted(found, key=lambda item: item.number), query, size)


def _source(books: Books, query: Mapping[str, str]) -> Iterable[Transaction]:
    if "references" in query:
        wanted = dict.fromkeys(query["references"].split(","))
        return [item for item in map(books.find, wanted) if item is not None]
    if "originalReferences" in query:
        wanted = dict.fromkeys(query["originalReferences"].split(","))
        found = [item for reference in wanted for item in books.related(reference)]
        if any(item.shape.list_fails for item in found):
            raise Refusal("Scripted by the sandbox", status=500)
        return found
    return books.all()


def _page(
    books: Books, found: list[Transaction], query: Mapping[str, str], size: int
) -> list[Transaction]:
    if "referenceAfter" in query:
        after = books.get(query["referenceAfter"]).number
        return [item for item in found if item.number > after][:size]
    if "referenceBefore" in query:
        before = books.get(query["referenceBefore"]).number
        return [item for item in found if item.number < before][-size:]
    return found[:size]


def _is_hidden(item: Transaction, now: int) -> bool:
    return now < item.created + int(item.shape.lag_seconds * 1000)


def _epoch(name: str, value: str) -> int:
    if not value.isdecimal() or len(value) > 15:
        raise Refusal.of_field(name, "must be epoch milliseconds")
    return int(value)
