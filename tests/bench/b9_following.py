"""B9: a thousand refunds that CCV has not decided, followed by one process for `SECONDS`.

They are five minutes old, so each is asked about every 15 s or so. How late a question is counts
from the moment the schedule named to the moment its answer is looked at, or its request begins.
Budget: 50 ms (p99) at half a core; with five thousand none goes without a question for 30 s.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from posrefund.following import Follower
from posrefund.journal.rows import time_text
from posrefund.refund.model import ProviderRefund, Refund
from posrefund.wiring import Program
from tests.bench.measure import Row, Table, percentile
from tests.bench.practice import decided, practice
from tests.bench.pretend import PretendCcv
from tests.bench.setting import Setting

PENDING, MANY = 1_000, 5_000
SECONDS = 40.0
AGE = timedelta(minutes=5)
LATE_MS, CORE, STARVED_SECONDS = 50.0, 0.5, 30.0


class Watched:
    """Stands between the follower and the service, and notes when each refund was due."""

    def __init__(self, program: Program) -> None:
        self._service = program.service
        self._clock = program.clock
        self._due: dict[str, datetime] = {}
        self.late: list[float] = []
        """Milliseconds between due and begun."""
        self.seen: dict[str, int] = {}

    def next_step_at(self, refund: Refund) -> datetime | None:
        """When it is due; noted."""
        due = self._service.next_step_at(refund)
        if due is not None:
            self._due[refund.id] = due
        return due

    def check_quietly(self, refund: Refund, heard: ProviderRefund | None) -> Refund:
        """Take the step; how late it was is noted."""
        late = (self._clock.now() - self._due[refund.id]).total_seconds() * 1e3
        self.late.append(late)
        self.seen[refund.id] = self.seen.get(refund.id, 0) + 1
        return self._service.check_quietly(refund, heard)

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Everything else is the service's own."""
        return getattr(self._service, name)  # type: ignore[no-any-return]


def run(setting: Setting) -> Table:
    """Fill, age, follow."""
    table = Table(f"B9: {PENDING:,} and {MANY:,} refunds followed for {SECONDS:g} s")
    for count in (PENDING, MANY):
        _measure(setting, table, count)
    return table


def _measure(setting: Setting, table: Table, count: int) -> None:
    home = setting.new_folder("home")
    with PretendCcv() as ccv:
        # One commit for all: a disk must not decide how long the preparation takes.
        with practice(home, ccv.base_url) as program, program.journal.together():
            sent = [program.service.send(decided(program, ccv.sell())) for _ in range(count)]
            path = program.settings.journal_path
        assert path is not None
        with sqlite3.connect(path) as connection:
            then = time_text(sent[-1].created_at - AGE)
            connection.execute("UPDATE refund SET first_sent_at = ?, updated_at = ?", (then, then))
        connection.close()
        ccv.arrivals()
        with practice(home, ccv.base_url) as program:
            watched, share = _follow(program)
        asked = len(ccv.arrivals())
    late = percentile(watched.late, 99)
    if count == PENDING:
        table.rows += [
            Row("due to asked", f"p99 {late:.0f} ms", "", f"<= {LATE_MS:g} ms", late <= LATE_MS),
            Row("of one core", f"{share:.0%}", "", f"<= {CORE:.0%}", share <= CORE),
        ]
    else:
        starved = count - len(watched.seen)
        table.rows += [
            Row(f"{count:,}: never asked about", str(starved), "", "0", starved == 0),
            Row(f"{count:,}: due to asked", f"p99 {late:.0f} ms"),
            Row(f"{count:,}: of one core", f"{share:.0%}"),
        ]
    table.remarks.append(f"{count:,}: {len(watched.late):,} checks by {asked:,} requests")


def _follow(program: Program) -> tuple[Watched, float]:
    watched = Watched(program)
    follower = Follower(
        service=watched,  # type: ignore[arg-type]
        clock=program.clock,
        on_news=lambda _: None,
        on_trouble=lambda _, error: print(error),
    )
    # Not all at once: a shop's refunds did not begin at the same moment.
    open_refunds = program.journal.open_refunds()
    follower.start()
    begun, worked = time.monotonic(), time.process_time()
    for refund in open_refunds:
        follower.add([refund])
        threading.Event().wait(15.0 / len(open_refunds) / 2)
    watched.late.clear()
    begun, worked = time.monotonic(), time.process_time()
    threading.Event().wait(SECONDS)
    share = (time.process_time() - worked) / (time.monotonic() - begun)
    follower.stop()
    return watched, share
