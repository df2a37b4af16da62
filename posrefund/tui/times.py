"""Times as people at the counter read them: in the zone of this machine."""

from datetime import datetime

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def clock_text(at: datetime) -> str:
    """The time of day, `14:02`."""
    return f"{at.astimezone():%H:%M}"


def exact_text(at: datetime) -> str:
    """The time of day with seconds, `14:02:07`."""
    return f"{at.astimezone():%H:%M:%S}"


def date_text(at: datetime) -> str:
    """Day and time of day, `18 Nov 14:02`."""
    local = at.astimezone()
    return f"{local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"


def is_same_day(one: datetime, other: datetime) -> bool:
    """Are both on the same day here, whatever day it is in UTC?"""
    return one.astimezone().date() == other.astimezone().date()


def elapsed_text(seconds: float) -> str:
    """A duration: `0:07`, `12:30`, `3 h 05`, `2 days`."""
    whole = max(0, int(seconds))
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d}"
    return f"{whole // 86400} days"
