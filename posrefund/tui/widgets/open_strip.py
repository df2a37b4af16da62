"""The line at the bottom of every page that says which refunds are still open besides."""

from collections.abc import Iterable

from textual import events
from textual.content import Content
from textual.message import Message

from posrefund.figures import amount_text
from posrefund.language import _, plural
from posrefund.refund.model import Refund
from posrefund.tui.widgets.marks import MARKS
from posrefund.tui.widgets.note import Note
from posrefund.wording import Outcome, words

KEY = "F4"
_URGENCY = (Outcome.PERSON, Outcome.NOT_KNOWN, Outcome.RUNNING)


class OpenStrip(Note):
    """Takes no room while nothing else is open. A touch goes where its key goes."""

    class Touched(Message):
        """Somebody wants to see the most urgent of them."""

    class Drawn(Message):
        """The line is there, for the first time or anew, and has nothing to say yet."""

    def on_mount(self) -> None:
        """A page that was shown before it was drawn would else stay silent."""
        self.post_message(self.Drawn())

    def on_click(self, event: events.Click) -> None:
        """A touch is a key."""
        event.stop()
        self.post_message(self.Touched())


def by_urgency(refunds: Iterable[Refund]) -> list[Refund]:
    """Those a person must look at first, then those nobody can vouch for; oldest first."""
    return sorted(refunds, key=lambda refund: _URGENCY.index(words(refund).outcome))


def strip_text(refunds: list[Refund], *, beside: bool) -> Content:
    """How many, and the most urgent; nothing when there are none.

    Args:
        refunds: What is open and not on the page itself, the most urgent first.
        beside: Whether the page follows one besides.
    """
    if not refunds:
        return Content("")
    first = refunds[0]
    said = words(first)
    count = len(refunds)
    if beside:
        number = plural("{number} more refund is open", "{number} more refunds are open", count)
    else:
        number = plural("{number} refund is open", "{number} refunds are open", count)
    return Content.assemble(
        (f"{KEY} ", "bold"),
        f"{number.format(number=count)}: {MARKS[said.outcome]} ",
        (_("{amount}, {state}").format(amount=amount_text(first.amount), state=said.title), "bold"),
    )
