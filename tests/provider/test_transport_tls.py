"""Over TLS and through a proxy: who is believed, and what a stranger gets to see."""

import socket
import ssl
import threading
import time
import warnings

import pytest

from posrefund.errors import ConfigWrong
from posrefund.provider.failures import Broken, Unacceptable, sentence
from posrefund.provider.transport import Transport
from tests.provider.certificates import (
    OPENSSL,
    make_authority,
    make_certificate,
    server_context,
)
from tests.provider.conftest import (
    CANARY,
    CANARY_SENT,
    CanaryKey,
    get,
)
from tests.provider.raw_server import RawServer, close, message, says, stays_silent

ONE = message(b'{"n":1}')


needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="the openssl program is not here")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    make_authority(folder)
    make_authority(folder, "other")
    make_certificate(folder, "good")
    make_certificate(folder, "elsewhere", names="DNS:evil.example")
    make_certificate(folder, "expired", ends="20200102000000Z")
    make_certificate(folder, "unknown", authority="other")
    return folder


@needs_openssl
def test_a_server_of_the_given_authority_is_trusted(transport, authority):
    with RawServer(says(ONE), tls=server_context(authority, "good")) as server:
        one = transport(server.base_url, ca_file=authority / "ca.pem")
        assert get(one).body == get(one).body == b'{"n":1}'
        assert server.connections == 1


@needs_openssl
@pytest.mark.parametrize("name", ["elsewhere", "expired", "unknown"])
def test_a_wrong_certificate_is_refused_before_anything_is_said(transport, authority, name):
    with RawServer(says(ONE), tls=server_context(authority, name)) as server:
        with pytest.raises(Broken) as caught:
            get(transport(server.base_url, ca_file=authority / "ca.pem"))
        assert not caught.value.left
        assert "certificate of the server is not accepted: " in sentence(caught.value.cause)
        assert server.raw == b""


@needs_openssl
def test_the_systems_certificates_do_not_vouch_for_a_stranger(transport, authority):
    with RawServer(says(ONE), tls=server_context(authority, "good")) as server:
        with pytest.raises(Broken) as caught:
            get(transport(server.base_url))
        assert not caught.value.left
        assert "certificate" in sentence(caught.value.cause)
        assert server.raw == b""


@needs_openssl
def test_old_tls_is_refused(transport, authority):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old = server_context(authority, "good", newest=ssl.TLSVersion.TLSv1_1)
    with RawServer(says(ONE), tls=old) as server:
        with pytest.raises(Broken) as caught:
            get(transport(server.base_url, ca_file=authority / "ca.pem"))
        assert not caught.value.left
        assert "secure connection" in sentence(caught.value.cause)


@needs_openssl
@pytest.mark.parametrize("ca_file", [True, False], ids=["own file", "system"])
def test_tls_keys_are_not_written_down(transport, authority, monkeypatch, tmp_path, ca_file):
    log = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    with RawServer(says(ONE), tls=server_context(authority, "good")) as server:
        one = transport(server.base_url, ca_file=authority / "ca.pem" if ca_file else None)
        try:
            get(one)
        except Broken:
            assert not ca_file
    assert not log.exists()


@needs_openssl
def test_a_plain_server_where_tls_was_expected_is_refused(transport, authority):
    with RawServer(says(ONE)) as server:
        one = transport(f"https://127.0.0.1:{server.port}/api/v1", ca_file=authority / "ca.pem")
        with pytest.raises(Broken) as caught:
            get(one, seconds=0.5)
        assert not caught.value.left


@needs_openssl
def test_a_handshake_that_never_ends_is_left_behind(transport, authority):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"https://127.0.0.1:{mute.getsockname()[1]}/api/v1"
        one = transport(address, ca_file=authority / "ca.pem")
        started = time.monotonic()
        with pytest.raises(Broken) as caught:
            get(one, seconds=0.3)
        assert not caught.value.left
        assert time.monotonic() - started < 1.2


@pytest.mark.parametrize("content", [None, "", "not a certificate"])
def test_a_ca_file_without_certificates_is_a_wrong_setting(tmp_path, content):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigWrong, match=r"ca_file .*ca\.pem"):
        Transport(base_url="https://127.0.0.1:1/api/v1", key=CanaryKey(), ca_file=path)


# -- a proxy ---------------------------------------------------------------------------------------


def tunnels_to(port):
    """Answer CONNECT and pass the bytes on."""

    def step(server, connection):
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as onward:
            back = threading.Thread(target=pump, args=(onward, connection), daemon=True)
            back.start()
            pump(connection, onward)
            back.join(5)
        return False

    return step


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        close(sink)


@needs_openssl
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_sees_the_host_and_nothing_else(transport, authority, scheme):
    tls = server_context(authority, "good")
    with (
        RawServer(says(ONE), tls=tls) as server,
        RawServer(tunnels_to(server.port), tls=tls if scheme == "https" else None) as proxy,
    ):
        one = transport(
            server.base_url,
            ca_file=authority / "ca.pem",
            proxy=f"{scheme}://127.0.0.1:{proxy.port}",
        )
        assert get(one).body == get(one).body == b'{"n":1}'
        one.close()
        assert proxy.connections == 1
        assert proxy.requests[0].line == f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"
        assert CANARY_SENT.encode() not in proxy.raw
        assert CANARY.encode() not in proxy.raw


@needs_openssl
@pytest.mark.parametrize(
    "step",
    [
        says(message(b"", status="407 Proxy Authentication Required")),
        says(message(b"<html>no</html>", status="502 Bad Gateway", kind="text/html")),
        says(message(b"", status="302 Found", headers=["Location: http://127.0.0.1:1/"])),
        says(b"HTTP/1.1 200 OK\r\n", then_close=True),
        says(b"", then_close=True),
        says(b"<html>", then_close=True),
        says(b"HTTP/1.1 200 OK\r\n\r\n", then_close=True),
        stays_silent,
    ],
    ids=["407", "502", "302", "half", "closed", "HTML", "closed after", "silent"],
)
def test_what_goes_wrong_with_the_proxy_moved_no_money(transport, authority, step):
    with RawServer(step) as proxy:
        one = transport(
            "https://127.0.0.1:9/api/v1",
            ca_file=authority / "ca.pem",
            proxy=f"http://127.0.0.1:{proxy.port}",
        )
        with pytest.raises(Broken) as caught:
            one.exchange("POST", "/refund", seconds=0.5, body=b"{}")
        assert not caught.value.left
        assert not isinstance(caught.value.cause, Unacceptable)
        assert len(proxy.requests) == 1


@needs_openssl
def test_what_goes_wrong_behind_the_proxy_may_have_moved_money(transport, authority):
    silent = RawServer(stays_silent, tls=server_context(authority, "good"))
    with silent as server, RawServer(tunnels_to(server.port)) as proxy:
        one = transport(
            server.base_url, ca_file=authority / "ca.pem", proxy=f"http://127.0.0.1:{proxy.port}"
        )
        with pytest.raises(Broken) as caught:
            one.exchange("POST", "/refund", seconds=0.5, body=b"{}")
        assert caught.value.left
        one.close()


def test_a_proxy_that_is_not_there_moved_no_money(transport):
    one = transport("http://127.0.0.1:9/api/v1", proxy="http://127.0.0.1:1")
    with pytest.raises(Broken) as caught:
        get(one)
    assert not caught.value.left
