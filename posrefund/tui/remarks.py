"""What is said of a refund besides its state: how a question went, what became of its page."""

from datetime import datetime

from posrefund.errors import NoInformation, PosrefundError
from posrefund.language import _
from posrefund.refund.model import Refund
from posrefund.speech import said
from posrefund.tui.times import exact_text
from posrefund.wording import error_words


def asking() -> str:
    """CCV is being asked."""
    return _("Asking \u2026")


def opening() -> str:
    """A browser is being started."""
    return _("Opening the page \u2026")


def opened() -> str:
    """A browser was started."""
    return _("The page was opened in a browser. Keep only one of it open.")


def is_open() -> str:
    """The key was pressed again."""
    return _("The page was opened a moment ago; look for it among the windows of the browser.")


def not_opened() -> str:
    """There is no browser."""
    return _("There is no browser on this machine; scan the code (Q) or use the link.")


def link_sent() -> str:
    """The terminal window was asked to take the link."""
    return _("The link was sent to the clipboard.")


def cancel_asked() -> str:
    """The wish is on its way."""
    return _("Cancel asked for. CCV has not answered yet; it is NOT cancelled.")


def cancel_taken() -> str:
    """CCV took the wish, which is no promise."""
    return _(
        "Cancel asked for; waiting for CCV's word. It is cancelled only when this screen says so."
    )


def cancel_refused() -> str:
    """CCV said no."""
    return _("CCV did NOT cancel it. To stop it, press STOP on the terminal.")


def cancel_failed(error: PosrefundError) -> str:
    """Nothing is known, or nothing was asked."""
    why = said(error).rstrip(".")
    if isinstance(error, NoInformation):
        text = _("It is not known whether CCV cancels it ({why}). Press STOP on the terminal.")
    else:
        text = _("CCV was not asked to cancel it ({why}). Press STOP on the terminal.")
    return text.format(why=why)


def cancel_not_offered() -> str:
    """CCV said nothing of cancelling."""
    return _("CCV does not offer to cancel this one. To stop it, press STOP on the terminal.")


def cannot_be_stopped() -> str:
    """No terminal is waiting, so there is no STOP to press."""
    return _("CCV does not offer to cancel this one. It ends by itself; wait for CCV's word.")


def nothing_new(asked_at: datetime) -> str:
    """CCV was asked because a person wanted it, and the state is the same."""
    return _("Asked at {time}: nothing new yet.").format(time=exact_text(asked_at))


def not_closed(error: PosrefundError) -> str:
    """Why a case stays open although a person decided it."""
    return _("The case stays open: {why}.").format(why=said(error).rstrip("."))


def trouble(refund: Refund, error: PosrefundError) -> str:
    """Say what a failed step means for this refund.

    A failed question says nothing about what was sent before, and must not sound as if it did.
    """
    if not refund.attempts:
        return error_words(error)
    text = _("Asking failed: {why}. It is asked again by itself.")
    return text.format(why=said(error).rstrip("."))
