"""Times as people at the counter read them: in the zone of this machine, in their language."""

import unicodedata
from datetime import date, datetime

from posrefund.language import N_, _, plural

_MONTHS = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)


_MONTH_NAMES = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
_SHORTEST_MONTH = 3


def month_number(word: str) -> int | None:
    """Understand the name of a month or its beginning, in the language of now or in English."""
    typed = folded(word).rstrip(".")
    if len(typed) < _SHORTEST_MONTH:
        return None
    found = {
        number
        for number, names in enumerate(zip(_MONTHS, _MONTH_NAMES, strict=True), start=1)
        if any(
            typed == known.rstrip(".") or known.startswith(typed)
            for name in names
            for known in (folded(name), folded(_(name)))
        )
    }
    # The beginning of two of them is the name of none.
    return found.pop() if len(found) == 1 else None


def folded(text: str) -> str:
    """The text as it compares: without capitals and accents, which nobody types in a hurry."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def clock_text(at: datetime) -> str:
    """The time of day, `14:02`."""
    return f"{at.astimezone():%H:%M}"


def exact_text(at: datetime) -> str:
    """The time of day with seconds, `14:02:07`."""
    return f"{at.astimezone():%H:%M:%S}"


def date_text(at: datetime) -> str:
    """Day and time of day, `18 Nov 14:02`."""
    local = at.astimezone()
    month = _(_MONTHS[local.month - 1])
    return _("{day} {month} {time}").format(day=local.day, month=month, time=f"{local:%H:%M}")


def day_text(day: date) -> str:
    """A day, `18 Nov 2026`."""
    month = _(_MONTHS[day.month - 1])
    return _("{day} {month} {year}").format(day=day.day, month=month, year=day.year)


def step_time(at: datetime) -> str:
    """Day and exact time, `18 Nov 14:02:07`."""
    local = at.astimezone()
    month = _(_MONTHS[local.month - 1])
    return _("{day} {month} {time}").format(day=local.day, month=month, time=exact_text(at))


def is_same_day(one: datetime, other: datetime) -> bool:
    """Are both on the same day here, whatever day it is in UTC?"""
    return one.astimezone().date() == other.astimezone().date()


def elapsed_text(seconds: float) -> str:
    """A duration: `0:07`, `12:30`, `3 h 05`, `2 days`."""
    whole = max(0, int(seconds))
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 48 * 3600:
        return _("{hours} h {minutes}").format(
            hours=whole // 3600, minutes=f"{whole % 3600 // 60:02d}"
        )
    days = whole // 86400
    return plural("{days} day", "{days} days", days).format(days=days)
