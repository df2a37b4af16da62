"""An export leaves nothing out, and nothing in it is run by a spreadsheet."""

import csv
import io
from datetime import date, timedelta

import pytest

from posrefund.journal.memory import MemoryJournal
from posrefund.refund.model import Environment, RefundState
from posrefund.report.rows import COLUMNS, PAGE, Totals, csv_line, refunds_of, row_of
from tests.support.builders import NOON, a_refund, a_sent_refund, an_entry, eur

TODAY = NOON.date()


def journal_of(count: int, *, gap: timedelta) -> MemoryJournal:
    journal = MemoryJournal()
    for number in range(count):
        refund = a_refund(
            id=f"R{number:05}",
            idempotency_reference=f"I{number}",
            original_reference=f"P{number}",
            created_at=NOON + number * gap,
        )
        journal.open_case(refund, an_entry())
    return journal


def read_back(line: str) -> list[str]:
    (cells,) = csv.reader(io.StringIO(line))
    return cells


def test_every_refund_of_the_days_is_there_once_the_oldest_first() -> None:
    journal = journal_of(PAGE * 2 + 7, gap=timedelta(minutes=2))
    last = TODAY + timedelta(days=1)
    found = [refund.id for refund in refunds_of(journal, first=TODAY, last=last)]
    assert found == sorted(found)
    assert len(set(found)) == PAGE * 2 + 7


def test_only_the_days_that_were_asked_for_are_there() -> None:
    journal = journal_of(5, gap=timedelta(days=1))
    days = TODAY + timedelta(days=1), TODAY + timedelta(days=3)
    found = [refund.id for refund in refunds_of(journal, first=days[0], last=days[1])]
    assert found == ["R00001", "R00002", "R00003"]
    assert list(refunds_of(journal, first=date(2020, 1, 1), last=date(2020, 2, 1))) == []


def test_the_columns_are_the_keys() -> None:
    assert tuple(row_of(a_refund())) == COLUMNS


def test_an_amount_is_text_and_whole_cents_and_a_time_is_utc() -> None:
    row = row_of(a_refund(amount=eur("1000.05")))
    assert (row["amount"], row["amount_minor"], row["currency"]) == ("1000.05", 100005, "EUR")
    assert row["created_at"] == "2026-11-20T12:00:00.000+00:00"
    assert row["day"] == NOON.astimezone().date().isoformat()


@pytest.mark.parametrize("state", RefundState)
def test_every_state_says_what_happened_to_the_money(state: RefundState) -> None:
    refund = a_sent_refund(state, closed_as="executed" if state is RefundState.CLOSED else None)
    row = row_of(refund)
    assert (row["state"], row["money_moved"]) == (state, refund.money_moved)


SIGNS = ["=", "+", "-", "@", "\t=", "\r=", "\0=", "\uff1d", "\uff0b", "\uff0d", "\uff20", " ="]


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_no_cell_begins_like_a_formula(sign: str) -> None:
    (cell,) = read_back(csv_line([f"{sign}cmd|' /C calc'!A0"]))
    begin = cell.lstrip(" \u00b7")
    assert not begin.startswith(tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")) or cell[0] == "\u00b7"


@pytest.mark.parametrize("text", ["x;=1+1", "x; @SUM(A1)", ";-1"])
def test_nor_where_a_spreadsheet_splits_at_semicolons(text: str) -> None:
    (cell,) = read_back(csv_line([text]))
    assert not any(part.strip().startswith(tuple("=+-@")) for part in cell.split(";"))


@pytest.mark.parametrize("text", ['a "b", c', "caf\u00e9; x", "'", "a=b", "5-3"])
def test_other_text_comes_back_as_it_was(text: str) -> None:
    assert read_back(csv_line([text, 5, None, True])) == [text, "5", "", "true"]


def test_a_line_stays_one_line() -> None:
    assert "\n" not in csv_line(["a\r\nb\x1b[31m"])


def test_totals_never_mix_what_may_not_be_added_up() -> None:
    totals = Totals()
    for refund in (
        a_sent_refund(RefundState.SUCCEEDED),
        a_sent_refund(RefundState.SUCCEEDED, amount=eur("7.00")),
        a_sent_refund(RefundState.SUCCEEDED, environment=Environment.LIVE),
        a_sent_refund(RefundState.SUCCEEDED, alarm="CCV now says failed."),
        a_sent_refund(RefundState.UNKNOWN),
        a_sent_refund(RefundState.CLOSED, closed_as="executed"),
        a_sent_refund(RefundState.CLOSED, closed_as="not executed"),
    ):
        totals.add(refund)
    assert sorted(amount.text for amount in totals.sums.values()) == ["12.00", *["5.00"] * 5]
    assert (totals.rows, totals.undecided) == (7, 2)
