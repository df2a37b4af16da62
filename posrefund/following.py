"""Follows many refunds at once: one heap of due times and a few threads, never one per refund."""

import heapq
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from posrefund.errors import NoInformation, PosrefundError
from posrefund.refund.model import ProviderRefund, Refund, RefundState
from posrefund.refund.polling import paused
from posrefund.refund.ports import Clock
from posrefund.refund.rules import is_news
from posrefund.refund.service import RefundService

TOGETHER = 20
"""So many refunds are asked about in one request at the most."""
MOMENT = timedelta(milliseconds=50)
"""A question may come so much too early, so that it can share a request."""
NO_TIME = timedelta(0)


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
        self._asking = ThreadPoolExecutor(threads, thread_name_prefix="follow")
        # What was heard only has to be worked out. By several threads at once it would take no less
        # time, and a key at the counter would wait for each of them.
        self._hearing = ThreadPoolExecutor(1, thread_name_prefix="heard")
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
        """End soon: no step is begun, and those under way are finished, so no answer is lost.

        Safe to call again.
        """
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        for pool in (self._asking, self._hearing):
            pool.shutdown(wait=True, cancel_futures=True)

    def _plan(self, refund: Refund, due: datetime | None) -> None:
        if due is None or not self._service.is_ours(refund):
            return
        with self._changed:
            self._turn += 1
            self._turns[refund.id] = self._turn
            heapq.heappush(self._queue, (due, self._turn, refund))
            self._changed.notify_all()

    def _run(self) -> None:
        while due := self._next_due():
            together = [one for one in due if one.state is RefundState.ACCEPTED]
            for refund in due:
                if len(together) < 2 or refund.state is not RefundState.ACCEPTED:
                    self._begin(self._asking, [refund], self._step, refund, None)
            if len(together) > 1:
                self._begin(self._asking, together, self._ask_ahead, together)

    def _next_due(self) -> list[Refund]:
        """Wait until a refund is due; return it with those of the same moment, none at the end."""
        with self._changed:
            while not self._stopped:
                found: list[Refund] = []
                now = self._clock.now()
                while self._queue and len(found) < TOGETHER:
                    due, turn, refund = self._queue[0]
                    overtaken = self._turns.get(refund.id) != turn
                    if not overtaken and due > now + (MOMENT if found else NO_TIME):
                        break
                    heapq.heappop(self._queue)
                    if not overtaken:
                        found.append(refund)
                if found:
                    return found
                self._changed.wait(
                    (self._queue[0][0] - now).total_seconds() if self._queue else None
                )
        return []

    def _begin(
        self,
        pool: ThreadPoolExecutor,
        refunds: list[Refund],
        step: Callable[..., None],
        *given: object,
    ) -> None:
        """Hand a step to the pool, unless this has ended meanwhile."""
        with self._changed:
            if not self._stopped:
                future = pool.submit(step, *given)
                future.add_done_callback(self._finish(refunds))

    def _ask_ahead(self, refunds: list[Refund]) -> None:
        """Ask about all of them at once; each is then a step of its own, as ever."""
        try:
            heard = self._service.ask_ahead(refunds)
        except NoInformation as error:
            for refund in refunds:
                self._put_off(refund, error)
            return
        for refund in refunds:
            answer = heard.get(refund.id)
            pool = self._asking if answer is None else self._hearing
            self._begin(pool, [refund], self._step, refund, answer)

    def _step(self, refund: Refund, heard: ProviderRefund | None) -> None:
        try:
            latest = self._service.check_quietly(refund, heard)
        except PosrefundError as error:
            self._try_later(refund)
            self._on_trouble(refund, error)
            return
        # Planned before it is told: who hears it may ask for the next step at once.
        self._plan(latest, self._service.next_step_at(latest))
        if is_news(refund, latest):
            self._on_news(latest)

    def _put_off(self, refund: Refund, error: NoInformation) -> None:
        """Leave CCV alone for as long as it asked."""
        try:
            later = self._service.put_off(refund, error)
        except PosrefundError as trouble:
            later = paused(refund, error.retry_after_seconds, now=self._clock.now())
            self._on_trouble(refund, trouble)
        self._plan(later, self._service.next_step_at(later))

    def _finish(self, refunds: list[Refund]) -> Callable[[Future[None]], None]:
        """Keep following refunds even where a step ended in a defect of ours."""

        def finish(future: Future[None]) -> None:
            defect = None if future.cancelled() else future.exception()
            for refund in refunds if defect is not None else []:
                self._try_later(refund)
                self._on_trouble(
                    refund, PosrefundError("a defect: {kind}", kind=type(defect).__name__)
                )

        return finish

    def _try_later(self, refund: Refund) -> None:
        tried = replace(refund, checks=refund.checks + 1, checked_at=self._clock.now())
        self._plan(tried, self._service.next_step_at(tried))
