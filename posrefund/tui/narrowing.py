"""Reads what was typed to narrow a list: a day, a state, an amount, a terminal, a name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from posrefund.errors import Misused
from posrefund.figures import amount_text
from posrefund.language import N_, _
from posrefund.money import Money
from posrefund.refund.model import RefundState
from posrefund.safe_text import safe_text
from posrefund.tui.times import day_text

CURRENCY = "EUR"

_STATES = {
    N_("done"): RefundState.SUCCEEDED,
    N_("failed"): RefundState.FAILED,
    N_("unsent"): RefundState.NOT_SENT,
    N_("running"): RefundState.ACCEPTED,
    N_("unknown"): RefundState.UNKNOWN,
    N_("attention"): RefundState.ATTENTION,
    N_("closed"): RefundState.CLOSED,
}
"""One word each, so that it can be typed among others."""

_TODAY, _YESTERDAY = N_("today"), N_("yesterday")
_AMOUNT = re.compile(r"(?:\u20ac|EUR)?([0-9]{1,10}[.,][0-9]{2}|[0-9]{1,2})", re.IGNORECASE)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{4}))?\.?")


class Wanted(TypedDict, total=False):
    """Arguments of `Journal.latest`."""

    day: date | None
    state: RefundState | None
    amount: Money | None
    terminal: str | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What a list is narrowed to; nothing at all is every refund."""

    day: date | None = None
    state: RefundState | None = None
    amount: Money | None = None
    terminal: str | None = None
    text: str | None = None

    @property
    def wanted(self) -> Wanted:
        """As the journal is asked for it."""
        return {
            "day": self.day,
            "state": self.state,
            "amount": self.amount,
            "terminal": self.terminal,
            "text": self.text,
        }

    def in_words(self) -> str:
        """Say how it was understood."""
        said = [
            day_text(self.day) if self.day else "",
            state_word(self.state) if self.state else "",
            amount_text(self.amount) if self.amount else "",
            safe_text(self.terminal, limit=20) if self.terminal else "",
            _("ends with {text}").format(text=safe_text(self.text, limit=30)) if self.text else "",
        ]
        return ", ".join(filter(None, said)) or _("All refunds")


def narrowed(line: str, *, today: date, terminals: Sequence[str]) -> Narrowed:
    """Understand a line; each word counts for what it can be, and the rest is a name.

    Args:
        line: As typed or scanned.
        today: What `today` is here.
        terminals: The configured names.
    """
    rest, terminal = _without_terminal(line, terminals)
    day: date | None = None
    state: RefundState | None = None
    amount: Money | None = None
    names: list[str] = []
    for word in rest.split():
        if day is None and (found := _day(word, today)) is not None:
            day = found
        elif state is None and (known := _state(word)) is not None:
            state = known
        elif amount is None and (money := _amount(word)) is not None:
            amount = money
        else:
            names.append(word)
    text = " ".join(names)
    return Narrowed(day=day, state=state, amount=amount, terminal=terminal, text=text or None)


def state_word(state: RefundState) -> str:
    """The one word of a state, as it can be typed."""
    return next((_(word) for word, known in _STATES.items() if known is state), str(state))


def _without_terminal(line: str, terminals: Sequence[str]) -> tuple[str, str | None]:
    # The longest name first: "Desk 2" is no "Desk".
    for name in sorted(terminals, key=len, reverse=True):
        pattern = rf"(?<!\S){re.escape(name)}(?!\S)"
        if re.search(pattern, line, re.IGNORECASE):
            return re.sub(pattern, " ", line, count=1, flags=re.IGNORECASE), name
    return line, None


def _day(word: str, today: date) -> date | None:
    plain = word.casefold()
    if plain in {_TODAY, _(_TODAY).casefold()}:
        return today
    if plain in {_YESTERDAY, _(_YESTERDAY).casefold()}:
        return today - timedelta(days=1)
    iso, other = _ISO_DAY.fullmatch(word), _DAY.fullmatch(word)
    if _AMOUNT.fullmatch(word):
        # 20.11 is an amount more often than a day; 20-11 and 20/11 are days.
        return None
    try:
        if iso:
            year, month, day = map(int, iso.groups())
            return date(year, month, day)
        if other:
            return _latest(int(other[1]), int(other[2]), other[3], today)
    except ValueError:
        return None
    return None


def _latest(day: int, month: int, year: str | None, today: date) -> date:
    """Without a year it is the last such day there was."""
    found = date(int(year) if year else today.year, month, day)
    return found if year or found <= today else date(today.year - 1, month, day)


def _state(word: str) -> RefundState | None:
    plain = word.casefold()
    for name, state in _STATES.items():
        if plain in {name, _(name).casefold()}:
            return state
    return None


def _amount(word: str) -> Money | None:
    found = _AMOUNT.fullmatch(word)
    try:
        return Money.parse(found[1], CURRENCY) if found else None
    except Misused:
        return None
