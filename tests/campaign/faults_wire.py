"""Faults below and around HTTP: names, ports, TLS, proxies, redirects.

What did not leave becomes `intent` again, is tried until it is two minutes old, and then ends as
`not_sent`; when the line comes back in time it is carried out after all.
"""

import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.campaign.faults_door import CarryOut, Door, Spoil
from tests.campaign.faults_line import Line, Stall, follow, send, tell, whole_story
from tests.campaign.faults_proxy import Proxy
from tests.campaign.faults_scripted import REPEATED
from tests.provider.certificates import (
    make_authority,
    make_certificate,
    openssl,
    server_context,
)

NEVER_LEFT = "intent > not_sent, ledger 0, posts 0"
LEFT_LATER = "intent > succeeded, ledger 1, posts 1"


def _meets(trouble: Callable[[Stall], None], line: Line, folder: Path, **how: object) -> str:
    """Look the payment up over a good line, then meet the trouble with the request."""
    with Stall(folder, **how) as shop:
        (finding,) = shop.service.find("1001")
        trouble(shop)
        # A new client has no connection from before, on which the request could still leave.
        shop.restart()
        return whole_story(line, shop, finding=finding)


def _wire(number: str, fault: str, expected: str, trouble: Callable[[Stall], None]) -> Line:
    play = partial(_meets, trouble, through=Door)
    return Line(number=number, fault=fault, expected=expected, play=play)


def _refuses(shop: Stall) -> None:
    shop.door.shut()


def _refuses_for_a_moment(shop: Stall) -> None:
    shop.door.shut()
    _after_the_next_wait(shop, shop.door.open)


def _after_the_next_wait(shop: Stall, act: Callable[[], None]) -> None:
    """Do something while the program waits for the third time."""
    wait, waits = shop.clock.wait, [0]

    def waiting(seconds: float) -> bool:
        waits[0] += 1
        if waits[0] == 3:
            act()
        return wait(seconds)

    shop.clock.wait = waiting  # type: ignore[method-assign]


# -- redirects ----------------------------------------------------------------------------------


class _Target:
    """Where a redirect points. Nobody should come."""

    def __init__(self) -> None:
        self.visits = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._listener.accept()[0].close()
                self.visits += 1

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _redirects(code: int, place: str, on_post: bool, line: Line, folder: Path) -> str:
    target = _Target()

    def spoil(connection: socket.socket, _carry_out: CarryOut) -> bool:
        port = target.port if place == "elsewhere" else shop.door.port
        where = f"http://127.0.0.1:{port}/api/v1/{'refund' if place == 'here' else 'x'}"
        head = f"HTTP/1.1 {code} Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(head.encode())
        return True

    with Stall(folder, through=Door) as shop:
        (finding,) = shop.service.find("1001")
        if on_post:
            shop.door.spoil_posts(spoil)
            seen = whole_story(line, shop, finding=finding)
        else:
            seen = _redirected_questions(line, shop, spoil, finding)
    target.close()
    return f"{seen}, {target.visits} visits to the target"


def _redirected_questions(line: Line, shop: Stall, spoil: Spoil, finding: object) -> str:
    refund, sent = send(shop, finding=finding)
    shop.door.spoil = spoil
    meanwhile = {str(shop.service.check_quietly(refund).state) for _ in range(3)}
    shop.door.spoil = None
    done = follow(shop, refund)
    return tell(line, shop, f"{sent} > {', '.join(sorted(meanwhile))}", str(done.state))


REDIRECTS = [
    *(
        Line(
            number="F23",
            fault=f"{code} on POST to {place}",
            expected=f"{REPEATED.replace('posts 2', 'posts 1')}, 0 visits to the target",
            play=partial(_redirects, code, place, True),
        )
        for code in (301, 302, 303, 307, 308)
        for place in ("here", "elsewhere")
    ),
    *(
        Line(
            number="F24",
            fault=f"{code} on GET to {place}",
            expected="accepted > accepted > succeeded, ledger 1, posts 1, 0 visits to the target",
            play=partial(_redirects, code, place, False),
        )
        for code in (301, 302, 303, 307, 308)
        for place in ("here", "elsewhere")
    ),
]


# -- TLS ----------------------------------------------------------------------------------------


def _folder_of_certificates(folder: Path) -> Path:
    make_authority(folder)
    make_certificate(folder, "good")
    return folder


def _tls(make: Callable[[Path], ssl.SSLContext | None], line: Line, folder: Path) -> str:
    """A good certificate for the search, another one for the request."""
    certificates = _folder_of_certificates(folder)
    good = server_context(certificates, "good")
    bad = make(certificates)

    def trouble(shop: Stall) -> None:
        shop.door.tls = bad
        shop.door.hang_up()

    through = partial(Door, tls=good)
    return _meets(trouble, line, folder, through=through, ca_file=certificates / "ca.pem")


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
    certificates = _folder_of_certificates(folder)

    def trouble(shop: Stall) -> None:
        shop.door.handshake = has_word
        shop.door.hang_up()

    through = partial(Door, tls=server_context(certificates, "good"))
    return _meets(trouble, line, folder, through=through, ca_file=certificates / "ca.pem")


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


# -- names, ports and proxies -------------------------------------------------------------------


@contextlib.contextmanager
def _resolver(answer: Callable[[str, int], list[object]]) -> Iterator[None]:
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: object, **how: object) -> object:
        return answer(host, port) if host == "localhost" else real(host, port, *args, **how)

    socket.getaddrinfo = look_up  # type: ignore[assignment]
    try:
        yield
    finally:
        socket.getaddrinfo = real


def _found(address: str) -> Callable[[str, int], list[object]]:
    return lambda _host, port: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def _fails(code: int) -> Callable[[str, int], list[object]]:
    def look_up(_host: str, _port: int) -> list[object]:
        raise socket.gaierror(code, "resolver trouble")

    return look_up


def _is_slow(_host: str, _port: int) -> list[object]:
    threading.Event().wait(2)
    raise socket.gaierror(socket.EAI_AGAIN, "too late")


def _dns(answer: Callable[[str, int], list[object]], line: Line, folder: Path) -> str:
    with Stall(folder, through=Door) as shop:
        shop.close()
        shop.how = {"base_url": f"http://localhost:{shop.door.port}/api/v1"}
        shop.open()
        with _resolver(_found("127.0.0.1")):
            (finding,) = shop.service.find("1001")
        shop.door.hang_up()
        with _resolver(answer):
            return whole_story(line, shop, finding=finding)


def _backlog_full(shop: Stall) -> None:
    """Nobody picks up: the queue of a listening socket that accepts nobody is full."""
    shop.door.shut()
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    deaf.bind(("127.0.0.1", shop.door.port))
    deaf.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", shop.door.port))
    for one in (deaf, *waiting):
        shop.at_end.callback(one.close)


def _proxied(trouble: str, line: Line, folder: Path) -> str:
    certificates = _folder_of_certificates(folder)
    with Proxy() as proxy:
        through = partial(Door, tls=server_context(certificates, "good"))

        def begin(shop: Stall) -> None:
            proxy.trouble = trouble
            shop.door.hang_up()

        how = {"ca_file": certificates / "ca.pem", "proxy": proxy.url}
        return _meets(begin, line, folder, through=through, **how)


NAMES_AND_PORTS = [
    *(
        Line(number="F45", fault=fault, expected=NEVER_LEFT, play=partial(_dns, answer))
        for fault, answer in (
            ("no such name", _fails(socket.EAI_NONAME)),
            ("the resolver fails", _fails(socket.EAI_FAIL)),
            ("the resolver is too slow", _is_slow),
            ("the name leads to where nobody listens", _found("127.0.0.3")),
        )
    ),
    _wire("F46", "refused for ever", NEVER_LEFT, _refuses),
    _wire("F46", "refused for a moment", LEFT_LATER, _refuses_for_a_moment),
    _wire("F46", "nobody picks up", NEVER_LEFT, _backlog_full),
    *(
        Line(
            number="F47",
            fault=f"proxy: {trouble}",
            expected=expected,
            play=partial(_proxied, trouble),
            needs="openssl",
        )
        for trouble, expected in (
            ("407", NEVER_LEFT),
            ("502", NEVER_LEFT),
            ("HTML", NEVER_LEFT),
            ("hangs up", NEVER_LEFT),
            ("silent", NEVER_LEFT),
            ("dies behind the tunnel", "unknown > attention, ledger 0, posts 0"),
        )
    ),
]

WIRE: list[Line] = [*REDIRECTS, *TLS, *NAMES_AND_PORTS]
