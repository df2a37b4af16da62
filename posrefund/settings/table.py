"""Reads a TOML file value by value, so that every complaint names the file and the key."""

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, NoReturn

from posrefund.errors import ConfigWrong
from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence

MAX_BYTES = 1024 * 1024
"""A configuration is a page of text; a larger file is another file."""

MAX_PATH = 4096
_ROOT = 0

_SECRETS = frozenset({"apikey", "key", "password", "secret", "token", "authorization"})
_SAFEGUARDS = frozenset(
    {
        *("verify", "verifytls", "verifyssl", "sslverify", "tlsverify", "tls", "ssl", "insecure"),
        *("checkhostname", "followredirects", "trustenv"),
        *("idempotency", "idempotent", "synchronous", "sync", "fsync", "durable"),
    }
)
_SERVER = frozenset(
    {
        *("dsn", "url", "uri", "databaseurl", "connection", "connectionstring", "server"),
        *("host", "hostname", "port", "database", "dbname", "user", "username", "password"),
        *("sslmode", "postgres", "postgresql"),
    }
)
_POSTGRES = re.compile(
    r"postgres(ql)?(\+[a-z0-9]+)?:"
    r"|(host|hostaddr|port|dbname|user|password|service|sslmode)\s*=",
    re.IGNORECASE,
)
"""How an address of PostgreSQL begins, as one text or as words with values."""
_PEOPLE = re.compile(r"people|persons|cashiers|managers|[a-z]*pin(s|code|codes|hash|hashes)?")
_HASH = re.compile(r"\$(argon2|pbkdf2|scrypt|2[abxy]?\$)")


MISSING = Sentence("is missing; it is required")

WRONG_VALUE = "C-110"
OUT_OF_BOUNDS = "C-111"
SAFEGUARD = "C-130"
NO_SERVER = "C-146"
NO_PEOPLE = "C-150"
NO_HASH = "C-151"
FILE_MISSING = "C-101"
FOLDER = "C-102"
NO_FILE = "C-103"
TOO_LARGE = "C-104"
NOT_UTF8 = "C-105"
NOT_TOML = "C-106"
UNSAFE_FILE = "C-124"
"""Numbers of the catalogue, which stay what they are: people write them down."""


class SettingWrong(ConfigWrong):
    """One value of the file is wrong."""

    where = ""
    """The table it is in, as `provider` or `terminals[2]`; empty at the top."""
    key = ""
    what: Sentence
    """What is wrong with it, without the file and the key."""

    @property
    def name(self) -> str:
        """The whole name of the key."""
        return f"{self.where}.{self.key}" if self.where else self.key


class Table:
    """One table of the file. Making it refuses every key that is not known."""

    def __init__(
        self, values: dict[str, Any], *, file: Path, where: str, known: tuple[str, ...]
    ) -> None:
        self.file = file
        self._where = where
        self._values: dict[str, Any] = {}
        spelled = {as_ccv_spells(key): key for key in known}
        for written, value in values.items():
            key = spelled.get(written, written)
            if key not in known:
                self._refuse_unknown(written, value, known)
            if key in self._values:
                other = as_ccv_spells(key)
                raise self.wrong(key, "is written twice, also as {other}", other=other)
            self._values[key] = value

    @property
    def is_empty(self) -> bool:
        """Is nothing written in it?"""
        return not self._values

    def wrong(
        self, key: str, what: str, /, *, catalogue: str = WRONG_VALUE, **values: object
    ) -> SettingWrong:
        """Make the error of this key; the value is never part of it."""
        name = safe_text(f"{self._where}.{key}" if self._where else key, limit=80)
        said = what if isinstance(what, Sentence) else Sentence(what, **values)
        error = SettingWrong(
            "{file}: {key}: {what}",
            catalogue=catalogue,
            file=safe_text(str(self.file)),
            key=name,
            what=said,
        )
        error.where, error.key, error.what = self._where, key, said
        return error

    def missing(self, key: str, what: str = MISSING) -> NoReturn:
        """Refuse the table because the key is not in it."""
        raise self.wrong(key, what)

    def only_for(self, keys: tuple[str, ...], what: str) -> None:
        """Refuse the table when one of the keys is in it."""
        for key in keys:
            if key in self._values:
                raise self.wrong(key, "is only for {what}", what=what)

    def text(self, key: str, *, longest: int) -> str | None:
        """The text of the key, or None when it is not there. Empty text is refused."""
        value = self._values.get(key)
        return None if value is None else self._text(key, value, longest)

    def required(self, key: str, *, longest: int, otherwise: str = MISSING) -> str:
        """The text of a key that must be there; `otherwise` is said where there is none."""
        value = self._values.get(key)
        # "Leave it out" would be no help here.
        is_blank = isinstance(value, str) and not value.strip()
        found = None if is_blank else self.text(key, longest=longest)
        return found or self.missing(key, otherwise)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        """One of the allowed words, exactly, or None."""
        value = self.text(key, longest=200)
        if value is not None and value not in allowed:
            words = ", ".join(allowed)
            raise self.wrong(key, "must be one of: {words}", catalogue=OUT_OF_BOUNDS, words=words)
        return value

    def boolean(self, key: str, *, otherwise: bool) -> bool:
        """True or false as TOML writes them, or `otherwise` when it is not there."""
        value = self._values.get(key, otherwise)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false, without quotes")
        return value

    def number(self, key: str, allowed: tuple[int, ...]) -> int | None:
        """One of the allowed whole numbers, or None."""
        value = self._values.get(key)
        # To Python, true is a whole number, too.
        if value is not None and (type(value) is not int or value not in allowed):
            numbers = ", ".join(map(str, allowed))
            raise self.wrong(
                key,
                "must be one of: {numbers}, without quotes",
                catalogue=OUT_OF_BOUNDS,
                numbers=numbers,
            )
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
            raise self.wrong(key, "must be a table, as [{name}]", name=key)
        return Table(value, file=self.file, where=key, known=known)

    def tables(self, key: str) -> list[dict[str, Any]] | None:
        """A list of tables as they are, or None."""
        values = self._values.get(key)
        if values is None:
            return None
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.wrong(key, "must be a list of tables, as [[{name}]]", name=key)
        return values

    def _text(self, key: str, value: object, longest: int) -> str:
        if not isinstance(value, str):
            raise self.wrong(key, "must be text in quotes")
        if not value.strip():
            raise self.wrong(key, "is empty; leave it out instead")
        if len(value) > longest:
            raise self.wrong(
                key,
                "is longer than {longest} characters",
                catalogue=OUT_OF_BOUNDS,
                longest=longest,
            )
        if not value.isprintable() or value != value.strip():
            raise self.wrong(key, "has control characters, or spaces at an end")
        return value

    def no_server(self, key: str) -> SettingWrong:
        """Make the error of a journal in PostgreSQL; its address may hold a password."""
        return self.wrong(
            key,
            "a journal in PostgreSQL does not exist yet; journal.path is a file on this machine",
            catalogue=NO_SERVER,
        )

    def _refuse_unknown(self, written: str, value: object, known: tuple[str, ...]) -> NoReturn:
        plain = written.lower().replace("_", "").replace("-", "")
        if (self._where == "journal" and plain in _SERVER) or is_postgres(value):
            raise self.no_server(written)
        if _PEOPLE.fullmatch(plain):
            # A file with a PIN in it would promise that somebody is asked for it.
            raise self.wrong(
                written,
                "there are no people and no PINs yet; leave it out",
                catalogue=NO_HASH if _holds_a_hash(value) else NO_PEOPLE,
            )
        if plain in _SECRETS:
            raise self.wrong(
                written,
                "does not belong in this file; put the API key in POSREFUND_API_KEY, a systemd"
                " credential, or the file that provider.api_key_file names",
            )
        if plain in _SAFEGUARDS:
            raise self.wrong(written, "this cannot be switched off", catalogue=SAFEGUARD)
        # Only a mistake needs it, and it is slow to load.
        from difflib import get_close_matches

        near = get_close_matches(written, known, n=1, cutoff=0.0)
        raise self.wrong(written, "is not a known key; the nearest one is {near}", near=near[0])


def is_postgres(value: object) -> bool:
    """Whether it looks like the address of a PostgreSQL database."""
    return isinstance(value, str) and _POSTGRES.match(value.strip()) is not None


def _holds_a_hash(value: object) -> bool:
    """Whether the hash of a PIN or password is in it, strong or weak."""
    match value:
        case dict():
            return any(map(_holds_a_hash, value.values()))
        case list():
            return any(map(_holds_a_hash, value))
        case _:
            return isinstance(value, str) and _HASH.match(value.strip()) is not None


def read_file(path: Path) -> dict[str, Any]:
    """Read the whole file.

    Raises:
        ConfigWrong: If it is not a TOML file of a reasonable size. Nothing was sent.
    """
    name = safe_text(str(path))
    text = read_text(path)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigWrong("{file}: is nested too deeply", catalogue=NOT_TOML, file=name) from None
    except ValueError as error:
        # Besides its own error, tomllib lets that of a number with thousands of digits through.
        why = safe_text(str(error))
        raise ConfigWrong(
            "{file}: is not TOML: {why}", catalogue=NOT_TOML, file=name, why=why
        ) from None


def read_text(path: Path) -> str:
    """Read the whole file as text.

    Raises:
        ConfigWrong: If it is not text of a reasonable size. Nothing was sent.
    """
    name = safe_text(str(path))
    try:
        return _read_bytes(path, name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigWrong("{file}: is not UTF-8 text", catalogue=NOT_UTF8, file=name) from None


def _read_bytes(path: Path, name: str) -> bytes:
    try:
        # Opening a pipe must not wait for its other end.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise ConfigWrong(
            "{file}: there is no such file; posrefund init writes one",
            catalogue=FILE_MISSING,
            file=name,
        ) from None
    except (OSError, ValueError):
        raise ConfigWrong("{file}: cannot be read", catalogue=FILE_MISSING, file=name) from None
    try:
        _refuse_unsafe(os.fstat(descriptor), name)
        content = os.read(descriptor, MAX_BYTES + 1)
    except OSError:
        raise ConfigWrong("{file}: cannot be read", catalogue=FILE_MISSING, file=name) from None
    finally:
        os.close(descriptor)
    if len(content) > MAX_BYTES:
        raise ConfigWrong("{file}: is larger than 1 MiB", catalogue=TOO_LARGE, file=name)
    _refuse_open_folder(path.absolute().parent, name)
    return content


def _refuse_unsafe(status: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ConfigWrong("{file}: is a folder; name the file in it", catalogue=FOLDER, file=name)
    if not stat.S_ISREG(status.st_mode):
        raise ConfigWrong("{file}: is not a regular file", catalogue=NO_FILE, file=name)
    # Whoever can write it can send the refunds, and the key, somewhere else.
    if os.name == "posix" and status.st_mode & stat.S_IWOTH:
        raise ConfigWrong(
            "{file}: can be written by everybody; run: chmod o-w {file}",
            catalogue=UNSAFE_FILE,
            file=name,
        )
    # Root sets counters up for others.
    if hasattr(os, "geteuid") and status.st_uid not in {os.geteuid(), _ROOT}:
        raise ConfigWrong(
            "{file}: belongs to another user, who can change it; use a file of your own",
            catalogue=UNSAFE_FILE,
            file=name,
        )


def _refuse_open_folder(folder: Path, name: str) -> None:
    mode = folder.stat().st_mode
    # In a sticky folder such as /tmp nobody can replace another's file.
    if os.name == "posix" and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        shown = safe_text(str(folder))
        raise ConfigWrong(
            "{file}: its folder can be written by everybody; run: chmod o-w {folder}",
            catalogue=UNSAFE_FILE,
            file=name,
            folder=shown,
        )


def as_ccv_spells(key: str) -> str:
    """`terminal_id` is `terminalId` in CCV's documentation; both are taken."""
    first, *others = key.split("_")
    return first + "".join(word.capitalize() for word in others)
