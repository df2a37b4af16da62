"""Money and moments are written as each language writes them; Babel's CLDR is the witness."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_currency

from posrefund import language
from posrefund.cli.streams import Stream
from posrefund.figures import amount_text, moment_text
from posrefund.money import Money
from tests.cli.fakes import PlainAscii
from tests.language import LOCALES

AMOUNTS = (0, 1, 99, 1250, 99_999, 100_000, 123_456_789, -1250, -101_250)


@pytest.mark.parametrize("currency", ["EUR", "CHF"])
@pytest.mark.parametrize("minor", AMOUNTS)
@pytest.mark.parametrize("code", LOCALES)
def test_money_is_written_as_cldr_says(code: str, minor: int, currency: str) -> None:
    language.use(code)
    expected = format_currency(Decimal(minor) / 100, currency, locale=LOCALES[code])

    assert amount_text(Money(minor, currency)) == expected


@pytest.mark.parametrize("code", LOCALES)
def test_an_amount_is_never_broken_over_two_lines(code: str) -> None:
    language.use(code)

    assert " " not in amount_text(Money(123_456_789, "EUR"))


@pytest.mark.parametrize(
    ("code", "locale", "length"),
    [
        ("eng", "en_GB", "short"),
        ("nld", "nl", "short"),
        ("deu", "de", "medium"),
        ("fra", "fr", "short"),
    ],
)
def test_a_day_is_written_as_cldr_says(code: str, locale: str, length: str) -> None:
    language.use(code)
    at = datetime(2026, 3, 4, 12, 5, tzinfo=UTC)
    day = format_date(at.astimezone().date(), length, locale=locale)  # type: ignore[arg-type]

    assert moment_text(at) == f"{day} {at.astimezone():%H:%M}"


def test_a_stream_without_the_sign_still_names_the_currency() -> None:
    language.use("deu")
    out = PlainAscii()

    Stream(out).write(f"{amount_text(Money(1250, 'EUR'))} für Sie")

    assert out.getvalue() == "12,50 EUR f?r Sie"
