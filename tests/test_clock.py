"""Real time, and waits that can be cut short."""

import subprocess
import sys
import threading
from datetime import UTC, timedelta

import pytest

from posrefund.clock import SystemClock
from posrefund.refund.ports import Clock

LONG = 600.0


def test_now_is_aware_and_utc():
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert now.utcoffset() == timedelta(0)


def test_it_is_the_clock_the_core_asks_for():
    clock: Clock = SystemClock()
    assert clock.now() <= clock.now()


@pytest.mark.parametrize("seconds", [0, -5, 0.001])
def test_a_wait_that_nobody_cuts_short_is_true(seconds):
    assert SystemClock().wait(seconds) is True


def waiting(clock, answers):
    """A thread that waits very long and notes the answer."""
    thread = threading.Thread(target=lambda: answers.append(clock.wait(LONG)), daemon=True)
    thread.start()
    return thread


def ring_until_all_are_up(clock, threads):
    # A wake before a wait has begun does not end it, so it is repeated until each has seen one.
    while any(thread.is_alive() for thread in threads):
        clock.wake()
        threads[0].join(0.01)


def test_wake_ends_every_wait():
    clock, answers = SystemClock(), []
    threads = [waiting(clock, answers) for _ in range(5)]
    ring_until_all_are_up(clock, threads)
    assert answers == [False] * 5


def test_a_wake_that_is_over_does_not_end_a_later_wait():
    clock = SystemClock()
    clock.wake()
    assert clock.wait(0.01) is True


def test_a_longer_wait_than_the_system_can_count_still_ends_when_woken():
    clock, answers = SystemClock(), []
    thread = threading.Thread(target=lambda: answers.append(clock.wait(1e12)), daemon=True)
    thread.start()
    ring_until_all_are_up(clock, [thread])
    assert answers == [False]


def run(program):
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    ).stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the POSIX way")
def test_ctrl_c_ends_a_wait_in_the_main_thread():
    program = """
import os, signal, threading
from posrefund.clock import SystemClock
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    SystemClock().wait(600)
except KeyboardInterrupt:
    print("interrupted")
"""
    assert run(program) == "interrupted"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the POSIX way")
def test_a_signal_handler_may_wake():
    program = """
import os, signal, threading
from posrefund.clock import SystemClock
clock = SystemClock()
signal.signal(signal.SIGTERM, lambda *_: clock.wake())
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
print(clock.wait(600))
"""
    assert run(program) == "False"
