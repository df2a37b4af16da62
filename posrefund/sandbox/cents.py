"""Amounts of the pretend CCV: whole cents inside, decimals with two places on the wire."""

import re
from decimal import Decimal

from posrefund.sandbox.refusal import Refusal

MAX_DIGITS = 12
"""Digits of an amount in total, of which at most two are decimals (refund reference, `amount`)."""

_AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]{1,2}))?")


def as_number(cents: int) -> Decimal:
    """Give the amount as CCV writes it in JSON: a number with two decimals, `5.00`."""
    return Decimal(cents).scaleb(-2)


def as_text(cents: int) -> str:
    """Give the amount as text with two decimals, for messages and pages."""
    return f"{as_number(cents):.2f}"


def read_amount(value: object, field: str = "amount") -> int:
    """Read a positive amount from JSON, number or string, and return it in cents.

    Raises:
        Refusal: If it is not a plain amount of at most 12 digits with at most two decimals.
    """
    # An exponent of a billion is short to send and long to write out.
    if isinstance(value, Decimal) and abs(value.adjusted()) <= MAX_DIGITS:
        text = f"{value:f}"
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        text = str(value)
    else:
        text = ""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise Refusal.of_field(field, "must be an amount with at most two decimals, such as 12.50")
    whole, part = found.group(1), found.group(2) or ""
    if len(whole) + len(part) > MAX_DIGITS:
        raise Refusal.of_field(field, f"has more than {MAX_DIGITS} digits")
    cents = int(whole) * 100 + int(part.ljust(2, "0"))
    if cents == 0:
        raise Refusal.of_field(field, "must be more than zero")
    return cents
