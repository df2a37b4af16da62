"""Faults below and around HTTP: names, ports, proxies, redirects.

What did not leave becomes `intent` again, is tried until it is two minutes old, and then ends as
`not_sent`; when the line comes back in time it is carried out after all.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from posrefund.refund.model import ProviderRefund, Refund
from tests.campaign.faults_door import CarryOut, Door, Spoil
from tests.campaign.faults_line import (
    NEVER_LEFT,
    Line,
    Stall,
    follow,
    meets,
    send,
    tell,
    whole_story,
)
from tests.campaign.faults_proxy import Proxy
from tests.campaign.faults_scripted import REPEATED
from tests.campaign.faults_tls import folder_of_certificates
from tests.provider.certificates import server_context

LEFT_LATER = "intent > succeeded, ledger 1, posts 1"


def _wire(number: str, fault: str, expected: str, trouble: Callable[[Stall], None]) -> Line:
    play = partial(meets, trouble, through=Door)
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


def _refuses_the_repeat(line: Line, folder: Path) -> str:
    """Nobody knows of the first attempt, so that the second did not leave proves nothing."""
    with Stall(folder, through=Door) as shop:
        (finding,) = shop.service.find("1001")
        shop.door.spoil_posts(lambda _connection, _carry_out: False)
        send_one, states = shop.provider.send, []

        def sending(refund: Refund) -> ProviderRefund:
            states.append(refund.attempts)
            if len(states) != 2:
                return send_one(refund)
            shop.door.shut()
            try:
                return send_one(refund)
            finally:
                shop.door.open()

        shop.provider.send = sending  # type: ignore[method-assign]
        return f"{whole_story(line, shop, finding=finding)}, attempts {states}"


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
        shop.restart()
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
    certificates = folder_of_certificates(folder)
    with Proxy() as proxy:
        through = partial(Door, tls=server_context(certificates, "good"))

        def begin(shop: Stall) -> None:
            proxy.trouble = trouble
            shop.door.hang_up()

        how = {"ca_file": certificates / "ca.pem", "proxy": proxy.url}
        seen = meets(begin, line, folder, through=through, **how)
        return seen if b"authorization" not in proxy.heard.lower() else f"{seen}, the key told"


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
    Line(
        number="F46",
        fault="refused on attempt 2, nobody knows of attempt 1",
        expected="unknown > succeeded, ledger 1, posts 1, attempts [1, 2, 3]",
        play=_refuses_the_repeat,
    ),
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

WIRE: list[Line] = [*REDIRECTS, *NAMES_AND_PORTS]
