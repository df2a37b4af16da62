"""B8: lists, searches and room in a journal of a million refunds (`--rows` says otherwise).

The journal is filled with refunds of three years, four steps each, as the service writes them,
and read once from the first byte to the last, so that warm is warm. Every question is asked
`QUESTIONS` times, each time about something else. The budget: a page in 10 ms (p95), a search in 2
ms (p99), 500 bytes for a refund or a step of one. Beside the time that passed stands the time this
process worked: on a machine with other work to do only that belongs to the journal.
"""

import random
import sqlite3
import string
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from posrefund.journal import statements
from posrefund.journal.names import tail
from posrefund.journal.rows import time_text, to_json, to_row
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import Refund, RefundState
from tests.bench.measure import Row, Table, median, percentile
from tests.bench.setting import Setting
from tests.support.builders import a_refund, eur

PAGE_MS, SEARCH_MS, BYTES = 10.0, 2.0, 500
QUESTIONS, WARM_UP = 400, 100
LINES = 20
"""Refunds on a page of the smallest screen, and one more that tells of the next page."""
_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_SPAN = timedelta(days=3 * 365)
_TERMINALS = ("Desk 1", "Desk 2", "Desk 3", "Door", "Manager's phone")
_CHANCE = random.Random(8)  # noqa: S311 - a journal to measure with
_IDS = string.ascii_uppercase + "234567"
_STATES = [RefundState.SUCCEEDED] * 950 + [RefundState.FAILED] * 40 + [RefundState.NOT_SENT] * 9
_STEPS = ("T1", "T3", "T4", "T14a")

Question = Callable[[SqliteJournal], list[Refund]]


def run(setting: Setting) -> Table:
    """Fill a journal and ask it."""
    path = setting.new_folder("history") / "journal.sqlite3"
    begun = time.perf_counter()
    known = fill(path, setting.rows)
    filled = time.perf_counter() - begun
    _warm(path)
    journal = SqliteJournal(path)
    table = Table(f"B8: a journal of {setting.rows:,} refunds (filled in {filled:.0f} s)")
    for name, (question, per_cent, budget) in _questions(known).items():
        times, worked, found = _asked(journal, question)
        at = percentile(times, per_cent)
        shown = f"{median(times):.2f} ms"
        table.rows.append(
            Row(
                f"{name} ({found:.0f} found)",
                shown,
                f"p{per_cent:g} {at:.2f} ms, worked {percentile(worked, per_cent):.2f}",
                f"<= {budget:g} ms",
                at <= budget,
            )
        )
    rows = setting.rows * (1 + len(_STEPS))
    size = path.stat().st_size / rows
    table.rows.append(Row("bytes a row", f"{size:.0f}", "", f"<= {BYTES}", size <= BYTES))
    journal.close()
    return table


def _warm(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def _asked(
    journal: SqliteJournal, question: Callable[[], Question]
) -> tuple[list[float], list[float], float]:
    """Milliseconds of each question, passed and worked, and how many refunds it found, mean."""
    times, worked, found = [], [], 0
    for number in range(-WARM_UP, QUESTIONS):
        ask = question()
        begun, busy = time.perf_counter(), time.thread_time()
        answer = ask(journal)
        busy, taken = time.thread_time() - busy, time.perf_counter() - begun
        if number >= 0:
            times.append(taken * 1e3)
            worked.append(busy * 1e3)
            found += len(answer)
    return times, worked, found / QUESTIONS


def _questions(known: list[Refund]) -> dict[str, tuple[Callable[[], Question], float, float]]:
    def one() -> Refund:
        return _CHANCE.choice(known)

    def name() -> str:
        refund = one()
        names = (
            refund.id,
            refund.provider_reference,
            refund.original_reference,
            refund.order_reference,
        )
        return _CHANCE.choice([text for text in names if text])

    def ends(length: int) -> Callable[[], Question]:
        return lambda: _latest(text=tail(name())[:length][::-1])

    def page() -> Question:
        refund = one()
        return _latest(before=(refund.created_at, refund.id))

    page_, search = (95.0, PAGE_MS), (99.0, SEARCH_MS)
    return {
        "first page": (lambda: _latest(), *page_),
        "any page": (page, *page_),
        "what is open": (lambda: lambda journal: journal.open_refunds(), *page_),
        "a whole name": (lambda: _latest(text=name()), *search),
        "the last 3 characters": (ends(3), *search),
        "the last 4": (ends(4), *search),
        "the last 6": (ends(6), *search),
        "nothing": (lambda: _latest(text=f"?{_CHANCE.random()}"), *search),
        "an ending all have": (lambda: _latest(text="-nl"), *search),
        "a state": (lambda: _latest(state=one().state), *search),
        "a rare state": (lambda: _latest(state=RefundState.ATTENTION), *search),
        "an amount": (lambda: _latest(amount=one().amount), *search),
        "a terminal": (lambda: _latest(terminal=one().terminal), *search),
        "a day": (lambda: _latest(day=one().created_at.date()), *search),
        "day and amount": (
            lambda: _latest(day=one().created_at.date(), amount=one().amount),
            *search,
        ),
        "day and state": (
            lambda: _latest(day=one().created_at.date(), state=RefundState.FAILED),
            *search,
        ),
        "3 characters and amount": (
            lambda: _latest(text=tail(name())[:3][::-1], amount=one().amount),
            *search,
        ),
        "amount and terminal": (
            lambda: _latest(amount=one().amount, terminal=one().terminal),
            *search,
        ),
        "an ending all have, and amount": (
            lambda: _latest(text="-nl", amount=one().amount),
            *search,
        ),
        "3 characters and state": (
            lambda: _latest(text=tail(name())[:3][::-1], state=one().state),
            *search,
        ),
    }


def _latest(**asked: Any) -> Question:
    return lambda journal: journal.latest(limit=LINES + 1, **asked)


def fill(path: Path, number: int) -> list[Refund]:
    """Write so many refunds, fast and without any safety; return some of them."""
    SqliteJournal(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA cache_size = -400000")
    later = _without_indexes(connection)
    connection.execute("BEGIN")
    sample = []
    for refund in _refunds(number):
        connection.execute(statements.INSERT_REFUND, to_row(refund))
        connection.executemany(statements.INSERT_ENTRY, _steps(refund))
        # Not by counting: so many orders end alike, and the sample would be of those alone.
        if _CHANCE.randrange(max(1, number // 5000)) == 0:
            sample.append(refund)
    for sql in later:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.close()
    return sample


def _without_indexes(connection: sqlite3.Connection) -> list[str]:
    """Drop what is faster made afterwards, and return how."""
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in rows:
        connection.execute(f"DROP INDEX {name}")
    return [sql for _, sql in rows]


def _refunds(number: int) -> Iterator[Refund]:
    for count in range(number):
        at = _BEGIN + _SPAN * (count / number)
        digits = f"{at:%y%m%d%H%M%S}{_CHANCE.randrange(10000):04d}"
        short = "".join(_CHANCE.choices(_IDS, k=10))
        is_open = count > number - 20
        state = RefundState.ACCEPTED if is_open else _CHANCE.choice(_STATES)
        is_sent = state is not RefundState.NOT_SENT
        payment = f"T{digits}{_CHANCE.randrange(100):02d}.Y"
        yield a_refund(
            id=short,
            idempotency_reference=f"{_CHANCE.getrandbits(128):032x}",
            original_reference=payment,
            order_reference=f"{at:%Y}-{count:07d}{'-NL' if count % 50 == 0 else ''}",
            description=f"Order {at:%Y}-{count:07d} #{short}",
            marker=f"#{short}",
            amount=eur(f"{_price()}.{_CHANCE.choice((0, 50, 95, 99)):02d}"),
            terminal=_CHANCE.choice(_TERMINALS),
            body=_BODY % (payment.encode(), short.encode()),
            created_at=at,
            updated_at=at,
            first_sent_at=at,
            last_sent_at=at,
            lease_until=at,
            attempts=1,
            ordinal=1,
            state=state,
            verified=3,
            provider_reference=f"R{digits}.Y" if is_sent else None,
            facts=_FACTS if is_sent else {},
        )


def _price() -> int:
    """Half of the sales have one of a few prices."""
    return _CHANCE.choice((5, 10, 15, 20, *(_CHANCE.randrange(1, 300) for _ in range(4))))


_BODY = (
    b'{"reference":"%s","amount":"5.00","description":"Order #%s","method":"terminal","details":'
    b'{"terminalId":"1234536","managementSystemId":"GrundmasterNL","accessProtocol":"OPI_NL"}}'
)
_FACTS = {
    "type": "refund",
    "amount": "5.00",
    "currency": "EUR",
    "status": "SUCCESS",
    "created": "2026-11-20T12:00:00.000Z",
    "last_update": "2026-11-20T12:00:00.000Z",
    "method": "terminal",
    "brand": "VISA",
}


def _steps(refund: Refund) -> Iterator[dict[str, object]]:
    for rule in _STEPS:
        yield {
            "refund_id": refund.id,
            "at": time_text(refund.created_at),
            "rule": rule,
            "state": str(refund.state),
            "text": f"Decided at Desk 2: {refund.amount} of {refund.original_reference}.",
            "facts": to_json(refund.facts if rule in {"T4", "T14a"} else {}),
        }
