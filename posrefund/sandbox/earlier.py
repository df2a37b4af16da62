"""What was given back of the samples on the days before."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A refund of a sample that is over."""

    amount: int
    """In cents."""
    status: str = "success"
    days_ago: int = 1
    at: time = time(14, 5, 12)
    """As the clock on this machine's wall had it, so that yesterday is what people call so."""
    idempotency: str | None = None
    """The Idempotency-Reference of a till; None when the refund was made elsewhere."""
    marker: str = ""
    """What that till wrote behind the description."""

    def created(self, now: int) -> int:
        """When it was made, in epoch milliseconds, as it is at `now`."""
        today = datetime.fromtimestamp(now / 1000, UTC).astimezone().date()
        # Not so many hours back: a day on which the clock is changed has 23 or 25 of them.
        at = datetime.combine(today - timedelta(days=self.days_ago), self.at).astimezone()
        return int(at.timestamp()) * 1000
