"""Every error of the program. The first level says what happened to the money.

* PosrefundError
  x Misused               what was typed cannot be understood; nothing was sent
  x Refused               no money moved
    + NotAllowed          our own rules said no; nothing was sent
      - AlreadyOpen       this payment has an unfinished refund already
      - NotConfirmed      it may be meant, and was not expressly confirmed
    + NotFound            nobody knows that reference; nothing was sent
      - NoSuchRefund      the journal has no refund of that id or reference
    + Declined            CCV said no to this refund
  x ConfigWrong           a setting is wrong; nothing was sent
    + KeyRefused          CCV does not accept the API key; this request was not carried out
  x NotSent               no money moved, and trying again is safe
    + Unreachable         not one byte of the request left this machine
    + NoInformation       a question got no answer that can be used; it only asked
      - Mismatched        the answer is about something else; it is not believed
      - Withheld          CCV answered that it will not tell
  x JournalTrouble        the memory failed
    + JournalUnavailable  it could not be written down, so it was not sent
    + Unrecorded          an answer came and could not be written down; recovery asks again
  x Unsure                money may have moved: ask, never repeat
    + Unanswered          no answer came back that can be trusted
  x LostLease             another process works on this refund now; it says what happens

A shell turns each leaf into an exit code (`cli/exits.py`) and a sentence (`wording.py`).
"""

from posrefund.sentence import Spoken


class PosrefundError(Spoken):
    """The base: one sentence about what went wrong, safe to show to a cashier."""

    def __init__(self, sentence: str, /, **values: object) -> None:
        number = values.pop("catalogue", None)
        super().__init__(sentence, **values)
        self.catalogue = None if number is None else str(number)
        """Its number in the catalogue of bad input, as `C-122`, to be told by telephone."""


class Misused(PosrefundError):
    """What was typed cannot be understood. Nothing was sent."""


class Refused(PosrefundError):
    """No money moved, and asking the same again will not change that."""


class NotAllowed(Refused):
    """Our own rules said no. Nothing was sent."""


class AlreadyOpen(NotAllowed):
    """The payment has an unfinished refund. Nothing was sent; follow that one first."""

    def __init__(self, sentence: str, /, *, refund_id: str, **values: object) -> None:
        super().__init__(sentence, refund_id=refund_id, **values)
        self.refund_id = refund_id
        """The id of the refund that is still open."""


class NotConfirmed(NotAllowed):
    """It is unusual and may be meant: it needs a confirmation of its own. Nothing was sent."""

    def __init__(self, sentence: str, /, *, missing: str, **values: object) -> None:
        super().__init__(sentence, **values)
        self.missing = missing
        """What the order would have to say: `again` or `above_original`."""


class NotFound(Refused):
    """Nobody knows that reference. Nothing was sent."""


class NoSuchRefund(NotFound):
    """The journal has no refund with this id or reference. Nothing was sent."""


class Declined(Refused):
    """CCV answered with an error object. On a first attempt that means no money moved."""

    def __init__(
        self, sentence: str, /, *, failure_code: str | None = None, **values: object
    ) -> None:
        super().__init__(sentence, **values)
        self.failure_code = failure_code
        """CCV's own code, such as `refund_limit`, when it gave one."""


class ConfigWrong(PosrefundError):
    """A setting is wrong: the message names the file and the key. Nothing was sent."""


class KeyRefused(ConfigWrong):
    """CCV does not accept the API key (401). This request was not carried out."""


class NotSent(PosrefundError):
    """No money moved, and trying again is safe."""


class Unreachable(NotSent):
    """Not one byte of the request left this machine. No money moved."""


class NoInformation(NotSent):
    """A question got no answer that can be used. It only asked, so no money moved by it."""

    def __init__(
        self, sentence: str, /, *, retry_after_seconds: float | None = None, **values: object
    ) -> None:
        super().__init__(sentence, **values)
        self.retry_after_seconds = retry_after_seconds
        """How long the server asked us to wait before the next question, when it said so."""


class Mismatched(NoInformation):
    """An answer came, and it is about something else. It is not believed; it only answered."""


class Withheld(NoInformation):
    """CCV answered, and refuses to tell (403 and its like). It only answered."""


class JournalTrouble(PosrefundError):
    """The journal cannot be read or written."""


class JournalUnavailable(JournalTrouble):
    """It could not be written down, so it was not done. Nothing was sent."""


class Unrecorded(JournalTrouble):
    """It was sent, and what came back could not be written down. `recover` asks again."""


class Unsure(PosrefundError):
    """Money may have moved. Ask what became of it; never repeat it."""


class Unanswered(Unsure):
    """No answer came back that can be trusted. The refund may have been carried out."""

    def __init__(
        self, sentence: str, /, *, retry_after_seconds: float | None = None, **values: object
    ) -> None:
        super().__init__(sentence, **values)
        self.retry_after_seconds = retry_after_seconds
        """How long the server asked us to wait before the next request, when it said so."""


class LostLease(PosrefundError):
    """Another process took this refund over. Nothing was changed by us."""
