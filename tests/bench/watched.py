"""Runs a program: to its end with its output thrown away, or in a terminal that is watched."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

LINES, COLUMNS = 40, 120
PATIENCE_SECONDS = 20.0

Words = Sequence[str | Path]

_SEQUENCE = re.compile(
    rb"\x1b\[[0-9;:?<>=]*[A-Za-z$]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[()][0-9A-B]"
    rb"|\x1b[=>78]|\x1bP[^\x1b]*\x1b\\"
)
_ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[c": b"\x1b[?62;22c"}
"""What a terminal says when it is asked, so that no program waits for it."""


class Unexpected(Exception):
    """A program did something else than what was to be measured."""


def timed(command: Words, environment: Mapping[str, str], *, code: int = 0) -> float:
    """Run to the end and return how many seconds it took.

    Raises:
        Unexpected: If it ended with another exit code.
    """
    words = [str(word) for word in command]
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        begun = time.perf_counter()
        child = os.posix_spawn(
            words[0],
            words,
            environment,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, number) for number in range(3)],
        )
        _, status = os.waitpid(child, 0)
        seconds = time.perf_counter() - begun
    finally:
        os.close(nowhere)
    if os.waitstatus_to_exitcode(status) != code:
        raise Unexpected(f"{' '.join(words)} ended with {os.waitstatus_to_exitcode(status)}")
    return seconds


class InTerminal:
    """A program in a terminal of 120 x 40. Leaving the `with` kills it."""

    def __init__(self, command: Words, environment: Mapping[str, str]) -> None:
        self._words = [str(word) for word in command]
        self._environment = environment
        self.written = b""
        """Everything it wrote since `forget`, with its control sequences."""

    def __enter__(self) -> Self:
        self.begun = time.monotonic()
        self._child, self._terminal = pty.fork()
        if self._child == 0:
            os.chdir(self._environment["HOME"])
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            os.execve(self._words[0], self._words, self._environment)  # noqa: S606 - no shell is meant
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self._child, signal.SIGKILL)
        os.close(self._terminal)
        os.waitpid(self._child, 0)

    @property
    def text(self) -> str:
        """What it wrote, without control sequences."""
        return _SEQUENCE.sub(b"", self.written).decode("utf-8", "replace")

    def seconds_until(self, text: str) -> float:
        """How long after its start this text was on the screen.

        Raises:
            Unexpected: If it never was.
        """
        return self.seconds_when(lambda: text in self.text, text)

    def seconds_when(self, happened: Callable[[], bool], what: str) -> float:
        """How long after its start something had happened, looked at after each piece of output.

        Raises:
            Unexpected: If it never did.
        """
        while (at := self._read()) is not None:
            if happened():
                return at - self.begun
        raise Unexpected(f"{self._words} did not show {what!r}:\n{self.text[-2000:]}")

    def watch(self, seconds: float) -> None:
        """Read what it writes for so long; a program nobody reads stands still in the end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._read(left)

    def until_it_ends(self) -> str:
        """Everything it writes."""
        while self._read() is not None:
            continue
        return self.text

    def press(self, key: str) -> None:
        """Press a key, having forgotten what was written before."""
        self.written = b""
        os.write(self._terminal, key.encode())

    def resident_mib(self) -> float:
        """How much memory it has now."""
        pages = int(Path(f"/proc/{self._child}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _read(self, patience: float = PATIENCE_SECONDS) -> float | None:
        """Take one piece of output and return when it came; None at the end."""
        ready, _, _ = select.select([self._terminal], [], [], patience)
        if not ready:
            return None
        try:
            piece = os.read(self._terminal, 65536)
        except OSError:
            return None
        at = time.monotonic()
        for question, answer in _ANSWERS.items():
            if question in piece:
                os.write(self._terminal, answer)
        self.written += piece
        return at if piece else None
