"""References that look like CCV's."""

from datetime import UTC, datetime

_PREFIXES = {"terminal": "TL", "softpos": "S", "ideal": "I", "card": "C", "landingpage": "L"}
_CHECKS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_reference(method: str, now: int, digits: str) -> str:
    """Make a reference of CCV's visible pattern: method, time, hex digits, check letter.

    Args:
        method: The payment method; a refund keeps its payment's letter.
        now: Epoch milliseconds.
        digits: Hex digits that make it unique.
    """
    prefix = _PREFIXES.get(method, method[:1].upper() or "X")
    when = datetime.fromtimestamp(now / 1000, UTC)
    stem = f"{prefix}{when:%y%m%d%H%M%S}{now % 1000:03d}{digits}"
    return f"{stem}.{_CHECKS[sum(stem.encode()) % len(_CHECKS)]}"
