"""Real signals to the real command: one result, nothing lost, nothing twice."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from posrefund.cli import signals
from posrefund.cli.signals import heeded
from tests.support.commands import Workplace

pytestmark = pytest.mark.process

REFUND = ("refund", "T1001.Y", "--amount", "5.00", "--yes", "--json", "--id", "till-7")
PATIENCE_SECONDS = 30


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    """A shop whose customer never presents the card."""
    with Workplace(tmp_path, settings={"customer": "person"}) as opened:
        yield opened


def start_waiting(workplace: Workplace) -> "subprocess.Popen[str]":
    process = workplace.start(*REFUND)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["state"] == "accepted":
            return process
    raise AssertionError("it ended by itself")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_waiting_and_says_what_was_sent(
    workplace: Workplace, number: signal.Signals
) -> None:
    process = start_waiting(workplace)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, out) == (130, "")
    assert "Refund till-7 is accepted." in err
    assert "posrefund recover" in err
    assert "Traceback" not in err
    assert workplace.run("status", "till-7").code == 6
    assert len(workplace.ledger()) == 1


def test_hammering_on_the_keys_changes_nothing(workplace: Workplace) -> None:
    process = start_waiting(workplace)
    for _ in range(20):
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert len(workplace.ledger()) == 1


def test_an_interrupt_that_got_lost_can_be_repeated(monkeypatch) -> None:
    times = iter([0.0, 10.0, 11.0, 13.0])
    monkeypatch.setattr(signals, "monotonic", lambda: next(times))
    with heeded():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_hang_up_that_is_to_be_ignored_is_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with heeded():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_handlers_of_before_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with heeded(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_demo_opens_the_counter_for_practice(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environ = {**os.environ, "TERM": "xterm-256color", "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "posrefund", "demo"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environ,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = read_until(ours, b"PRACTICE")
        os.write(ours, b"\x11")
        drain(ours)
        assert process.wait(PATIENCE_SECONDS) == 0
    os.close(ours)
    assert b"Desk 2" in shown
    assert list(tmp_path.iterdir()) == []


def read_until(descriptor: int, wanted: bytes) -> bytes:
    read = b""
    while wanted not in read:
        ready, _, _ = select.select([descriptor], [], [], PATIENCE_SECONDS)
        assert ready, "nothing came"
        read += os.read(descriptor, 65536)
    return read


def drain(descriptor: int) -> None:
    """Take what is still coming, until the other end is closed."""
    while select.select([descriptor], [], [], PATIENCE_SECONDS)[0]:
        try:
            if not os.read(descriptor, 65536):
                return
        except OSError:
            return
