"""What the set-up asks CCV: whether it takes this key at this address."""

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from posrefund.credentials import ApiKey, KeyPlace
from posrefund.errors import ConfigWrong, NoInformation, PosrefundError
from posrefund.language import _
from posrefund.refund.model import Environment
from posrefund.settings import Settings
from posrefund.speech import said

if TYPE_CHECKING:
    from posrefund.tui.setup import SetupWork

T = TypeVar("T")
Later = Callable[..., object]
"""Has something called in the app, out of any thread."""


@dataclass(frozen=True, slots=True)
class Words:
    """What CCV is asked about."""

    settings: Settings
    key: ApiKey | None
    """None where the one that is there already is meant."""

    def are(self, others: "Words | None") -> bool:
        """Whether CCV would be asked the same."""
        if others is None or self.settings != others.settings:
            return False
        if self.key is None or others.key is None:
            return self.key is others.key
        return self.key.is_same(others.key)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a question."""

    is_taken: bool
    may_write: bool
    """Whether it may be written now, or when it is asked for once more."""
    say: Callable[[], str]
    """What is said of it, in the language of then."""


class CcvTalk:
    """Asks, and remembers about which words CCV said what."""

    def __init__(self, work: "SetupWork", later: Later) -> None:
        self._work = work
        self._later = later
        self._question = 0
        """The number of the last question; answers to earlier ones are about other words."""
        self._taken: Words | None = None
        self._may_go_on: Words | None = None

    def forget(self) -> None:
        """What CCV said was about other words."""
        self._question += 1
        self._taken = self._may_go_on = None

    def has_taken(self, words: Words) -> bool:
        """Whether CCV has taken this very key at this very address."""
        return words.are(self._taken)

    def may_write(self, words: Words) -> bool:
        """Whether it has, or could not be asked and somebody wants to go on all the same."""
        return self.has_taken(words) or words.are(self._may_go_on)

    def ask(self, words: Words, tell: Callable[[Verdict], None], *, is_last: bool) -> None:
        """Ask in a thread.

        Args:
            words: The address and the key.
            tell: Takes what came of it, unless it was forgotten meanwhile.
            is_last: Whether everything would be written next: then whoever hears that CCV could
                not be asked may go on without it.
        """
        self._question += 1
        question = self._question

        def told(taken: ApiKey | None, error: PosrefundError | None) -> None:
            if question != self._question:
                return
            if taken is not None:
                self._taken = words
            elif is_last and isinstance(error, NoInformation):
                self._may_go_on = words
            tell(_verdict(taken, error, is_last=is_last))

        in_thread(lambda: self._work.ask_ccv(words.settings, words.key), told, self._later)


def _verdict(taken: ApiKey | None, error: PosrefundError | None, *, is_last: bool) -> Verdict:
    if taken is not None:
        return Verdict(
            is_taken=True,
            may_write=True,
            say=lambda: _("CCV takes the API key ({kind}).").format(kind=kind_of(taken)),
        )
    if isinstance(error, NoInformation):
        return Verdict(
            is_taken=False, may_write=is_last, say=lambda: _unreached(error, is_last=is_last)
        )
    return Verdict(
        is_taken=False, may_write=False, say=lambda: "" if error is None else said(error)
    )


def _unreached(error: NoInformation, *, is_last: bool) -> str:
    text = (
        _(
            "CCV could not be asked ({reason}). Check the connection and the address,"
            " or press F10 once more to write it all the same."
        )
        if is_last
        else _(
            "CCV could not be asked ({reason}). Check the connection and the address."
            " F10 asks again."
        )
    )
    return text.format(reason=said(error))


def kind_of(key: ApiKey) -> str:
    """Say what money a key moves."""
    is_live = key.environment is Environment.LIVE
    return _("live: real money") if is_live else _("test: no real money")


def described(place: KeyPlace) -> str:
    """Say where a key is from and what money it moves, or what is wrong with it."""
    try:
        kind = kind_of(place.read())
    except ConfigWrong as error:
        return said(error)
    return _("from {place} ({kind})").format(place=said(place.name), kind=kind)


def in_thread(
    work: Callable[[], T], tell: Callable[[T | None, PosrefundError | None], None], later: Later
) -> None:
    """Do something that blocks. Who leaves meanwhile does not wait for it.

    Args:
        work: Returns a result, or raises.
        tell: Takes the result or the error, in the app; a defect ends the app.
        later: How it is called there.
    """

    def run() -> None:
        try:
            result = work()
        except PosrefundError as error:
            later(tell, None, error)
        except Exception as defect:  # noqa: BLE001 - the app ends by it, and says so
            later(_raise, defect)
        else:
            later(tell, result, None)

    here = contextvars.copy_context()
    threading.Thread(target=here.run, args=(run,), name="set-up", daemon=True).start()


def _raise(defect: Exception) -> None:
    raise defect
