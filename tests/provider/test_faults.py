"""A real server that does wrong: what became of the refund, and that the key stayed with us."""

import socket
import time

import pytest

from posrefund.errors import (
    Declined,
    KeyRefused,
    NoInformation,
    PosrefundError,
    Unanswered,
    Unreachable,
)
from tests.provider.conftest import a_client, assert_no_canary, everything_about
from tests.provider.documents import document_bytes
from tests.provider.raw_server import (
    RawServer,
    drips,
    floods,
    hangs_up,
    message,
    resets,
    says,
    says_and_resets,
    stays_silent,
)
from tests.support.builders import PAYMENT, a_refund

GOOD_BODY = (
    b'{"type":"refund","amount":5.00,"currency":"eur","status":"pending","reference":"TR1.Y",'
    b'"originalReference":"' + PAYMENT.encode() + b'"}'
)
GOOD = message(GOOD_BODY)


def send_to(server, **changes):
    """Send one refund; return what came of it, and check that nothing was given away."""
    with a_client(server.base_url, **changes) as client:
        try:
            return client.send(a_refund(address=client.address))
        except PosrefundError as error:
            outcome = error
    assert_no_canary(everything_about(outcome))
    assert "reference=" not in str(outcome)
    assert str(outcome).isprintable()
    return outcome


def test_a_good_answer_is_believed():
    with RawServer(says(GOOD)) as server:
        assert send_to(server).reference == "TR1.Y"


def test_refused():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with a_client(f"http://127.0.0.1:{port}/api/v1") as client:
        with pytest.raises(Unreachable, match="refused the connection") as caught:
            client.send(a_refund(address=client.address))
        assert_no_canary(everything_about(caught.value))


def test_a_name_that_nobody_knows(monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with (
        a_client("http://nowhere.invalid/api/v1") as client,
        pytest.raises(Unreachable, match="name of the server"),
    ):
        client.send(a_refund(address=client.address))


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch):
    asked = []
    release = socket.socketpair()

    def hangs(*_args, **_kwargs):
        asked.append(1)
        release[0].recv(1)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    with a_client("http://slow.invalid/api/v1", connect_seconds=0.3) as client:
        started = time.monotonic()
        with pytest.raises(Unreachable, match="did not pick up in time"):
            client.send(a_refund(address=client.address))
        assert 0.2 < time.monotonic() - started < 1.5
    assert asked
    release[1].close()
    release[0].close()


def test_a_server_that_does_not_pick_up():
    """Its queue is full, so that the handshake of TCP is never finished."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
        waiting.append(one)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
    with a_client(address, connect_seconds=0.3) as client:
        started = time.monotonic()
        with pytest.raises(Unreachable, match="did not pick up in time"):
            client.send(a_refund(address=client.address))
        assert time.monotonic() - started < 1.5
    for one in [*waiting, listener]:
        one.close()


def test_silence_is_not_failure():
    with RawServer(stays_silent) as server:
        started = time.monotonic()
        error = send_to(server, post_seconds=0.3)
        assert type(error) is Unanswered
        assert "no answer came in time" in str(error)
        assert 0.25 < time.monotonic() - started < 1.0


@pytest.mark.parametrize("step", [hangs_up, resets], ids=["closed", "reset"])
def test_a_connection_cut_before_any_answer(step):
    with RawServer(step) as server:
        assert type(send_to(server)) is Unanswered
        assert len(server.requests) == 1


@pytest.mark.parametrize("end", range(1, len(GOOD), 3))
@pytest.mark.parametrize("rude", [True, False], ids=["reset", "closed"])
def test_an_answer_cut_anywhere_is_none(end, rude):
    step = says_and_resets(GOOD[:end]) if rude else says(GOOD[:end], then_close=True)
    with RawServer(step) as server:
        assert type(send_to(server)) is Unanswered
        assert len(server.requests) == 1


WITHOUT_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


@pytest.mark.parametrize("end", range(0, len(GOOD_BODY), 3))
def test_a_body_ended_by_closing_counts_only_when_it_is_whole(end):
    with RawServer(says(WITHOUT_LENGTH + GOOD_BODY[:end], then_close=True)) as server:
        assert type(send_to(server)) is Unanswered


def test_a_whole_body_ended_by_closing_is_believed():
    with RawServer(says(WITHOUT_LENGTH + GOOD_BODY, then_close=True)) as server:
        assert send_to(server).reference == "TR1.Y"


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"%x\r\n%b\r\n" % (len(GOOD_BODY), GOOD_BODY)
)


def test_chunks_without_an_end_are_no_answer():
    with RawServer(says(CHUNKED, then_close=True)) as server:
        assert type(send_to(server)) is Unanswered


def test_chunks_with_an_end_are_an_answer():
    with RawServer(says(CHUNKED + b"0\r\n\r\n")) as server:
        assert send_to(server).reference == "TR1.Y"


@pytest.mark.parametrize(
    "data",
    [GOOD, GOOD[: GOOD.index(b"\r\n\r\n") + 4] + b" " * 1000 + GOOD_BODY],
    ids=["the headers", "the body"],
)
def test_drops_do_not_outlast_the_deadline(data):
    with RawServer(drips(data)) as server:
        started = time.monotonic()
        assert type(send_to(server, post_seconds=0.4)) is Unanswered
        assert 0.3 < time.monotonic() - started < 1.2


def test_a_drip_of_interim_answers_does_not_outlast_the_deadline():
    with RawServer(drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, pause=0.001)) as server:
        started = time.monotonic()
        assert type(send_to(server, post_seconds=0.4)) is Unanswered
        assert time.monotonic() - started < 1.2


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (
            message(b"{", headers=())[:-1].replace(
                b"Content-Length: 1", b"Content-Length: 999999999"
            ),
            b" " * 65536,
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1000\r\n" + b" " * 4096 + b"\r\n",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (WITHOUT_LENGTH, b" " * 65536),
        (b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"x" * 4096 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Header: ", b"x" * 65536),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100),
        (b"", b"x" * 65536),
    ],
    ids=[
        "length",
        "chunks",
        "tiny chunks",
        "no length",
        "headers",
        "one header",
        "interim",
        "noise",
    ],
)
def test_a_flood_is_cut_off(first, again):
    with RawServer(floods(first, again)) as server:
        started = time.monotonic()
        assert type(send_to(server, post_seconds=5)) is Unanswered
        assert time.monotonic() - started < 4


def test_an_answer_with_too_many_headers_is_refused():
    many = [f"X-{number}: {'x' * 90}" for number in range(400)]
    with RawServer(says(message(GOOD_BODY, headers=many))) as server:
        error = send_to(server)
        assert type(error) is Unanswered
        assert "headers" in str(error)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip"])
def test_a_compressed_answer_is_refused_unread(coding):
    answer = message(GOOD_BODY, headers=[f"Content-Encoding: {coding}"])
    with RawServer(says(answer)) as server:
        error = send_to(server)
        assert type(error) is Unanswered
        assert "compressed" in str(error)
        assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("question", [True, False], ids=["a question", "a refund"])
def test_a_redirect_is_not_followed(status, question):
    with RawServer(says(GOOD)) as target:
        answer = message(
            status=f"{status} Elsewhere", headers=[f"Location: {target.base_url}/refund"]
        )
        with RawServer(says(answer)) as server, a_client(server.base_url) as client:
            with pytest.raises(NoInformation if question else Unanswered, match="not followed"):
                client.payment("T.1") if question else client.send(a_refund(address=client.address))
            assert len(server.requests) == 1
        assert target.connections == 0


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad Request", Declined),
        ("402 Payment Required", Declined),
        ("403 Forbidden", Declined),
        ("404 Not Found", Declined),
        ("422 Unprocessable", Declined),
        ("401 Unauthorized", KeyRefused),
        ("405 Method Not Allowed", Unanswered),
        ("408 Request Timeout", Unanswered),
        ("409 Conflict", Unanswered),
        ("418 Teapot", Unanswered),
        ("425 Too Early", Unanswered),
        ("429 Too Many Requests", Unanswered),
        ("500 Internal Server Error", Unanswered),
        ("502 Bad Gateway", Unanswered),
        ("503 Service Unavailable", Unanswered),
        ("504 Gateway Timeout", Unanswered),
    ],
)
def test_ccvs_error_object_under_each_status(status, kind):
    with RawServer(says(message(document_bytes("error_refund_limit"), status=status))) as server:
        assert type(send_to(server)) is kind
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "404 Not Found", "422 X"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Forbidden</html>",
        b"{}",
        b"[]",
        b'"no"',
        b'{"message":"Forbidden"}',
        b'{"error":"x","type":null}',
        b'{"type":"process_error","message":"x","message":"y"}',
        b'{"type":"process_error","message":"x"} trailing',
        b'\xef\xbb\xbf{"type":"process_error","message":"x"}',
        GOOD_BODY,
    ],
    ids=range(11),
)
def test_a_refusing_status_in_other_words_leaves_it_open(status, body):
    with RawServer(says(message(body, status=status))) as server:
        assert type(send_to(server)) is Unanswered


@pytest.mark.parametrize(
    "answer",
    [
        message(b"<html>Welcome to the hotel network</html>", kind="text/html"),
        message(GOOD_BODY, kind="text/html"),
        message(GOOD_BODY, kind=""),
        message(b"", status="204 No Content"),
        message(b""),
        message(b"{}"),
        message(b"[]"),
        message(b"null"),
        message(b'"success"'),
        message(b"[" + GOOD_BODY + b"]"),
        message(GOOD_BODY + GOOD_BODY),
        message(GOOD_BODY[:-1] + b',"status":"success"}'),
        message(GOOD_BODY.replace(b"5.00", b"NaN")),
        message(GOOD_BODY.replace(b"5.00", b"50.00")),
        message(GOOD_BODY.replace(b"eur", b"usd")),
        message(GOOD_BODY.replace(b"refund", b"sale")),
        message(GOOD_BODY.replace(PAYMENT.encode(), b"T.2")),
        message(GOOD_BODY.replace(b"TR1.Y", b"")),
        message(GOOD_BODY.replace(b"TR1.Y", b"TR1 Y")),
        message(GOOD_BODY.decode().encode("utf-16")),
        message(document_bytes("error_refund_limit")),
        message(b"[" * 100_000),
        b"HTTP/1.0 200\r\n\r\n",
        b"\x16\x03\x01\x00\xee\x01\x00",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"+OK\r\n\r\n",
    ],
    ids=range(26),
)
def test_a_success_that_is_not_one_leaves_it_open(answer):
    with RawServer(says(answer, then_close=True)) as server:
        assert type(send_to(server)) is Unanswered
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [("7", 7), ("Fri, 20 Nov 2026 12:00:07 GMT", 7), ("-3", None), ("1000000000", 60), ("x", None)],
)
def test_too_many_requests_says_how_long_to_wait(wish, seconds):
    answer = message(b"", status="429 Too Many Requests", headers=[f"Retry-After: {wish}"])
    with RawServer(says(answer)) as server:
        error = send_to(server)
        assert type(error) is Unanswered
        assert error.retry_after_seconds == seconds
