"""Real time, and waiting that can be cut short. Nothing else asks for the time or sleeps."""

import sys
import threading
import time
from datetime import UTC, datetime
from time import monotonic

# In slices: on Windows Ctrl+C does not end a wait on a lock, and elsewhere a signal that comes
# just before the wait begins would be heeded only after it.
_LONGEST_WAIT = 0.2 if sys.platform == "win32" else 1.0


class SystemClock:
    """The clock of this machine, for any number of threads."""

    def __init__(self) -> None:
        # Its lock may be taken twice by one thread: a signal handler may call `wake` during `wait`.
        self._bell = threading.Condition()
        self._rings = 0

    def now(self) -> datetime:
        """The wall clock: an aware UTC datetime."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Seconds since some start, the machine's sleep included where the system can tell."""
        boot_time: int | None = getattr(time, "CLOCK_BOOTTIME", None)
        return monotonic() if boot_time is None else time.clock_gettime(boot_time)

    def wait(self, seconds: float) -> bool:
        """Wait; return False when somebody cut the wait short with `wake`.

        Measured on the monotonic clock, so that setting the wall clock neither ends nor prolongs
        it. Ctrl+C ends it in the main thread.
        """
        end = monotonic() + seconds
        with self._bell:
            rings = self._rings
            while self._rings == rings:
                left = end - monotonic()
                if left <= 0:
                    return True
                self._bell.wait(min(left, _LONGEST_WAIT))
        return False

    def wake(self) -> None:
        """End every wait that is going on now. A wait that starts later is not affected."""
        with self._bell:
            self._rings += 1
            self._bell.notify_all()
