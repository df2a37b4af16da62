"""A proxy on this machine that tunnels, until it is told to make trouble."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Self

_HTML = b"<html><body>Log in to the guest network</body></html>"
_ANSWERS = {
    "407": b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
    "502": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    "HTML": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"
    % (len(_HTML), _HTML),
    "hangs up": b"",
}


class Proxy:
    """Takes CONNECT and hands bytes on. Use it in a `with`."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.heard = b""
        """What it was told itself; what goes through the tunnel it cannot read."""
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                part = client.recv(4096)
                if not part:
                    return
                head += part
            self.heard += head
            if self.trouble in _ANSWERS:
                client.sendall(_ANSWERS[self.trouble])
                return
            if self.trouble == "silent":
                self._over.wait(2)
                return
            host, _, port = head.split()[1].decode().rpartition(":")
            self._tunnel(client, host, int(port))

    def _tunnel(self, client: socket.socket, host: str, port: int) -> None:
        with socket.create_connection((host, port)) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            if self.trouble == "dies behind the tunnel":
                self._die_after_the_handshake(client, server)
            else:
                _pump(client, server)
            back.join()

    def _die_after_the_handshake(self, client: socket.socket, server: socket.socket) -> None:
        """Hand on until application data comes (TLS record type 23), and take it away."""
        encrypted = 0
        for record in _records(client):
            # The client's Finished is the first record of that type in TLS 1.3.
            encrypted += record[:1] == b"\x17"
            if encrypted > 1:
                break
            server.sendall(record)
        for one in (client, server):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _records(source: socket.socket) -> Iterator[bytes]:
    """Whole TLS records, however the network cut them."""
    with source.makefile("rb") as stream:
        while head := stream.read(5):
            yield head + stream.read(int.from_bytes(head[3:], "big"))


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
