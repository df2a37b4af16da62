"""The QR code of the cashier's page, alone on a white screen."""

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from posrefund.language import N_, _
from posrefund.refund.model import Refund
from posrefund.safe_text import safe_text
from posrefund.speech import quoted
from posrefund.tui.board import Board
from posrefund.tui.customer import for_the_customer
from posrefund.tui.screens.spoken import Dialog
from posrefund.tui.widgets.qr_view import QrView

TOO_SMALL = N_("This window is too small for the code. Make it larger, or use the link:")


class QrScreen(Dialog[None]):
    """Any key closes it; so does the refund when its page is gone."""

    CSS_PATH = "../styles/refund.tcss"
    DEAF_TO_SCANNERS = True
    ASKS = False
    SAYS_SIZE = False

    def __init__(self, *, board: Board, refund: Refund) -> None:
        super().__init__(classes="alone")
        self._board = board
        self._refund = refund
        self._url = board.page_of(refund)

    def compose(self) -> ComposeResult:
        """The code, or the link where it does not fit."""
        yield QrView(id="qr")
        yield Static(id="qr-instead")
        yield Static(id="qr-words")

    def on_mount(self) -> None:
        """Watch the refund: a page that is over must not be scanned."""
        self._board.moved.subscribe(self, self._on_moved)

    def on_resize(self) -> None:
        """Draw the code for the window as it is now."""
        url = self._url or ""
        view, instead = self.query_one("#qr", QrView), self.query_one("#qr-instead", Static)
        words = self.query_one("#qr-words", Static)
        # The code comes before the words where there is no room for both.
        for lines, words.display in ((self.size.height - 1, True), (self.size.height, False)):
            view.show(url, most_lines=lines)
            width, height = view.code_size
            if 0 < height <= lines:
                break
        fits = 0 < width <= self.size.width and 0 < height <= self.size.height
        view.display = fits
        instead.display = not fits
        words.display = words.display or not fits
        back = _("Back")
        words.update(
            Content.assemble(
                (" Esc ", "bold"),
                f"{back}   ",
                (quoted(for_the_customer(self._refund)), "bold"),
            )
        )
        instead.update(Content(f"{_(TOO_SMALL)}\n\n{safe_text(url, limit=2048)}"))

    def on_key(self, event: events.Key) -> None:
        """Any key closes it."""
        event.stop()
        self._close_once()

    def on_click(self) -> None:
        """So does a touch."""
        self._close_once()

    def _on_moved(self, refund: Refund) -> None:
        if refund.id == self._refund.id and self._board.page_of(refund) != self._url:
            self._close_once()

    def _close_once(self) -> None:
        if self.is_current:
            self.dismiss()
