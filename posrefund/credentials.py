"""The API key: where it comes from, and a type that never prints it."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from posrefund.errors import ConfigWrong
from posrefund.refund.model import Environment
from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence

KEY_VARIABLE = "POSREFUND_API_KEY"
"""The environment variable that is looked at first."""

CREDENTIAL_NAME = "posrefund_api_key"
"""The name of the systemd credential (`LoadCredential=posrefund_api_key:…`)."""

MAX_LENGTH = 200
"""No key of CCV's comes near it; a longer text is a wrong file."""

THE_KEY = Sentence("the API key")
THE_KEYRING = Sentence("the keyring of this machine")

NO_KEY = "C-122"
UNSAFE_KEY_FILE = "C-123"
"""Numbers of the catalogue, which stay what they are: people write them down."""

_ENVIRONMENTS = {"t_": Environment.TEST, "l_": Environment.LIVE}
_SAMPLE_BODY = "e40a9b36f4c1fa31f512c623bb5a315696e98cea"
_PLACEHOLDERS = ("your", "changeme", "placeholder", "apikey", "api_key", "example")
_ROOT = 0


class ApiKey:
    """An API key that was checked. It shows itself only to `reveal`, and cannot be pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str, *, origin: Sentence = THE_KEY) -> None:
        """Check the key and keep it.

        Raises:
            ConfigWrong: If it cannot be a key of CCV's; `origin` begins the sentence. The key
                itself is not in it. Nothing was sent.
        """
        self._text = text
        # A crash screen shows the variables of each frame; this object shows nothing.
        del text
        complaint = _complaint(self._text, origin)
        if complaint is not None:
            raise complaint

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


class KeySource(StrEnum):
    """The kinds of places a key may be in, in the order in which they are looked at."""

    VARIABLE = "environment"
    CREDENTIAL = "systemd credential"
    FILE = "key file"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """One place that holds a key, or something that should be one."""

    source: KeySource
    name: Sentence
    read: Callable[[], ApiKey]
    """Checks the key and returns it, or raises `ConfigWrong`."""


def key_places(
    *,
    environ: Mapping[str, str],
    key_file: Path | None,
    usual_file: Path | None = None,
    address: str | None = None,
) -> Iterator[KeyPlace]:
    """Yield each place that holds a key; the first one counts. The keyring is asked last.

    Args:
        environ: May hold `POSREFUND_API_KEY`, and where systemd put its credentials.
        key_file: The file the configuration names; it counts as a place even if it is missing.
        usual_file: Where `posrefund key set` puts it when the configuration names none.
        address: Of CCV: the name of the entry in the keyring, so that no key is sent elsewhere.
    """
    if KEY_VARIABLE in environ:
        name = Sentence(KEY_VARIABLE)
        yield KeyPlace(
            KeySource.VARIABLE,
            name,
            lambda: ApiKey(_without_newline(environ[KEY_VARIABLE]), origin=name),
        )
    credential = _credential_file(environ)
    if credential is not None:
        yield _file_place(KeySource.CREDENTIAL, credential)
    if key_file is not None:
        yield _file_place(KeySource.FILE, key_file)
    elif usual_file is not None and os.path.lexists(usual_file):
        yield _file_place(KeySource.FILE, usual_file)
    if address is not None:
        yield from _keyring_place(address)


def find_api_key(places: Iterable[KeyPlace]) -> ApiKey:
    """Return the key of the first place.

    A place that holds a wrong key is an error: looking further could find the key of another shop.

    Raises:
        ConfigWrong: If there is none, or the first one found is wrong. Nothing was sent.
    """
    for place in places:
        return place.read()
    raise ConfigWrong(
        "there is no API key: store it with posrefund key set, or set {variable}, or hand it over"
        " as the systemd credential {credential}, or name a file with it as provider.api_key_file",
        catalogue=NO_KEY,
        variable=KEY_VARIABLE,
        credential=CREDENTIAL_NAME,
    )


def keep_in_file(key: ApiKey, path: Path) -> None:
    """Write the key to a file only we can read: whole or not at all, and never through a link.

    Raises:
        ConfigWrong: If the file cannot be written there safely. What was there stays.
    """
    origin = _file_name(path)
    new = path.with_name(f".{path.name}.{os.urandom(6).hex()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise ConfigWrong(
                "{origin} is not a regular file", catalogue=UNSAFE_KEY_FILE, origin=origin
            )
        _refuse_open_folder(path, origin)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(new, flags, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(key.reveal().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise ConfigWrong(
            "{origin} cannot be written: {reason}",
            catalogue=UNSAFE_KEY_FILE,
            origin=origin,
            reason=error.strerror or "",
        ) from None
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def keep_key(
    key: ApiKey, *, file: Path, is_named: bool, address: str, to: str | None = None
) -> tuple[KeySource, Sentence]:
    """Keep the key in the keyring or in a file; return which, and its name.

    Args:
        key: The key.
        file: The key file.
        is_named: Whether the configuration names that file.
        address: Of CCV: the name of the entry in the keyring.
        to: `keyring` or `file`; by itself the keyring where there is a safe one, else the file.

    Raises:
        ConfigWrong: If it cannot be kept safely. What was kept before stays.
    """
    from posrefund import keychain

    if to is None:
        # A file that is there, or that the configuration names, would hide the keyring.
        to = "file" if is_named or file.exists() or not keychain.is_there() else "keyring"
    if to == "file":
        keep_in_file(key, file)
        return KeySource.FILE, Sentence(safe_text(str(file)))
    keychain.store(address, key.reveal)
    return KeySource.KEYRING, THE_KEYRING


def remove_file(path: Path) -> bool:
    """Remove a key file; a link is removed itself. False where there was none.

    Raises:
        ConfigWrong: If it cannot be removed.
    """
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigWrong(
            "{origin} cannot be removed: {reason}",
            catalogue=UNSAFE_KEY_FILE,
            origin=_file_name(path),
            reason=error.strerror or "",
        ) from None
    return True


def _keyring_place(address: str) -> Iterator[KeyPlace]:
    # Only who has no other place pays for loading it.
    from posrefund import keychain

    found = keychain.read(address, lambda text: _checked_later(text, THE_KEYRING))
    if found is not None:
        yield KeyPlace(KeySource.KEYRING, THE_KEYRING, found)


def _checked_later(text: str, name: Sentence) -> Callable[[], ApiKey]:
    """Keep the text where no frame of a crash screen shows it, and complain when it is read."""
    try:
        key = ApiKey(text, origin=name)
    except ConfigWrong as error:
        complaint = error.with_traceback(None)
    else:
        return lambda: key

    def complain() -> NoReturn:
        raise complaint

    return complain


def _file_place(source: KeySource, path: Path) -> KeyPlace:
    by_systemd = source is KeySource.CREDENTIAL
    return KeyPlace(source, _file_name(path), lambda: _read(path, given_by_systemd=by_systemd))


def _file_name(path: Path) -> Sentence:
    return Sentence("the key file {path}", path=safe_text(str(path)))


def _credential_file(environ: Mapping[str, str]) -> Path | None:
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return None
    path = Path(folder) / CREDENTIAL_NAME
    # The folder may hold other credentials only; a broken link is ours all the same.
    return path if os.path.lexists(path) else None


def _read(path: Path, *, given_by_systemd: bool) -> ApiKey:
    origin = _file_name(path)
    # The content goes straight into the key, so that no frame of a crash screen holds it.
    return ApiKey(
        _without_newline(_content(path, origin, given_by_systemd=given_by_systemd)), origin=origin
    )


def _content(path: Path, origin: Sentence, *, given_by_systemd: bool) -> str:
    # Never follow a link, never wait for the other end of a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():
            raise ConfigWrong(
                "{origin} is a symbolic link; name the file itself",
                catalogue=UNSAFE_KEY_FILE,
                origin=origin,
            )
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise ConfigWrong(
            "{origin} does not exist", catalogue=UNSAFE_KEY_FILE, origin=origin
        ) from None
    except (OSError, ValueError):
        raise ConfigWrong(
            "{origin} cannot be read", catalogue=UNSAFE_KEY_FILE, origin=origin
        ) from None
    try:
        _refuse_unsafe(os.fstat(descriptor), path, origin, given_by_systemd=given_by_systemd)
        return os.read(descriptor, MAX_LENGTH + 3).decode("utf-8", "replace")
    except OSError:
        raise ConfigWrong(
            "{origin} cannot be read", catalogue=UNSAFE_KEY_FILE, origin=origin
        ) from None
    finally:
        os.close(descriptor)


def _refuse_unsafe(
    status: os.stat_result, path: Path, origin: Sentence, *, given_by_systemd: bool
) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigWrong(
            "{origin} is not a regular file", catalogue=UNSAFE_KEY_FILE, origin=origin
        )
    if not hasattr(os, "geteuid"):  # Windows keeps owners and modes in another way
        return
    # systemd may keep the owner root and let us in by an access list, which shows as group bits.
    from_root = given_by_systemd and status.st_uid == _ROOT
    if status.st_uid != os.geteuid() and not from_root:
        raise ConfigWrong(
            "{origin} belongs to another user; use a file of your own",
            catalogue=UNSAFE_KEY_FILE,
            origin=origin,
        )
    open_to_others = status.st_mode & (0o007 if from_root else 0o077)
    if open_to_others:
        mode = stat.S_IMODE(status.st_mode)
        raise ConfigWrong(
            "{origin} has mode {mode}, so others can reach it; run: chmod 600 {path}",
            catalogue=UNSAFE_KEY_FILE,
            origin=origin,
            mode=f"{mode:04o}",
            path=safe_text(str(path)),
        )
    if not given_by_systemd:
        _refuse_open_folder(path, origin)


def _refuse_open_folder(path: Path, origin: Sentence) -> None:
    """Refuse a folder in which everybody can put another key into the place of ours."""
    folder = path.absolute().parent
    mode = folder.stat().st_mode
    # In a sticky folder such as /tmp nobody can replace another's file.
    if os.name == "posix" and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise ConfigWrong(
            "{origin} is in a folder everybody can write to; run: chmod o-w {path}",
            catalogue=UNSAFE_KEY_FILE,
            origin=origin,
            path=safe_text(str(folder)),
        )


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _complaint(text: str, origin: Sentence) -> ConfigWrong | None:
    """Say what is wrong with the key, or None. The answer never holds a part of it."""
    if not text:
        return ConfigWrong("{origin} is empty", catalogue=NO_KEY, origin=origin)
    if len(text) > MAX_LENGTH:
        return ConfigWrong(
            "{origin} is longer than {longest} characters, so it is not an API key",
            catalogue=NO_KEY,
            origin=origin,
            longest=MAX_LENGTH,
        )
    if any(character.isspace() for character in text):
        return ConfigWrong(
            "{origin} contains a space or a line break; it must hold the key alone",
            catalogue=NO_KEY,
            origin=origin,
        )
    if not (text.isascii() and text.isprintable()) or ":" in text:
        return ConfigWrong(
            "{origin} contains a character that no API key has", catalogue=NO_KEY, origin=origin
        )
    prefix, body = text[:2], text[2:]
    if prefix not in _ENVIRONMENTS or not body:
        return ConfigWrong(
            "{origin} is not an API key of CCV: those begin with t_ (test) or l_ (live)",
            catalogue=NO_KEY,
            origin=origin,
        )
    if body.casefold() == _SAMPLE_BODY:
        return ConfigWrong(
            "{origin} is the sample from CCV's documentation; use the key of your own shop",
            catalogue=NO_KEY,
            origin=origin,
        )
    if any(word in body.casefold() for word in _PLACEHOLDERS):
        return ConfigWrong(
            "{origin} is a placeholder; use the key of your own shop",
            catalogue=NO_KEY,
            origin=origin,
        )
    return None
