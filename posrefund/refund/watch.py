"""Notices when somebody set the clock of this machine while the program ran."""

from datetime import timedelta

from posrefund.errors import NotAllowed
from posrefund.refund.model import Refund
from posrefund.refund.polling import intent_is_old, window_is_over
from posrefund.refund.ports import Clock
from posrefund.sentence import Sentence

BACK = timedelta(seconds=2)
"""The wall clock may be corrected by so much backwards."""
AHEAD = timedelta(minutes=5)
"""And by so much forwards, beyond what has really passed."""

NAP = timedelta(seconds=20)
"""A machine that slept so long between writing SENDING down and sending must think again."""
SLEPT = Sentence("this machine slept before it was sent")


class ClockWatch:
    """Compares the wall clock with one that nobody can set.

    How long CCV remembers a request is counted on the wall clock, also across a restart. After a
    jump nobody knows how old an attempt is, so nothing is repeated.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall = clock.now()
        self._elapsed = clock.elapsed()

    def is_sane(self, refund: Refund | None = None) -> bool:
        """Has the wall clock kept step, and is it not behind what the journal says happened?"""
        now = self._clock.now()
        really = timedelta(seconds=self._clock.elapsed() - self._elapsed)
        jump = (now - self._wall) - really
        if not -BACK <= jump <= AHEAD:
            return False
        return refund is None or now >= refund.updated_at - BACK

    def is_too_late(self, refund: Refund) -> bool:
        """Is a decision or a repeat no longer to be sent, or does nobody know how old it is?"""
        now = self._clock.now()
        if refund.attempts <= 1 and intent_is_old(refund, now=now):
            return True
        return window_is_over(refund, now=now) or not self.is_sane(refund)

    def insist(self) -> None:
        """Refuse to begin anything on a clock that jumped.

        Raises:
            NotAllowed: If it did. Nothing was sent.
        """
        if not self.is_sane():
            raise NotAllowed(
                "the clock of this machine was set while the program ran; start it again once the"
                " clock is right"
            )
