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


class Presence:
    """This process's proof of life beside a journal."""

    def __init__(self, journal: Path) -> None:
        """Take a name and hold its lock until `close` or death.

        Raises:
            OSError: If the lock file cannot be made.
        """
        self._journal = journal
        self.name = f"{os.getpid()}-{os.urandom(6).hex()}"
        self._path = self._lock_path(self.name)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def is_gone(self, owner: str) -> bool:
        """Is the process that called itself `owner` provably dead?"""
        if fcntl is None or owner == self.name:
            return False
        path = self._lock_path(owner)
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True

    def sweep(self) -> None:
        """Remove the lock files of the dead."""
        for path in self._journal.parent.glob(f"{self._journal.name}.*.alive"):
            owner = path.name.removeprefix(f"{self._journal.name}.").removesuffix(".alive")
            if self.is_gone(owner):
                with contextlib.suppress(OSError):
                    path.unlink()

    def close(self) -> None:
        """Say goodbye."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        os.close(self._descriptor)

    def _lock_path(self, owner: str) -> Path:
        return self._journal.with_name(f"{self._journal.name}.{owner}.alive")
