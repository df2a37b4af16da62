"""Money and moments as the language of the counter writes them (CLDR), for people to read.

What a script or CCV reads is written elsewhere and never depends on the language.
"""

from dataclasses import dataclass
from datetime import datetime

from posrefund.language import current
from posrefund.money import Money

_SPACE = "\u00a0"
"""One that no line is broken at."""
_THIN_SPACE = "\u202f"


@dataclass(frozen=True, slots=True)
class _Style:
    group: str
    """Between thousands."""
    decimal: str
    amount: str
    """Where sign, currency and digits go."""
    moment: str
    """Day and time of day, for `strftime`."""


_STYLES = {
    "eng": _Style(",", ".", "{minus}{currency}{digits}", "%d/%m/%Y %H:%M"),
    "nld": _Style(".", ",", "{currency} {minus}{digits}", "%d-%m-%Y %H:%M"),
    "deu": _Style(".", ",", "{minus}{digits} {currency}", "%d.%m.%Y %H:%M"),
    "fra": _Style(_THIN_SPACE, ",", "{minus}{digits} {currency}", "%d/%m/%Y %H:%M"),
}


def amount_text(amount: Money) -> str:
    """The amount in the current language, such as `€ 1.012,50`, `12,50 €` or `CHF 12.50`."""
    if current() == "eng":
        return str(amount)
    style = _STYLES[current()]
    minor = abs(amount.minor)
    whole = f"{minor // 100:,}".replace(",", style.group)
    text = style.amount.format(
        minus="-" if amount.minor < 0 else "",
        # Letters would run into the digits where the sign of the euro does not.
        currency="\u20ac" if amount.currency == "EUR" else f"{amount.currency} ",
        digits=f"{whole}{style.decimal}{minor % 100:02d}",
    )
    return text.strip(" ").replace("  ", " ").replace(" ", _SPACE)


def moment_text(at: datetime) -> str:
    """Day and time of day on this machine's clock, such as `21-11-2026 14:02`."""
    return at.astimezone().strftime(_STYLES[current()].moment)
