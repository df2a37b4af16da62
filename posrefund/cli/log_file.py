"""A log of JSON lines that a stranger can neither read nor forge, and that cannot fill the disk."""

import errno
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from logging import LogRecord, makeLogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path

from posrefund.errors import Misused

LARGEST = 1_000_000
"""Bytes of one file; then it becomes FILE.1, and that FILE.2."""
KEPT = 5
"""Older files that are kept."""

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

    Raises:
        Misused: If it cannot be written. Nothing was sent.
    """
    if path is None:
        yield LogFile(None)
        return
    try:
        handler = _Handler(Path(path))
    except OSError as error:
        why = error.strerror or ""
        raise Misused("the log {file} cannot be written: {why}", file=path, why=why) from None
    try:
        yield LogFile(handler)
    finally:
        handler.close()


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
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no plain file")
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    return descriptor


def _without_secrets(value: object) -> object:
    return _SECRET.sub("(not shown)", value) if isinstance(value, str) else value
