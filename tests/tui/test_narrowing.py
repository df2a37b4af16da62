"""One line narrows a list: each word counts for what it can be."""

from datetime import date

import pytest

from posrefund.refund.model import RefundState
from posrefund.tui.narrowing import Narrowed, narrowed
from tests.support.builders import eur

TODAY = date(2026, 11, 20)
TERMINALS = ["Desk", "Desk 2", "Manager's phone"]


def read(line: str) -> Narrowed:
    return narrowed(line, today=TODAY, terminals=TERMINALS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", Narrowed()),
        ("   ", Narrowed()),
        ("today", Narrowed(day=TODAY)),
        ("Yesterday", Narrowed(day=date(2026, 11, 19))),
        ("2026-11-03", Narrowed(day=date(2026, 11, 3))),
        ("3-11-2025", Narrowed(day=date(2025, 11, 3))),
        ("3/11", Narrowed(day=date(2026, 11, 3))),
        ("24-12", Narrowed(day=date(2025, 12, 24))),
        ("31-02-2026", Narrowed(text="31-02-2026")),
        ("failed", Narrowed(state=RefundState.FAILED)),
        ("DONE", Narrowed(state=RefundState.SUCCEEDED)),
        ("49.90", Narrowed(amount=eur("49.90"))),
        ("49,90", Narrowed(amount=eur("49.90"))),
        ("\u20ac5", Narrowed(amount=eur("5.00"))),
        ("5", Narrowed(amount=eur("5.00"))),
        ("20.11", Narrowed(amount=eur("20.11"))),
        ("0.00", Narrowed(text="0.00")),
        ("100", Narrowed(text="100")),
        ("desk 2", Narrowed(terminal="Desk 2")),
        ("desk", Narrowed(terminal="Desk")),
        ("Desktop", Narrowed(text="Desktop")),
        ("760.Y", Narrowed(text="760.Y")),
        ("2026-0001", Narrowed(text="2026-0001")),
        ("Order 77 b", Narrowed(amount=eur("77.00"), text="Order b")),
        (
            "today failed 5.00 manager's PHONE 0001",
            Narrowed(
                day=TODAY,
                state=RefundState.FAILED,
                amount=eur("5.00"),
                terminal="Manager's phone",
                text="0001",
            ),
        ),
    ],
)
def test_each_word_counts_for_what_it_can_be(line: str, expected: Narrowed) -> None:
    assert read(line) == expected


def test_it_says_how_a_line_was_understood() -> None:
    assert read("").in_words() == "All refunds"
    said = read("today failed 5.00 desk 2 0001").in_words()
    assert said == "20 Nov 2026, failed, EUR 5.00, Desk 2, ends with 0001"


def test_what_cannot_be_anything_is_a_name_and_harmless() -> None:
    assert read("\x1b[2J").text == "\x1b[2J"
    assert "\x1b" not in read("\x1b[2J").in_words()
