"""The real counter in a real pseudo-terminal: keys in, what was drawn out."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Sequence
from typing import Self

from tests.support.commands import environment

PATIENCE_SECONDS = 60.0
A_FINGER_SECONDS = 0.15
_SEQUENCES = re.compile(r"\x1b(\[[0-9;:?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-_])")
_FRAMES = str.maketrans(dict.fromkeys("▊▎▔▁▌▐", " "))


class Window:
    """A terminal window with a command in it. Use it in a `with`.

    It remembers what was drawn since the last key; the drawing is not laid out, so a test asks
    only for words that are drawn in one piece.
    """

    def __init__(self, *arguments: str, columns: int = 80, lines: int = 24, **extra: str) -> None:
        """Prepare `python -m posrefund` with these arguments; `extra` is for its environment."""
        self._arguments: Sequence[str] = (sys.executable, "-m", "posrefund", *arguments)
        self._size = lines, columns
        # The size in the environment would be believed before that of the window.
        size = {"COLUMNS": str(columns), "LINES": str(lines)}
        self._environment = environment(
            TERM="xterm-256color", COLORTERM="truecolor", **size, **extra
        )
        self._drawn = b""
        self.keys: list[str] = []
        """What was pressed, scans as one."""

    def __enter__(self) -> Self:
        self._process, self._master = pty.fork()
        if self._process == 0:
            os.execve(sys.executable, list(self._arguments), self._environment)  # noqa: S606
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", *self._size, 0, 0))
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._master)
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)

    def press(self, *keys: str) -> None:
        """Press keys; what was drawn before them is forgotten."""
        for key in keys:
            self._read(0.0)
            self._drawn = b""
            self.keys.append(key)
            os.write(self._master, key.encode())
            # No finger is quicker, and the counter tells fingers from scanners by their haste.
            time.sleep(A_FINGER_SECONDS)  # noqa: TID251 - the gap is what is tested

    def scan(self, text: str) -> None:
        """Send a text as a scanner does: all at once, with a CR."""
        self.press(f"{text}\r")

    def until(self, *texts: str) -> None:
        """Read until all of these were drawn since the last key, in any order."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not all(self.drew(text) for text in texts):
            if time.monotonic() > end or not self._read(0.2):
                raise AssertionError(f"{texts} was not drawn, but:\n{self.text()}")

    def drew(self, text: str) -> bool:
        """Was this drawn since the last key, wherever lines break?"""
        return _flat(text) in _flat(self.text())

    def text(self) -> str:
        """What was drawn since the last key, without colours and places."""
        return _SEQUENCES.sub(" ", self._drawn.decode("utf-8", "ignore"))

    def wait(self) -> int:
        """Wait for the end of the program and return its exit code."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self._read(0.2) and time.monotonic() < end:
            pass
        _, status = os.waitpid(self._process, 0)
        return os.waitstatus_to_exitcode(status)

    def _read(self, seconds: float) -> bool:
        """Take what was drawn; False once the program has ended."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        while ready:
            try:
                got = os.read(self._master, 65536)
            except OSError:
                return False
            if not got:
                return False
            self._drawn += got
            ready, _, _ = select.select([self._master], [], [], 0.0)
        return True


def _flat(text: str) -> str:
    return " ".join(text.translate(_FRAMES).split()).casefold()
