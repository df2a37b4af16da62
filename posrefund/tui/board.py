"""The latest state of every refund this counter knows, and the bell that rings when one moves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from textual.dom import DOMNode
from textual.signal import Signal

from posrefund.refund.model import Refund
from posrefund.refund.rules import is_open


@dataclass(frozen=True, slots=True)
class Desk:
    """Where this program stands, for the banner of every screen."""

    counter: str
    mode: str
    """`PRACTICE`, `TEST` or `LIVE`."""
    plays_customer: bool = False
    """Whoever is here can play the customer as well: in practice, never in a shop."""


Say = Callable[[], str] | str
"""What makes a sentence, so that it follows the language; or a sentence that stays as it is."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence about a refund that is not a change of its state."""

    refund_id: str
    say: Say

    @property
    def text(self) -> str:
        """The sentence in the language of the moment."""
        return _said(self.say)


def _said(say: Say) -> str:
    return say if isinstance(say, str) else say()


def page_at_ccv(refund: Refund) -> str | None:
    """The page CCV gave, while it gives one."""
    return refund.pay_url


class Board:
    """What the screens know. The app alone writes on it, in the app's thread."""

    def __init__(
        self,
        owner: DOMNode,
        page_of: Callable[[Refund], str | None] = lambda refund: refund.pay_url,
    ) -> None:
        self.page_of = page_of
        """Where a refund can be followed, or in practice finished, in a browser; often nowhere."""
        self.moved: Signal[Refund] = Signal(owner, "refund moved")
        """Published after the latest state of a refund was noted."""
        self.remarked: Signal[Remark] = Signal(owner, "refund remarked")
        """Published when something is to be said of a refund."""
        self._latest: dict[str, Refund] = {}
        self._remarks: dict[str, Say] = {}
        self._wishes: dict[str, Say] = {}

    def note(self, refund: Refund) -> Refund | None:
        """Keep the refund unless a later state is known, and ring.

        Returns:
            What was known before; None when it is new here.
        """
        before = self._latest.get(refund.id)
        # Threads post in any order; the journal counts the writes.
        if before is not None and refund.version < before.version:
            return before
        self._latest[refund.id] = refund
        if before is None or before.state is not refund.state:
            self._remarks.pop(refund.id, None)
        if refund.state.is_final:
            self._wishes.pop(refund.id, None)
        self.moved.publish(refund)
        return before

    def fill(self, refunds: Iterable[Refund]) -> None:
        """Keep what the journal has, without ringing for each."""
        for refund in refunds:
            before = self._latest.get(refund.id)
            if before is None or before.version < refund.version:
                self._latest[refund.id] = refund

    def remark(self, refund_id: str, say: Say) -> None:
        """Say something of a refund. It stays until the refund moves on."""
        self._remarks[refund_id] = say
        self.remarked.publish(Remark(refund_id, say))

    def remark_of(self, refund_id: str) -> str:
        """What was said last of a refund, or nothing."""
        return _said(self._remarks.get(refund_id, ""))

    def wish(self, refund_id: str, say: Say) -> None:
        """Say how the wish to cancel a refund stands. It stays until the refund is final."""
        self._wishes[refund_id] = say
        self.remarked.publish(Remark(refund_id, self.remark_of(refund_id)))

    def wish_of(self, refund_id: str) -> str:
        """How the wish to cancel a refund stands, or nothing."""
        return _said(self._wishes.get(refund_id, ""))

    def latest(self, refund: Refund) -> Refund:
        """The refund as it stands now."""
        return self._latest.get(refund.id, refund)

    def get(self, refund_id: str) -> Refund | None:
        """The refund with this id, if this counter has heard of it."""
        return self._latest.get(refund_id)

    @property
    def currencies(self) -> list[str]:
        """Of the refunds known here; the euro first, always."""
        others = {refund.amount.currency for refund in self._latest.values()} - {"EUR"}
        return ["EUR", *sorted(others)]

    def open_refunds(self) -> list[Refund]:
        """Those that are not final or that a person must look at, oldest first."""
        unfinished = (refund for refund in self._latest.values() if is_open(refund))
        return sorted(unfinished, key=lambda refund: (refund.created_at, refund.id))

    def finished_refunds(self) -> list[Refund]:
        """The others, newest first."""
        finished = (refund for refund in self._latest.values() if not is_open(refund))
        return sorted(finished, key=lambda refund: (refund.created_at, refund.id), reverse=True)
