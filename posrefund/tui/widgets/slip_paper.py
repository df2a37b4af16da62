"""The slip of a refund on the screen: as the printer would hand it out now."""

from collections.abc import Sequence

from textual import on
from textual.content import Content
from textual.widgets import Static

from posrefund.receipt.handing_out import is_copy
from posrefund.receipt.slip import slip_lines
from posrefund.refund.model import Entry, Refund
from posrefund.tui.messages import EntriesRead, EntriesRequested, ReadingFailed


class SlipPaper(Static):
    """Says COPY once the slip was printed or saved; looking at it hands nothing out.

    Empty until the journal has told whether it was.
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="paper")
        self._refund: Refund | None = None
        self._merchant = False
        self._entries: Sequence[Entry] | None = None
        self._is_unknown = False

    def show(self, refund: Refund, *, merchant: bool = False) -> None:
        """Show the slip of the refund as it stands: the customer's, or the shop's."""
        self._refund, self._merchant = refund, merchant
        self._draw()
        # By the screen: what a widget posts while its screen acts goes no further than that screen.
        self.screen.post_message(EntriesRequested(self, refund))

    @on(EntriesRead)
    def _heard(self, message: EntriesRead) -> None:
        self._entries, self._is_unknown = message.entries, False
        self._draw()

    @on(ReadingFailed)
    def _not_heard(self) -> None:
        # Where nobody knows, it is no original.
        self._is_unknown = True
        self._draw()

    def _draw(self) -> None:
        if self._refund is None or (self._entries is None and not self._is_unknown):
            return
        copy = self._is_unknown or is_copy(
            self._refund, self._entries or (), merchant=self._merchant
        )
        lines = slip_lines(self._refund, copy=copy, merchant=self._merchant)
        self.update(Content("\n".join(lines)))
