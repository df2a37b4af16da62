"""Reads a TOML file value by value, so that every complaint names the file and the key."""

import os
import stat
import tomllib
from pathlib import Path
from typing import Any, NoReturn

from posrefund.errors import ConfigWrong
from posrefund.safe_text import safe_text

MAX_BYTES = 1024 * 1024
"""A configuration is a page of text; a larger file is another file."""

MAX_PATH = 4096

_SECRETS = frozenset({"apikey", "key", "password", "secret", "token", "authorization"})
_SAFEGUARDS = frozenset(
    {
        *("verify", "verifytls", "verifyssl", "sslverify", "tlsverify", "tls", "ssl", "insecure"),
        *("checkhostname", "followredirects", "trustenv"),
        *("idempotency", "idempotent", "synchronous", "sync", "fsync", "durable"),
    }
)


class Table:
    """One table of the file. Making it refuses every key that is not known."""

    def __init__(
        self, values: dict[str, Any], *, file: Path, where: str, known: tuple[str, ...]
    ) -> None:
        self.file = file
        self._where = where
        self._values: dict[str, Any] = {}
        spelled = {_as_ccv_spells(key): key for key in known}
        for written, value in values.items():
            key = spelled.get(written, written)
            if key not in known:
                self._refuse_unknown(written, known)
            if key in self._values:
                raise self.wrong(key, f"is written twice, also as {_as_ccv_spells(key)}")
            self._values[key] = value

    def wrong(self, key: str, what: str) -> ConfigWrong:
        """Make the error of this key; the value is never part of it."""
        name = safe_text(f"{self._where}.{key}" if self._where else key, limit=80)
        return ConfigWrong(f"{safe_text(str(self.file))}: {name}: {what}")

    def missing(self, key: str, when: str = "") -> NoReturn:
        """Refuse the table because the key is not in it."""
        raise self.wrong(key, f"is missing; it is required {when}".rstrip())

    def only_for(self, keys: tuple[str, ...], what: str) -> None:
        """Refuse the table when one of the keys is in it."""
        for key in keys:
            if key in self._values:
                raise self.wrong(key, f"is only for {what}")

    def text(self, key: str, *, longest: int) -> str | None:
        """The text of the key, or None when it is not there. Empty text is refused."""
        value = self._values.get(key)
        return None if value is None else self._text(key, value, longest)

    def required(self, key: str, *, longest: int) -> str:
        """The text of a key that must be there."""
        return self.text(key, longest=longest) or self.missing(key)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        """One of the allowed words, exactly, or None."""
        value = self.text(key, longest=200)
        if value is not None and value not in allowed:
            raise self.wrong(key, f"must be one of: {', '.join(allowed)}")
        return value

    def boolean(self, key: str, *, otherwise: bool) -> bool:
        """True or false as TOML writes them, or `otherwise` when it is not there."""
        value = self._values.get(key, otherwise)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false, without quotes")
        return value

    def path(self, key: str) -> Path | None:
        """A path; `~` is the home folder, a relative one starts at the configuration file."""
        value = self.text(key, longest=MAX_PATH)
        if value is None:
            return None
        try:
            return self.file.absolute().parent / Path(value).expanduser()
        except RuntimeError:
            raise self.wrong(key, "begins with ~, and the home folder is not known") from None

    def texts(self, key: str, *, longest: int) -> tuple[str, ...] | None:
        """A list of at least one text, or None."""
        values = self._values.get(key)
        if values is None:
            return None
        if not isinstance(values, list):
            raise self.wrong(key, 'must be a list of texts, as ["a", "b"]')
        if not values:
            raise self.wrong(key, "is empty; leave it out instead")
        return tuple(self._text(key, value, longest) for value in values)

    def table(self, key: str, known: tuple[str, ...]) -> "Table":
        """The table below this one; an empty one when it is not there."""
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"must be a table, as [{key}]")
        return Table(value, file=self.file, where=key, known=known)

    def tables(self, key: str) -> list[dict[str, Any]] | None:
        """A list of tables as they are, or None."""
        values = self._values.get(key)
        if values is None:
            return None
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.wrong(key, f"must be a list of tables, as [[{key}]]")
        return values

    def _text(self, key: str, value: object, longest: int) -> str:
        if not isinstance(value, str):
            raise self.wrong(key, "must be text in quotes")
        if not value.strip():
            raise self.wrong(key, "is empty; leave it out instead")
        if len(value) > longest:
            raise self.wrong(key, f"is longer than {longest} characters")
        if not value.isprintable() or value != value.strip():
            raise self.wrong(key, "has control characters, or spaces at an end")
        return value

    def _refuse_unknown(self, written: str, known: tuple[str, ...]) -> NoReturn:
        plain = written.lower().replace("_", "").replace("-", "")
        if plain in _SECRETS:
            raise self.wrong(
                written,
                "does not belong in this file; put the API key in POSREFUND_API_KEY, a systemd"
                " credential, or the file that provider.api_key_file names",
            )
        if plain in _SAFEGUARDS:
            raise self.wrong(written, "this cannot be switched off")
        # Only a mistake needs it, and it is slow to load.
        from difflib import get_close_matches

        near = get_close_matches(written, known, n=1, cutoff=0.0)
        raise self.wrong(written, f"is not a known key; the nearest one is {near[0]}")


def read_file(path: Path) -> dict[str, Any]:
    """Read the whole file.

    Raises:
        ConfigWrong: If it is not a TOML file of a reasonable size. Nothing was sent.
    """
    name = safe_text(str(path))
    try:
        text = _read_bytes(path, name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigWrong(f"{name}: is not UTF-8 text") from None
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigWrong(f"{name}: is nested too deeply") from None
    except ValueError as error:
        # Besides its own error, tomllib lets that of a number with thousands of digits through.
        raise ConfigWrong(f"{name}: is not TOML: {safe_text(str(error))}") from None


def _read_bytes(path: Path, name: str) -> bytes:
    try:
        # Opening a pipe must not wait for its other end.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise ConfigWrong(
            f"{name}: there is no such file; copy config.example.toml there and fill it in"
        ) from None
    except (OSError, ValueError):
        raise ConfigWrong(f"{name}: cannot be read") from None
    try:
        _refuse_unsafe(os.fstat(descriptor), name)
        content = os.read(descriptor, MAX_BYTES + 1)
    except OSError:
        raise ConfigWrong(f"{name}: cannot be read") from None
    finally:
        os.close(descriptor)
    if len(content) > MAX_BYTES:
        raise ConfigWrong(f"{name}: is larger than 1 MiB")
    _refuse_open_folder(path.absolute().parent, name)
    return content


def _refuse_unsafe(status: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ConfigWrong(f"{name}: is a folder; name the file in it")
    if not stat.S_ISREG(status.st_mode):
        raise ConfigWrong(f"{name}: is not a regular file")
    # Whoever can write it can send the refunds, and the key, somewhere else.
    if os.name == "posix" and status.st_mode & stat.S_IWOTH:
        raise ConfigWrong(f"{name}: can be written by everybody; run: chmod o-w {name}")


def _refuse_open_folder(folder: Path, name: str) -> None:
    mode = folder.stat().st_mode
    # In a sticky folder such as /tmp nobody can replace another's file.
    if os.name == "posix" and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        shown = safe_text(str(folder))
        raise ConfigWrong(f"{name}: its folder can be written by everybody; run: chmod o-w {shown}")


def _as_ccv_spells(key: str) -> str:
    """`terminal_id` is `terminalId` in CCV's documentation; both are taken."""
    first, *others = key.split("_")
    return first + "".join(word.capitalize() for word in others)
