"""Real sockets on loopback, for what only sockets can show."""

import http.client
import io
import json
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from contextlib import closing

import pytest

from posrefund.sandbox.exchange import Seen
from posrefund.sandbox.server import SandboxServer, log_line, serve
from tests.sandbox.conftest import DETAILS, KEY

HEADERS = {"User-Agent": "till/1", "Authorization": KEY}
SHORT = 0.3
"""Seconds after which a test no longer expects an answer."""


@pytest.fixture
def server(bank):
    with SandboxServer(bank=bank) as running:
        yield running


@pytest.fixture
def line(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    yield connection
    connection.close()


def body_of(**fields):
    return json.dumps({"reference": "T1001.Y", "details": DETAILS, **fields})


def refund(line, **fields):
    line.request("POST", "/api/v1/refund", body_of(**fields), HEADERS)
    return line.getresponse()


def look(line, reference="T1001.Y"):
    line.request("GET", f"/api/v1/transaction?reference={reference}", headers=HEADERS)
    answer = line.getresponse()
    return answer.status, answer.read()


def raw_refund(server, *, timeout=5.0, **fields):
    """Send a refund by hand and give the open socket."""
    body = body_of(**fields).encode()
    head = f"POST /api/v1/refund HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nAuthorization: {KEY}\r\n"
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=timeout)
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def everything(connection):
    """All bytes until the other side closes."""
    with connection:
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


def test_it_listens_on_loopback_only(server):
    assert server.base_url == f"http://127.0.0.1:{server.port}/api/v1"
    assert server._listener.server_address[0] == "127.0.0.1"


def test_a_refund_is_answered_and_in_the_ledger(server, line):
    answer = refund(line, amount="5.00")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    made = json.loads(answer.read())
    [entry] = server.ledger(origin="api")
    assert entry["reference"] == made["reference"]
    assert made["payUrl"].startswith(f"{server.site}/terminal/poll?reference=")


def test_a_connection_is_kept_for_the_next_request(server, line):
    for _ in range(20):
        assert look(line)[0] == 200
    assert server.connections == 1


def test_an_answer_goes_out_in_one_piece(server):
    with raw_refund(server) as connection:
        first = connection.recv(65536)
    head, _, body = first.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body)["status"] == "PENDING"


def test_many_clients_at_once_never_pass_the_limit(server):
    statuses = []

    def try_one():
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)) as line:
            answer = refund(line)
            answer.read()
            statuses.append(answer.status)

    threads = [threading.Thread(target=try_one) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [400] * 29
    assert len(server.ledger(origin="api")) == 1


def test_a_chunked_request_is_read(server, line):
    line.request("POST", "/api/v1/refund", iter([body_of().encode()]), HEADERS)
    answer = line.getresponse()
    assert (answer.status, bool(answer.read())) == (200, True)


def test_a_post_without_a_length_is_blocked_with_a_page(server):
    head = f"POST /api/v1/refund HTTP/1.1\r\nUser-Agent: x\r\nAuthorization: {KEY}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 403 Forbidden")


@pytest.mark.parametrize("length", ["-1", "x", "99999999999"])
def test_a_length_nobody_means_is_refused(server, length):
    head = f"POST /api/v1/refund HTTP/1.1\r\nUser-Agent: x\r\nContent-Length: {length}\r\n\r\n"
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    connection.sendall(head.encode())
    assert everything(connection).startswith(b"HTTP/1.1 400 ")


def test_a_request_that_stops_half_way_makes_nothing(server):
    head = "POST /api/v1/refund HTTP/1.1\r\nUser-Agent: x\r\nContent-Length: 500\r\n\r\n{"
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    connection.sendall(head.encode())
    connection.shutdown(socket.SHUT_WR)
    assert everything(connection) == b""
    assert server.ledger(origin="api") == []
    assert server.requests == []


@pytest.mark.parametrize(("name", "made"), [("commit_then_hang_up", 1), ("hang_up", 0)])
def test_hanging_up_sends_not_one_byte(server, name, made):
    server.faults.script(name)
    assert everything(raw_refund(server)) == b""
    assert len(server.ledger(origin="api")) == made


@pytest.mark.parametrize("committed", [True, False])
def test_a_reset_is_a_reset(server, committed):
    server.faults.script("reset", committed=committed)
    with raw_refund(server) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert len(server.ledger(origin="api")) == int(committed)


def test_silence_lasts_as_long_as_the_client_waits(server):
    server.faults.script("silence", committed=True)
    with raw_refund(server, timeout=SHORT) as connection, pytest.raises(TimeoutError):
        connection.recv(1)
    assert len(server.ledger(origin="api")) == 1


def test_silence_can_end_without_a_word(server):
    server.faults.script("silence", seconds=0.05)
    assert everything(raw_refund(server)) == b""


def test_a_slow_answer_comes(server):
    server.faults.script("slow", seconds=0.05)
    with raw_refund(server) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_body_is_cut_at_the_byte(server):
    server.faults.script("half_body", at=17)
    answer = everything(raw_refund(server))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert len(body) == 17
    assert b"Content-Length: 17" not in head


def test_a_body_can_be_cut_without_any_length_or_last_chunk(server, line):
    server.faults.script("half_body", at=5, framing="close")
    head, _, body = everything(raw_refund(server)).partition(b"\r\n\r\n")
    assert (b"Content-Length" in head, body) == (False, b'{"typ')
    server.faults.script("half_body", at=5, framing="chunked")
    answer = refund(line, amount=1)
    with pytest.raises(http.client.IncompleteRead):
        answer.read()


def test_a_cut_can_end_in_a_reset(server):
    server.faults.script("half_body", at=0, end="reset")
    with pytest.raises(ConnectionResetError):
        everything(raw_refund(server))


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_dripping_answer_is_whole_in_the_end(server, line, part):
    server.faults.script("drip", seconds=0, part=part)
    assert json.loads(refund(line).read())["status"] == "PENDING"
    assert look(line)[0] == 200


def test_two_answers_to_one_request(server):
    server.faults.script("twice")
    with raw_refund(server) as connection:
        assert connection.recv(65536).count(b"HTTP/1.1 200 OK") == 2


def test_a_connection_can_close_after_a_good_answer(server):
    server.faults.script("close_idle")
    answer = everything(raw_refund(server))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"Connection: close" not in answer


def test_a_huge_answer_is_as_long_as_scripted(server, line):
    server.faults.script("huge", bytes=300_000)
    assert len(refund(line).read()) == 300_000
    assert look(line)[0] == 200


def test_the_page_is_served_where_pay_url_points(server, line):
    made = json.loads(refund(line).read())
    target = urllib.parse.urlsplit(made["payUrl"])
    line.request("GET", f"{target.path}?{target.query}")
    assert b"EUR 49.90" in line.getresponse().read()
    line.request("POST", f"{target.path}?{target.query}&action=success", b"")
    answer = line.getresponse()
    assert (answer.status, answer.read()) == (303, b"")
    assert server.ledger(origin="api")[0]["status"] == "success"


def test_void_has_no_body_and_no_length(server, line):
    body = json.dumps({"reference": "S1006.Y"})
    line.request("POST", "/api/v1/refund", body, HEADERS)
    made = json.loads(line.getresponse().read())["reference"]
    line.request("POST", f"/api/v1/void?reference={made}", b"", HEADERS)
    answer = line.getresponse()
    assert (answer.status, answer.read(), answer.headers["Content-Length"]) == (204, b"", None)


def test_head_is_answered_without_a_body(server, line):
    line.request("HEAD", "/api/v1/refund", headers=HEADERS)
    answer = line.getresponse()
    assert (answer.status, answer.read()) == (405, b"")
    assert look(line)[0] == 200


def test_stopping_breaks_every_connection_and_keeps_the_ledger(bank):
    server = SandboxServer(bank=bank)
    server.start()
    server.faults.script("silence", committed=True)
    waiting = raw_refund(server)
    server.faults.script("drip", on="GET /transaction", seconds=60)
    idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    idle.request("GET", "/api/v1/transaction?reference=T1001.Y", headers=HEADERS)
    assert idle.getresponse().status == 200
    server.stop()
    server.stop()
    assert everything(waiting) == b""
    idle.close()
    assert len(server.ledger(origin="api")) == 1
    with pytest.raises(RuntimeError):
        _ = server.base_url


def test_a_stopped_server_can_start_again_with_the_same_bank(bank):
    server = SandboxServer(bank=bank)
    for _ in range(2):
        with server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            assert look(connection)[0] == 200
            connection.close()
    assert len(server.requests) == 2


def test_a_taken_port_is_an_error_and_nothing_listens(server, bank):
    second = SandboxServer(bank=bank, port=server.port)
    with pytest.raises(OSError, match=r"."):
        second.start()


def test_the_log_line_shows_the_body_and_nothing_that_moves_a_terminal():
    seen = Seen(
        at=1_790_000_000_000,
        method="POST",
        path="/api/v1/refund",
        query={},
        headers={"authorization": "***"},
        body='{"description":"\x1b[31m caf\u00e9\n"}'.encode(),
        status=200,
        transport="hang_up",
    )
    said = log_line(seen)
    assert said == (
        '14:13:20 POST /api/v1/refund -> 200 (hang_up) {"description":"\\u001b[31m caf\u00e9\\n"}'
    )


def test_the_log_is_told_of_requests_and_never_of_the_key(bank):
    told = []
    with SandboxServer(bank=bank, log=told.append) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        refund(connection).read()
        connection.request("GET", "/_sandbox/ledger")
        connection.getresponse().read()
        connection.close()
    assert [seen.path for seen in told] == ["/api/v1/refund"]
    assert "t_practice" not in log_line(told[0])
    assert KEY not in str(told)


def test_a_script_that_is_not_understood_stops_it_before_it_listens(tmp_path):
    script = tmp_path / "script.json"
    script.write_text('{"settings": {"customer": "robot"}}')
    with pytest.raises(ValueError, match="customer must be one of"):
        serve(0, script, io.StringIO())


@pytest.mark.process
def test_served_to_a_person_it_follows_its_script_until_it_is_interrupted(tmp_path):
    script = tmp_path / "script.json"
    script.write_text('{"faults": [{"do": "status", "args": {"code": 503}}]}')
    program = (
        "import sys; from pathlib import Path; from posrefund.sandbox.server import serve;"
        "serve(0, Path(sys.argv[1]), sys.stdout)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(script)], stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            where = running.stdout.readline().split()[2]
            assert running.stdout.readline().rstrip().endswith("/_sandbox/")
            target = urllib.parse.urlsplit(where)
            connection = http.client.HTTPConnection(target.hostname, target.port, timeout=10)
            assert refund(connection, amount="5.00").status == 503
            connection.close()
            said = running.stdout.readline()
            assert "POST /api/v1/refund -> 503" in said
            assert '"amount": "5.00"' in said
            running.send_signal(signal.SIGINT)
            assert running.stdout.readline() == "Sandbox stopped\n"
        finally:
            running.kill()
    assert "t_practice" not in said
