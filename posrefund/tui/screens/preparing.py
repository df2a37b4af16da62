"""The moment between the yes and the written decision. Nothing was sent yet."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from posrefund.language import _
from posrefund.refund.model import RefundOrder
from posrefund.tui.board import Desk
from posrefund.tui.screens.confirm import sentence
from posrefund.tui.screens.page import Page
from posrefund.tui.widgets.headline import Headline
from posrefund.wording import Outcome, Words


class PreparingScreen(Page):
    """Stays until the app replaces it."""

    CSS_PATH = "../styles/refund.tcss"
    DEAF_TO_SCANNERS = True

    def __init__(self, *, desk: Desk, order: RefundOrder) -> None:
        super().__init__(desk)
        self._order = order

    def compose_page(self) -> ComposeResult:
        """The same headline as the screen that follows."""
        yield Headline()
        yield Static(id="preparing")

    def on_mount(self) -> None:
        """Say what is being prepared."""
        self.redraw()

    def redraw(self) -> None:
        """Draw the headline and the decision."""
        said = Words(
            Outcome.RUNNING,
            _("Preparing"),
            _("The payment is looked at once more and the decision is written down."),
            _("Nothing was sent yet. One moment, please."),
        )
        self.query_one(Headline).show(said, self._order.amount)
        self.query_one("#preparing", Static).update(Content(sentence(self._order)))
