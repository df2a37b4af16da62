"""Who is alive: a lock file per process, which the system lets go of when the process dies.

A lease alone would make a cashier wait a minute after a crash. A holder whose lock is free is
provably gone, so its refunds can be taken over at once; one that only sleeps keeps its lock.
"""

import contextlib
import os
from pathlib import Path
from types import ModuleType

try:
    import fcntl as _fcntl

    fcntl: ModuleType | None = _fcntl
except ImportError:  # Windows: leases run out by time alone.
    fcntl = None

_SUFFIX = ".alive"


class Presence:
    """This process's proof of life beside a journal."""

    def __init__(self, journal: Path) -> None:
        """Take a name and hold its lock until `close` or death.

        Raises:
            OSError: If the lock file cannot be made. Nothing is left behind.
        """
        self._journal = journal
        self._descriptor: int | None = None
        while self._descriptor is None:
            self.name = f"{os.getpid()}-{os.urandom(6).hex()}"
            self._descriptor = _taken(self._lock_path(self.name))

    def is_gone(self, owner: str) -> bool:
        """Is the process that called itself `owner` provably dead?"""
        if owner == self.name:
            return False
        try:
            descriptor = os.open(self._lock_path(owner), os.O_RDWR)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        try:
            return _lock(descriptor)
        except OSError:
            return False
        finally:
            os.close(descriptor)

    def sweep(self) -> None:
        """Remove the lock files of the dead. What cannot be removed is left to another start."""
        with contextlib.suppress(OSError):
            for path in self._journal.parent.iterdir():
                if path.name.startswith(f"{self._journal.name}.") and path.suffix == _SUFFIX:
                    _remove_if_dead(path)

    def close(self) -> None:
        """Say goodbye. Safe to call again: by then the descriptor may be somebody else's."""
        if self._descriptor is None:
            return
        os.close(self._descriptor)
        self._descriptor = None
        with contextlib.suppress(OSError):
            self._lock_path(self.name).unlink()

    def _lock_path(self, owner: str) -> Path:
        return self._journal.with_name(f"{self._journal.name}.{owner}{_SUFFIX}")


def _taken(path: Path) -> int | None:
    """Make the lock file and hold it; None when somebody took the new file for a dead one."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    is_held = False
    try:
        is_held = fcntl is None or (_lock(descriptor) and path.exists())
    finally:
        if not is_held:
            os.close(descriptor)
            path.unlink(missing_ok=True)
    return descriptor if is_held else None


def _lock(descriptor: int) -> bool:
    """Take the lock, or return False where another process has it."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_if_dead(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        # Held while it is removed: between a look and the removal a new process could take it.
        if _lock(descriptor):
            path.unlink()
    finally:
        os.close(descriptor)
