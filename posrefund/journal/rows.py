"""Row <-> refund. Times are ISO 8601 text in UTC with microseconds: text order is time order."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from posrefund.journal.names import tails
from posrefund.money import Money
from posrefund.refund.model import Doubt, Entry, Environment, Refund, RefundState

_TIMES = frozenset(
    {
        "created_at",
        "first_sent_at",
        "last_sent_at",
        "not_before",
        "updated_at",
        "lease_until",
        "doubt_since",
    }
)
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_NOT_KEPT = frozenset({"amount", "checks", "checked_at"})

OVERTAKEN = "another refund of this payment came in between; look the payment up again"
"""Why a decision is refused that was made on an old look."""

COLUMNS = (
    "amount_minor",
    "currency",
    *(field.name for field in fields(Refund) if field.name not in _NOT_KEPT),
)
"""The columns of table `refund`, in the order this module reads and writes them."""

TAILS = ("id_tail", "provider_tail", "original_tail", "order_tail")
"""Its names from their ends, see `names.tail`, for searching; and `original_tail` for money: by it
`statements.OF_PAYMENT` finds what a payment was given back. The schema refuses a row without."""

DERIVED = (*TAILS, "moment")
"""Columns that are worked out of others; `moment` is `created_at` as a number, to sort by."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_row(refund: Refund) -> dict[str, Any]:
    """Return the refund as column values."""
    row: dict[str, Any] = {
        "amount_minor": refund.amount.minor,
        "currency": refund.amount.currency,
    }
    for name in COLUMNS[2:]:
        value = getattr(refund, name)
        if name in _TIMES:
            value = time_text(value)
        elif name == "facts":
            value = to_json(value)
        elif name in {"state", "environment"} or (name == "doubt" and value is not None):
            value = str(value)
        row[name] = value
    row.update(zip(TAILS, tails(refund), strict=True))
    row["moment"] = moment(refund.created_at)
    return row


def to_refund(row: Iterable[Any]) -> Refund:
    """Return the refund of a row that is all of `COLUMNS`, in their order."""
    # By place: SQLite looks a name up by going through all of them.
    minor, currency, *rest = row
    values: dict[str, Any] = dict(zip(COLUMNS[2:], rest, strict=True))
    for name in _TIMES:
        values[name] = _time(values[name])
    values["facts"] = json.loads(values["facts"])
    values["state"] = RefundState(values["state"])
    values["environment"] = Environment(values["environment"])
    values["doubt"] = None if values["doubt"] is None else Doubt(values["doubt"])
    return Refund(amount=Money(minor, currency), **values)


def as_kept(refund: Refund, *, version: int) -> Refund:
    """Return the refund as the journal has it: without what one process counts for itself."""
    return replace(refund, version=version, checks=0, checked_at=None)


def to_entry(row: Mapping[str, Any]) -> Entry:
    """Return the entry of a row of table `entry`."""
    return Entry(
        at=datetime.fromisoformat(row["at"]),
        rule=row["rule"],
        state=RefundState(row["state"]),
        text=row["text"],
        facts=json.loads(row["facts"]),
    )


def time_text(at: datetime | None) -> str | None:
    """Write a time so that later sorts after earlier."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(at: datetime) -> int:
    """Write a time as whole microseconds since 1970, so that later sorts after earlier."""
    return (at - _EPOCH) // _MICROSECOND


def to_json(facts: Mapping[str, object]) -> str:
    """Write facts in one canonical form."""
    return _ENCODER.encode(dict(facts))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
