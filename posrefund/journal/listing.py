"""The SQL of a list: whatever is asked for, an index gives it newest first or gives few rows."""

from dataclasses import dataclass
from datetime import date, datetime

from posrefund.journal.names import SHORTEST_TAIL, day_bounds, tail
from posrefund.journal.rows import TAILS, moment
from posrefund.journal.statements import SELECT
from posrefund.money import Money
from posrefund.refund.model import RefundState

CROWD = 4_000
"""A name that so many refunds share is not sorted: among them the newest are near at hand."""

FEW = 1_000
"""So few refunds of one amount are looked through rather than those of a name."""

_NEVER = 1 << 62
"""Later than every moment."""
_END = "\U0010ffff"
"""Sorts after every character."""
_PAGE = "(moment, id) < (:before_at, :before_id) AND moment >= :since"
_NEWEST_FIRST = " ORDER BY moment DESC, id DESC LIMIT :limit"

# A plus keeps SQLite from using an index for the column: only one index fits each list best.
_NAMED_PAGE = "(+moment, id) < (:before_at, :before_id) AND +moment >= :since"
_NAMED_FIRST = " ORDER BY +moment DESC, id DESC LIMIT :limit"
_BY_NAME = [f"FROM refund WHERE {name} BETWEEN :low AND :high" for name in TAILS]
_ENDS = [name.removesuffix("_tail") for name in TAILS]
_BY_END = (
    "FROM refund INDEXED BY {index}_by_{name}_end"
    f" WHERE substr({{name}}_tail, 1, {SHORTEST_TAIL}) = substr(:low, 1, {SHORTEST_TAIL})"
    f" AND {_PAGE}"
)
_WHOLE_END = " AND {name}_tail BETWEEN :low AND :high"
_UNUSUAL = ("state", "+state", "{} = :state AND state <> 'succeeded'")
_EVERY_NAME = " UNION ALL ".join(f"SELECT 1 {found}" for found in _BY_NAME)
CROWDED = f"SELECT count(*) FROM (SELECT 1 FROM ({_EVERY_NAME}) LIMIT {CROWD})"  # noqa: S608
"""How many refunds have the name, counted no further than matters."""
OF_AMOUNT = f"SELECT count(*) FROM (SELECT 1 FROM refund WHERE amount_minor = :minor LIMIT {FEW})"  # noqa: S608
"""How many are of the amount, counted no further than matters."""
# What only the row has is tested last, so that no row is read for a name it does not have.
_OF_FEW = f"SELECT id FROM refund AS asked WHERE amount_minor = :minor AND {_PAGE}"  # noqa: S608 - constant
_HAS_NAME = (
    "EXISTS (SELECT 1 FROM refund INDEXED BY refund_by_{name}_end"  # noqa: S608 - constant
    f" WHERE substr({{name}}_tail, 1, {SHORTEST_TAIL}) = substr(:low, 1, {SHORTEST_TAIL})"
    " AND moment = asked.moment AND amount_minor = :minor AND rowid = asked.rowid"
    f"{_WHOLE_END}{{filters}})"
)


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
        since, before = 0, (_NEVER, "")
        if self.day is not None:
            begin, end = day_bounds(self.day)
            since, before = moment(begin), (moment(end), "")
        if self.before is not None:
            before = min(before, (moment(self.before[0]), self.before[1]))
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

    def statement(self, *, crowded: bool, few: bool = False) -> str:
        """The SQL. By its last three characters a crowded name is met soon, newest first.

        Args:
            crowded: Whether very many refunds have the name.
            few: Whether only few are of the amount.
        """
        if not self.wanted:
            return f"{SELECT}WHERE {_PAGE}{self._filters()}{_NEWEST_FIRST}"
        if few:
            filters = self._filters(led=True)
            any_name = " OR ".join(_HAS_NAME.format(name=name, filters=filters) for name in _ENDS)
            chosen = f"{_OF_FEW} AND ({any_name}){_NEWEST_FIRST}"
            return f"{SELECT}WHERE id IN ({chosen}){_NAMED_FIRST}"
        if crowded or len(self.wanted) == SHORTEST_TAIL:
            index = "refund" if self.state in {None, RefundState.SUCCEEDED} else "unusual"
            found = _BY_END + self._filters(by_end=True) + (_WHOLE_END if crowded else "")
            named = [found.format(index=index, name=name) for name in _ENDS]
            order = _NEWEST_FIRST
        else:
            named = [f"{found} AND {_NAMED_PAGE}{self._filters(led=True)}" for found in _BY_NAME]
            order = _NAMED_FIRST
        found_first = " UNION ".join(
            f"SELECT * FROM (SELECT id, moment {found}{order})"  # noqa: S608 - constant
            for found in named
        )
        chosen = f"SELECT id FROM ({found_first}){_NEWEST_FIRST}"  # noqa: S608 - constant column names
        return f"{SELECT}WHERE id IN ({chosen}){_NAMED_FIRST}"

    @property
    def may_be_crowded(self) -> bool:
        """Must its bearers be counted? Shorter names are whole ones, and three are no matter."""
        return len(self.wanted) > SHORTEST_TAIL

    @property
    def may_be_of_few(self) -> bool:
        """Must the refunds of the amount be counted?"""
        return bool(self.wanted) and self.amount is not None

    def _filters(self, *, led: bool = False, by_end: bool = False) -> str:
        """What else must be true; `led` when an index leads there, `by_end` when it is named."""
        shown: list[str] = []
        for column, expression, test in self._asked():
            is_free = by_end or not (led or shown)
            shown.append(test.format(column if is_free else expression))
        return "".join(f" AND {one}" for one in shown)

    def _asked(self) -> list[tuple[str, str, str]]:
        """Column, the same as an expression, and test: first what few refunds have in common."""
        asked = []
        if self.amount is not None:
            asked.append(("amount_minor", "+amount_minor", "{} = :minor AND currency = :currency"))
        if self.terminal is not None:
            asked.append(("terminal", "+terminal", "{} = :terminal COLLATE NOCASE"))
        if self.state is RefundState.SUCCEEDED:
            asked.append(("state", "state", "{} = :state"))
        elif self.state is RefundState.FAILED:
            asked.insert(len(asked) and 1, _UNUSUAL)
        elif self.state is not None:
            asked.insert(0, _UNUSUAL)
        return asked
