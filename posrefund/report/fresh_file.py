"""A new file: complete or not there, for its owner's eyes only, and never in place of another."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from posrefund.errors import Misused

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES}
"""What a file system says that knows no hard links, such as that of a USB stick."""
_LONGEST_NAME = 200


@contextlib.contextmanager
def fresh_file(target: Path) -> Iterator[Path]:
    """Give an empty file (0600) to fill; afterwards it bears the name of `target`.

    When something goes wrong on the way, neither of the two is there.

    Raises:
        Misused: If there is a file of that name already, or none can be made there.
    """
    part = target.with_name(f"{target.name}.part")
    if not target.name.isprintable() or len(target.name) > _LONGEST_NAME:
        raise Misused("this is no name for a file")
    if os.path.lexists(target):
        raise Misused("{file} exists already; nothing was written", file=target)
    try:
        # What a run that was killed left behind is of no use to anybody.
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise _no_file(target, error) from None
    try:
        yield part
        try:
            _write_through(part)
            _name(part, target)
        except OSError as error:
            raise _no_file(target, error) from None
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def fresh_text(target: Path) -> Iterator[TextIO]:
    """Give such a file opened for text; the ends of its lines stay as they are written.

    Raises:
        Misused: As `fresh_file`, and where the disk is full.
    """
    with fresh_file(target) as part:
        try:
            with part.open("w", encoding="utf-8", newline="") as file:
                yield file
        except OSError as error:
            raise _no_file(target, error) from None


def _name(part: Path, target: Path) -> None:
    """Give the file its name, where it is still free."""
    if os.name == "nt":
        part.rename(target)
        return
    try:
        os.link(part, target)
    except OSError as error:
        if error.errno not in _NO_LINKS or os.path.lexists(target):
            raise
        part.rename(target)
    _write_through(target.parent)


def _write_through(path: Path) -> None:
    """Return only when it would survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _no_file(target: Path, error: OSError) -> Misused:
    why = error.strerror or type(error).__name__
    return Misused("{file} cannot be written: {why}", file=target, why=why)
