"""Mints the references of refunds. Nothing else makes them up."""

import base64
import uuid

from posrefund.errors import Misused

_ID_LENGTH = 10
_RANDOM_BYTES = 7


def mint() -> str:
    """Make a new idempotency reference: a random UUID as text. One refund has one, for ever."""
    return str(uuid.uuid4())


def short_id(idempotency_reference: str) -> str:
    """Return the 10 characters (A-Z, 2-7) people and CCV's descriptions know the refund by.

    They come from the reference alone, 50 of its bits, so the same refund has the same id
    wherever it is worked out. The last seven bytes are taken because all of their bits are random.

    Raises:
        Misused: If it is not a UUID. Nothing was sent.
    """
    try:
        parsed = uuid.UUID(idempotency_reference)
    except ValueError:
        raise Misused("an idempotency reference is a UUID") from None
    return base64.b32encode(parsed.bytes[-_RANDOM_BYTES:]).decode("ascii")[:_ID_LENGTH]
