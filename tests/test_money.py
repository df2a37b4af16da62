"""Amounts: exact, unambiguous, and never a float."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrefund.errors import Misused
from posrefund.money import WITHOUT_CENTS, Money, zero

LARGEST = 999_999_999_999


def euros(minor):
    return Money(minor, "EUR")


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("5", 500),
        ("5.00", 500),
        ("5,00", 500),
        ("5.0", 500),
        ("12,50", 1250),
        ("12.50", 1250),
        ("0.01", 1),
        ("0,10", 10),
        ("007", 700),
        ("1000", 100_000),
        ("1000,00", 100_000),
        ("1000.00", 100_000),
        (" 12.50 ", 1250),
        ("9999999999.99", LARGEST),
        ("0" * 50 + "1", 100),
    ],
)
def test_an_amount_is_read_as_it_is_typed(typed, minor):
    assert Money.parse(typed, "EUR") == euros(minor)


@pytest.mark.parametrize("typed", ["1.000", "1,000", "1.000,00", "1 000", "1'000", "1\u00a0000"])
def test_a_thousands_separator_is_refused_with_a_hint_and_never_guessed_at(typed):
    with pytest.raises(Misused, match=r"ambiguous.*1000\.00"):
        Money.parse(typed, "EUR")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("0", "zero"),
        ("0.00", "zero"),
        ("-5", "negative"),
        ("\u22125", "negative"),
        ("(5)", "negative"),
        ("1.234,56", "ambiguous"),
        ("1,234.56", "ambiguous"),
        ("1234.567", "more than two decimals"),
        ("12.5055", "more than two decimals"),
        ("1e3", "not a number"),
        ("+5", "not a number"),
        ("5.", "not a number"),
        (".5", r"zero before it: 0\.50"),
        (",50", r"zero before it: 0\.50"),
        ("1 0", "not a number"),
        ("5\n", "not a number"),
        ("\t5", "not a number"),
        ("\uff15", "not a number"),
        ("\u0665", "not a number"),
        ("\u00b2", "not a number"),
        ("NaN", "not a number"),
        ("Infinity", "not a number"),
        ("0x10", "not a number"),
        ("1_000", "not a number"),
        ("12.50 EUR", "not a number"),
        ("\u20ac5", "not a number"),
        ("5\x1b[2J", "not a number"),
        ("1" * 30, "at most 12 digits"),
        ("10000000000.00", "at most 12 digits"),
    ],
)
def test_anything_else_is_refused_and_the_reason_is_said(typed, why):
    with pytest.raises(Misused, match=why):
        Money.parse(typed, "EUR")


def test_five_thousand_zeros_are_no_crash():
    assert Money.parse("0" * 5000 + "1", "EUR") == euros(100)


@pytest.mark.parametrize("currency", ["", "EU", "EURO", "eur", "E\u00dcR", "E1R", "E R"])
def test_a_currency_is_three_capitals(currency):
    with pytest.raises(Misused):
        Money(1, currency)


@pytest.mark.parametrize("currency", sorted(WITHOUT_CENTS))
def test_a_currency_without_two_decimals_is_refused(currency):
    with pytest.raises(Misused, match=currency):
        Money.parse("5", currency)


@pytest.mark.parametrize(
    ("value", "minor"),
    [("5", 500), ("5.00", 500), ("5.000", 500), ("0", 0), ("-3.10", -310), ("5E+2", 50_000)],
)
def test_an_exact_decimal_of_the_wire_is_taken(value, minor):
    assert Money.from_decimal(Decimal(value), "eur") == euros(minor)


@pytest.mark.parametrize(
    "value", ["0.001", "NaN", "sNaN", "Infinity", "-Infinity", "1E+400", "1E-400", "10000000000"]
)
def test_a_decimal_that_is_no_amount_is_refused(value):
    with pytest.raises(Misused):
        Money.from_decimal(Decimal(value), "EUR")


def test_a_part_of_a_cent_beyond_the_precision_of_decimal_is_still_seen():
    with pytest.raises(Misused):
        Money.from_decimal(Decimal("1." + "0" * 40 + "1"), "EUR")


def test_text_has_a_point_two_decimals_and_no_separator():
    assert euros(100_000).text == "1000.00"
    assert euros(1).text == "0.01"
    assert euros(-5).text == "-0.05"
    assert str(euros(500)) == "EUR 5.00"


def test_more_than_the_original_is_cut_to_the_cent_as_ccv_does():
    assert euros(999).percent(120) == euros(1198)
    assert euros(1).percent(120) == euros(1)


def test_two_currencies_never_meet():
    for meet in (
        lambda: euros(1) + Money(1, "USD"),
        lambda: euros(1) - Money(1, "USD"),
        lambda: euros(1) < Money(1, "USD"),
        lambda: euros(1) >= Money(1, "USD"),
    ):
        with pytest.raises(Misused, match="cannot be added or compared"):
            meet()


def test_money_adds_subtracts_and_compares():
    assert euros(1) + euros(2) == euros(3)
    assert euros(1) - euros(2) == euros(-1)
    assert euros(1) < euros(2) <= euros(2)
    assert euros(2) > euros(1)
    assert zero("EUR") == euros(0)


@given(st.integers(min_value=1, max_value=LARGEST))
def test_text_and_amount_are_the_same_thing(minor):
    amount = euros(minor)
    assert Money.parse(amount.text, "EUR") == amount
    assert Money.parse(amount.text.replace(".", ","), "EUR") == amount
    assert Money.from_decimal(Decimal(amount.text), "EUR") == amount


@given(st.text(alphabet="0123456789.,' -+eE", max_size=20))
def test_what_is_read_says_the_digits_that_were_typed(typed):
    try:
        amount = Money.parse(typed, "EUR")
    except Misused:
        return
    assert Decimal(typed.strip(" ").replace(",", ".")) == Decimal(amount.text)


@given(st.text())
def test_any_text_at_all_is_an_amount_or_refused(typed):
    try:
        amount = Money.parse(typed, "EUR")
    except Misused:
        return
    assert amount.minor > 0
