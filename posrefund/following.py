"""Follows many refunds at once: one heap of due times and a few threads, never one per refund."""

import heapq
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from posrefund.errors import PosrefundError
from posrefund.refund.model import Refund
from posrefund.refund.ports import Clock
from posrefund.refund.rules import is_news
from posrefund.refund.service import RefundService


class Follower:
    """Takes each open refund's next step when it is due, and tells of every change.

    Closing a screen changes nothing here: a refund is followed until it is final or this ends.
    """

    def __init__(
        self,
        *,
        service: RefundService,
        clock: Clock,
        on_news: Callable[[Refund], None],
        on_trouble: Callable[[Refund, PosrefundError], None],
        threads: int = 4,
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            service: Takes the steps.
            clock: Tells what is due.
            on_news: Told of each new state, from one of the threads.
            on_trouble: Told when a step failed for a reason a person must know.
            threads: How many questions may be under way at once.
        """
        self._service = service
        self._clock = clock
        self._on_news = on_news
        self._on_trouble = on_trouble
        self._changed = threading.Condition()
        self._queue: list[tuple[datetime, int, Refund]] = []
        self._turns: dict[str, int] = {}
        self._turn = 0
        self._stopped = False
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="follow")
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def add(self, refunds: Iterable[Refund]) -> None:
        """Follow these from now on, where they are neither final nor of another configuration."""
        for refund in refunds:
            self._plan(refund, self._service.next_step_at(refund))

    def check_now(self, refund: Refund) -> None:
        """Take the refund's next step at once; the slow beat goes on from there."""
        self._plan(refund, self._clock.now())

    def stop(self) -> None:
        """End soon; steps under way are finished first, so no answer is thrown away."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True)

    def _plan(self, refund: Refund, due: datetime | None) -> None:
        if due is None or not self._service.is_ours(refund):
            return
        with self._changed:
            self._turn += 1
            self._turns[refund.id] = self._turn
            heapq.heappush(self._queue, (due, self._turn, refund))
            self._changed.notify_all()

    def _run(self) -> None:
        while (refund := self._next_due()) is not None:
            self._pool.submit(self._step, refund).add_done_callback(self._finish(refund))

    def _next_due(self) -> Refund | None:
        """Wait for the next refund that is due; None when stopped."""
        with self._changed:
            while not self._stopped:
                seconds: float | None = None
                if self._queue:
                    due, turn, refund = self._queue[0]
                    seconds = (due - self._clock.now()).total_seconds()
                    overtaken = self._turns.get(refund.id) != turn
                    if overtaken or seconds <= 0:
                        heapq.heappop(self._queue)
                    if overtaken:
                        continue
                    if seconds <= 0:
                        return refund
                self._changed.wait(seconds)
        return None

    def _step(self, refund: Refund) -> None:
        try:
            latest = self._service.check_quietly(refund)
        except PosrefundError as error:
            self._on_trouble(refund, error)
            latest = self._tried(refund)
        if is_news(refund, latest):
            self._on_news(latest)
        self._plan(latest, self._service.next_step_at(latest))

    def _finish(self, refund: Refund) -> Callable[[Future[None]], None]:
        """Keep following a refund even where a step ended in a defect of ours."""

        def finish(future: Future[None]) -> None:
            defect = future.exception()
            if defect is not None:
                self._on_trouble(refund, PosrefundError(f"a defect: {type(defect).__name__}"))
                tried = self._tried(refund)
                self._plan(tried, self._service.next_step_at(tried))

        return finish

    def _tried(self, refund: Refund) -> Refund:
        return replace(refund, checks=refund.checks + 1, checked_at=self._clock.now())
