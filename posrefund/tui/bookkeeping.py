"""What the screens of the journal want: pages, histories, verdicts, slips. Each in a thread."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from textual import on, work
from textual.message_pump import MessagePump

from posrefund.errors import PosrefundError
from posrefund.journal.names import is_named, tail
from posrefund.money import Money
from posrefund.refund.model import Refund, RefundState
from posrefund.tui import messages
from posrefund.tui.narrowing import Narrowed
from posrefund.tui.workers import WorkingApp

if TYPE_CHECKING:
    from posrefund.receipt.printer import PrinterFault
    from posrefund.tui.board import Board
    from posrefund.tui.screens.closing import Verdict

PrintSlip = Callable[[Refund, bool], "PrinterFault | None"]
"""Prints the slip of a refund, the shop's if true. Blocks; remembers what it printed."""


class BookkeepingApp(WorkingApp):
    """An app that can show its journal, have cases closed, and print."""

    print_slip: PrintSlip | None = None
    """None where no printer is configured."""
    _board: "Board"

    @property
    def can_print(self) -> bool:
        """Is there a printer?"""
        return self.print_slip is not None

    @work(thread=True)
    def read_list(self, asked: messages.ListRequested) -> None:
        """Read a page of the journal for a screen."""
        found: list[Refund] = []
        try:
            for wanted in (asked.narrowed or Narrowed()).wanted:
                found += self._journal.latest(limit=asked.limit, before=asked.before, **wanted)
        except PosrefundError as error:
            asked.reply_to.post_message(messages.ReadingFailed(error))
            return
        found.sort(key=lambda refund: (refund.created_at, refund.id), reverse=True)
        asked.reply_to.post_message(messages.ListRead(asked.number, found[: asked.limit]))

    @work(thread=True)
    def read_entries(self, reply_to: MessagePump, refund: Refund) -> None:
        """Read the history of a refund for a screen."""
        try:
            entries = self._journal.entries(refund.id)
        except PosrefundError as error:
            reply_to.post_message(messages.ReadingFailed(error))
        else:
            reply_to.post_message(messages.EntriesRead(entries))

    @work(thread=True)
    def close_case(self, refund: Refund, verdict: "Verdict") -> None:
        """Close a case as a person decided. CCV is asked once more before."""
        try:
            closed = self._service.close(
                refund, executed=verdict.executed, by=verdict.by, evidence=verdict.evidence
            )
        except PosrefundError as error:
            self._follow_as_it_stands(refund)
            self.post_message(messages.ClosingFailed(refund, error))
        else:
            self._tell_news(closed)

    @work(thread=True)
    def put_on_paper(self, reply_to: MessagePump, refund: Refund, merchant: bool) -> None:
        """Print a slip. Whatever comes of it, the refund is not touched."""
        if self.print_slip is None:
            return
        try:
            fault = self.print_slip(refund, merchant)
        except PosrefundError as error:
            reply_to.post_message(messages.SlipPrinted(error))
        else:
            reply_to.post_message(messages.SlipPrinted(None if fault is None else fault.why))

    @on(messages.ListRequested)
    def _list_requested(self, message: messages.ListRequested) -> None:
        if message.narrowed is None or not message.narrowed.only_open:
            self.read_list(message)
            return
        # The board has every one of them, and knows which of the final ones a person must look at.
        newest_first = reversed(self._board.open_refunds())
        found = [
            one
            for one in newest_first
            if message.before is None or (one.created_at, one.id) < message.before
            if any(_fits(one, **wanted) for wanted in message.narrowed.wanted)
        ]
        message.reply_to.post_message(messages.ListRead(message.number, found[: message.limit]))

    @on(messages.EntriesRequested)
    def _entries_requested(self, message: messages.EntriesRequested) -> None:
        self.read_entries(message.reply_to, message.refund)

    @on(messages.ClosingRequested)
    def _closing_requested(self, message: messages.ClosingRequested) -> None:
        self.close_case(message.refund, message.verdict)

    @on(messages.PrintRequested)
    def _print_requested(self, message: messages.PrintRequested) -> None:
        self.put_on_paper(message.reply_to, message.refund, message.merchant)


def _fits(
    refund: Refund,
    *,
    day: date | None,
    state: RefundState | None,
    amount: Money | None,
    terminal: str | None,
    text: str | None,
) -> bool:
    """Is all of it true of the refund, as `Journal.latest` understands it?"""
    return (
        day in {None, refund.created_at.astimezone().date()}
        and state in {None, refund.state}
        and amount in {None, refund.amount}
        and (terminal is None or (refund.terminal or "").lower() == terminal.lower())
        and (text is None or is_named(refund, tail(text.strip())))
    )
