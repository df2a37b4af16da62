"""What a scanner or a person put into the search box, made fit to be looked up. Pure."""

import re
import unicodedata
from enum import Enum

from posrefund.language import N_

_AIM_PREFIX = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
"""Some scanners put the kind of the code in front: `]C1`."""
_SEPARATED_DIGITS = re.compile(r"(?=[3-6]|2[2-7])[0-9](?:[ -]?[0-9]){12,18}")
"""As the numbers of the cards a terminal takes begin, and no order that begins with its year."""
_API_KEY = re.compile(r"[lt]_[A-Za-z0-9_-]{10,}")
_MAGNETIC_STRIPE = re.compile(r"(?:%?[A-Z]|;)[0-9]{12,19}[=^].*", re.DOTALL)
"""What a card reader that poses as a keyboard types: both tracks begin like this."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def cleaned(text: str) -> tuple[str, int]:
    """Return the text without what scanners wrap around it, and how many characters that were."""
    shown = "".join(char for char in text if unicodedata.category(char) not in _HIDDEN)
    wanted = _AIM_PREFIX.sub("", shown.strip(" "))
    return wanted.strip(" "), len(text) - len(wanted)


class Refusal(Enum):
    """Why something is neither looked up nor kept: sentences, looked up where they are shown."""

    CARD = N_(
        "That looks like a card number, so it was not sent anywhere and not kept."
        " Scan the receipt, or type the reference or the order."
    )
    KEY = N_("That looks like an API key, so it was not sent anywhere and not kept.")


def why_not_looked_up(text: str) -> Refusal | None:
    """Return why this is neither looked up nor kept, or None when it may be."""
    if _SEPARATED_DIGITS.fullmatch(text) and _passes_luhn(text):
        return Refusal.CARD
    if _MAGNETIC_STRIPE.match(text):
        return Refusal.CARD
    if _API_KEY.fullmatch(text):
        return Refusal.KEY
    return None


def _passes_luhn(text: str) -> bool:
    digits = [int(char) for char in reversed(text) if char.isdigit()]
    total = sum(digits[0::2])
    for digit in digits[1::2]:
        total += digit * 2 - 9 * (digit > 4)
    return total % 10 == 0
