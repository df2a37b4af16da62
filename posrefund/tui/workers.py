"""Everything that may block, in threads of the app. Nothing here draws.

The workers belong to the app and are never `exclusive`: closing a screen can never cancel a
refund. Each catches what can go wrong with a refund and tells it in a message. Any other exception
is a defect and ends the app; the journal makes that safe, hiding it would not be.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from textual import on, work

from posrefund.errors import JournalUnavailable, PosrefundError
from posrefund.following import Follower
from posrefund.refund.model import Refund, RefundOrder, RefundState
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.tui import messages
from posrefund.tui.crash import DiscreetApp

LATEST = 100
"""Refunds read at the start for the list of today."""


class WorkingApp(DiscreetApp):
    """An app that can carry out refunds and follow them, and shows nothing yet."""

    def __init__(
        self,
        *,
        service: RefundService,
        recovery: Recovery,
        journal: Journal,
        clock: Clock,
        open_page: Callable[[str], bool],
    ) -> None:
        super().__init__()
        self._service = service
        self._recovery = recovery
        self._journal = journal
        self._clock = clock
        self._open_page = open_page
        self._follower = Follower(
            service=service, clock=clock, on_news=self._tell_news, on_trouble=self._tell_trouble
        )

    def stop_following(self) -> None:
        """End the follower; steps under way are finished first. Safe to call again."""
        self._follower.stop()

    # -- money ---------------------------------------------------------------------------------

    @work(thread=True)
    def carry_out(self, ticket: int, order: RefundOrder) -> None:
        """Write the decision down, send it, and see that it is followed."""
        try:
            refund = self._service.intend(order)
        except PosrefundError as error:
            self.post_message(messages.OrderRefused(ticket, error))
            return
        # From here on it may have left at any moment, and nothing on a screen may deny it.
        sending = replace(refund, state=RefundState.SENDING)
        self.post_message(messages.RefundBegun(ticket, sending))
        try:
            sent = self._service.send(refund)
        except JournalUnavailable as error:
            # Nobody waits for it any more, so it must not go by itself once the journal is back.
            self._tell_news(refund)
            self._abandon(refund, error)
        except PosrefundError as error:
            self._follow_as_it_stands(refund)
            self._tell_trouble(refund, error)
        else:
            self._tell_news(sent)
            self._follower.add([sent])

    def _abandon(self, refund: Refund, error: PosrefundError) -> None:
        try:
            dropped = self._service.abandon(refund)
        except PosrefundError as worse:
            # It may go by itself after all, or somebody else has it: nothing may deny that it left.
            dropped, error = replace(refund, state=RefundState.SENDING), worse
        self._tell_news(dropped)
        self._follower.add([dropped])
        self._tell_trouble(dropped, error)

    @work(thread=True)
    def check(self, refund: Refund) -> None:
        """Take the refund's next step because a person wants to know now."""
        try:
            latest = self._service.check(refund)
        except PosrefundError as error:
            self._tell_trouble(refund, error)
            return
        self.post_message(messages.CheckAnswered(refund, latest))
        self._follower.add([latest])

    @work(thread=True)
    def ask_to_cancel(self, refund: Refund) -> None:
        """Ask CCV to cancel, and soon after what became of it. Only its status tells."""
        try:
            taken = self._service.cancel(refund)
        except PosrefundError as error:
            self.post_message(messages.CancelFailed(refund, error))
        else:
            self.post_message(messages.CancelAnswered(refund, taken))
        self._follower.check_now(refund)

    @work(thread=True)
    def withdraw(self, refund: Refund) -> None:
        """Drop a refund that was not sent."""
        try:
            self._tell_news(self._service.withdraw(refund))
        except PosrefundError as error:
            self._tell_trouble(refund, error)

    def _follow_as_it_stands(self, refund: Refund) -> None:
        latest = refund
        with suppress(PosrefundError):
            latest = self._journal.get(refund.id) or refund
        self._tell_news(latest)
        self._follower.add([latest])

    # -- questions -----------------------------------------------------------------------------

    @work(thread=True)
    def take_over(self) -> None:
        """Settle and follow what was left open, and read what was done lately."""
        try:
            refunds = self._recovery.take_over()
            unsettled = self._recovery.unsettled()
            latest = self._journal.latest(limit=LATEST)
        except PosrefundError as error:
            self.post_message(messages.JournalFailed(error))
            return
        self.post_message(messages.JournalRead(refunds, [*latest, *unsettled]))
        self._follow([*refunds, *unsettled])

    @work(thread=True)
    def read_open(self, known: Sequence[Refund]) -> None:
        """See what other windows and commands on this journal did; `known` are our open ones."""
        try:
            refunds = self._journal.open_refunds()
            still_open = {refund.id for refund in refunds}
            gone = [self._journal.get(one.id) for one in known if one.id not in still_open]
        except PosrefundError as error:
            self.post_message(messages.JournalFailed(error))
            return
        over = [refund for refund in gone if refund is not None]
        self.post_message(messages.JournalRead(refunds, over))
        before = {refund.id: refund.state for refund in known}
        # One that is followed already keeps its beat.
        intent = RefundState.INTENT
        self._follow([one for one in refunds if before.get(one.id, intent) is intent])

    @work(thread=True)
    def look_up(self, number: int, text: str) -> None:
        """Find a payment."""
        try:
            findings = self._service.find(text, loosely=True)
        except PosrefundError as error:
            self.post_message(messages.SearchFailed(number, text, error))
        else:
            self.post_message(messages.PaymentsFound(number, findings))

    @work(thread=True)
    def fetch(self, refund_id: str) -> None:
        """Read a refund this counter has not heard of."""
        try:
            refund = self._journal.get(refund_id)
        except PosrefundError as error:
            self.post_message(messages.JournalFailed(error))
            return
        if refund is not None:
            self.post_message(messages.RefundFetched(refund))

    @work(thread=True)
    def browse(self, refund: Refund, url: str) -> None:
        """Open the cashier's page."""
        self.post_message(messages.PageOpened(refund, self._open_page(url)))

    @work(thread=True)
    def finish(self) -> None:
        """End the follower, which may wait for an answer that is under way."""
        self.stop_following()
        self.post_message(messages.FollowingEnded())

    def _follow(self, refunds: Sequence[Refund]) -> None:
        """Follow what is open. One a person must look at is asked about once, at once.

        A decision somebody else has not sent yet is theirs: followed, it would be sent from here.
        """
        for refund in refunds:
            if refund.state is RefundState.ATTENTION:
                self._follower.check_now(refund)
            elif refund.state is not RefundState.INTENT:
                self._follower.add([refund])

    # -- requests that need nobody's thought ---------------------------------------------------

    @on(messages.WithdrawalRequested)
    def _withdrawal_requested(self, message: messages.WithdrawalRequested) -> None:
        self.withdraw(message.refund)

    # -- from any thread -----------------------------------------------------------------------

    def _tell_news(self, refund: Refund) -> None:
        self.post_message(messages.RefundMoved(refund))

    def _tell_trouble(self, refund: Refund, error: PosrefundError) -> None:
        self.post_message(messages.RefundTroubled(refund, error))
