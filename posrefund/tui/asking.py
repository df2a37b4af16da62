"""What a person may ask of a refund that is on its way: its news, its page, its end.

Each is asked for once at a time, however often the key is pressed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from textual import on, work

from posrefund.refund.model import Refund
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.tui import messages, remarks
from posrefund.tui.board import Board, Say
from posrefund.tui.bookkeeping import BookkeepingApp
from posrefund.tui.playing import Part, Play

CHECK_FLOOR = timedelta(seconds=2)
"""However often somebody presses the key, CCV is not asked about one refund more often."""
PAGE_FLOOR = timedelta(seconds=10)
"""A second page of one refund takes a second decision."""


class AskingApp(BookkeepingApp):
    """An app that has a board and answers what is asked about the refunds on it."""

    play: Play | None = None
    """None wherever the customer is a customer."""

    def __init__(
        self,
        *,
        service: RefundService,
        recovery: Recovery,
        journal: Journal,
        clock: Clock,
        open_page: Callable[[str], bool],
        page_of: Callable[[Refund], str | None],
    ) -> None:
        super().__init__(
            service=service, recovery=recovery, journal=journal, clock=clock, open_page=open_page
        )
        self._board = Board(self, page_of)
        self._asked_at: dict[str, datetime] = {}
        self._opened_at: dict[str, datetime] = {}
        self._cancelling: set[str] = set()

    # -- news ----------------------------------------------------------------------------------

    @on(messages.CheckRequested)
    def _check_requested(self, message: messages.CheckRequested) -> None:
        refund, now = message.refund, self._clock.now()
        before = self._asked_at.get(refund.id)
        if before is not None and now - before < CHECK_FLOOR:
            return
        self._asked_at[refund.id] = now
        self._board.remark(refund.id, remarks.asking)
        self.check(refund)

    @on(messages.ClosingFailed)
    def _closing_failed(self, message: messages.ClosingFailed) -> None:
        self._board.remark(message.refund.id, partial(remarks.not_closed, message.error))

    # -- its page ------------------------------------------------------------------------------

    @on(messages.PageRequested)
    def _page_requested(self, message: messages.PageRequested) -> None:
        refund, now = self._board.latest(message.refund), self._clock.now()
        url = self._board.page_of(refund)
        if url is None:
            return
        before = self._opened_at.get(refund.id)
        if before is not None and now - before < PAGE_FLOOR:
            self._board.remark(refund.id, remarks.is_open)
            return
        self._opened_at[refund.id] = now
        self._board.remark(refund.id, remarks.opening)
        self.browse(refund, url)

    @on(messages.PageOpened)
    def _page_opened(self, message: messages.PageOpened) -> None:
        refund_id = message.refund.id
        if message.opened:
            self._board.remark(refund_id, remarks.opened)
        else:
            self._opened_at.pop(refund_id, None)
            self._board.remark(refund_id, remarks.not_opened)

    # -- its customer, in practice -------------------------------------------------------------

    @on(messages.CustomerPlayed)
    def _customer_played(self, message: messages.CustomerPlayed) -> None:
        self.play_customer(message.refund, message.part)

    @work(thread=True)
    def play_customer(self, refund: Refund, part: Part) -> None:
        """Do what the customer does, and look at once what came of it."""
        if self.play is not None:
            self.play(refund, part)
            self.post_message(messages.CheckRequested(refund))

    # -- its end -------------------------------------------------------------------------------

    @on(messages.CancelRequested)
    def _cancel_requested(self, message: messages.CancelRequested) -> None:
        refund = self._board.latest(message.refund)
        if refund.id in self._cancelling or refund.state.is_final:
            return
        self._cancelling.add(refund.id)
        self._board.wish(refund.id, remarks.cancel_asked)
        self.ask_to_cancel(refund)

    @on(messages.CancelAnswered)
    def _cancel_answered(self, message: messages.CancelAnswered) -> None:
        if message.taken:
            # It stays asked for: only CCV's status can say that it was cancelled.
            self._wish(message.refund, remarks.cancel_taken)
        else:
            self._cancelling.discard(message.refund.id)
            self._wish(message.refund, remarks.cancel_refused)

    @on(messages.CancelFailed)
    def _cancel_failed(self, message: messages.CancelFailed) -> None:
        self._cancelling.discard(message.refund.id)
        self._wish(message.refund, partial(remarks.cancel_failed, message.error))

    def _wish(self, refund: Refund, say: Say) -> None:
        if not self._board.latest(refund).state.is_final:
            self._board.wish(refund.id, say)
