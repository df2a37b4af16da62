"""Where the API key comes from, and where it is kept."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from posrefund.credentials.files import file_name, keep_in_file, read_file
from posrefund.credentials.key import NO_KEY, ApiKey, without_newline
from posrefund.errors import ConfigWrong
from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence

KEY_VARIABLE = "POSREFUND_API_KEY"
"""The environment variable that is looked at first."""

CREDENTIAL_NAME = "posrefund_api_key"
"""The name of the systemd credential (`LoadCredential=posrefund_api_key:…`)."""

THE_KEYRING = Sentence("the keyring of this machine")


class KeySource(StrEnum):
    """The kinds of places a key may be in, in the order in which they are looked at."""

    VARIABLE = "environment"
    CREDENTIAL = "systemd credential"
    FILE = "key file"
    KEYRING = "keyring"

    @property
    def is_handed_over(self) -> bool:
        """Whether who starts the program gives the key: it comes before all that is stored."""
        return self in {KeySource.VARIABLE, KeySource.CREDENTIAL}


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
            lambda: ApiKey(without_newline(environ[KEY_VARIABLE]), origin=name),
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
    return KeyPlace(source, file_name(path), lambda: read_file(path, given_by_systemd=by_systemd))


def _credential_file(environ: Mapping[str, str]) -> Path | None:
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return None
    path = Path(folder) / CREDENTIAL_NAME
    # The folder may hold other credentials only; a broken link is ours all the same.
    return path if os.path.lexists(path) else None
