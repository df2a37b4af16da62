"""What is said of a refund besides its state: how a question went, what became of its page."""

from datetime import datetime

from posrefund.errors import PosrefundError
from posrefund.refund.model import Refund
from posrefund.tui.times import exact_text
from posrefund.wording import error_words

ASKING = "Asking \u2026"
OPENING = "Opening the page \u2026"
OPENED = "The page was opened in a browser. Keep only one of it open."
NOT_OPENED = "There is no browser on this machine; scan the code (Q) or use the link."
LINK_SENT = "The link was sent to the clipboard."


def nothing_new(asked_at: datetime) -> str:
    """CCV was asked because a person wanted it, and the state is the same."""
    return f"Asked at {exact_text(asked_at)}: nothing new yet."


def trouble(refund: Refund, error: PosrefundError) -> str:
    """Say what a failed step means for this refund.

    A failed question says nothing about what was sent before, and must not sound as if it did.
    """
    if not refund.attempts:
        return error_words(error)
    return f"Asking failed: {str(error).rstrip('.')}. It is asked again by itself."
