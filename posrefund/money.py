"""Money in whole minor units of one currency. There is no float anywhere near it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from posrefund.errors import Misused
from posrefund.sentence import Sentence

MAX_DIGITS = 12
"""Digits of an amount in total, of which two are decimals (CCV: refund request, `amount`)."""

_OTHER_DECIMALS = """
    BHD BIF CLF CLP CVE DJF GNF IQD ISK JOD JPY KMF KRW KWD LYD OMR PYG RWF TND UGX UYI UYW VND
    VUV XAF XOF XPF
"""
WITHOUT_CENTS = frozenset(_OTHER_DECIMALS.split())
"""ISO 4217 currencies that do not have exactly two decimals. Their cents would be guesswork."""

_TOO_LONG = Sentence(
    "an amount has at most {digits} digits, two of them decimals", digits=MAX_DIGITS
)
_PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]{1,2}))?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,' \u00a0\u202f][0-9]{3})+(?:[.,][0-9]*)?")


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency."""

    minor: int
    """Minor units: 5.00 EUR is 500."""
    currency: str
    """ISO 4217, three capitals."""

    def __post_init__(self) -> None:
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise Misused("a currency is three capital letters, such as EUR")
        if self.currency in WITHOUT_CENTS:
            raise Misused(
                "{currency} does not have two decimals, so it cannot be refunded here",
                currency=self.currency,
            )

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read an amount as a person types it: `5`, `5.00` and `5,00` are the same.

        Thousands separators are refused, never guessed at: in one country `1.000` is one and in
        the next a thousand (CCV certification C1F).

        Raises:
            Misused: If it is not exactly one positive amount. Nothing was sent.
        """
        typed = text.strip(" ")
        plain = _PLAIN.fullmatch(typed)
        if plain is None:
            raise Misused(_why_not(typed))
        whole, cents = plain.group(1), (plain.group(2) or "").ljust(2, "0")
        digits = whole.lstrip("0") + cents
        if len(digits) > MAX_DIGITS:
            raise Misused(_TOO_LONG)
        minor = int(digits)
        if minor == 0:
            raise Misused("the amount is zero; type how much to give back")
        return cls(minor, currency)

    @classmethod
    def from_decimal(cls, value: Decimal, currency: str) -> Self:
        """Take an exact decimal from the wire.

        Raises:
            Misused: If it has parts of a cent or too many digits.
        """
        if not value.is_finite() or abs(value) >= 10 ** (MAX_DIGITS - 2):
            raise Misused(_TOO_LONG)
        # In whole numbers: a Decimal's own arithmetic rounds to 28 digits.
        numerator, denominator = value.as_integer_ratio()
        minor, part_of_a_cent = divmod(numerator * 100, denominator)
        if part_of_a_cent:
            raise Misused("that is not an amount in whole cents")
        return cls(minor, currency.upper())

    @property
    def text(self) -> str:
        """The amount with a point and two decimals, as CCV wants it: `1000.00`."""
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{abs(self.minor) // 100}.{abs(self.minor) % 100:02d}"

    def __str__(self) -> str:
        return f"{self.currency} {self.text}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def percent(self, share: int) -> "Money":
        """`share` per cent of it, cut off to whole cents as CCV does: 120 % of 9.99 is 11.98."""
        return Money(self.minor * share // 100, self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise Misused(
                "{one} and {other} cannot be added or compared",
                one=self.currency,
                other=other.currency,
            )
        return other.minor


def zero(currency: str) -> Money:
    """No money, of that currency."""
    return Money(0, currency)


def _why_not(typed: str) -> Sentence:
    if not typed:
        return Sentence("the amount is empty; type how much to give back")
    if _GROUPED.fullmatch(typed):
        return Sentence(
            "the amount is ambiguous; write two decimals and no thousands separator: 1000.00"
        )
    if typed[0] in "-\u2212(":
        return Sentence("the amount is negative; a refund is written as a positive amount")
    if re.fullmatch(r"[0-9]+[.,][0-9]{3,}", typed):
        return Sentence("the amount has more than two decimals")
    if re.fullmatch(r"[.,][0-9]{1,2}", typed):
        return Sentence("the amount begins with a point or comma; write a zero before it: 0.50")
    return Sentence("the amount is not a number such as 12.50")
