"""Puts an answer on a socket: whole and at once, or as badly as a script wants it."""

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass

from posrefund.sandbox.exchange import Answer

_BLOCK = b" " * 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One answer on its way out."""

    connection: socket.socket
    answer: Answer
    closing: bool
    without_body: bool
    stopping: threading.Event

    @property
    def body(self) -> bytes:
        return b"" if self.without_body else self.answer.body

    def head(self, *framing: tuple[str, str]) -> bytes:
        closing = [("Connection", "close")] if self.closing else []
        headers = [*self.answer.head, *framing, *closing]
        lines = [f"HTTP/1.1 {self.answer.status} {self.answer.reason}"]
        lines += [f"{name}: {value}" for name, value in headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def length(self) -> tuple[tuple[str, str], ...]:
        if self.answer.status == 204:
            return ()
        return (("Content-Length", str(len(self.answer.body))),)


def send(
    connection: socket.socket,
    answer: Answer,
    *,
    closing: bool,
    without_body: bool,
    stopping: threading.Event,
) -> bool:
    """Send an answer as its transport says.

    Args:
        connection: Where to.
        answer: What.
        closing: Whether the connection ends after it; the answer says so then.
        without_body: For HEAD.
        stopping: Ends every wait when it is set.

    Returns:
        Whether the connection can go on.

    Raises:
        OSError: If the client has left.
    """
    line = _Line(
        connection=connection,
        answer=answer,
        closing=closing,
        without_body=without_body,
        stopping=stopping,
    )
    if answer.transport.delay_seconds:
        stopping.wait(answer.transport.delay_seconds)
    return _WAYS[answer.transport.kind](line)


def _plain(line: _Line) -> bool:
    line.connection.sendall(line.head(*line.length()) + line.body)
    return True


def _hang_up(_line: _Line) -> bool:
    return False


def _reset(line: _Line) -> bool:
    # Linger with no time: the close sends a RST instead of a FIN.
    line.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def _silence(line: _Line) -> bool:
    """Say nothing until the client leaves, the script's time is over, or the server stops."""
    line.connection.settimeout(line.answer.transport.seconds)
    try:
        while line.connection.recv(4096):
            continue
    except TimeoutError:
        pass
    return False


def _half(line: _Line) -> bool:
    transport = line.answer.transport
    sent = line.body[: transport.at]
    if transport.framing == "chunked":
        chunk = f"{len(sent):x}\r\n".encode() + sent + b"\r\n" if sent else b""
        line.connection.sendall(line.head(("Transfer-Encoding", "chunked")) + chunk)
    elif transport.framing == "close":
        line.connection.sendall(line.head(("Connection", "close")) + sent)
    else:
        line.connection.sendall(line.head(*line.length()) + sent)
    return _reset(line) if transport.end == "reset" else False


def _drip(line: _Line) -> bool:
    head, body = line.head(*line.length()), line.body
    if line.answer.transport.part == "head":
        head, body = b"", head + body
    line.connection.sendall(head)
    for place in range(len(body)):
        line.connection.sendall(body[place : place + 1])
        if line.stopping.wait(line.answer.transport.seconds or 0.0):
            return False
    return True


def _twice(line: _Line) -> bool:
    line.connection.sendall((line.head(*line.length()) + line.body) * 2)
    return True


def _close_idle(line: _Line) -> bool:
    _plain(line)
    return False


def _huge(line: _Line) -> bool:
    total = max(line.answer.transport.at or 0, len(line.body))
    line.connection.sendall(line.head(("Content-Length", str(total))) + line.body)
    left = total - len(line.body)
    while left > 0 and not line.stopping.is_set():
        line.connection.sendall(_BLOCK[:left])
        left -= len(_BLOCK)
    return left <= 0


_WAYS: dict[str, Callable[[_Line], bool]] = {
    "plain": _plain,
    "hang_up": _hang_up,
    "reset": _reset,
    "silence": _silence,
    "half": _half,
    "drip": _drip,
    "twice": _twice,
    "close_idle": _close_idle,
    "huge": _huge,
}
