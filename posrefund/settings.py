"""The configuration file: its shape, its defaults, and errors that name the file and the key."""

import ipaddress
import math
import os
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from posrefund.errors import ConfigWrong
from posrefund.refund.model import Environment
from posrefund.safe_text import safe_text
from posrefund.terminal.model import Method, OperatingEnvironment, Terminal

LANGUAGES = ("nld", "eng", "deu", "fra")
PROFILES = ("responsive", "brisk", "certified")

MAX_BYTES = 1024 * 1024
MAX_NAME = 40
MAX_URL = 2000

_SECRETS = frozenset({"apikey", "key", "password", "secret", "token", "authorization"})
_SAFEGUARDS = frozenset(
    "verify verifytls verifyssl sslverify tlsverify tls ssl insecure idempotency idempotent"
    " idempotencyreference synchronous sync fsync durable followredirects trustenv".split()
)
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:.")
_BASE_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_DEFAULT_PORTS = {"http": 80, "https": 443}

_TOP = ("counter", "language", "provider", "polling", "journal", "terminals")
_PROVIDER = (
    *("base_url", "pay_url_hosts", "api_key_file", "proxy", "ca_file"),
    *("webhook_url", "return_url", "notification_requests"),
)
_EVERY_TERMINAL = ("name", "method", "terminal_id", "default")
_CARD_TERMINAL = (
    *("management_system_id", "access_protocol", "operating_environment", "merchant_language"),
)
_SOFTPOS = ("card_present",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """`[provider]`: where CCV is, and what is sent with every refund."""

    base_url: str = "https://api.psp.ccv.eu/api/v1"
    """Without a slash at the end. Plain http only for loopback, and only with a test key."""
    pay_url_hosts: tuple[str, ...] = ("onlinepayments.ccv.eu",)
    """The exact hosts a payUrl may have."""
    api_key_file: Path | None = None
    proxy: str | None = None
    """The only proxy that is used; the variables of the environment are not looked at."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's."""
    webhook_url: str | None = None
    return_url: str | None = None
    notification_requests: tuple[Mapping[str, object], ...] | None = None
    """JSON values only, sent as they are. CCV does not publish their shape."""

    @property
    def is_on_loopback(self) -> bool:
        """Whether the provider is this machine, as the sandbox is."""
        return is_loopback(urlsplit(self.base_url).hostname or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PollingSettings:
    """`[polling]`: how often CCV is asked."""

    profile: str = "responsive"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSettings:
    """`[journal]`: where the memory is."""

    path: Path | None = None
    """None is the platform's state folder (`locations.journal_file`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration, checked. `Settings()` is what holds where nothing is written."""

    counter: str = "Counter 1"
    """This workstation, as people call it."""
    language: str = "eng"
    provider: ProviderSettings = field(default_factory=ProviderSettings)
    polling: PollingSettings = field(default_factory=PollingSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    terminals: tuple[Terminal, ...] = ()


class HasEnvironment(Protocol):
    """What `agree` needs of an API key."""

    @property
    def environment(self) -> Environment:
        """Test or live."""


def load_settings(path: Path) -> Settings:
    """Read the configuration file. Nothing in it is guessed, and nothing unknown is skipped.

    Raises:
        ConfigWrong: One sentence with the file, the key and what is wrong. Nothing was sent.
    """
    top = _Table(_parse(path), file=path, where="", known=_TOP)
    defaults = Settings()
    return Settings(
        counter=top.text("counter", longest=MAX_NAME) or defaults.counter,
        language=top.choice("language", LANGUAGES) or defaults.language,
        provider=_provider(top.table("provider", _PROVIDER)),
        polling=_polling(top.table("polling", ("profile",))),
        journal=JournalSettings(path=_journal_path(top.table("journal", ("path",)))),
        terminals=_terminals(top),
    )


def agree(settings: Settings, key: HasEnvironment) -> None:
    """Check that the configuration and the API key may be used together.

    Raises:
        ConfigWrong: If a live key would travel over plain http. Nothing was sent.
    """
    plain = settings.provider.base_url.startswith("http://")
    if plain and key.environment is not Environment.TEST:
        raise ConfigWrong(
            "provider.base_url is plain http, which is only for a test key (t_); this key is live"
        )


def is_loopback(host: str) -> bool:
    """Whether `host`, as a URL has it without brackets, is this machine and cannot be another."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback and (address.version == 4 or host == "::1")


def _provider(table: "_Table") -> ProviderSettings:
    defaults = ProviderSettings()
    base_url = table.text("base_url", longest=MAX_URL)
    return ProviderSettings(
        base_url=_base_url(table, base_url) if base_url else defaults.base_url,
        pay_url_hosts=_hosts(table) or defaults.pay_url_hosts,
        api_key_file=table.path("api_key_file"),
        proxy=_proxy(table),
        ca_file=table.path("ca_file"),
        webhook_url=_webhook_url(table),
        return_url=_return_url(table),
        notification_requests=_notification_requests(table),
    )


def _polling(table: "_Table") -> PollingSettings:
    return PollingSettings(profile=table.choice("profile", PROFILES) or PollingSettings().profile)


def _journal_path(table: "_Table") -> Path | None:
    path = table.text("path", longest=4096)
    if path is not None and not Path(path).expanduser().is_absolute():
        raise table.wrong("path", "must be an absolute path, so that there is only one journal")
    return table.path("path")


def _base_url(table: "_Table", text: str) -> str:
    key = "base_url"
    if text.endswith("/"):
        text = text[:-1]
    url = _split_url(table, key, text)
    host = (url.hostname or "").lower()
    if url.scheme not in _DEFAULT_PORTS:
        raise table.wrong(key, "must begin with https://")
    if "@" in url.netloc:
        raise table.wrong(key, "must not contain a user name or password")
    if "?" in text or "#" in text:
        raise table.wrong(key, "must not contain ? or #")
    if not _BASE_PATH.fullmatch(url.path) or {".", ".."} & set(url.path.split("/")):
        raise table.wrong(key, "must have a plain path such as /api/v1")
    if url.scheme == "http" and not is_loopback(host):
        raise table.wrong(key, "must begin with https://; plain http is only for this machine")
    port = "" if url.port in {None, _DEFAULT_PORTS[url.scheme]} else f":{url.port}"
    name = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{name}{port}{url.path}"


def _split_url(table: "_Table", key: str, text: str) -> SplitResult:
    """Take a URL apart that no two programs could read differently."""
    if not (text.isascii() and text.isprintable()) or " " in text or "\\" in text:
        raise table.wrong(key, "must hold only printable ASCII without spaces or backslashes")
    try:
        url = urlsplit(text)
        host, port = (url.hostname or "").lower(), url.port
    except ValueError:
        raise table.wrong(key, "is not a URL") from None
    if ":" in host:
        well_formed = not host.startswith("v") and "%" not in host
    else:
        well_formed = _HOST.fullmatch(host) is not None
    if not well_formed or port == 0 or url.netloc.endswith(":"):
        raise table.wrong(key, "must have a host name, as in https://example.org/")
    return url


def _hosts(table: "_Table") -> tuple[str, ...]:
    hosts = table.texts("pay_url_hosts", longest=253)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise table.wrong(
                "pay_url_hosts", "must be exact host names in lower case, without https:// or port"
            )
    return hosts


def _proxy(table: "_Table") -> str | None:
    text = table.text("proxy", longest=MAX_URL)
    if text is None:
        return None
    url = _split_url(table, "proxy", text)
    if url.scheme not in _DEFAULT_PORTS:
        raise table.wrong("proxy", "must begin with http:// or https://")
    if "@" in url.netloc:
        raise table.wrong("proxy", "must not contain a user name or password")
    if url.path not in {"", "/"} or "?" in text or "#" in text:
        raise table.wrong("proxy", "must end after the host and port")
    return text.removesuffix("/")


def _webhook_url(table: "_Table") -> str | None:
    text = table.text("webhook_url", longest=MAX_URL)
    if text is not None and _split_url(table, "webhook_url", text).scheme != "https":
        raise table.wrong("webhook_url", "must begin with https://")
    return text


def _return_url(table: "_Table") -> str | None:
    text = table.text("return_url", longest=MAX_URL)
    if text is None:
        return None
    if not text.isascii() or " " in text or "\\" in text or not _SCHEME.match(text):
        raise table.wrong("return_url", "must have a scheme, as in https://example.org/done")
    return text


def _notification_requests(table: "_Table") -> tuple[Mapping[str, object], ...] | None:
    requests = table.tables("notification_requests")
    if requests is None:
        return None
    if not requests:
        raise table.wrong("notification_requests", "is empty; leave it out instead")
    for request in requests:
        if not _is_json(request):
            raise table.wrong(
                "notification_requests", "may hold text, numbers, true, false, lists and tables"
            )
    return tuple(requests)


def _is_json(value: object) -> bool:
    if isinstance(value, dict):
        return all(_is_json(inner) for inner in value.values())
    if isinstance(value, list):
        return all(_is_json(inner) for inner in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int)


def _terminals(top: "_Table") -> tuple[Terminal, ...]:
    entries = top.tables("terminals") or []
    terminals = tuple(_terminal(top, number, entry) for number, entry in enumerate(entries, 1))
    names = [terminal.name.casefold() for terminal in terminals]
    if len(set(names)) < len(names):
        raise top.wrong("terminals", "two terminals have the same name")
    if sum(terminal.is_default for terminal in terminals) > 1:
        raise top.wrong("terminals", "only one terminal may have default = true")
    return terminals


def _terminal(top: "_Table", number: int, entry: dict[str, Any]) -> Terminal:
    known = (*_EVERY_TERMINAL, *_CARD_TERMINAL, *_SOFTPOS)
    table = _Table(entry, file=top.file, where=f"terminals[{number}]", known=known)
    name = table.required("name", longest=MAX_NAME)
    method = Method(table.choice("method", tuple(Method)) or table.missing("method"))
    is_default = table.boolean("default", otherwise=False)
    if method is Method.SOFTPOS:
        table.refuse(_CARD_TERMINAL, 'is only for method = "terminal"')
        return Terminal(
            name=name,
            method=method,
            terminal_id=table.text("terminal_id", longest=20),
            card_present=table.boolean("card_present", otherwise=True),
            is_default=is_default,
        )
    table.refuse(_SOFTPOS, 'is only for method = "softpos"')
    surroundings, language = _surroundings(table)
    return Terminal(
        name=name,
        method=method,
        terminal_id=table.required("terminal_id", longest=50),
        management_system_id=table.required("management_system_id", longest=50),
        access_protocol=table.text("access_protocol", longest=20) or "OPI_NL",
        operating_environment=surroundings,
        merchant_language=language,
        is_default=is_default,
    )


def _surroundings(table: "_Table") -> tuple[OperatingEnvironment | None, str | None]:
    """Who stands at the terminal, and the language CCV wants to know exactly then."""
    key = "merchant_language"
    language = table.text(key, longest=3)
    if language is not None and not (len(language) == 3 and language.isascii() and language.isalpha()):
        raise table.wrong(key, "must be three letters, as NLD")
    chosen = table.choice("operating_environment", tuple(OperatingEnvironment))
    surroundings = OperatingEnvironment(chosen) if chosen else None
    if surroundings is not OperatingEnvironment.ATTENDED:
        return surroundings, None
    return surroundings, (language or table.missing(key, "when the terminal is ATTENDED")).upper()
