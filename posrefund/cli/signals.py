"""Interrupts: one ends the waiting, and hammering on the keys adds nothing to it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType

DEAF_SECONDS = 2.0
"""After an interrupt: time to write down and say what was sent."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


@contextmanager
def heeded() -> Iterator[None]:
    """Turn an interrupt, a termination or a hang-up into a KeyboardInterrupt.

    Those that follow within `DEAF_SECONDS` are left out; later ones count again, because the first
    may have been lost in a place that lets no exception through. What the shell told us to ignore
    (`nohup`) stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    deaf_until = monotonic()

    def heed(number: int, frame: FrameType | None) -> None:
        nonlocal deaf_until
        now = monotonic()
        if now >= deaf_until:
            deaf_until = now + DEAF_SECONDS
            raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    wanted = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, heed) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
