"""One exchange with one server: under one deadline, within bounds, never repeated, never followed.

What `client.py` may rely on: `Transport.exchange` returns a whole answer or raises `Broken`, which
says whether the request can have begun to leave. The only importer of httpcore and truststore.
"""

import base64
import logging
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import httpcore
import httpx

from posrefund import __version__
from posrefund.errors import ConfigWrong
from posrefund.provider.answer import MAX_BODY, MAX_HEADERS, Answer, is_one_message, whole
from posrefund.provider.failures import Broken, Unacceptable
from posrefund.provider.names import addresses
from posrefund.safe_text import safe_text

MAX_RECEIVED = MAX_BODY + MAX_HEADERS + 64 * 1024
"""Of one exchange in bytes of the wire, chunk sizes and interim answers included."""
KEEP_ALIVE_SECONDS = 30.0
"""Shorter than servers keep idle ones: a refund must not meet one that is just being closed."""
MAX_CONNECTIONS = 10


class Secret(Protocol):
    """The API key, which shows itself only here."""

    def reveal(self) -> str:
        """The key itself."""


class Transport:
    """The connection to CCV, kept open between requests. For any number of threads."""

    def __init__(
        self,
        *,
        base_url: str,
        key: Secret,
        proxy: str | None = None,
        ca_file: Path | None = None,
        connect_seconds: float = 5.0,
    ) -> None:
        """Prepare; nothing is sent before `exchange`.

        Raises:
            ConfigWrong: If `ca_file` holds no certificates. Nothing was sent.
        """
        self._base_url = base_url
        self._key = key
        self._connect_seconds = connect_seconds
        for name in ("httpx", "httpcore"):
            # They would write addresses and headers into somebody's log.
            logging.getLogger(name).setLevel(logging.WARNING)
        self._client = httpx.Client(
            transport=_Lines(base_url=base_url, proxy=proxy, ca_file=ca_file),
            auth=self._sign,
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": f"posrefund/{__version__}",
            },
            # A cookie of one answer must not change what the next request means.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=False,
        )

    def exchange(
        self,
        method: str,
        target: str,
        *,
        seconds: float,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request below the base URL and return the whole answer within `seconds`.

        Raises:
            Broken: If no whole and acceptable answer came. Says whether anything may have left.
        """
        departure = _Departure()
        now = monotonic()
        try:
            with self._client.stream(
                method,
                self._base_url + target,
                content=body,
                headers=dict(headers or {}),
                extensions={
                    "trace": departure.watch,
                    # These are the times at which it is over, not durations: every step of the
                    # exchange is handed the same one, and `_Stream` counts what is left of it.
                    "timeout": {
                        "connect": now + min(seconds, self._connect_seconds),
                        "read": now + seconds,
                        "write": now + seconds,
                        "pool": min(seconds, self._connect_seconds),  # only this is a duration
                    },
                },
            ) as response:
                return whole(response)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
            raise Broken(error, left=departure.left) from None

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def _sign(self, request: httpx.Request) -> httpx.Request:
        """Add the API key: user name, with an empty password (CCV: general/authentication)."""
        request.headers["Authorization"] = (
            "Basic " + base64.b64encode(f"{self._key.reveal()}:".encode()).decode()
        )
        return request


@dataclass(slots=True)
class _Departure:
    """Watches for the moment from which the request may have left this machine."""

    left: bool = False

    def watch(self, event: str, details: Mapping[str, Any]) -> None:
        """Take one event of httpcore; this one comes before the first byte is written."""
        if event.endswith(".send_request_headers.started"):
            # CONNECT is a word with the proxy. The request itself is not in it.
            self.left = self.left or details["request"].method != b"CONNECT"


class _Lines(httpx.BaseTransport):
    """Up to ten connections behind httpx, each lent to one exchange at a time.

    Each is an httpcore pool of one. A pool shared by threads may close a connection as expired at
    the very moment another thread takes it up (its check and its use are not one step), and a
    refund cut off like that is a refund nobody can vouch for.
    """

    def __init__(self, *, base_url: str, proxy: str | None, ca_file: Path | None) -> None:
        secure = base_url.startswith("https://")
        self._proxy = None if proxy is None else httpx.URL(proxy)
        self._tls = _tls(ca_file) if secure else None
        to_proxy = self._proxy is not None and self._proxy.scheme == "https"
        self._tls_to_proxy = _tls(ca_file) if to_proxy else None
        self._free: list[httpcore.ConnectionPool] = []
        self._places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the answer's body is read from the returned stream."""
        line = self._take(request.extensions["timeout"]["pool"])
        url = request.url
        try:
            with _as_httpx():
                response = line.handle_request(
                    httpcore.Request(
                        method=request.method,
                        url=httpcore.URL(
                            scheme=url.raw_scheme,
                            host=url.raw_host,
                            port=url.port,
                            target=url.raw_path,
                        ),
                        headers=request.headers.raw,
                        content=request.stream,
                        extensions=request.extensions,
                    )
                )
        except BaseException:
            self._give_back(line)
            raise
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response, partial(self._give_back, line)),
        )

    def close(self) -> None:
        """Close every connection; one in use is closed when its exchange is over."""
        self._closed = True
        with suppress(IndexError):
            while True:
                self._free.pop().close()

    def _take(self, seconds: float) -> httpcore.ConnectionPool:
        if not self._places.acquire(timeout=seconds):
            raise httpx.PoolTimeout("every connection is in use")
        try:
            return self._free.pop()  # the one used last: it is the most likely to be still open
        except IndexError:
            return self._new()

    def _give_back(self, line: httpcore.ConnectionPool) -> None:
        self._free.append(line)
        self._places.release()
        if self._closed:
            self.close()

    def _new(self) -> httpcore.ConnectionPool:
        options: dict[str, Any] = {
            "ssl_context": self._tls,
            "max_connections": 1,
            "keepalive_expiry": KEEP_ALIVE_SECONDS,
            "http1": True,
            "http2": False,
            "retries": 0,
            "network_backend": _Network(),
        }
        if self._proxy is None:
            return httpcore.ConnectionPool(**options)
        url = self._proxy
        return httpcore.HTTPProxy(
            proxy_url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=b"/"
            ),
            proxy_auth=(url.username, url.password) if url.username else None,
            proxy_ssl_context=self._tls_to_proxy,
            **options,
        )


class _Body(httpx.SyncByteStream):
    """The body of an answer. Afterwards the connection is kept only if nothing else came on it."""

    def __init__(self, response: httpcore.Response, give_back: Callable[[], None]) -> None:
        self._response = response
        self._give_back = give_back

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._response.iter_stream()
        stream = self._response.extensions["network_stream"]
        if isinstance(stream, _Stream) and not is_one_message(bytes(stream.received)):
            # The rest would be taken for the answer to the next request, that is, to a refund.
            stream.close()

    def close(self) -> None:
        """Free the connection for the next exchange."""
        try:
            with _as_httpx():
                self._response.close()
        finally:
            self._give_back()


@dataclass(slots=True)
class _Stream(httpcore.NetworkStream):
    """A connection whose time-outs are times at which the whole exchange is over."""

    inner: httpcore.NetworkStream
    received: bytearray = field(default_factory=bytearray)
    """What came since the last time something was sent."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is before the deadline."""
        data = self.inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))
        self.received += data
        if len(self.received) > MAX_RECEIVED:
            raise Unacceptable("the answer is far too large")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write everything before the deadline."""
        self.received.clear()
        self.inner.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close it."""
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Secure the connection before the deadline."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        """What httpcore asks about a connection."""
        return self.inner.get_extra_info(info)


class _Network(httpcore.SyncBackend):
    """Connects before a deadline, the look-up of the name included."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Try each address of `host`, giving each its share of the time that is left."""
        try:
            found = addresses(host, port, seconds=_left(timeout, httpcore.ConnectTimeout))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(error) from None
        except OSError as error:
            raise httpcore.ConnectError(error) from None
        for address in found[:-1]:
            share = _left(timeout, httpcore.ConnectTimeout) / len(found)
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connect(address, port, share, local_address, socket_options)
        left = _left(timeout, httpcore.ConnectTimeout)
        return self._connect(found[-1], port, left, local_address, socket_options)

    def _connect(self, *how: Any) -> httpcore.NetworkStream:  # noqa: ANN401 - handed through
        return _Stream(super().connect_tcp(*how))


def _left(deadline: float | None, over: type[Exception]) -> float:
    left = (deadline or 0.0) - monotonic()
    if left <= 0:
        raise over("the deadline has passed")
    return left


_HTTPX_FOR: tuple[tuple[type[Exception], Callable[[str], httpx.TransportError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.ProxyError, httpx.ProxyError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
)


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Turn httpcore's errors into httpx's, without the frames that hold the headers we sent.

    What the operating system said, which httpcore keeps as the only argument, is the cause.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - what is not known goes on as it is
        root = error.args[0] if error.args else None
        root = root.with_traceback(None) if isinstance(root, OSError) else None
        raise _translated(error) from root


def _translated(error: Exception) -> Exception:
    for theirs, ours in _HTTPX_FOR:
        if isinstance(error, theirs):
            return ours(safe_text(str(error)))
    return error.with_traceback(None)


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """Verify against the system's certificates, or against those in `ca_file` and no others."""
    context: ssl.SSLContext
    if ca_file is None:
        import truststore

        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError:
            name = safe_text(str(ca_file))
            raise ConfigWrong(
                "provider.ca_file {file} holds no certificates we can read", file=name
            ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
