"""A refund on its way: what is going on, what to say, and the cashier's page."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content

from posrefund.language import N_, _
from posrefund.refund.model import Refund, RefundState
from posrefund.refund.rules import cancel_is_offered
from posrefund.safe_text import safe_text
from posrefund.tui import remarks
from posrefund.tui.customer import card_is_asked_for
from posrefund.tui.messages import (
    CancelRequested,
    CustomerPlayed,
    PageRequested,
    WithdrawalRequested,
)
from posrefund.tui.playing import Part
from posrefund.tui.screens.leaving import CancelScreen
from posrefund.tui.screens.qr import QrScreen
from posrefund.tui.screens.refund import CHECK_NOW, RefundScreen, label
from posrefund.tui.widgets.headline import Headline
from posrefund.tui.widgets.note import Note
from posrefund.tui.widgets.qr_view import QrView, warm_up
from posrefund.wording import Outcome, words

_COLUMNS_BESIDE_QR = 48
_LINES_AROUND_QR = 9
_NARROWEST_CODE = 37
YOU_PLAY = N_("You are the customer here: 1 presents the card, 2 is declined, 3 cancels.")
"""Said in practice, where the keys are."""


class ProgressScreen(RefundScreen):
    """For refunds that are running."""

    HELP = N_(
        "Follow the terminal and tell the customer what is written here. It is followed "
        "by itself until it is known what became of it; Esc leaves it running and takes "
        "you back to the counter."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,D", "drop", "Do not send"),
        Binding("o,O", "open_page", "Page"),
        Binding("q,Q", "show_qr", "QR"),
        CHECK_NOW,
        Binding("x,X", "cancel", "Cancel"),
        Binding("h,H", "show_case", "History", show=False),
        Binding("escape", "leave_refund", "Leave running"),
        Binding("l,L", "copy_link", "Copy the link", show=False),
        Binding("1", "play('presents')", "As the customer: present the card", show=False),
        Binding("2", "play('is declined')", "As the customer: be declined", show=False),
        Binding("3", "play('cancels')", "As the customer: cancel", show=False),
    ]

    @classmethod
    def suits(cls, refund: Refund) -> bool:
        """Running refunds only."""
        return words(refund).outcome is Outcome.RUNNING

    def compose_page(self) -> ComposeResult:
        """Headline above; words on the left, the code on the right where it fits."""
        yield Headline()
        with Horizontal(id="progress-body"):
            with VerticalScroll(id="progress-words", can_focus=False):
                yield Note(id="wish", classes="doubt")
                yield Note(id="neutral", classes="doubt")
                yield Note(id="customer")
                yield Note(id="link")
                yield Note(id="facts")
            yield QrView(id="progress-qr")
        yield Note(id="remark", classes="doubt")
        yield Note(id="next", classes="doubt")
        yield Note(id="play")

    def on_mount(self) -> None:
        """Use the time while the request is on the wire."""
        self.call_after_refresh(warm_up)

    def show_refund(self) -> None:
        """Draw the refund and its page."""
        super().show_refund()
        page = self.board.page_of(self.refund)
        self.query_one("#link", Note).say(_link_text(self.refund, page))
        self.query_one("#play", Note).say(_(YOU_PLAY) if self._can_play else "")
        self._show_qr()

    @property
    def _can_play(self) -> bool:
        """In practice, while a customer is asked for a card. Without one CCV decides by itself."""
        waits = self.refund.state is RefundState.ACCEPTED and card_is_asked_for(self.refund)
        return self.desk.plays_customer and waits

    def show_remark(self, text: str) -> None:
        """Draw the last thing said of it, and how the wish to cancel it stands."""
        super().show_remark(text)
        self.query_one("#wish", Note).say(self.board.wish_of(self.refund.id))

    def on_key(self, event: events.Key) -> None:
        """A letter that is no key here may be the next receipt, typed or scanned slowly."""
        if event.is_printable and event.key not in self.active_bindings:
            self.app.bell()
            self.say_it_was_a_scan()

    def say_it_was_a_scan(self) -> None:
        """The next receipt leads nowhere while this one runs."""
        # In a line of its own: its first letter may have been a key that says something, too.
        text = _("The refund is still running; Esc leaves it running, then scan the next receipt.")
        self.query_one("#next", Note).say(text)

    def on_resize(self) -> None:
        """A code that does not fit is not shown at all: half of one is useless."""
        self._show_qr()

    def _show_qr(self) -> None:
        view = self.query_one("#progress-qr", QrView)
        if self.size.width < _COLUMNS_BESIDE_QR + _NARROWEST_CODE:
            view.display = False
            return
        view.show(self.board.page_of(self.refund) or "")
        width, height = view.code_size
        fits = (
            width > 0
            and self.size.width >= width + _COLUMNS_BESIDE_QR
            and self.size.height >= height + _LINES_AROUND_QR
        )
        view.display = fits

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The page only where CCV gave one; dropping only before anything left."""
        if action in {"open_page", "show_qr", "copy_link"}:
            return self.board.page_of(self.refund) is not None
        if action == "cancel":
            return self.refund.state is RefundState.ACCEPTED
        if action == "drop":
            return self.refund.state is RefundState.INTENT
        if action == "play":
            return self._can_play
        return super().check_action(action, parameters)

    def action_open_page(self) -> None:
        """Open the cashier's page in a browser beside the counter."""
        self.post_message(PageRequested(self.refund))

    def action_show_qr(self) -> None:
        """Show the code alone, as large as it gets."""
        if self.board.page_of(self.refund) is not None:
            self.app.push_screen(QrScreen(board=self.board, refund=self.refund))

    def action_copy_link(self) -> None:
        """Send the link to the clipboard. Whether it arrives is up to the terminal window."""
        page = self.board.page_of(self.refund)
        if page is not None:
            self.app.copy_to_clipboard(page)
            self.board.remark(self.refund.id, remarks.link_sent)

    def action_cancel(self) -> None:
        """Ask CCV to cancel it, where CCV offers that; else say what stops it."""
        if self.board.wish_of(self.refund.id) == remarks.cancel_taken():
            return
        if cancel_is_offered(self.refund):
            self.app.push_screen(CancelScreen(self.rhythm), self._cancel_answered)
        elif card_is_asked_for(self.refund):
            self.board.wish(self.refund.id, remarks.cancel_not_offered)
        else:
            self.board.wish(self.refund.id, remarks.cannot_be_stopped)

    def _cancel_answered(self, yes: bool | None) -> None:
        if yes:
            self.post_message(CancelRequested(self.refund))

    def action_play(self, part: str) -> None:
        """Do what the customer does, unless more keys follow at once: a code may begin with it."""
        played = CustomerPlayed(self.refund, Part(part))
        self.answer_soon(self.rhythm, lambda: self.post_message(played), self.app.bell)

    def action_drop(self) -> None:
        """Give the decision up while nothing was sent."""
        self.post_message(WithdrawalRequested(self.refund))


def _link_text(refund: Refund, page: str | None) -> Content:
    if page is None:
        return Content("")
    if refund.pay_url is not None:
        name = _("Cashier's page")
        use = _("follow the terminal there; open it once, with O, or with Q on a phone")
    else:
        name = _("Practice page")
        use = _("here the phone is played: open it with O, or with Q on a phone")
    return Content.assemble(
        (label(name), "$quiet"), f"{use}\n", (safe_text(page, limit=2048), "$primary")
    )
