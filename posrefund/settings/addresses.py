"""Which addresses may be configured. Each is taken apart in a way no two programs can differ on."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from posrefund.sentence import Spoken

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:.")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_PORTS = {"http": 80, "https": 443}


class Unusable(Spoken, ValueError):
    """The address cannot be used; the text says why and ends the sentence about its key."""


def is_loopback(host: str) -> bool:
    """Whether `host`, without brackets, is this machine and can be no other."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback if address.version == 4 else host == "::1"


def is_host_name(host: str) -> bool:
    """Whether it is a plain host name in lower case, without scheme, port, wildcard or last dot."""
    return _HOST.fullmatch(host) is not None


def base_url(text: str) -> str:
    """Return the provider's address in its one spelling: lower-case host, no slash at the end.

    Raises:
        Unusable: If a key sent there might go somewhere else.
    """
    url = _taken_apart(text)
    host = url.hostname or ""
    path = url.path.removesuffix("/")
    if url.scheme not in _PORTS:
        raise Unusable("must begin with https://")
    _refuse_extras(url, text)
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise Unusable("must have a plain path such as /api/v1")
    if url.scheme == "http" and not is_loopback(host):
        raise Unusable("must begin with https://; plain http is only for this machine")
    port = "" if url.port in {None, _PORTS[url.scheme]} else f":{url.port}"
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{port}{path}"


def proxy(text: str) -> str:
    """Return the proxy's address.

    Raises:
        Unusable: If it is more than scheme, host and port.
    """
    url = _taken_apart(text)
    if url.scheme not in _PORTS:
        raise Unusable("must begin with http:// or https://")
    _refuse_extras(url, text)
    if url.path not in {"", "/"}:
        raise Unusable("must end after the host and port")
    return text.removesuffix("/")


def webhook_url(text: str) -> str:
    """Return the address CCV calls.

    Raises:
        Unusable: If CCV would not call it.
    """
    if _taken_apart(text).scheme != "https":
        raise Unusable("must begin with https://")
    return text


def return_url(text: str) -> str:
    """Return the address the cashier's page leads back to; schemes of apps are welcome.

    Raises:
        Unusable: If it has no scheme.
    """
    _refuse_strange_characters(text)
    if not _SCHEME.match(text):
        raise Unusable("must have a scheme, as in https://example.org/done")
    return text


def _taken_apart(text: str) -> SplitResult:
    _refuse_strange_characters(text)
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
        # urlsplit takes more for an IPv6 address than there is, such as a zone.
        known = is_host_name(host) or bool(ipaddress.ip_address(host))
    except ValueError:
        known, port = False, None
    if not known or port == 0 or "%" in url.netloc or url.netloc.endswith(":"):
        raise Unusable("must have a host name, as in https://example.org/")
    return url


def _refuse_strange_characters(text: str) -> None:
    # urlsplit drops line breaks without a word, and browsers read a backslash as a slash.
    if not (text.isascii() and text.isprintable()) or " " in text or "\\" in text:
        raise Unusable("must hold only printable ASCII without spaces and backslashes")


def _refuse_extras(url: SplitResult, text: str) -> None:
    if "@" in url.netloc:
        raise Unusable("must not contain a user name or password")
    if "?" in text or "#" in text:
        raise Unusable("must not contain ? or #")
