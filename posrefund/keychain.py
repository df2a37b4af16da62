"""The keyring of the operating system, where there is a safe one. The only importer of keyring.

The back ends are named here one by one and never searched for: a plain-text back end, a plug-in or
keyring's own configuration file cannot get between us and the key.
"""

import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from posrefund.errors import ConfigWrong

SERVICE = "posrefund"
SECONDS = 3.0
"""A locked keyring may ask somebody to open it, and wait for ever where nobody sits."""

_BACK_ENDS = {
    "win32": ("keyring.backends.Windows:WinVaultKeyring",),
    "darwin": ("keyring.backends.macOS:Keyring",),
    "linux": (
        "keyring.backends.SecretService:Keyring",
        "keyring.backends.kwallet:DBusKeyring",
    ),
}

T = TypeVar("T")


class NoKeyring(ConfigWrong):
    """There is no safe keyring on this machine, or it does not answer. Nothing was stored."""


def is_there() -> bool:
    """Whether there is a safe keyring that answers."""
    return _within_time(lambda: _back_end() is not None) is True


def read(account: str, use: Callable[[str], T]) -> T | None:
    """Return what `use` makes of the secret of this account; None where there is none."""

    def ask() -> T | None:
        back_end = _back_end()
        secret = None if back_end is None else back_end.get_password(SERVICE, account)
        return None if secret is None else use(secret)

    return _within_time(ask)


def store(account: str, secret: Callable[[], str]) -> None:
    """Keep the secret under this account; an older one is replaced.

    Raises:
        NoKeyring: If it could not be stored.
    """

    def keep() -> bool:
        back_end = _back_end()
        if back_end is None:
            return False
        back_end.set_password(SERVICE, account, secret())
        return True

    if not _within_time(keep):
        raise NoKeyring(
            "this machine has no safe store for keys that answers; leave --to keyring out to use"
            " a file only you can read, or hand the key over as a systemd credential",
            catalogue="C-125",
        )


def remove(account: str) -> bool:
    """Remove the secret of this account. False where there was none."""

    def forget() -> bool:
        back_end = _back_end()
        if back_end is None or back_end.get_password(SERVICE, account) is None:
            return False
        back_end.delete_password(SERVICE, account)
        return True

    return _within_time(forget) is True


def _back_end() -> Any:  # noqa: ANN401 - keyring is not always there to take the type from
    """The first safe back end that works here, or None."""
    for name in _BACK_ENDS.get(sys.platform, ()):
        module, _, kind = name.partition(":")
        try:
            back_end = getattr(import_module(module), kind)
            if back_end.priority > 0:
                return back_end()
        # What is missing shows in as many ways as there are systems; each means the same to us.
        except Exception:  # noqa: BLE001, S112
            continue
    return None


def _within_time(work: Callable[[], T]) -> T | None:
    """Return the result; None where it fails or takes too long. It is then left behind."""
    results: list[T] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception:  # noqa: BLE001 - locked, dismissed, broken: there is no keyring
            return

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(SECONDS)
    return results[0] if results else None
