"""Lists and searches: the same answer from every journal, and never by reading all of it."""

import itertools
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posrefund.journal import listing, statements
from posrefund.journal.listing import CROWDED, OF_AMOUNT, Listing
from posrefund.journal.memory import MemoryJournal
from posrefund.journal.rows import TAILS
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import Refund, RefundState
from posrefund.refund.ports import Journal
from tests.support.builders import NOON, a_refund, an_entry, eur

DONE, FAILED = RefundState.SUCCEEDED, RefundState.FAILED


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    opened: Journal = (
        MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.db")
    )
    yield opened
    opened.close()


def put(journal: Journal, number: int, **changes: object) -> Refund:
    """A refund of its own payment, a minute after the one before, finished."""
    state = changes.pop("state", DONE)
    reference = changes.pop("provider_reference", f"R2511211403{number:05d}.Y")
    own = {
        "id": f"ID{number:08d}",
        "idempotency_reference": f"key-{number}",
        "original_reference": f"T1505181754{number:06d}.Y",
        "order_reference": f"2026-{number:04d}",
        "created_at": NOON + timedelta(minutes=number),
    }
    opened = journal.open_case(a_refund(**(own | changes)), an_entry())
    moved = replace(opened, state=state, provider_reference=reference, owner=None)
    return journal.record(moved, None)


def ids(found: list[Refund]) -> list[str]:
    return [refund.id for refund in found]


@pytest.mark.parametrize(
    "text",
    [
        "ID00000007",
        "id00000007",
        "0007",
        "R251121140300007.Y",
        "r251121140300007",
        "300007.Y",
        "T1505181754000007.Y",
        "4000007",
        "2026-0007",
        "26-0007",
        " 2026-0007 ",
    ],
)
def test_a_refund_is_found_by_each_of_its_names_or_the_end_of_one(
    journal: Journal, text: str
) -> None:
    for number in (5, 7, 9):
        put(journal, number)

    assert ids(journal.latest(limit=9, text=text)) == ["ID00000007"]


@pytest.mark.parametrize("text", ["07", "7.Y", "2026", "T1505181754", "ID0000000", "%07", "_07"])
def test_two_characters_or_a_beginning_find_nothing(journal: Journal, text: str) -> None:
    put(journal, 7)

    assert journal.latest(limit=9, text=text) == []


def test_a_short_name_is_found_as_a_whole_only(journal: Journal) -> None:
    put(journal, 1, order_reference="7")
    put(journal, 2, order_reference="77")

    assert ids(journal.latest(limit=9, text="7")) == ["ID00000001"]


def test_a_refund_that_ccv_has_not_named_is_found_by_the_others(journal: Journal) -> None:
    put(journal, 1, provider_reference=None, order_reference=None, state=RefundState.NOT_SENT)

    assert ids(journal.latest(limit=9, text="000001")) == ["ID00000001"]
    assert journal.latest(limit=9, text="None") == []


def test_what_fits_several_comes_newest_first_once_each_and_pages_on(journal: Journal) -> None:
    for number in (1, 2, 3, 4):
        put(journal, number, order_reference=f"{number}-SAME", original_reference=f"P{number}-SAME")

    page = journal.latest(limit=3, text="same")
    rest = journal.latest(limit=3, text="same", before=(page[-1].created_at, page[-1].id))

    assert ids(page) == ["ID00000004", "ID00000003", "ID00000002"]
    assert ids(rest) == ["ID00000001"]


def test_everything_asked_for_must_be_true(journal: Journal) -> None:
    put(journal, 1, amount=eur("7.00"), terminal="Door", state=FAILED)
    put(journal, 2, amount=eur("7.00"), terminal="Desk 2")
    put(journal, 3, amount=eur("7.01"), terminal=None)

    assert ids(journal.latest(limit=9, amount=eur("7.00"))) == ["ID00000002", "ID00000001"]
    assert ids(journal.latest(limit=9, terminal="DOOR")) == ["ID00000001"]
    assert ids(journal.latest(limit=9, terminal="desk 2", amount=eur("7.00"))) == ["ID00000002"]
    assert ids(journal.latest(limit=9, text="0001", state=FAILED)) == ["ID00000001"]
    assert journal.latest(limit=9, text="0001", state=DONE) == []
    assert journal.latest(limit=9, text="0001", terminal="Desk 2") == []


def test_another_currency_is_another_amount(journal: Journal) -> None:
    put(journal, 1, amount=replace(eur("7.00"), currency="CHF"))

    assert journal.latest(limit=9, amount=eur("7.00")) == []


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be set here")
def test_a_day_is_a_day_on_the_clock_on_the_wall(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    try:
        # The night the clocks went back: a day of 25 hours.
        before = datetime(2026, 10, 24, 21, 59, tzinfo=UTC)
        for number, at in enumerate([before, before + timedelta(minutes=1)]):
            put(journal, number, created_at=at)
            put(journal, number + 5, created_at=at + timedelta(hours=25))

        found = journal.latest(limit=9, day=date(2026, 10, 25))
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()

    assert ids(found) == ["ID00000005", "ID00000001"]


def test_a_name_that_all_have_is_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posrefund.journal.sqlite.CROWD", 3)
    monkeypatch.setattr(
        "posrefund.journal.sqlite.CROWDED", CROWDED.replace(f"LIMIT {listing.CROWD}", "LIMIT 3")
    )
    journal = SqliteJournal(tmp_path / "journal.db")
    for number in range(6):
        put(journal, number, order_reference=f"{number}-NL", state=FAILED if number == 2 else DONE)
        put(journal, number + 6, order_reference=f"{number}-ANL")

    page = journal.latest(limit=4, text="-anl")
    assert ids(page) == ["ID00000011", "ID00000010", "ID00000009", "ID00000008"]
    rest = journal.latest(limit=4, text="-anl", before=(page[-1].created_at, page[-1].id))
    assert ids(rest) == ["ID00000007", "ID00000006"]
    assert journal.latest(limit=4, text="-anl", state=FAILED) == []
    journal.close()


def test_three_characters_that_all_have_are_found_newest_first(journal: Journal) -> None:
    for number in range(6):
        put(journal, number, order_reference=f"{number}-NL", state=FAILED if number == 2 else DONE)

    page = journal.latest(limit=4, text="-nl")
    assert ids(page) == [f"ID0000000{number}" for number in (5, 4, 3, 2)]
    rest = journal.latest(limit=4, text="-nl", before=(page[-1].created_at, page[-1].id))
    assert ids(rest) == ["ID00000001", "ID00000000"]
    assert ids(journal.latest(limit=4, text="-nl", state=FAILED)) == ["ID00000002"]
    assert journal.latest(limit=4, text="-nl", state=FAILED, amount=eur("1.00")) == []


def test_refunds_of_one_moment_come_by_their_ids_and_none_is_missed(journal: Journal) -> None:
    for number in (3, 1, 2, 4):
        put(journal, number, order_reference=f"{number}-NL", created_at=NOON)

    pages, before = [], None
    while found := journal.latest(limit=1, text="-nl", before=before):
        pages += ids(found)
        before = (found[-1].created_at, found[-1].id)

    assert pages == ["ID00000004", "ID00000003", "ID00000002", "ID00000001"]


NAMES = st.text(alphabet="aAbB.yY-1\u00e9", min_size=1, max_size=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, min_size=1, max_size=6), texts=st.lists(NAMES, max_size=6))
@pytest.mark.parametrize("few", [0, listing.FEW], ids=["by the name", "by the amount"])
def test_both_journals_find_the_same(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    names: list[str],
    texts: list[str],
) -> None:
    monkeypatch.setattr("posrefund.journal.sqlite.FEW", few)
    path = tmp_path / "same.db"
    path.unlink(missing_ok=True)
    memory, sqlite = MemoryJournal(), SqliteJournal(path)
    for number, name in enumerate(names):
        for journal in (memory, sqlite):
            amount, state = eur(f"{5 + number % 2}.00"), (DONE, FAILED)[number % 3 == 0]
            put(journal, number, order_reference=name, amount=amount, state=state)
    for text in [*texts, *names, *(name[-3:] for name in names)]:
        for more in ({}, {"amount": eur("5.00")}, {"amount": eur("6.00"), "state": FAILED}):
            asked = {"limit": 2, "text": text, **more}
            assert sqlite.latest(**asked) == memory.latest(**asked), asked
    sqlite.close()


# -- no query plan reads a table ---------------------------------------------------------------

EVERY_STATEMENT = {
    name: text
    for name, text in vars(statements).items()
    if isinstance(text, str) and name != "SELECT" and text.split()[0] in {"SELECT", "UPDATE"}
}
FILTERS = {
    "day": NOON.date(),
    "state": FAILED,
    "amount": eur("5.00"),
    "terminal": "Desk 2",
    "before": (NOON, "ID"),
}
FILTERED = [
    dict(chosen)
    for number in range(len(FILTERS) + 1)
    for chosen in itertools.combinations(FILTERS.items(), number)
]
OF_FEW = {"SCAN refund USING INDEX open_refund", "SCAN refund USING INDEX unsettled_refund"}
"""Partial indexes: they hold what is open or in doubt, whatever the size of the journal."""


class _Anything(dict):
    """Binds every name."""

    def __missing__(self, name: str) -> str:
        return "1"


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    journal = SqliteJournal(tmp_path_factory.mktemp("plans") / "journal.db")
    yield journal._connection
    journal.close()


def plan(connection: sqlite3.Connection, sql: str) -> list[str]:
    rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", _Anything()).fetchall()
    return [row["detail"] for row in rows]


def scans(steps: list[str]) -> list[str]:
    tables = ("SCAN refund", "SCAN entry", "SCAN TABLE")
    return [step for step in steps if step.startswith(tables) and step not in OF_FEW]


@pytest.mark.parametrize("name", EVERY_STATEMENT)
def test_no_statement_reads_a_whole_table(connection: sqlite3.Connection, name: str) -> None:
    assert scans(plan(connection, EVERY_STATEMENT[name])) == []


@pytest.mark.parametrize("filters", FILTERED, ids=lambda chosen: "+".join(chosen) or "all")
def test_no_list_reads_or_sorts_a_whole_table(
    connection: sqlite3.Connection, filters: dict[str, object]
) -> None:
    steps = plan(connection, Listing(limit=9, **filters).statement(crowded=False))

    assert scans(steps) == []
    assert [step for step in steps if "TEMP B-TREE" in step] == []


@pytest.mark.parametrize("filters", FILTERED, ids=lambda chosen: "+".join(chosen) or "all")
@pytest.mark.parametrize("text", ["07", "007", "0007"])
@pytest.mark.parametrize("crowded", [False, True])
def test_no_search_reads_a_whole_table(
    connection: sqlite3.Connection, filters: dict[str, object], crowded: bool, text: str
) -> None:
    steps = plan(connection, Listing(limit=9, text=text, **filters).statement(crowded=crowded))

    assert scans(steps) == []
    assert scans(plan(connection, CROWDED)) == []


@pytest.mark.parametrize("filters", FILTERED, ids=lambda chosen: "+".join(chosen) or "all")
def test_a_name_among_the_refunds_of_a_rare_amount_is_looked_for_in_indexes_alone(
    connection: sqlite3.Connection, filters: dict[str, object]
) -> None:
    rare = Listing(limit=9, text="0007", **(filters | {"amount": eur("5.00")}))
    steps = plan(connection, rare.statement(crowded=False, few=True))

    assert [step for step in steps if step.startswith("SEARCH asked")] == [
        "SEARCH asked USING COVERING INDEX refund_of_amount"
        " (amount_minor=? AND moment>? AND (moment,id)<(?,?))"
    ]
    exact = "_end (<expr>=? AND moment=? AND amount_minor=? AND rowid=?)"
    assert len([step for step in steps if step.endswith(exact)]) == len(TAILS)
    assert scans(plan(connection, OF_AMOUNT)) == []


def test_a_search_reads_the_names_from_indexes_alone(connection: sqlite3.Connection) -> None:
    steps = plan(connection, Listing(limit=9, text="0007").statement(crowded=False))

    covering = [step for step in steps if "USING COVERING INDEX refund_by_" in step]
    assert len(covering) == len(TAILS)


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "refund_by_{}_end (<expr>=? AND moment>? AND moment<?)"),
        ({"state": DONE}, "refund_by_{}_end (<expr>=? AND moment>? AND moment<?)"),
        ({"state": FAILED}, "unusual_by_{}_end (<expr>=? AND state=? AND moment>? AND moment<?)"),
    ],
    ids=["all", "done", "failed"],
)
@pytest.mark.parametrize("text", ["007", "0007"])
def test_what_many_share_is_read_newest_first_and_no_further_than_the_page(
    connection: sqlite3.Connection, filters: dict[str, object], index: str, text: str
) -> None:
    steps = plan(connection, Listing(limit=9, text=text, **filters).statement(crowded=True))

    for name in ("id", "provider", "original", "order"):
        expected = f"SEARCH refund USING INDEX {index.format(name)}"
        assert [step for step in steps if step == expected], steps


def test_the_entries_of_a_refund_come_in_order_without_sorting(
    connection: sqlite3.Connection,
) -> None:
    assert plan(connection, statements.ENTRIES) == [
        "SEARCH entry USING INDEX entry_of_refund (refund_id=?)"
    ]


def test_the_refunds_of_a_payment_are_found_by_its_tail(connection: sqlite3.Connection) -> None:
    assert plan(connection, statements.OF_PAYMENT) == [
        "SEARCH refund USING INDEX refund_by_original_tail (original_tail=?)",
        "USE TEMP B-TREE FOR ORDER BY",  # of the refunds of one payment
    ]


@pytest.mark.parametrize("journal", ["sqlite"], indirect=True)
def test_payments_whose_names_end_alike_are_not_mixed_up(journal: Journal) -> None:
    for number, reference in enumerate(["T7.Y", "t7.Y", "T7.A", "T7"]):
        put(journal, number, original_reference=reference)

    for number, reference in enumerate(["T7.Y", "t7.Y", "T7.A", "T7"]):
        found = journal.of_payment(a_refund().environment, reference)
        assert ids(found) == [f"ID0000000{number}"]
