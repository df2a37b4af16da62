"""What screens and workers tell the app. Small, and in the past tense."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

from textual.message import Message
from textual.message_pump import MessagePump

from posrefund.errors import PosrefundError
from posrefund.refund.model import Entry, Finding, Refund, RefundOrder
from posrefund.sentence import Sentence

if TYPE_CHECKING:
    from posrefund.tui.narrowing import Narrowed
    from posrefund.tui.playing import Part
    from posrefund.tui.screens.closing import Verdict
    from posrefund.tui.screens.page import Page

Told = TypeVar("Told", bound=type[Message])


@dataclass_transform()
def told(kind: Told) -> Told:
    """Give a message its fields and nothing else: two dozen of them are made at every start."""
    dataclass(eq=False, repr=False, match_args=False)(kind)
    return kind


# -- from screens ------------------------------------------------------------------------------


@told
class SearchRequested(Message):
    """Somebody wants a payment looked up."""

    text: str


@told
class RefundConfirmed(Message):
    """Somebody said yes, once, to exactly this."""

    order: RefundOrder


@told
class RefundOpened(Message):
    """Somebody wants to see where a refund stands."""

    refund_id: str


@told
class RefundLeft(Message):
    """Somebody is done with the screen of a refund."""

    page: "Page"


@told
class NextCustomer(Message):
    """Somebody scanned or typed the next payment on the screen of a refund that is over."""

    page: "Page"
    text: str
    is_whole: bool
    """It ended with Enter; else it may go on."""


@told
class CheckRequested(Message):
    """Somebody wants CCV asked now."""

    refund: Refund


@told
class WithdrawalRequested(Message):
    """Somebody wants a refund dropped that was not sent."""

    refund: Refund


@told
class PageRequested(Message):
    """Somebody wants the cashier's page in a browser."""

    refund: Refund


@told
class CustomerPlayed(Message):
    """Somebody plays the customer of a refund, in practice."""

    refund: Refund
    part: "Part"


@told
class CancelRequested(Message):
    """Somebody wants CCV asked to cancel a refund, and was asked whether they mean it."""

    refund: Refund


@told
class CaseOpened(Message):
    """Somebody wants to see everything that happened to a refund."""

    refund: Refund


@told
class PageShown(Message):
    """A page came to the front."""


@told
class HistoryOpened(Message):
    """Somebody wants to see all refunds, or those that a line narrows them to."""

    line: str = ""


@told
class ListRequested(Message):
    """A screen wants a page of the journal, newest first."""

    reply_to: MessagePump
    limit: int
    before: tuple[datetime, str] | None = None
    narrowed: "Narrowed | None" = None
    number: int = 0
    """Comes back with the answer, so that one to an older question is known."""


@told
class EntriesRequested(Message):
    """A screen wants the history of a refund."""

    reply_to: MessagePump
    refund: Refund


@told
class ClosingRequested(Message):
    """Somebody decided a case, with name and evidence, and was asked whether they mean it."""

    refund: Refund
    verdict: "Verdict"


@told
class PrintRequested(Message):
    """Somebody wants a slip on paper."""

    reply_to: MessagePump
    refund: Refund
    merchant: bool


# -- from workers ------------------------------------------------------------------------------


@told
class PaymentsFound(Message):
    """A search had an answer."""

    number: int
    findings: Sequence[Finding]


@told
class SearchFailed(Message):
    """A search had none."""

    number: int
    text: str
    error: PosrefundError


@told
class JournalRead(Message):
    """The journal was read: what is open, and others as they stand."""

    open_refunds: Sequence[Refund]
    others: Sequence[Refund]


@told
class JournalFailed(Message):
    """The journal could not be read."""

    error: PosrefundError


@told
class RefundFetched(Message):
    """A refund this counter had not heard of was read from the journal."""

    refund: Refund


@told
class RefundBegun(Message):
    """A decision was written down, and is about to be sent."""

    ticket: int
    refund: Refund


@told
class OrderRefused(Message):
    """A decision was not even written down. Nothing was sent."""

    ticket: int
    error: PosrefundError


@told
class RefundMoved(Message):
    """A refund may have come to a new state."""

    refund: Refund


@told
class RefundTroubled(Message):
    """A step with a refund failed for a reason a person must know."""

    refund: Refund
    error: PosrefundError


@told
class CheckAnswered(Message):
    """CCV was asked because a person wanted it."""

    before: Refund
    refund: Refund


@told
class CancelAnswered(Message):
    """CCV took the wish to cancel, or did not. Neither says what becomes of the refund."""

    refund: Refund
    taken: bool


@told
class CancelFailed(Message):
    """Nobody knows whether CCV heard the wish to cancel."""

    refund: Refund
    error: PosrefundError


@told
class PageOpened(Message):
    """A browser was started on the cashier's page, or could not be."""

    refund: Refund
    opened: bool


@told
class FollowingEnded(Message):
    """No answer is under way any more; the program may end."""


@told
class ListRead(Message, bubble=False):
    """The page of the journal a screen asked for."""

    number: int
    refunds: Sequence[Refund]


@told
class EntriesRead(Message, bubble=False):
    """The history a screen asked for."""

    entries: Sequence[Entry]


@told
class ClosingFailed(Message):
    """A case stays as it was."""

    refund: Refund
    error: PosrefundError


@told
class SlipPrinted(Message, bubble=False):
    """A slip came out of the printer; or why it did not."""

    fault: PosrefundError | Sentence | None


@told
class ReadingFailed(Message, bubble=False):
    """What a screen asked for could not be read."""

    error: PosrefundError
