"""The way to the bank: a relay on a port of its own that may spoil, secure or shut the line."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

CarryOut = Callable[[], bytes]
Spoil = Callable[[socket.socket, CarryOut], bool]
"""Given the client's connection and what gets the bank's answer; True keeps the connection."""


class Door:
    """Hands requests to the bank and answers back, byte for byte unless told otherwise."""

    def __init__(self, bank_port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        """Set another one, and the next connection is secured by it; None for plain words."""
        self.spoil: Spoil | None = None
        """Treats the requests to come; `spoil_posts` treats only refunds."""
        self.handshake: Callable[[socket.socket], bool] | None = None
        """Has the first word on a new connection; False closes it."""
        self.accepted = 0
        self._bank_port = bank_port
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.port = 0
        self.open()

    def __enter__(self) -> "Door":
        return self

    def __exit__(self, *_: object) -> None:
        self.shut()

    @property
    def base_url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/api/v1"

    def open(self) -> None:
        """Listen, on the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Refuse whoever comes, and hang up on everybody."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Close every connection."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def spoil_posts(self, spoil: Spoil, *, times: int = 1) -> None:
        """Treat the next refund requests like this, and everything else well."""
        left = [times]

        def treat(connection: socket.socket, carry_out: CarryOut, is_post: bool) -> bool:
            if is_post and left[0] > 0:
                left[0] -= 1
                return spoil(connection, carry_out)
            connection.sendall(carry_out())
            return True

        self._treat = treat

    _treat: Callable[[socket.socket, CarryOut, bool], bool] | None = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), raw:
            if self.handshake is not None and not self.handshake(raw):
                return
            connection = self.tls.wrap_socket(raw, server_side=True) if self.tls else raw
            with self._lock:
                self._open.add(connection)
            with connection, socket.create_connection(("127.0.0.1", self._bank_port)) as bank:
                while request := read_message(connection):
                    if not self._one(connection, bank, request):
                        return

    def _one(self, connection: socket.socket, bank: socket.socket, request: bytes) -> bool:
        def carry_out() -> bytes:
            bank.sendall(request)
            return read_message(bank)

        if self.spoil is not None:
            return self.spoil(connection, carry_out)
        if self._treat is not None:
            return self._treat(connection, carry_out, request.startswith(b"POST"))
        connection.sendall(carry_out())
        return True


def read_message(connection: socket.socket) -> bytes:
    """Read one message whose length, if it has a body, is told in its head; empty at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, gap, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line[15:])
    while len(body) < length:
        part = connection.recv(65536)
        if not part:
            return b""
        body += part
    return head + gap + body
