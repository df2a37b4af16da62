"""A server on 127.0.0.1 that says exactly the bytes it is told to, however wrong they are."""

import contextlib
import re
import socket
import ssl
import struct
import threading
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    head: bytes
    body: bytes

    @property
    def line(self):
        return self.head.partition(b"\r\n")[0].decode()

    @property
    def headers(self):
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


class RawServer:
    """Takes one step of the script per request; the last one again and again.

    A step is a function of the server and the connection; it returns True to keep the connection.
    """

    def __init__(self, *script, tls=None):
        self.requests = []
        self.connections = 0
        self.raw = bytearray()
        self.over = threading.Event()
        self._script = list(script)
        self._tls = tls
        self._lock = threading.Lock()
        self._threads = []
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    @property
    def base_url(self):
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/api/v1"

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._sockets:
                close(connection)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def _start(self, target, *args):
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection):
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self._sockets.append(connection)
            while self._one(connection):
                pass
        except (OSError, ssl.SSLError):
            pass
        finally:
            close(connection)

    def _one(self, connection):
        request = self._read(connection)
        if request is None:
            return False
        with self._lock:
            self.requests.append(request)
            step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return step(self, connection)

    def _read(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part:
                return None
            self.raw += part
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        while length is not None and len(body) < int(length[1]):
            part = connection.recv(65536)
            self.raw += part
            body += part
        return Received(head, body)


def close(connection):
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def message(body=b"", *, status="200 OK", kind="application/json", headers=()):
    """A well-formed answer."""
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    lines += headers
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(data, *, then_close=False):
    """Send these bytes."""

    def step(_server, connection):
        connection.sendall(data)
        return not then_close

    return step


def hangs_up(_server, _connection):
    """Close without a word."""
    return False


def resets(_server, connection):
    """Drop the connection, rudely."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return False


def says_and_resets(data):
    """Send these bytes, then drop the connection."""

    def step(server, connection):
        connection.sendall(data)
        return resets(server, connection)

    return step


def stays_silent(server, _connection):
    """Never answer."""
    server.over.wait(10)
    return False


def drips(data, *, pause=0.02):
    """Send one byte at a time, for ever patient."""

    def step(server, connection):
        for at in range(len(data)):
            connection.sendall(data[at : at + 1])
            if server.over.wait(pause):
                break
        return False

    return step


def floods(first, again):
    """Send `first` and then `again` until the other side has enough."""

    def step(server, connection):
        connection.sendall(first)
        while not server.over.is_set():
            connection.sendall(again)
        return False

    return step
