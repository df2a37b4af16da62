"""The bank's clock, and what is to happen when it has come so far."""

import heapq
from collections.abc import Callable


class Agenda:
    """Keeps time and dated actions. It never waits: `settle` does what has become due."""

    def __init__(self, clock: Callable[[], int]) -> None:
        """Start at the present.

        Args:
            clock: Epoch milliseconds.
        """
        self._clock = clock
        self._offset = 0
        self._moment: int | None = None
        self._numbers = 0
        self._queue: list[tuple[int, int, Callable[[], None]]] = []

    def now(self) -> int:
        """Epoch milliseconds, with what `advance` has added."""
        return self._moment if self._moment is not None else self._clock() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock on and let everything happen that was due."""
        self._offset += int(seconds * 1000)
        self.settle()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something when the clock has come so far."""
        self._numbers += 1
        heapq.heappush(self._queue, (self.now() + int(seconds * 1000), self._numbers, action))

    def settle(self) -> None:
        """Carry out all that is due, each at the moment it was due."""
        present = self.now()
        while self._queue and self._queue[0][0] <= present:
            due, _, action = heapq.heappop(self._queue)
            self._moment = due
            try:
                action()
            finally:
                self._moment = None
