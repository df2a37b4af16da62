"""Playing the customer where nobody else can: in practice, without a browser."""

from collections.abc import Callable
from enum import StrEnum

from posrefund.refund.model import Refund


class Part(StrEnum):
    """What a customer can do with a refund that waits for them."""

    PRESENTS = "presents"
    IS_DECLINED = "is declined"
    CANCELS = "cancels"


Play = Callable[[Refund, Part], None]
"""Plays a part of the customer of a refund. Blocks; harmless when the refund is over already."""
