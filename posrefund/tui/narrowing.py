"""Reads what was typed to narrow a list: a day, a state, an amount, a terminal, a name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypedDict, TypeVar

from posrefund.errors import Misused
from posrefund.figures import amount_text
from posrefund.language import N_, _
from posrefund.money import Money
from posrefund.refund.model import RefundState
from posrefund.safe_text import safe_text
from posrefund.tui.times import day_text, folded, month_number
from posrefund.wording import title, verdict_titles

Meaning = TypeVar("Meaning")

_STATES = {
    N_("done"): RefundState.SUCCEEDED,
    N_("failed"): RefundState.FAILED,
    N_("unsent"): RefundState.NOT_SENT,
    N_("running"): RefundState.ACCEPTED,
    N_("unknown"): RefundState.UNKNOWN,
    N_("attention"): RefundState.ATTENTION,
    N_("closed"): RefundState.CLOSED,
}
"""One short word for each state; its words on the screen are understood too."""
_ALSO_CALLED = {
    N_("succeeded, refunded, given back"): RefundState.SUCCEEDED,
    N_(
        "not succeeded, not refunded, not given back, refused, declined, rejected, cancelled,"
        " expired"
    ): RefundState.FAILED,
    N_("pending, busy, waiting, accepted"): RefundState.ACCEPTED,
    N_("not known, unclear, uncertain"): RefundState.UNKNOWN,
    N_("must look, person"): RefundState.ATTENTION,
}
"""What people type besides, between commas; another language may have more of them, or fewer."""

_OPEN = N_("open")
"""What may still move or a person must look at, as the counter and `posrefund list --open` say."""

_TODAY, _YESTERDAY = N_("today"), N_("yesterday")
_DAY_BEFORE = N_("the day before yesterday")
_SYMBOLS = {"\u20ac": "EUR", "\u00a3": "GBP", "$": "USD"}
_KNOWN_CURRENCIES = frozenset({"EUR", "GBP", "CHF", "USD", "SEK", "NOK", "DKK", "PLN", "CZK"})
_DIGITS = r"[0-9]{1,10}[.,][0-9]{2}|[0-9]{1,2}"
_AMOUNT = re.compile(
    rf"(?P<before>[\u20ac\u00a3$]|[a-z]{{3}})?(?P<digits>{_DIGITS})(?P<after>[\u20ac\u00a3$]|[a-z]{{3}})?",
    re.IGNORECASE,
)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{4}))?\.?")
_DAY_OF_MONTH = re.compile(r"([0-9]{1,2})(?:\.|st|nd|rd|th|er|e)?")
_YEAR = re.compile(r"20[0-9]{2}")
_SHORTEST_PART = 3
"""Letters of a terminal's name that can stand for it."""


class Wanted(TypedDict):
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
    only_open: bool = False
    amount: Money | None = None
    others: tuple[Money, ...] = ()
    """The same digits in the other currencies there are, where none was typed."""
    terminal: str | None = None
    unclear: tuple[str, ...] = ()
    """Terminals of which one may be meant; the list is not narrowed to any."""
    text: str | None = None

    @property
    def wanted(self) -> list[Wanted]:
        """As the journal is asked for it: once for every amount that may be meant."""
        return [
            {
                "day": self.day,
                "state": self.state,
                "amount": amount,
                "terminal": self.terminal,
                "text": self.text,
            }
            for amount in (self.amount, *self.others)
        ]

    def in_words(self) -> str:
        """Say how it was understood."""
        amounts = [amount_text(one) for one in (self.amount, *self.others) if one is not None]
        unclear = [safe_text(name, limit=20) for name in self.unclear]
        said = [
            day_text(self.day) if self.day else "",
            _("Open") if self.only_open else "",
            _(title(self.state)) if self.state else "",
            " / ".join(amounts),
            safe_text(self.terminal, limit=20) if self.terminal else "",
            _("which: {names}?").format(names=" / ".join(unclear)) if unclear else "",
            _("ends with {text}").format(text=safe_text(self.text, limit=30)) if self.text else "",
        ]
        return ", ".join(filter(None, said)) or _("All refunds")


def narrowed(
    line: str, *, today: date, terminals: Sequence[str], currencies: Sequence[str] = ("EUR",)
) -> Narrowed:
    """Understand a line; each word counts for what it can be, and the rest is a name.

    Args:
        line: As typed or scanned.
        today: What `today` is here.
        terminals: The configured names.
        currencies: What an amount may be in where no currency is typed, the likeliest first.
    """
    words = _Words(line.split())
    terminal = words.take({name: name for name in terminals})
    state = words.take(_phrases())
    only_open = words.take({_OPEN: True, _(_OPEN): True}) is not None
    day = words.take(_days(today)) or _take_day(words, today)
    amounts = _take_amount(words, currencies)
    unclear: tuple[str, ...] = ()
    if terminal is None:
        terminal, unclear = _take_part(words, terminals)
    return Narrowed(
        day=day,
        state=state,
        only_open=only_open,
        amount=amounts[0] if amounts else None,
        others=tuple(amounts[1:]),
        terminal=terminal,
        unclear=unclear,
        text=" ".join(words.left) or None,
    )


def without_state(line: str) -> list[str]:
    """The words of a line that do not say a state."""
    words = _Words(line.split())
    words.take(_phrases())
    words.take({_OPEN: True, _(_OPEN): True})
    return words.left


def state_word(state: RefundState) -> str:
    """The words of a state as the list has them, which can be typed."""
    return _(title(state))


@dataclass
class _Words:
    """The words of a line that have not been understood yet."""

    left: list[str] = field(default_factory=list)

    def take(self, meanings: Mapping[str, Meaning]) -> Meaning | None:
        """Take the longest phrase out that means something, and return what it means."""
        # "Desk 2" is no "Desk", and "not done" is not done.
        for phrase, meaning in sorted(meanings.items(), key=lambda one: -len(one[0])):
            wanted = folded(phrase).split()
            for at in range(len(self.left) - len(wanted) + 1):
                if wanted and [*map(folded, self.left[at : at + len(wanted)])] == wanted:
                    self.drop(at, len(wanted))
                    return meaning
        return None

    def drop(self, at: int, number: int = 1) -> None:
        """These are understood."""
        del self.left[at : at + number]


def _phrases() -> dict[str, RefundState]:
    """Every state in its words: of the list, on the screen, as people say; here and in English."""
    english = {title(state): state for state in RefundState} | _STATES
    english |= dict.fromkeys(verdict_titles(), RefundState.CLOSED)
    also = {
        word.strip(): state
        for words, state in _ALSO_CALLED.items()
        for said in (words, _(words))
        for word in said.split(",")
    }
    # The words on the screen come last: nothing people say besides takes one of them away.
    return also | english | {_(text): state for text, state in english.items()}


def _days(today: date) -> dict[str, date]:
    days = {_TODAY: 0, _YESTERDAY: 1, _DAY_BEFORE: 2}
    return {
        text: today - timedelta(days=ago) for name, ago in days.items() for text in (name, _(name))
    }


def _take_day(words: _Words, today: date) -> date | None:
    for at, word in enumerate(words.left):
        day = _day(word, today)
        if day is not None:
            words.drop(at)
            return day
        found, number = _day_with_month(words.left[at : at + 3], today)
        if found is not None:
            words.drop(at, number)
            return found
    return None


def _day(word: str, today: date) -> date | None:
    iso, other = _ISO_DAY.fullmatch(word), _DAY.fullmatch(word)
    if _AMOUNT.fullmatch(word):
        # 20.11 is an amount more often than a day; 20-11 and 20/11 are days.
        return None
    if iso:
        return _date(int(iso[3]), int(iso[2]), iso[1], today)
    if other:
        return _date(int(other[1]), int(other[2]), other[3], today)
    return None


def _day_with_month(words: Sequence[str], today: date) -> tuple[date | None, int]:
    """Understand `21 nov`, `Nov 21` or `21 november 2026`; and how many words that took."""
    for number, month in ((0, 1), (1, 0)):
        day = _DAY_OF_MONTH.fullmatch(words[number].casefold()) if len(words) > 1 else None
        named = month_number(words[month]) if day is not None else None
        if day is not None and named is not None:
            year = words[2] if len(words) > 2 and _YEAR.fullmatch(words[2]) else None
            return _date(int(day[1]), named, year, today), 3 if year else 2
    return None, 0


def _date(day: int, month: int, year: str | None, today: date) -> date | None:
    """Without a year it is the last such day there was."""
    try:
        found = date(int(year) if year else today.year, month, day)
        return found if year or found <= today else date(today.year - 1, month, day)
    except ValueError:
        return None


def _take_amount(words: _Words, currencies: Sequence[str]) -> list[Money]:
    known = _KNOWN_CURRENCIES | set(currencies)
    for at, word in enumerate(words.left):
        found = _AMOUNT.fullmatch(word)
        if found is None:
            continue
        named, number, first = _currency(found["before"] or found["after"]), 1, at
        for beside in (at - 1, at + 1):
            near = words.left[beside] if 0 <= beside < len(words.left) else ""
            if named is None and _currency(near) in known:
                named, number, first = _currency(near), 2, min(at, beside)
        if named is not None and named not in known:
            continue
        amounts = _amounts(found["digits"], [named] if named else currencies)
        if amounts:
            words.drop(first, number)
            return amounts
    return []


def _amounts(digits: str, currencies: Iterable[str]) -> list[Money]:
    amounts: list[Money] = []
    for currency in currencies:
        try:
            amounts.append(Money.parse(digits, currency))
        except Misused:
            continue  # Zero, or a currency without cents.
    return amounts


def _currency(text: str | None) -> str | None:
    return _SYMBOLS.get(text, text.upper()) if text else None


def _take_part(words: _Words, terminals: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Understand the beginning of a word of a name; where several have it, none is meant yet."""
    for at, word in enumerate(words.left):
        typed = folded(word)
        if len(typed) < _SHORTEST_PART or not typed.isalpha():
            continue
        meant = [
            name
            for name in terminals
            if any(part.startswith(typed) for part in folded(name).split())
        ]
        if meant:
            words.drop(at)
            return (meant[0], ()) if len(meant) == 1 else (None, tuple(meant))
    return None, ()
