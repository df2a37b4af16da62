"""What makes every step of the program a point: its parts, derived from and watched."""

import http.client
import json
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from posrefund import wiring
from posrefund.cli import output as cli_output
from posrefund.cli import session
from posrefund.errors import PosrefundError
from posrefund.journal import backup as backup_module
from posrefund.journal import sqlite as journal_module
from posrefund.journal.sqlite import SqliteJournal
from posrefund.provider import client, transport
from posrefund.provider.client import HttpProvider


@dataclass(kw_only=True)
class Watch:
    """Names the points a process reaches, writes them down, and strikes at the chosen ones."""

    kills: Mapping[str, int] = field(default_factory=dict)
    log: int | None = None
    """A descriptor; every point is one line of it, written before the blow."""
    stood: str = "nothing"
    """How far the refund has come on disk, as far as this process has made it come."""
    work: str = "read"
    """What the journal is doing."""
    then: str | None = None
    """How far it will have come after the next COMMIT."""
    question: str = "?"
    """What the next bytes on the wire are about."""
    unplugged: Sequence[str] = ()
    """Questions whose first connection meets a port where nobody listens."""
    hung_up_before: Sequence[str] = ()
    """Questions before which the bank hangs up; they are asked when that has arrived."""
    line: Any = None
    """The connection that was made last."""
    deadline: float = 10.0
    """Seconds a request may take."""
    _counts: Counter[str] = field(default_factory=Counter)

    def point(self, name: str) -> None:
        """Here the process can die."""
        place = f"{self.stood} | {name}"
        self._counts[place] += 1
        place = f"{place} #{self._counts[place]}"
        if self.log is not None:
            os.write(self.log, place.encode() + b"\n")
        blow = self.kills.get(place)
        if blow is not None:
            os.kill(os.getpid(), blow)

    def await_hang_up(self) -> None:
        """Wait until it has arrived: otherwise chance decides which way the refund goes."""
        pause = threading.Event()
        over = time.monotonic() + self.deadline
        while not self.line.get_extra_info("is_readable") and time.monotonic() < over:
            pause.wait(0.001)

    @contextmanager
    def doing(self, work: str, then: str) -> Iterator[None]:
        """The journal writes something."""
        self.work, self.then = work, then
        try:
            yield
        finally:
            self.work = "read"


class HurriedClock:
    """The bank's time. Waiting makes it pass there, so that nobody really waits."""

    def __init__(self, site: str, watch: Watch, *, is_shared: bool = False) -> None:
        """Learn the time.

        Args:
            site: The bank.
            watch: Told of every wait.
            is_shared: Ask every time, because others make the bank's time pass, too.
        """
        self._watch = watch
        self.is_shared = is_shared
        self._bank = http.client.HTTPConnection(urlsplit(site).netloc, timeout=20)
        self._ahead = 0.0
        self._pass(0)

    def now(self) -> datetime:
        if self.is_shared:
            self._pass(0)
        return datetime.fromtimestamp(time.time() + self._ahead, UTC)

    def elapsed(self) -> float:
        # On this machine nobody sets the wall clock while a campaign runs.
        if self.is_shared:
            self._pass(0)
        return time.time() + self._ahead

    def wait(self, seconds: float) -> bool:
        self._watch.point("wait: before")
        if seconds > 0:
            self._pass(seconds)
        self._watch.point("wait: after")
        return True

    def wake(self) -> None:
        pass

    def _pass(self, seconds: float) -> None:
        body = json.dumps({"seconds": seconds})
        self._bank.request("POST", "/_sandbox/time", body, {"Content-Type": "application/json"})
        self._ahead = json.load(self._bank.getresponse())["now"] / 1000 - time.time()


def use_bank_time(clock: HurriedClock) -> None:
    """Let the program tell the time by the bank's clock."""
    if clock.is_shared:
        # A process that was stopped finds out how much time has passed meanwhile.
        transport.monotonic = clock.elapsed
    wiring.SystemClock = lambda: clock


def watch_everything(watch: Watch) -> None:
    """Derive the parts of the program anew, so that every step of them is a point."""
    client.HttpProvider = _watched_provider(watch)
    wiring.SqliteJournal = _watched_journal(watch)
    journal_module.sqlite3 = backup_module.sqlite3 = _WatchedSqlite(watch)
    transport._Network = _watched_network(watch)
    session.Output = _watched_output(watch)


def _watched_journal(watch: Watch) -> type[SqliteJournal]:
    class WatchedJournal(SqliteJournal):
        def open_case(self, refund, entry):
            with watch.doing("open", "intent"):
                return super().open_case(refund, entry)

        def claim(self, refund_id, *, now, until):
            with watch.doing("claim", watch.then or watch.stood):
                return super().claim(refund_id, now=now, until=until)

        def record(self, refund, entry):
            again = refund.state == "sending" and refund.attempts > 1
            state = "sending again" if again else str(refund.state)
            with watch.doing(f"record {state}" if entry else "keep", state):
                return super().record(refund, entry)

    return WatchedJournal


class _WatchedSqlite:
    """The module `sqlite3`, whose connections are watched."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)

    def connect(self, *args: Any, **how: Any) -> sqlite3.Connection:
        connection = sqlite3.connect(*args, factory=_WatchedConnection, **how)
        connection.watch = self._watch
        return connection


class _WatchedConnection(sqlite3.Connection):
    """Every statement is two points: before and after."""

    watch: Watch

    def execute(self, statement, values=()):
        watch = self.watch
        words = statement.split(None, 3)
        verb = " ".join(words[:3]) if words[0] == "INSERT" else words[0]
        watch.point(f"{watch.work}: before {verb}")
        done = super().execute(statement, values)
        if verb == "COMMIT" and watch.then is not None:
            watch.stood, watch.then = watch.then, None
        elif verb == "ROLLBACK":
            watch.then = None
        watch.point(f"{watch.work}: after {verb}")
        return done


def _asking(watch: Watch, question: str, ask: Callable[[], Any]) -> Any:
    watch.question = question
    watch.point(f"{question}: about to ask")
    if question in watch.hung_up_before:
        watch.hung_up_before = ()
        watch.await_hang_up()
    try:
        said = ask()
    except PosrefundError:
        watch.point(f"{question}: trouble understood")
        raise
    watch.point(f"{question}: answer believed")
    return said


def _watched_provider(watch: Watch) -> type[HttpProvider]:
    asking = partial(_asking, watch)

    class WatchedProvider(HttpProvider):
        def __init__(self, **how: Any) -> None:
            super().__init__(**how, post_seconds=watch.deadline, get_seconds=watch.deadline)

        def send(self, refund):
            return asking("POST", lambda: HttpProvider.send(self, refund))

        def status(self, refund):
            return asking("GET status", lambda: HttpProvider.status(self, refund))

        def payment(self, reference):
            return asking("GET payment", lambda: HttpProvider.payment(self, reference))

        def statuses(self, refunds):
            return asking("GET statuses", lambda: HttpProvider.statuses(self, refunds))

        def given_back(self, *asked, **how):
            return asking("GET list", lambda: HttpProvider.given_back(self, *asked, **how))

    return WatchedProvider


def _watched_network(watch: Watch) -> type[transport._Network]:
    class WatchedNetwork(transport._Network):
        def _connect(self, address, port, *how):
            watch.point(f"{watch.question}: before connecting")
            if watch.question in watch.unplugged:
                watch.unplugged = ()
                port = 9
            stream = super()._connect(address, port, *how)
            watch.line = stream.inner
            stream.inner = _WatchedStream(stream.inner, watch)
            watch.point(f"{watch.question}: connected")
            return stream

    return WatchedNetwork


class _WatchedStream:
    """A connection on which a message goes and comes in pieces, each a point."""

    def __init__(self, inner: Any, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch
        self._pieces: list[tuple[str, bytes]] = []
        self._headers_left = False

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        question = self._watch.question
        if not buffer:
            return
        if not self._headers_left:
            self._headers_left = True
            self._inner.write(buffer, timeout)
            self._watch.point(f"{question}: headers sent")
            return
        half = len(buffer) // 2
        self._inner.write(buffer[:half], timeout)
        self._watch.point(f"{question}: half the body sent")
        self._inner.write(buffer[half:], timeout)
        self._watch.point(f"{question}: last byte sent")

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._headers_left = False
        if not self._pieces:
            self._pieces = _pieces(self._whole(timeout))
        name, piece = self._pieces.pop(0)
        self._watch.point(f"{self._watch.question}: {name}")
        return piece

    def _whole(self, timeout: float | None) -> bytes:
        """Read until the answer is whole or over, however the system cuts it into pieces."""
        data = b""
        while not _is_whole(data):
            part = self._inner.read(65536, timeout)
            if not part:
                break
            data += part
        return data

    def start_tls(self, context: Any, name: str | None = None, timeout: float | None = None) -> Any:
        self._watch.point(f"{self._watch.question}: before TLS")
        secured = self._inner.start_tls(context, name, timeout)
        self._watch.line = secured
        self._watch.point(f"{self._watch.question}: after TLS")
        return _WatchedStream(secured, self._watch)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _is_whole(data: bytes) -> bool:
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line[15:])
    return False


def _pieces(data: bytes) -> list[tuple[str, bytes]]:
    if not data:
        return [("hung up on", b"")]
    head, gap, body = data.partition(b"\r\n\r\n")
    half = len(body) // 2
    pieces = [
        ("answer's head read", head + gap),
        ("half the answer read", body[:half]),
        ("whole answer read", body[half:]),
    ]
    return [(name, piece) for name, piece in pieces if piece]


def _watched_output(watch: Watch) -> type[cli_output.Output]:
    class WatchedOutput(cli_output.Output):
        def show(self, data, lines):
            watch.point("show: before")
            super().show(data, lines)
            watch.point("show: after")

    return WatchedOutput
