"""Reads what was typed. What cannot be understood is refused before anything is asked or sent."""

import re
from datetime import date

from posrefund.errors import Misused
from posrefund.money import Money
from posrefund.refund.model import Payout
from posrefund.scan import why_not_looked_up
from posrefund.sentence import Sentence

_REFERENCE = re.compile(r"[A-Za-z0-9._~:+=-]{1,255}")
_NEW_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ANY_CURRENCY = "EUR"
_LONGEST_TEXT = 255


def reference(text: str) -> str:
    """Return an id of ours or a reference of CCV's.

    Raises:
        Misused: If it can be neither.
    """
    if not _REFERENCE.fullmatch(text):
        raise Misused("an id or reference has 1 to 255 letters, digits and . _ ~ : + = -")
    return text


def payment(text: str) -> str:
    """Return what is to be looked up at CCV, as it was typed.

    Raises:
        Misused: If it looks like a card number or an API key, which go nowhere.
    """
    refusal = why_not_looked_up(text)
    if refusal is not None:
        raise Misused(refusal.value)
    return text


def new_id(text: str) -> str:
    """Return a name for a decision.

    Raises:
        Misused: If it cannot be one.
    """
    if not _NEW_ID.fullmatch(text):
        raise Misused(
            "an id has 1 to 64 letters, digits and . _ : - and begins with a letter or digit"
        )
    return text


def check_amount(text: str) -> None:
    """Refuse what is no amount, before the payment, and so its currency, is known.

    Raises:
        Misused: If it is not exactly one positive amount.
    """
    Money.parse(text, _ANY_CURRENCY)


def payout(text: str, currency: str = _ANY_CURRENCY) -> Payout:
    """Return the part of a sub-merchant: `REF=AMOUNT`. CCV may know a lone one without REF.

    Raises:
        Misused: If it is not of that form.
    """
    name, separator, amount = text.rpartition("=")
    if not separator:
        raise Misused("a payout is written REF=AMOUNT, as M1=5.00")
    return Payout(external_reference=name or None, amount=Money.parse(amount, currency))


def line(text: str, what: Sentence) -> str:
    """Return one line of text for CCV.

    Args:
        text: What was typed.
        what: The name of it, which begins the complaint.

    Raises:
        Misused: If it is too long or could not be printed.
    """
    if len(text) > _LONGEST_TEXT or not text.isprintable():
        raise Misused(
            "{what} has at most {longest} characters, no control characters",
            what=what,
            longest=_LONGEST_TEXT,
        )
    return text


def day(text: str, today: date) -> date:
    """Return a day: `today` or as 2026-11-20.

    Raises:
        Misused: If there is no such day.
    """
    if text == "today":
        return today
    try:
        # The pattern, because newer Pythons read other forms, such as 2026W47.
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise Misused("a day is written as 2026-11-20, or today") from None
