"""Real processes: what is loaded, what a closed stream does, what a signal does."""

import io
import json
import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from posrefund.cli.main import run
from posrefund.cli.practice import sandbox
from posrefund.cli.session import Session
from posrefund.errors import Misused
from tests.cli.fakes import Counter

HEAVY = ("httpx", "pydantic", "textual", "qrcode", "sqlite3", "asyncio", "ssl", "shutil", "json")
COMMAND = (sys.executable, "-m", "posrefund")


def loaded_after(*arguments: str) -> set[str]:
    """The modules in a fresh process that was given these arguments."""
    program = (
        "import sys; sys.argv[1:] = sys.argv[2:];"
        "from posrefund.__main__ import main; main(); print('\\n', *sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "-", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ended.stdout.splitlines()[-1].split())


@pytest.mark.process
@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("refund",),
        ("refund", "--help"),
        ("refund", "1001", "--nothing"),
        ("refund", "1001", "--full", "--amount", "5"),
        ("list", "--state", "lost"),
    ],
    ids=" ".join,
)
def test_help_and_wrong_use_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    loaded = loaded_after(*arguments)
    assert "posrefund.cli.main" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.process
def test_a_wrong_amount_loads_no_network_and_no_database() -> None:
    loaded = loaded_after("refund", "1001", "--amount", "-5", "--yes")
    assert loaded.isdisjoint({"httpx", "pydantic", "textual", "qrcode", "sqlite3", "ssl"})


@pytest.mark.process
@pytest.mark.parametrize("closing", ["--help 2>&-", "--help <&-", "--help | head -1"])
def test_closed_streams_are_no_accident(closing: str) -> None:
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'"$0" -m posrefund {closing}', sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.process
@pytest.mark.parametrize("page", ["--version", "--help", "list --help", "help faults"])
@pytest.mark.parametrize("lost", [">&-", ">/dev/full"])
def test_help_that_cannot_be_printed_is_no_answer_either(page: str, lost: str) -> None:
    if lost == ">/dev/full" and not Path("/dev/full").exists():
        pytest.skip("only Linux has a disk that is full")
    ended = subprocess.run(
        ["bash", "-c", f'"$0" -m posrefund {page} {lost}', sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (4, "The answer could not be written.\n")


def test_an_answer_for_which_there_is_no_stdout_is_none(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    err = io.StringIO()
    session = Session(program=counter.program(), environ={}, stdin=io.StringIO(), stderr=err)
    assert run(["list"], session=session) == 4
    assert "The answer could not be written." in err.getvalue()


@pytest.mark.process
def test_the_environment_is_cleaned_and_doctor_says_so(tmp_path: Path) -> None:
    environ = {**os.environ, "TEXTUAL_PRESS": "y,enter", "HTTPS_PROXY": "http://user:pass@x"}
    for command in ("list", "doctor"):
        ended = subprocess.run(
            [*COMMAND, command], capture_output=True, text=True, check=False, env=environ
        )
        said = ended.stdout + ended.stderr
        assert ended.returncode == 3
        assert ("TEXTUAL_PRESS" in said, "HTTPS_PROXY" in said) == (command == "doctor",) * 2
        assert "user:pass" not in said


@pytest.mark.process
def test_a_plain_question_on_a_terminal_has_no_escapes(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    ended = subprocess.run(
        [*COMMAND, "list"], stdout=theirs, stderr=theirs, stdin=theirs, check=False
    )
    os.close(theirs)
    said = os.read(ours, 4000)
    os.close(ours)
    assert ended.returncode == 3
    assert b"\x1b" not in said


def told_to_end(process: "subprocess.Popen[str]", number: signal.Signals) -> str:
    """Send the signal and return stderr.

    A signal that comes in the instant before a wait without an end is noticed with the next one.
    """
    for _ in range(10):
        process.send_signal(number)
        try:
            return process.communicate(timeout=3)[1]
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    raise AssertionError("it does not end")


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_sandbox_ends_when_it_is_told_to(number: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "sandbox", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        host, port = told["base_url"].removeprefix("http://").split("/")[0].split(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        said = told_to_end(process, number)
    assert process.returncode == 0
    assert said.endswith("Sandbox stopped\n")


@pytest.mark.process
def test_the_example_of_the_sandbox_is_a_configuration_that_works(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "sandbox", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        config = tmp_path / "config.toml"
        config.write_text(told["config"])
        payment = told["payments"][0]
        environ = {**os.environ, "POSREFUND_API_KEY": told["api_key"]}
        refund = ("refund", payment["reference"], "--full", "--yes", "--no-wait", "--json")
        ended = subprocess.run(
            [*COMMAND, *refund, "--config", str(config)],
            capture_output=True,
            text=True,
            check=False,
            env=environ,
        )
        told_to_end(process, signal.SIGTERM)
    assert ended.returncode == 6, ended.stderr
    last = json.loads(ended.stdout.splitlines()[-1])
    assert (last["state"], last["amount"]) == ("accepted", payment["amount"])
    assert last["pay_url"].startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_wrong_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misused, match="taken"):
            sandbox(Session(), port, None)


@pytest.mark.parametrize("script", ["{}}", '{"faults": [{"do": "dance"}]}'])
def test_a_script_that_cannot_be_used_is_wrong_use(tmp_path: Path, script: str) -> None:
    path = tmp_path / "script.json"
    path.write_text(script)
    with pytest.raises(Misused, match="script"):
        sandbox(Session(), 0, str(path))


def test_a_script_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="there is no script"):
        sandbox(Session(), 0, str(tmp_path / "missing.json"))
