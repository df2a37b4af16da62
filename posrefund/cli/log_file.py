"""A log of JSON lines that a stranger can neither read nor forge, and that cannot fill the disk."""

import errno
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from logging import LogRecord, makeLogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import ModuleType

from posrefund.errors import Misused
from posrefund.report.file_names import named_file

try:
    import fcntl as _fcntl

    fcntl: ModuleType | None = _fcntl
except ImportError:  # Windows
    fcntl = None

LARGEST = 1_000_000
"""Bytes of one file; then it becomes FILE.1, and that FILE.2."""
KEPT = 5
"""Older files that are kept."""

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_SECRET = re.compile(r"\b[tl]_[A-Za-z0-9]{6,}|\bBasic\s+\S+")


class LogFile:
    """One event a line. What cannot be written is lost; whoever writes is never disturbed."""

    def __init__(self, handler: "_Handler | None") -> None:
        self._handler = handler

    @property
    def is_growing(self) -> bool:
        """Whether FILE could not be turned over, as in a folder that is not ours: it grows."""
        return self._handler is not None and self._handler.maxBytes > LARGEST

    @property
    def is_lost(self) -> bool:
        """Whether a line could not be written, as on a full disk."""
        return self._handler is not None and self._handler.is_lost

    def write(self, event: str, values: Mapping[str, object]) -> None:
        """Write one line. Whatever looks like an API key is left out of it."""
        if self._handler is None:
            return
        shown = {name: _without_secrets(value) for name, value in values.items()}
        # Escaping everything beyond ASCII escapes the control characters, too.
        line = json.dumps({"event": event, **shown}, ensure_ascii=True)
        self._handler.emit(makeLogRecord({"msg": line}))


@contextmanager
def logging_to(path: str | None) -> Iterator[LogFile]:
    """Open the log, or one that keeps nothing.

    As long as it is open no other process of this machine gets it: two that turn the same files
    over would lose lines. (Windows itself keeps a file that is open from being turned over.)

    Raises:
        Misused: If it cannot be written, or another process has it. Nothing was sent.
    """
    if path is None:
        yield LogFile(None)
        return
    file = named_file(path)
    with ExitStack() as held:
        try:
            handler = _Handler(file)
            held.callback(handler.close)
            lock = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600)
            held.callback(os.close, lock)
            is_ours = _taken(lock)
        except OSError as error:
            why = error.strerror or ""
            raise Misused("the log {file} cannot be written: {why}", file=path, why=why) from None
        if not is_ours:
            raise Misused(
                "another posrefund watch writes the log {file}; give this one a log of its own",
                file=path,
            )
        yield LogFile(handler)


def _taken(lock: int) -> bool:
    """Take the lock until it is closed, or return False where another process has it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _Handler(RotatingFileHandler):
    def __init__(self, path: Path) -> None:
        self.is_lost = False
        super().__init__(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=_private)

    def doRollover(self) -> None:  # noqa: N802 - the name is logging's
        """Turn the files over; where that fails FILE grows, and it is tried again much later."""
        try:
            super().doRollover()
        except OSError:
            self.maxBytes += LARGEST
        else:
            self.maxBytes = LARGEST

    def handleError(self, record: LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Remember it; logging would write a traceback."""
        self.is_lost = True


def _private(path: str, flags: int) -> int:
    """Open a file for its owner alone, and nothing that is no plain file of that very name."""
    flags |= _NO_LINK | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no plain file")
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    return descriptor


def _without_secrets(value: object) -> object:
    return _SECRET.sub("(not shown)", value) if isinstance(value, str) else value
