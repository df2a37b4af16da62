"""Faults of TLS: certificates that prove nothing, handshakes that come to nothing."""

import contextlib
import socket
import ssl
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.campaign.faults_door import Door
from tests.campaign.faults_line import NEVER_LEFT, Line, Stall, meets
from tests.provider.certificates import (
    make_authority,
    make_certificate,
    openssl,
    server_context,
)


def folder_of_certificates(folder: Path) -> Path:
    """Make an authority and a good certificate of it."""
    make_authority(folder)
    make_certificate(folder, "good")
    return folder


def _tls(make: Callable[[Path], ssl.SSLContext | None], line: Line, folder: Path) -> str:
    """A good certificate for the search, another one for the request."""
    certificates = folder_of_certificates(folder)
    good = server_context(certificates, "good")
    bad = make(certificates)

    def trouble(shop: Stall) -> None:
        shop.door.tls = bad
        shop.door.hang_up()

    through = partial(Door, tls=good)
    return meets(trouble, line, folder, through=through, ca_file=certificates / "ca.pem")


def _certificate(folder: Path, **how: str) -> ssl.SSLContext:
    make_certificate(folder, "bad", **how)
    return server_context(folder, "bad")


def _self_signed(folder: Path) -> ssl.SSLContext:
    make_authority(folder, "self")
    return server_context(folder, "self")


def _of_a_stranger(folder: Path) -> ssl.SSLContext:
    make_authority(folder, "stranger")
    return _certificate(folder, authority="stranger")


def _not_yet_valid(folder: Path) -> ssl.SSLContext:
    openssl(
        folder,
        *("ca", "-batch", "-config", "good.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"),
        *("-in", "good.csr", "-out", "soon.pem", "-notext"),
        *("-startdate", "20480101000000Z", "-enddate", "20491231000000Z"),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "soon.pem", folder / "good.key")
    return context


def _old_tls(folder: Path) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return server_context(folder, "good", newest=ssl.TLSVersion.TLSv1_1)


def _tls_line(fault: str, make: Callable[[Path], ssl.SSLContext | None]) -> Line:
    play = partial(_tls, make)
    return Line(number="F44", fault=fault, expected=NEVER_LEFT, play=play, needs="openssl")


def _handshake(has_word: Callable[[socket.socket], bool], line: Line, folder: Path) -> str:
    certificates = folder_of_certificates(folder)

    def trouble(shop: Stall) -> None:
        shop.door.handshake = has_word
        shop.door.hang_up()

    through = partial(Door, tls=server_context(certificates, "good"))
    return meets(trouble, line, folder, through=through, ca_file=certificates / "ca.pem")


def _says_nothing(connection: socket.socket) -> bool:
    connection.settimeout(5)
    with contextlib.suppress(OSError):
        while connection.recv(4096):
            continue
    return False


def _hangs_up(_connection: socket.socket) -> bool:
    return False


def _says_junk(connection: socket.socket) -> bool:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    return False


TLS = [
    _tls_line("expired", partial(_certificate, ends="20210101000000Z")),
    _tls_line("not yet valid", _not_yet_valid),
    _tls_line("for another address", partial(_certificate, names="IP:127.0.0.2")),
    _tls_line("for a name only", partial(_certificate, names="DNS:example.invalid")),
    _tls_line("self-signed", _self_signed),
    _tls_line("of an unknown authority", _of_a_stranger),
    _tls_line("TLS 1.1 at the most", _old_tls),
    _tls_line("no TLS at all", lambda _folder: None),
    *(
        Line(
            number="F43",
            fault=fault,
            expected=NEVER_LEFT,
            play=partial(_handshake, word),
            needs="openssl",
        )
        for fault, word in (
            ("the handshake is never answered", _says_nothing),
            ("hung up on in the handshake", _hangs_up),
            ("plain words in the handshake", _says_junk),
        )
    ),
]
