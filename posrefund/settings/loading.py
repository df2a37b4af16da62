"""Turns the file into `Settings`. Nothing is guessed, and nothing unknown is skipped."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from posrefund.errors import ConfigWrong
from posrefund.refund.model import Environment
from posrefund.refund.polling import Profile
from posrefund.sentence import Sentence
from posrefund.settings import addresses
from posrefund.settings.model import (
    LANGUAGES,
    ProviderSettings,
    Settings,
)
from posrefund.settings.printing import printer
from posrefund.settings.table import MAX_PATH, Table, is_postgres, read_file
from posrefund.terminal.model import Method, OperatingEnvironment, Terminal

MAX_NAME = 40
"""Of a counter or terminal: it must fit a line of the slip."""

MAX_URL = 2000
"""CCV's limit."""

ADDRESS = "C-120"
NEEDED_BY_A_CARD_TERMINAL = Sentence("is missing; it is needed for a card terminal")

_TOP = (
    "counter",
    "language",
    "provider",
    "polling",
    "journal",
    "terminals",
    "kiosk",
    "export_folder",
    "printer",
)
_PROVIDER = (
    "base_url",
    "pay_url_hosts",
    "api_key_file",
    "proxy",
    "ca_file",
    "webhook_url",
    "return_url",
    "notification_requests",
)
_PRINTER = ("kind", "address", "columns", "cut")
_ANY_TERMINAL = ("name", "method", "terminal_id", "default")
_CARD_TERMINAL = (
    "management_system_id",
    "access_protocol",
    "operating_environment",
    "merchant_language",
)
_SOFTPOS = ("card_present",)


class HasEnvironment(Protocol):
    """What `agree` needs of an API key."""

    @property
    def environment(self) -> Environment:
        """Test or live."""


def load_settings(path: Path) -> Settings:
    """Read and check the configuration file.

    Raises:
        ConfigWrong: One sentence with the file, the key and what is wrong. Nothing was sent.
    """
    return settings_of(read_file(path), path)


def settings_of(values: dict[str, Any], file: Path) -> Settings:
    """Check what was read from `file`.

    Raises:
        ConfigWrong: One sentence with the file, the key and what is wrong. Nothing was sent.
    """
    top = Table(values, file=file, where="", known=_TOP)
    defaults = Settings()
    polling, journal = top.table("polling", ("profile",)), top.table("journal", ("path",))
    settings = Settings(
        counter=top.text("counter", longest=MAX_NAME) or defaults.counter,
        language=top.choice("language", LANGUAGES) or defaults.language,
        provider=_provider(top.table("provider", _PROVIDER)),
        polling_profile=Profile(
            polling.choice("profile", tuple(Profile)) or defaults.polling_profile
        ),
        journal_path=_journal_path(journal),
        terminals=_terminals(top),
        kiosk=top.boolean("kiosk", otherwise=defaults.kiosk),
        export_folder=_export_folder(top),
        printer=printer(top.table("printer", _PRINTER)),
    )
    _refuse_shared_journal(settings, journal)
    return settings


def agree(settings: Settings, key: HasEnvironment) -> None:
    """Check that the configuration and the API key may be used together.

    Raises:
        ConfigWrong: If a live key would travel over plain http. Nothing was sent.
    """
    plain = not settings.provider.base_url.startswith("https://")
    if plain and key.environment is not Environment.TEST:
        raise ConfigWrong(
            "{setting} is plain http, which is only for a test key (t_); this key is live",
            catalogue="C-121",
            setting="provider.base_url",
        )


def _provider(table: Table) -> ProviderSettings:
    defaults = ProviderSettings()
    return ProviderSettings(
        base_url=_address(table, "base_url", addresses.base_url) or defaults.base_url,
        pay_url_hosts=_hosts(table) or defaults.pay_url_hosts,
        api_key_file=table.path("api_key_file"),
        proxy=_address(table, "proxy", addresses.proxy),
        ca_file=table.path("ca_file"),
        webhook_url=_address(table, "webhook_url", addresses.webhook_url),
        return_url=_address(table, "return_url", addresses.return_url),
        notification_requests=_notification_requests(table),
    )


def _address(table: Table, key: str, check: Callable[[str], str]) -> str | None:
    text = table.text(key, longest=MAX_URL)
    if text is None:
        return None
    try:
        return check(text)
    except addresses.Unusable as error:
        raise table.wrong(key, error.sentence, catalogue=ADDRESS) from None


def _hosts(table: Table) -> tuple[str, ...] | None:
    hosts = table.texts("pay_url_hosts", longest=253)
    if hosts is not None and not all(addresses.is_host_name(host) for host in hosts):
        raise table.wrong(
            "pay_url_hosts",
            "must be exact host names in lower case, without https:// and port",
            catalogue=ADDRESS,
        )
    return hosts


def _notification_requests(table: Table) -> tuple[Mapping[str, object], ...] | None:
    key = "notification_requests"
    requests = table.tables(key)
    if requests is None:
        return None
    if not requests:
        raise table.wrong(key, "is empty; leave it out instead")
    if not _is_json(requests):
        raise table.wrong(key, "may hold texts, numbers, true, false, lists and tables only")
    return tuple(requests)


def _is_json(value: object) -> bool:
    match value:
        case dict():
            return all(_is_json(inner) for inner in value.values())
        case list():
            return all(_is_json(inner) for inner in value)
        case float():
            return math.isfinite(value)
        case _:
            return isinstance(value, str | int)


def _export_folder(top: Table) -> Path | None:
    text = top.text("export_folder", longest=MAX_PATH)
    if text is not None and not (text.startswith("~") or Path(text).is_absolute()):
        raise top.wrong("export_folder", "must be an absolute path")
    return top.path("export_folder")


def _journal_path(table: Table) -> Path | None:
    text = table.text("path", longest=MAX_PATH)
    if is_postgres(text):
        raise table.no_server("path")
    if text is not None and not (text.startswith("~") or Path(text).is_absolute()):
        raise table.wrong(
            "path",
            "must be an absolute path, so that there is only one journal",
            catalogue="C-140",
        )
    return table.path("path")


def _refuse_shared_journal(settings: Settings, journal: Table) -> None:
    """Refuse a journal that something else would write over, or read as its own."""
    printed = settings.printer
    others = {
        "provider.api_key_file": settings.provider.api_key_file,
        "provider.ca_file": settings.provider.ca_file,
        "printer.address": Path(printed.address) if printed else None,
        "--config": journal.file.absolute(),
    }
    for name, path in others.items():
        if path is not None and path == settings.journal_path:
            raise journal.wrong("path", "is the same file as {name}", catalogue="C-145", name=name)


def _terminals(top: Table) -> tuple[Terminal, ...]:
    entries = top.tables("terminals") or []
    terminals = tuple(_terminal(top, number, entry) for number, entry in enumerate(entries, 1))
    names = [terminal.name.casefold() for terminal in terminals]
    if len(set(names)) < len(names):
        raise top.wrong("terminals", "two of them have the same name")
    if sum(terminal.is_default for terminal in terminals) > 1:
        raise top.wrong("terminals", "only one of them may have default = true")
    return terminals


def _terminal(top: Table, number: int, entry: dict[str, Any]) -> Terminal:
    known = (*_ANY_TERMINAL, *_CARD_TERMINAL, *_SOFTPOS)
    table = Table(entry, file=top.file, where=f"terminals[{number}]", known=known)
    name = table.required("name", longest=MAX_NAME)
    method = Method(table.choice("method", tuple(Method)) or table.missing("method"))
    is_default = table.boolean("default", otherwise=False)
    if method is Method.SOFTPOS:
        table.only_for(_CARD_TERMINAL, 'method = "terminal"')
        softpos_id = table.text("terminal_id", longest=20)
        _refuse_blanks(table, "terminal_id", softpos_id or "")
        return Terminal(
            name=name,
            method=method,
            terminal_id=softpos_id,
            card_present=table.boolean("card_present", otherwise=True),
            is_default=is_default,
        )
    table.only_for(_SOFTPOS, 'method = "softpos"')
    surroundings, language = _surroundings(table)
    return Terminal(
        name=name,
        method=method,
        terminal_id=_card_id(table, "terminal_id"),
        management_system_id=_card_id(table, "management_system_id"),
        access_protocol=table.text("access_protocol", longest=20) or "OPI_NL",
        operating_environment=surroundings,
        merchant_language=language,
        is_default=is_default,
    )


def _card_id(table: Table, key: str) -> str:
    text = table.required(key, longest=50, otherwise=NEEDED_BY_A_CARD_TERMINAL)
    _refuse_blanks(table, key, text)
    return text


def _refuse_blanks(table: Table, key: str, text: str) -> None:
    """Refuse an id that was copied with the blanks it is printed with: CCV would not know it."""
    if " " in text:
        raise table.wrong(key, "has a space in it; an id has none")


def _surroundings(table: Table) -> tuple[OperatingEnvironment | None, str | None]:
    """Who stands at the terminal, and the language, which CCV wants exactly when somebody does."""
    key = "merchant_language"
    language = table.text(key, longest=3)
    if language and not (len(language) == 3 and language.isascii() and language.isalpha()):
        raise table.wrong(key, "must be three letters, as NLD")
    chosen = table.choice("operating_environment", tuple(OperatingEnvironment))
    surroundings = OperatingEnvironment(chosen) if chosen else None
    if surroundings is not OperatingEnvironment.ATTENDED:
        return surroundings, None
    if not language:
        table.missing(key, "is missing; it is required when the terminal is ATTENDED")
    return surroundings, language.upper()
