"""The API key: where it comes from, and a type that never prints it."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from posrefund.errors import ConfigWrong
from posrefund.refund.model import Environment
from posrefund.safe_text import safe_text

KEY_VARIABLE = "POSREFUND_API_KEY"
"""The environment variable that is looked at first."""

CREDENTIAL_NAME = "posrefund_api_key"
"""The name of the systemd credential (`LoadCredential=posrefund_api_key:…`)."""

MAX_LENGTH = 200
"""No key of CCV's comes near it; a longer text is a wrong file."""

_ENVIRONMENTS = {"t_": Environment.TEST, "l_": Environment.LIVE}
_SAMPLE_BODY = "e40a9b36f4c1fa31f512c623bb5a315696e98cea"
_ROOT = 0


class ApiKey:
    """An API key that was checked. It shows itself only to `reveal`, and cannot be pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str, *, origin: str = "the API key") -> None:
        """Check the key and keep it.

        Raises:
            ConfigWrong: If it cannot be a key of CCV's; `origin` begins the sentence. The key
                itself is not in it. Nothing was sent.
        """
        self._text = text
        # A crash screen shows the variables of each frame; this object shows nothing.
        del text
        complaint = _complaint(self._text)
        if complaint is not None:
            raise ConfigWrong(f"{origin} {complaint}")

    @property
    def environment(self) -> Environment:
        """Test or live, as the prefix says."""
        return _ENVIRONMENTS[self._text[:2]]

    def reveal(self) -> str:
        """The key itself, for the one place that sends it."""
        return self._text

    def __repr__(self) -> str:
        return "<API key, not shown>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("an API key is neither pickled nor copied")


def find_api_key(*, environ: Mapping[str, str], key_file: Path | None) -> ApiKey:
    """Return the first key found: `POSREFUND_API_KEY`, the systemd credential, the key file.

    A place that holds a wrong key is an error: looking further could find the key of another shop.

    Raises:
        ConfigWrong: If there is none, or the first one found is wrong. Nothing was sent.
    """
    if KEY_VARIABLE in environ:
        return ApiKey(_without_newline(environ[KEY_VARIABLE]), origin=KEY_VARIABLE)
    credential = _credential_file(environ)
    if credential is not None:
        return _read(credential, given_by_systemd=True)
    if key_file is not None:
        return _read(key_file, given_by_systemd=False)
    raise ConfigWrong(
        f"there is no API key: set {KEY_VARIABLE}, or hand it over as the systemd credential"
        f" {CREDENTIAL_NAME}, or name a file with it as provider.api_key_file"
    )


def _credential_file(environ: Mapping[str, str]) -> Path | None:
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return None
    path = Path(folder) / CREDENTIAL_NAME
    # The folder may hold other credentials only; a broken link is ours all the same.
    return path if os.path.lexists(path) else None


def _read(path: Path, *, given_by_systemd: bool) -> ApiKey:
    origin = f"the key file {safe_text(str(path))}"
    # The content goes straight into the key, so that no frame of a crash screen holds it.
    return ApiKey(
        _without_newline(_content(path, origin, given_by_systemd=given_by_systemd)), origin=origin
    )


def _content(path: Path, origin: str, *, given_by_systemd: bool) -> str:
    # Never follow a link, never wait for the other end of a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():
            raise ConfigWrong(f"{origin} is a symbolic link; name the file itself")
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise ConfigWrong(f"{origin} does not exist") from None
    except (OSError, ValueError):
        raise ConfigWrong(f"{origin} cannot be read") from None
    try:
        _refuse_unsafe(os.fstat(descriptor), path, origin, given_by_systemd=given_by_systemd)
        return os.read(descriptor, MAX_LENGTH + 3).decode("utf-8", "replace")
    except OSError:
        raise ConfigWrong(f"{origin} cannot be read") from None
    finally:
        os.close(descriptor)


def _refuse_unsafe(
    status: os.stat_result, path: Path, origin: str, *, given_by_systemd: bool
) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigWrong(f"{origin} is not a regular file")
    if not hasattr(os, "geteuid"):  # Windows keeps owners and modes in another way
        return
    # systemd may keep the owner root and let us in by an access list, which shows as group bits.
    from_root = given_by_systemd and status.st_uid == _ROOT
    if status.st_uid != os.geteuid() and not from_root:
        raise ConfigWrong(f"{origin} belongs to another user; use a file of your own")
    open_to_others = status.st_mode & (0o007 if from_root else 0o077)
    if open_to_others:
        mode = stat.S_IMODE(status.st_mode)
        raise ConfigWrong(
            f"{origin} has mode {mode:04o}, so others can reach it;"
            f" run: chmod 600 {safe_text(str(path))}"
        )


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _complaint(text: str) -> str | None:
    """Say what is wrong with the key, or None. The answer never holds a part of it."""
    if not text:
        return "is empty"
    if len(text) > MAX_LENGTH:
        return f"is longer than {MAX_LENGTH} characters, so it is not an API key"
    if any(character.isspace() for character in text):
        return "contains a space or a line break; it must hold the key alone"
    if not (text.isascii() and text.isprintable()) or ":" in text:
        return "contains a character that no API key has"
    prefix, body = text[:2], text[2:]
    if prefix not in _ENVIRONMENTS or not body:
        return "is not an API key of CCV: those begin with t_ (test) or l_ (live)"
    if body.casefold() == _SAMPLE_BODY:
        return "is the sample from CCV's documentation; use the key of your own shop"
    return None
