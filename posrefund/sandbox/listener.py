"""Accepts connections on 127.0.0.1 and turns bytes into requests: HTTP/1.1 with keep-alive."""

import socket
import threading
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import cast
from urllib.parse import parse_qsl, urlsplit

from posrefund.sandbox.exchange import Answer, Request
from posrefund.sandbox.routes import Routes
from posrefund.sandbox.sending import send

HOST = "127.0.0.1"
MAX_BODY = 1024 * 1024
"""Bytes of a request body that are read; CCV's own limit is not known."""


class Unreadable(Exception):
    """The body of a request cannot be read; the connection cannot go on."""


class Listener(ThreadingTCPServer):
    """Gives each connection a thread, and remembers them so that it can break them."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, port: int, routes: Routes) -> None:
        """Listen.

        Raises:
            OSError: If the port is taken.
        """
        super().__init__((HOST, port), Handler)
        self.routes = routes
        self.stopping = threading.Event()
        self.accepted = 0
        self._open: dict[socket.socket, threading.Thread] = {}
        self._open_lock = threading.Lock()

    def process_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Start a thread for a connection."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._open_lock:
            self.accepted += 1
            self._open[cast(socket.socket, request)] = thread
        thread.start()

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close a connection, without a polite shutdown first: after `reset` that is a FIN."""
        connection = cast(socket.socket, request)
        with self._open_lock:
            self._open.pop(connection, None)
        connection.close()

    def hang_up(self) -> None:
        """Break what is open, wait for the threads, close the listening socket."""
        self.stopping.set()
        with self._open_lock:
            left = dict(self._open)
        for connection in left:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in left.values():
            thread.join(timeout=5)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Reads the requests of one connection and sends their answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener
    headers: HTTPMessage

    def handle(self) -> None:
        """Serve the connection until either side has had enough."""
        try:
            super().handle()
        except OSError:
            # The client went away. What it asked for has been carried out all the same.
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep quiet; the routes have a log of their own."""

    def _serve(self) -> None:
        try:
            answer = self.server.routes.answer(self._request())
        except Unreadable as error:
            self.close_connection = True
            answer = Answer.html(f"<h1>{error}</h1>", status=400)
        goes_on = send(
            self.connection,
            answer,
            closing=self.close_connection,
            without_body=self.command == "HEAD",
            stopping=self.server.stopping,
        )
        self.close_connection = self.close_connection or not goes_on

    do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def _request(self) -> Request:
        target = urlsplit(self.path)
        query: dict[str, str] = {}
        for name, value in parse_qsl(target.query, keep_blank_values=True):
            query.setdefault(name, value)
        return Request(
            method=self.command,
            path=target.path,
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
        )

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            raise Unreadable("Content-Length is not one this server takes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError("the client left in the middle of its request")
        return body

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        while size := self._chunk_size():
            parts.append(self.rfile.read(size))
            self.rfile.readline()
            if sum(map(len, parts)) > MAX_BODY:
                raise Unreadable("The body is too long")
        while self.rfile.readline().strip():
            continue
        return b"".join(parts)

    def _chunk_size(self) -> int:
        text = self.rfile.readline(64).split(b";")[0].strip()
        try:
            size = int(text, 16)
        except ValueError as error:
            raise Unreadable("The chunks are malformed") from error
        if not 0 <= size <= MAX_BODY:
            raise Unreadable("The body is too long")
        return size
