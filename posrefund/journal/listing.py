"""The SQL of a list: whatever is asked for, an index gives it newest first or gives few rows."""

from dataclasses import dataclass
from datetime import date, datetime

from posrefund.journal.names import SHORTEST_TAIL, day_bounds, tail
from posrefund.journal.rows import TAILS, time_text
from posrefund.journal.statements import SELECT
from posrefund.money import Money
from posrefund.refund.model import RefundState

CROWD = 20_000
"""A name that so many refunds share is not looked up: among them the newest are near at hand."""

_LAST = "9999"
"""Later than every time, as text."""
_END = "\U0010ffff"
"""Sorts after every character."""
_PAGE = "(created_at, id) < (:before_at, :before_id) AND created_at >= :since"
_NEWEST_FIRST = " ORDER BY created_at DESC, id DESC LIMIT :limit"

# What is said of an expression, no index is used for: only one index fits each list best.
_NAMED_PAGE = "(created_at || '', id) < (:before_at, :before_id) AND (created_at || '') >= :since"
_NAMED_FIRST = " ORDER BY (created_at || '') DESC, id DESC LIMIT :limit"
_HAS_NAME = " OR ".join(f"({name} || '') BETWEEN :low AND :high" for name in TAILS)
_BY_NAME = [f"FROM refund WHERE {name} BETWEEN :low AND :high" for name in TAILS]
_UNUSUAL = ("state", "(state || '')", "{} = :state AND state <> 'succeeded'")
_EVERY_NAME = " UNION ALL ".join(f"SELECT 1 {found}" for found in _BY_NAME)
CROWDED = f"SELECT count(*) FROM (SELECT 1 FROM ({_EVERY_NAME}) LIMIT {CROWD})"  # noqa: S608
"""How many refunds have the name, counted no further than matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is asked for, as `Journal.latest` has it."""

    limit: int
    day: date | None = None
    state: RefundState | None = None
    text: str | None = None
    amount: Money | None = None
    terminal: str | None = None
    before: tuple[datetime, str] | None = None

    @property
    def wanted(self) -> str:
        """The name that is looked for, from its end; nothing where none is."""
        return tail(self.text.strip()) if self.text else ""

    @property
    def values(self) -> dict[str, object]:
        """What the statements bind."""
        since, before = "", (_LAST, "")
        if self.day is not None:
            begin, end = day_bounds(self.day)
            since, before = time_text(begin) or "", (time_text(end) or "", "")
        if self.before is not None:
            before = min(before, (time_text(self.before[0]) or "", self.before[1]))
        wanted = self.wanted
        return {
            "limit": self.limit,
            "since": since,
            "before_at": before[0],
            "before_id": before[1],
            "state": None if self.state is None else str(self.state),
            "minor": None if self.amount is None else self.amount.minor,
            "currency": None if self.amount is None else self.amount.currency,
            "terminal": self.terminal,
            "low": wanted,
            "high": wanted if len(wanted) < SHORTEST_TAIL else wanted + _END,
        }

    def statement(self, *, crowded: bool) -> str:
        """The SQL. A crowded name is met soon by going back from the newest refund."""
        if not self.wanted:
            return f"{SELECT}WHERE {_PAGE}{self._filters()}{_NEWEST_FIRST}"
        if crowded:
            return f"{SELECT}WHERE {_PAGE}{self._filters()} AND ({_HAS_NAME}){_NEWEST_FIRST}"
        few = " UNION ".join(
            f"SELECT * FROM (SELECT id, created_at {found} AND {_NAMED_PAGE}"  # noqa: S608 - constant
            f"{self._filters(led=True)}{_NAMED_FIRST})"
            for found in _BY_NAME
        )
        chosen = f"SELECT id FROM ({few}){_NEWEST_FIRST}"  # noqa: S608 - constant column names
        return f"{SELECT}WHERE id IN ({chosen}){_NEWEST_FIRST}"

    def _filters(self, *, led: bool = False) -> str:
        """What else must be true; `led` when an index leads there already."""
        asked = self._asked()
        leaders = 0 if led else 1
        shown = [test.format(column) for column, _, test in asked[:leaders]]
        shown += [test.format(expression) for _, expression, test in asked[leaders:]]
        return "".join(f" AND {one}" for one in shown)

    def _asked(self) -> list[tuple[str, str, str]]:
        """Column, the same as an expression, and test: first what few refunds have in common."""
        asked = []
        if self.amount is not None:
            asked.append(
                ("amount_minor", "(amount_minor + 0)", "{} = :minor AND currency = :currency")
            )
        if self.terminal is not None:
            asked.append(("terminal", "(terminal || '')", "{} = :terminal COLLATE NOCASE"))
        if self.state is RefundState.SUCCEEDED:
            asked.append(("state", "state", "{} = :state"))
        elif self.state is RefundState.FAILED:
            asked.insert(len(asked) and 1, _UNUSUAL)
        elif self.state is not None:
            asked.insert(0, _UNUSUAL)
        return asked
