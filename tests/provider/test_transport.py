"""One exchange with one server, and nothing it could be talked into."""

import logging
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from posrefund import __version__
from posrefund.provider.answer import is_one_message
from posrefund.provider.failures import Broken, sentence
from posrefund.provider.transport import Transport
from tests.provider.conftest import (
    CANARY_SENT,
    CanaryKey,
    assert_no_canary,
    everything_about,
    get,
)
from tests.provider.raw_server import RawServer, close, message, says, stays_silent

ROOT = Path(__file__).parent.parent.parent
ONE = message(b'{"n":1}')
TWO = message(b'{"n":2}')


def test_what_is_sent_with_every_request(transport):
    with RawServer(says(ONE)) as server:
        answer = get(transport(server.base_url))
        (request,) = server.requests
    assert request.line == "GET /api/v1/transaction?reference=T.1 HTTP/1.1"
    assert request.headers == {
        "host": f"127.0.0.1:{server.port}",
        "connection": "keep-alive",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": f"posrefund/{__version__}",
        "authorization": f"Basic {CANARY_SENT}",
    }
    assert (answer.status, answer.body, answer.is_success, answer.is_json) == (
        200,
        b'{"n":1}',
        True,
        True,
    )


@pytest.mark.parametrize("body", [b"", b"{}", "é".encode()])
def test_a_post_always_says_how_long_it_is(transport, body):
    with RawServer(says(ONE)) as server:
        transport(server.base_url).exchange("POST", "/refund", seconds=2, body=body)
        (request,) = server.requests
    assert request.headers["content-length"] == str(len(body))
    assert request.body == body


def test_the_connection_is_kept(transport):
    with RawServer(says(ONE)) as server:
        one = transport(server.base_url)
        for _ in range(5):
            get(one)
        one.exchange("POST", "/refund", seconds=2, body=b"{}")
        assert server.connections == 1


CHUNKS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'3;x=y\r\n{"n\r\n4\r\n":1}\r\n0\r\n\r\n'
)


def test_the_connection_is_kept_after_chunks(transport):
    with RawServer(says(CHUNKS)) as server:
        one = transport(server.base_url)
        assert [get(one).body for _ in range(3)] == [b'{"n":1}'] * 3
        assert server.connections == 1


@pytest.mark.parametrize("first", [ONE, CHUNKS])
@pytest.mark.parametrize("rest", [ONE, b"HTTP/1.1 200 OK\r\n", b"\r\n", b"x"])
def test_what_came_too_much_is_never_the_answer_to_the_next_request(transport, first, rest):
    with RawServer(says(first + rest), says(TWO)) as server:
        one = transport(server.base_url)
        assert get(one).body == b'{"n":1}'
        assert get(one).body == b'{"n":2}'
        assert server.connections == 2


def test_what_comes_late_is_never_the_answer_to_the_next_request(transport):
    late = threading.Event()
    sent = threading.Event()

    def twice(_server, connection):
        connection.sendall(ONE)
        late.wait(5)
        connection.sendall(ONE)
        sent.set()
        return True

    with RawServer(twice, says(TWO)) as server:
        one = transport(server.base_url)
        assert get(one).body == b'{"n":1}'
        late.set()
        assert sent.wait(5)
        assert get(one).body == b'{"n":2}'
        assert server.connections == 2


@pytest.mark.parametrize(
    ("received", "whole"),
    [
        (ONE, True),
        (CHUNKS, True),
        (message(b""), True),
        (ONE + b"x", False),
        (ONE[:-1], False),
        (ONE + ONE, False),
        (CHUNKS + b"x", False),
        (CHUNKS[:-1], False),
        (CHUNKS + CHUNKS, False),
        (CHUNKS[:-2] + b"Trailer: x\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\n\r\n", False),
        (b"HTTP/1.1 103 Early\r\n\r\n" + ONE, False),
        (ONE.replace(b"Content-Length: 7", b"Content-Length: 7\r\nContent-Length: 7"), False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", False),
        (b"", False),
    ],
    ids=range(15),
)
def test_a_connection_is_kept_only_after_exactly_one_answer(received, whole):
    assert is_one_message(received) is whole


def test_a_connection_that_was_closed_meanwhile_is_replaced(transport):
    with RawServer(says(ONE, then_close=True), says(TWO)) as server:
        one = transport(server.base_url)
        assert get(one).body == b'{"n":1}'
        wait_for_the_end(one)
        assert get(one).body == b'{"n":2}'
        assert server.connections == 2


def wait_for_the_end(one):
    """Wait until it can be seen that no kept connection is open: the news of it travels."""
    waiting = threading.Event()

    def is_over():
        kept = [line for pool in one._client._transport._free for line in pool.connections]
        return all(line.has_expired() for line in kept)

    assert any(is_over() or waiting.wait(0.01) for _ in range(1000))


def test_a_request_is_never_repeated_by_the_transport(transport):
    """Also not on a kept connection that breaks just then: another client's favourite."""

    def breaks(_server, connection):
        close(connection)
        return False

    with RawServer(says(ONE), breaks) as server:
        one = transport(server.base_url)
        get(one)
        with pytest.raises(Broken) as caught:
            one.exchange("POST", "/refund", seconds=2, body=b"{}")
        assert caught.value.left
        assert len(server.requests) == 2


def test_cookies_are_not_kept(transport):
    with RawServer(says(message(b"{}", headers=["Set-Cookie: a=b; Path=/"]))) as server:
        one = transport(server.base_url)
        get(one)
        get(one)
        assert "cookie" not in server.requests[1].headers


def test_the_environment_has_no_say(transport, monkeypatch, tmp_path):
    with RawServer(says(TWO)) as proxy, RawServer(says(ONE)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.base_url)
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login other password key\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        assert get(transport(server.base_url)).body == b'{"n":1}'
        assert proxy.connections == 0
        assert server.requests[0].headers["authorization"] == f"Basic {CANARY_SENT}"


def test_many_threads_share_it(transport):
    with RawServer(says(ONE)) as server:
        one = transport(server.base_url)
        answers = []

        def ask():
            answers.extend(get(one, seconds=5).body for _ in range(20))

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [b'{"n":1}'] * 320
        assert server.connections <= 10


def test_when_every_connection_is_busy_nothing_leaves(transport):
    with RawServer(stays_silent) as server:
        one = Transport(base_url=server.base_url, key=CanaryKey(), connect_seconds=0.3)
        broken = []

        def ask():
            try:
                get(one, seconds=1.2)
            except Broken as error:
                broken.append(error)

        threads = [threading.Thread(target=ask) for _ in range(11)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        one.close()
        assert [error.left for error in broken].count(False) == 1
        assert len(server.requests) == 10


def test_no_log_shows_anything_whatever_the_level(transport, caplog):
    logging.getLogger().setLevel(1)
    with RawServer(says(ONE)) as server:
        get(transport(server.base_url))
    assert caplog.text == ""


def test_the_key_is_in_no_repr(transport):
    one = transport("http://127.0.0.1:1/api/v1")
    assert_no_canary(repr(one), str(vars(one)))
    with pytest.raises(Broken) as caught:
        get(one)
    assert not caught.value.left
    assert_no_canary(everything_about(caught.value))


def test_for_this_machine_no_certificates_are_read():
    program = """
import ssl, sys
def refuse(*_, **__): raise SystemExit("a TLS context was made")
ssl.SSLContext.__new__ = refuse
from posrefund.provider.transport import Transport
class Key:
    def reveal(self): return "t_x"
Transport(base_url="http://127.0.0.1:1/api/v1", key=Key()).close()
assert "truststore" not in sys.modules
assert not {"click", "rich", "pygments", "textual"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def resolving_to(*addresses):
    def getaddrinfo(_host, port, **_how):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    return getaddrinfo


def test_each_address_of_a_name_is_tried(transport, monkeypatch):
    with RawServer(says(ONE)) as server:
        resolver = socket.getaddrinfo
        named = resolving_to("127.0.0.2", "127.0.0.2", "127.0.0.1")
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *how, **more: (named if host == "till.test" else resolver)(
                host, *how, **more
            ),
        )
        one = transport(f"http://till.test:{server.port}/api/v1")
        assert get(one).body == b'{"n":1}'
        assert server.connections == 1
        assert server.requests[0].headers["host"] == f"till.test:{server.port}"


@pytest.mark.parametrize("how", [resolving_to(), UnicodeError("label too long")])
def test_a_name_without_addresses_is_not_reached(transport, monkeypatch, how):
    def getaddrinfo(*given, **more):
        if isinstance(how, Exception):
            raise how
        return how(*given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(Broken) as caught:
        get(transport("http://till.test/api/v1"))
    assert not caught.value.left
    assert "name of the server" in sentence(caught.value.cause)
