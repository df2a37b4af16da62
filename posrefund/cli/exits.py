"""Everything that is said on stderr, and the exit code. Nothing else writes there."""

import re
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO

import click

from posrefund import errors
from posrefund.cli.streams import Stream

if TYPE_CHECKING:
    from posrefund.refund.model import Refund

_LONGEST_LINE = 4000
_KEY_OPTIONS = frozenset({"--api-key", "--apikey", "--key", "--token", "--password", "--secret"})
_LIKE_A_KEY = re.compile(r"\b[tl]_[A-Za-z0-9]{6,}")


class ExitCode(IntEnum):
    """What a script may believe. Stable."""

    OK = 0
    """The refund succeeded, or the question was answered."""
    REFUSED = 1
    """Refused or failed: no money moved."""
    MISUSED = 2
    """Wrong use. Nothing was sent."""
    CONFIG = 3
    """The configuration or the key is wrong. Nothing was sent."""
    NOT_SENT = 4
    """Nothing left this machine; it is safe to try again."""
    UNKNOWN = 5
    """Money may have moved. Do not repeat; `posrefund recover` continues."""
    RUNNING = 6
    """CCV had not decided when we stopped waiting."""
    ATTENTION = 7
    """A person must look."""
    JOURNAL = 8
    """The journal failed. Nothing was sent, or what was sent is named."""
    DEFECT = 9
    """A defect of ours."""
    INTERRUPTED = 130
    """Interrupted; what was sent is in the journal."""


_OF_ERROR: dict[type[errors.PosrefundError], ExitCode] = {
    errors.Misused: ExitCode.MISUSED,
    errors.Refused: ExitCode.REFUSED,
    errors.ConfigWrong: ExitCode.CONFIG,
    errors.NotSent: ExitCode.NOT_SENT,
    errors.JournalTrouble: ExitCode.JOURNAL,
    errors.Unsure: ExitCode.UNKNOWN,
    # Somebody else is at it, and what they did is not known here.
    errors.LostLease: ExitCode.UNKNOWN,
    errors.PosrefundError: ExitCode.DEFECT,
}

_OF_STATE = {
    # Whoever made it may be about to send it.
    "intent": ExitCode.UNKNOWN,
    "sending": ExitCode.UNKNOWN,
    "unknown": ExitCode.UNKNOWN,
    "accepted": ExitCode.RUNNING,
    "succeeded": ExitCode.OK,
    "failed": ExitCode.REFUSED,
    "not_sent": ExitCode.NOT_SENT,
    "attention": ExitCode.ATTENTION,
}


def code_of_error(error: errors.PosrefundError) -> ExitCode:
    """Return the exit code of an error, by its nearest ancestor."""
    return next(_OF_ERROR[kind] for kind in type(error).__mro__ if kind in _OF_ERROR)


def code_of(refund: "Refund") -> ExitCode:
    """Return the exit code of the state a refund is in."""
    if refund.state == "closed":
        return ExitCode.OK if refund.money_moved == "yes" else ExitCode.REFUSED
    if refund.alarm is not None:
        # CCV contradicts what the customer was told.
        return ExitCode.ATTENTION
    return _OF_STATE[refund.state]


class Notices:
    """Whatever is not the answer: questions, explanations, complaints."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = Stream(stream)

    @property
    def is_terminal(self) -> bool:
        """Whether a person is likely to read it."""
        return self._stream.is_terminal

    @property
    def columns(self) -> int:
        """How wide the terminal is; 80 where nobody knows."""
        return self._stream.columns

    def say(self, text: str) -> None:
        """Write one line. Foreign text in it cannot do harm."""
        self._stream.write(_safe(text) + "\n")

    def paint(self, picture: str) -> None:
        """Write a picture of our own making as it is, with its colours. For terminals only."""
        self._stream.write(picture + "\n")

    def ask(self, question: str, answers: TextIO) -> bool:
        """Ask, and return whether the answer was yes. Enter alone and the end of input mean no."""
        from posrefund.language import _

        yes_or_no = _("[y/N]")
        said = self.prompt(f"{question} {yes_or_no} ", answers) or ""
        return said.strip().casefold() in {*_("y yes").split(), "y", "yes"}

    def prompt(self, question: str, answers: TextIO) -> str | None:
        """Ask, and return the line that was typed; None at the end of input."""
        self._stream.write(_safe(question))
        return answers.readline() or None

    def complain(self, error: errors.PosrefundError) -> None:
        """Say what an error means for the money, why it came, and what to do."""
        from posrefund.wording import error_words

        self.say(error_words(error))


def _safe(text: str) -> str:
    # Imported where it is used: `--help` shows nothing foreign.
    from posrefund.safe_text import safe_text

    return safe_text(text, limit=_LONGEST_LINE)


def explain(
    error: BaseException, notices: Notices, *, may_send: bool, running: str | None
) -> ExitCode:
    """Say what ended the program, and return the exit code.

    Args:
        error: What was raised.
        notices: Where to say it.
        may_send: The command is one that may have sent something.
        running: The id of the refund that was being carried out, if any.
    """
    match error:
        case click.UsageError():
            _explain_usage(error, notices)
            return ExitCode.MISUSED
        case errors.PosrefundError():
            notices.complain(error)
            return code_of_error(error)
        case KeyboardInterrupt():
            from posrefund.language import _

            notices.say(_("Interrupted.") + _where(running, may_send=may_send))
            return ExitCode.INTERRUPTED
        case _:
            # The values in a message may be anything, the API key included.
            from posrefund.language import _

            sentence = _("A defect of ours ({kind}).").format(kind=type(error).__name__)
            notices.say(sentence + _where(running, may_send=may_send))
            return ExitCode.DEFECT


def _where(running: str | None, *, may_send: bool) -> str:
    """Where to look for what was sent, as a sentence to be added; nothing where nothing was."""
    from posrefund.language import _

    if not may_send:
        return ""
    if running is None:
        told = _("What was sent before is in the journal; posrefund recover continues.")
    else:
        told = _("Refund {id} is in the journal; do not repeat it, run posrefund recover.")
    return " " + told.format(id=running)


def _explain_usage(error: click.UsageError, notices: Notices) -> None:
    """Say what was typed wrongly. In English, as `--help` is: click has no other language."""
    context = error.ctx
    if context is not None:
        notices.say(" ".join(context.get_usage().split()))
    if isinstance(error, click.NoSuchOption) and error.option_name in _KEY_OPTIONS:
        notices.say(
            "Nothing was sent. The API key is never an argument: every user of the machine can"
            " read those. Put it in POSREFUND_API_KEY, a systemd credential or a key file."
        )
        return
    # A key that was typed in the wrong place is not repeated.
    message = _LIKE_A_KEY.sub("(not shown)", error.format_message())
    notices.say(f"Nothing was sent. {message}")
    if context is not None:
        notices.say(f"See {context.command_path} --help")
