"""Refunds as rows: what an accountant or a spreadsheet gets. Nothing is left out of them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from posrefund.money import Money, zero
from posrefund.refund.model import Refund
from posrefund.refund.ports import Journal
from posrefund.safe_text import safe_text

PAGE = 500
"""Refunds read at once."""

_LONGEST_CELL = 500
_FORMULA = re.compile("(^|;)(\\s*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")
"""A spreadsheet takes what begins like this for a formula. One that splits cells at `;`, as the
Dutch one does, begins a new cell there."""

Row = Mapping[str, str | int | bool | None]


def refunds_of(journal: Journal, *, first: date, last: date) -> Iterator[Refund]:
    """Yield every refund begun on these days of this machine's calendar, the oldest first.

    No more than those of one day are held at once.
    """
    day = first
    while day <= last:
        yield from reversed(_of_day(journal, day))
        day += timedelta(days=1)


def _of_day(journal: Journal, day: date) -> list[Refund]:
    found: list[Refund] = []
    before: tuple[datetime, str] | None = None
    while True:
        page = journal.latest(limit=PAGE, day=day, before=before)
        found += page
        if len(page) < PAGE:
            return found
        before = (page[-1].created_at, page[-1].id)


def row_of(refund: Refund) -> Row:
    """A refund as one row. The keys are the columns, in their order; they are stable."""
    return {
        "day": refund.created_at.astimezone().date().isoformat(),
        "id": refund.id,
        "state": str(refund.state),
        "money_moved": refund.money_moved,
        "final": refund.state.is_final,
        "environment": str(refund.environment),
        "amount": refund.amount.text,
        "amount_minor": refund.amount.minor,
        "currency": refund.amount.currency,
        "original_reference": refund.original_reference,
        "order_reference": refund.order_reference,
        "provider_reference": refund.provider_reference,
        "method": refund.method,
        "terminal": refund.terminal,
        "counter": refund.counter,
        "description": refund.description,
        "failure_code": refund.failure_code,
        "message": refund.message,
        "alarm": refund.alarm,
        "closed_as": refund.closed_as,
        "attempts": refund.attempts,
        "created_at": _moment(refund.created_at),
        "first_sent_at": _moment(refund.first_sent_at),
        "updated_at": _moment(refund.updated_at),
    }


COLUMNS = (
    "day",
    "id",
    "state",
    "money_moved",
    "final",
    "environment",
    "amount",
    "amount_minor",
    "currency",
    "original_reference",
    "order_reference",
    "provider_reference",
    "method",
    "terminal",
    "counter",
    "description",
    "failure_code",
    "message",
    "alarm",
    "closed_as",
    "attempts",
    "created_at",
    "first_sent_at",
    "updated_at",
)
"""The heading of a table that may have no rows."""


def csv_line(cells: Iterable[str | int | bool | None]) -> str:
    """One line of CSV (RFC 4180) without its end, with nothing in it a spreadsheet would run."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow([_cell(cell) for cell in cells])
    return text.getvalue()


def _cell(value: str | int | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int):
        return "" if value is None else str(value)
    return _FORMULA.sub(r"\1\2'", safe_text(value, limit=_LONGEST_CELL))


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """Refunds that may be added up: of one environment, state, certainty and currency."""

    environment: str
    state: str
    money_moved: str
    currency: str


@dataclass(slots=True)
class Totals:
    """What the rows come to, each state for itself: what is open is never hidden in a sum."""

    counts: dict[Group, int] = field(default_factory=dict)
    sums: dict[Group, Money] = field(default_factory=dict)

    def add(self, refund: Refund) -> None:
        """Count one more."""
        currency = refund.amount.currency
        group = Group(str(refund.environment), str(refund.state), refund.money_moved, currency)
        self.counts[group] = self.counts.get(group, 0) + 1
        self.sums[group] = self.sums.get(group, zero(currency)) + refund.amount

    @property
    def rows(self) -> int:
        """How many refunds there are."""
        return sum(self.counts.values())

    @property
    def undecided(self) -> int:
        """Of how many it is not known whether money was given back."""
        return sum(self.counts[group] for group in self.counts if group.money_moved == "unknown")


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds")
