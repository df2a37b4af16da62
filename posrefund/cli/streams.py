"""A stream that may be closed, or be no terminal, or know few characters; writing goes on."""

import os
from typing import TextIO


class Stream:
    """Standard output or error. A refund is never disturbed by a reader that went away."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.is_missing = stream is None
        """It was closed from the start (`>&-`): nobody went away, and nobody will ever read it."""
        self.is_lost = False
        """Something could not be written for another reason than a reader that went away."""

    @property
    def is_terminal(self) -> bool:
        """Whether it is a terminal."""
        return is_terminal(self._stream)

    @property
    def columns(self) -> int:
        """How wide the terminal is; 80 where nobody knows."""
        try:
            return os.get_terminal_size(self._stream.fileno() if self._stream else -1).columns or 80
        except (OSError, ValueError):
            return 80

    def write(self, text: str) -> None:
        """Write and flush; at the first failure fall silent."""
        if self._stream is None:
            return
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        try:
            self._stream.write(_known(text, encoding))
            self._stream.flush()
        except (OSError, ValueError) as error:
            self.is_lost = not isinstance(error, BrokenPipeError | ValueError)
            self._fall_silent(self._stream)

    def _fall_silent(self, stream: TextIO) -> None:
        self._stream = None
        try:
            # What is still buffered must not fail again when the interpreter ends.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
        except (OSError, ValueError):
            return


def _known(text: str, encoding: str) -> str:
    """The text in the characters the stream knows; an amount keeps the name of its currency."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_SPELLED).encode(encoding, "replace").decode(encoding)
    return text


_SPELLED = str.maketrans({"\u20ac": "EUR", "\u00a0": " ", "\u202f": " "})


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sits at the other end."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False
