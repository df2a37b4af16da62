"""B4: what one step costs in the journal, and how many commits there are before the QR code.

The three steps of a refund (decided, about to be sent, accepted) are written by `SqliteJournal`
and by the same statements with ready-made values on a bare sqlite3 connection: the same schema,
rollback journal, synchronous EXTRA, bytes, number of commits and disk. Budget: 1.15 times.

The commits are counted in a whole refund against the sandbox: 2 before the request leaves, and
with the one that writes the answer down 3 before the code can be shown.
"""

import random
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from posrefund.journal import statements
from posrefund.journal.rows import time_text, to_json, to_row
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import Entry, Refund
from posrefund.refund.transitions import Trigger, move, report
from tests.bench.measure import Row, Table
from tests.bench.practice import decided, practice
from tests.bench.pretend import PretendCcv
from tests.bench.setting import Setting
from tests.bench.watched import Unexpected
from tests.support.builders import NOON, a_provider_refund, a_refund, an_entry

BUDGET = 1.15
COMMITS_BEFORE_REQUEST, COMMITS_BEFORE_CODE = 2, 3
REFUNDS_A_ROUND, WARM_UP = 20, 20
_NO_DISK = {"tmpfs", "ramfs", "overlay"}
_BARE, _OURS = "bare sqlite3", "SqliteJournal"
_STEPS = ("decided (open_case)", "sending (record)", "accepted (record)")
_FACTS = {
    "type": "refund",
    "amount": "5.00",
    "currency": "EUR",
    "status": "PENDING",
    "created": "2026-11-20T12:00:00.000Z",
    "last_update": "2026-11-20T12:00:00.000Z",
    "method": "terminal",
    "merchant_order_reference": "1001",
    "description": "Order 1001 #ABCDEFGHIJ",
}

Step = tuple[Refund, Entry]


def run(setting: Setting) -> Table:
    """Measure and count."""
    folder = setting.new_folder("journal")
    journal = SqliteJournal(folder / "ours.sqlite3")
    SqliteJournal(folder / "bare.sqlite3").close()
    bare = _Bare(folder / "bare.sqlite3")
    taken: dict[str, list[list[float]]] = {_BARE: [], _OURS: []}
    for number in range(-WARM_UP, REFUNDS_A_ROUND * setting.rounds):
        found = _three_steps(bare, journal)
        for name, times in found.items() if number >= 0 else ():
            taken[name].append(times)
    journal.close()
    bare.close()

    table = Table(f"B4: one step of the journal ({REFUNDS_A_ROUND * setting.rounds} refunds)")
    for number, step in enumerate(_STEPS):
        columns = {name: [one[number] for one in times] for name, times in taken.items()}
        table.ratio(f"{step}, {_BARE}", columns[_BARE], columns[_BARE], unit="us")
        table.ratio(f"{step}, {_OURS}", columns[_OURS], columns[_BARE], unit="us")
    every = {name: list(chain.from_iterable(times)) for name, times in taken.items()}
    table.ratio("any of the three", every[_OURS], every[_BARE], at_most=BUDGET, unit="us")
    table.rows += _commits(setting)
    kind = _kind_of_disk(folder)
    table.remarks.append(f"the journals are in {folder.parent} ({kind})")
    if kind in _NO_DISK:
        table.remarks.append("that is no disk: name a folder on one with --folder")
    return table


def _three_steps(bare: "_Bare", journal: SqliteJournal) -> dict[str, list[float]]:
    """Write one refund's steps into both, in random order; microseconds of each."""
    times: dict[str, list[float]] = {_BARE: [], _OURS: []}
    for number, (refund, entry) in enumerate(_steps()):
        write = (bare.prepared(refund, entry, is_new=number == 0), _ours(journal, refund, entry))
        for name, act in random.sample(list(zip(times, write, strict=True)), 2):
            begun = time.perf_counter()
            act()
            times[name].append((time.perf_counter() - begun) * 1e6)
    return times


def _steps() -> Iterator[Step]:
    """A refund of its own, as the service writes it down three times."""
    key = str(uuid.UUID(int=random.getrandbits(128)))
    refund = a_refund(id=key[-10:], idempotency_reference=key, original_reference=f"T{key[:16]}.Y")
    yield refund, an_entry()
    held = replace(refund, owner="bench", version=1, fence=1)
    sending, entry = move(held, Trigger.SEND, at=NOON)
    yield sending, entry
    said = a_provider_refund(
        reference=f"R{key[:16]}.Y",
        original_reference=refund.original_reference,
        pay_url=f"https://onlinepayments.ccv.eu/terminal/poll?reference=R{key[:16]}.Y",
        facts=_FACTS,
    )
    accepted, heard = report(replace(sending, version=2), said, at=NOON)
    if heard is None:
        raise Unexpected("CCV's answer moved nothing")
    yield replace(accepted, owner=None), heard


def _ours(journal: SqliteJournal, refund: Refund, entry: Entry) -> Callable[[], object]:
    if refund.version == 0:
        return lambda: journal.open_case(refund, entry)
    return lambda: journal.record(refund, entry)


class _Bare:
    """The same statements, without anything around them."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.execute("PRAGMA synchronous = EXTRA")
        self._connection.execute("PRAGMA foreign_keys = ON")

    def prepared(self, refund: Refund, entry: Entry, *, is_new: bool) -> Callable[[], None]:
        """One step, its values ready to be bound."""
        row = to_row(refund)
        if is_new:
            row |= {"owner": "bench", "version": 1, "fence": 1}
        statement = statements.INSERT_REFUND if is_new else statements.UPDATE_REFUND
        line = {
            "refund_id": refund.id,
            "at": time_text(entry.at),
            "rule": entry.rule,
            "state": str(entry.state),
            "text": entry.text,
            "facts": to_json(entry.facts),
        }

        def write() -> None:
            execute = self._connection.execute
            execute("BEGIN IMMEDIATE")
            execute(statement, row)
            execute(statements.INSERT_ENTRY, line)
            execute("COMMIT")

        return write

    def close(self) -> None:
        self._connection.close()


def _commits(setting: Setting) -> Iterator[Row]:
    """Count the commits of one refund, by SQLite's own trace."""
    commits: list[float] = []

    def note(statement: str) -> None:
        if statement == "COMMIT":
            commits.append(time.monotonic())

    with PretendCcv() as ccv, practice(setting.new_folder("home"), ccv.base_url) as program:
        program.journal._connection.set_trace_callback(note)
        sent = program.service.send(decided(program, ccv.sell()))
        (arrived,) = (one.at for one in ccv.arrivals() if one.what == "POST /refund")
    if sent.pay_url is None:
        raise Unexpected(f"there is no code to show; the refund is {sent.state}")
    for when, found, wanted in (
        ("the request leaves", sum(at < arrived for at in commits), COMMITS_BEFORE_REQUEST),
        ("the code is shown", len(commits), COMMITS_BEFORE_CODE),
    ):
        row = Row(f"commits before {when}", str(found), "", f"exactly {wanted}", found == wanted)
        yield row


def _kind_of_disk(folder: Path) -> str:
    """The file system of the longest mount point that holds the folder."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    holding = [(point, kind) for _, point, kind, *_ in mounts if folder.is_relative_to(point)]
    return max(holding, key=lambda one: len(one[0]))[1] if holding else "unknown"
