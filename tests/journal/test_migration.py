"""A journal of an earlier version is brought to the newest schema and loses nothing."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from posrefund.journal.migrate import migrations
from posrefund.journal.rows import DERIVED, to_row
from posrefund.journal.sqlite import APPLICATION_ID, SqliteJournal, _statements
from posrefund.refund.model import Refund
from tests.support.builders import NOON, a_refund


@pytest.mark.parametrize("schema", range(1, len(migrations())))
def test_a_journal_of_an_earlier_schema_is_searched_like_a_new_one(
    tmp_path: Path, schema: int
) -> None:
    old = tmp_path / "old.db"
    kept = _journal_of_before(old, schema)

    journal = SqliteJournal(old)

    for refund in kept:
        assert journal.get(refund.id) == refund
        expected = to_row(refund)
        row = journal._connection.execute("SELECT * FROM refund WHERE id = ?", (refund.id,))
        found = dict(row.fetchone())
        assert {name: found[name] for name in DERIVED} == {name: expected[name] for name in DERIVED}
        assert journal.of_payment(refund.environment, refund.original_reference) == [refund]
    assert journal.latest(limit=9, text="2026-0001") == [kept[1]]
    assert len(journal.entries(kept[0].id)) == 1
    journal.close()


@pytest.mark.parametrize("schema", range(1, len(migrations())))
def test_a_migrated_journal_has_the_schema_of_a_new_one(tmp_path: Path, schema: int) -> None:
    _journal_of_before(tmp_path / "old.db", schema)
    schemas = []
    for name in ("old.db", "new.db"):
        journal = SqliteJournal(tmp_path / name)
        rows = journal._connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 2")
        schemas.append([tuple(row) for row in rows])
        journal.close()

    assert schemas[0] == schemas[1]


def _journal_of_before(path: Path, schema: int) -> list[Refund]:
    """Make a journal as an earlier version left it, and return what must be in it afterwards."""
    refunds = [
        a_refund(id="CASE.A.b", original_reference="T1505181754007760.Y", order_reference=None),
        a_refund(
            id="SECOND",
            idempotency_reference="second",
            original_reference="t1505É.1",
            provider_reference="R1.Z",
            order_reference="2026-0001.X",
            created_at=NOON + timedelta(microseconds=999_999),
            facts={"merchant_order_reference": "2026-0001.X"},
        ),
        a_refund(
            id=".y",
            idempotency_reference="third",
            original_reference="OTHER",
            order_reference=None,
            facts={"merchant_order_reference": 5},
        ),
    ]
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in _statements(migrations()[0][1]):
        connection.execute(statement)
    connection.execute("PRAGMA user_version = 1")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for refund in refunds:
        row = to_row(refund)
        names = [name for name in row if name not in {*DERIVED, "order_reference"}]
        bound = ", ".join(f":{name}" for name in names)
        sql = f"INSERT INTO refund ({', '.join(names)}) VALUES ({bound})"  # noqa: S608
        connection.execute(sql, row)
        connection.execute(
            "INSERT INTO entry (refund_id, at, rule, state, text, facts)"
            " VALUES (?, '2026-11-20T12:00:00+00:00', 'T1', 'intent', 'Decided.', '{}')",
            (refund.id,),
        )
    for number, script in migrations()[1:schema]:
        for statement in _statements(script):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    connection.close()
    path.chmod(0o600)
    return refunds
