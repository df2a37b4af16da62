"""A client of a raw server, with a key that must turn up nowhere."""

import base64
import logging
import traceback
from contextlib import contextmanager

import pytest

from posrefund.provider.client import HttpProvider
from posrefund.provider.transport import Transport
from posrefund.refund.model import Environment
from tests.support.fakes import FrozenClock

CANARY = "t_c4na7yc4na7yc4na7yc4na7yc4na7yc4na7yc4na"
CANARY_SENT = base64.b64encode(f"{CANARY}:".encode()).decode()


class CanaryKey:
    """A key that shows itself only when asked to."""

    def reveal(self):
        return CANARY

    def __repr__(self):
        return "<key>"


def assert_no_canary(*texts):
    for text in texts:
        assert CANARY not in text
        assert CANARY_SENT not in text
        assert CANARY_SENT.rstrip("=") not in text


def everything_about(error):
    """An error as the most talkative crash screen shows it: with the variables of every frame."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(told.format()) + repr(error) + str(error)


@contextmanager
def a_client(base_url, **changes):
    """A client with short deadlines, closed afterwards."""
    given = {
        "base_url": base_url,
        "key": CanaryKey(),
        "environment": Environment.TEST,
        "pay_url_hosts": ("onlinepayments.ccv.eu",),
        "clock": FrozenClock(),
        "post_seconds": 2.0,
        "get_seconds": 2.0,
        "connect_seconds": 2.0,
    }
    client = HttpProvider(**(given | changes))
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(autouse=True)
def no_key_in_any_log(caplog):
    """Whatever a test does, and however talkative the root logger is, no log has the key."""
    caplog.set_level(logging.DEBUG)
    yield
    assert_no_canary(caplog.text)
    assert [
        record for record in caplog.records if record.name.startswith(("httpx", "httpcore"))
    ] == []


@pytest.fixture
def transport():
    """Build transports that are closed afterwards."""
    made = []

    def make(base_url, **changes):
        one = Transport(base_url=base_url, key=CanaryKey(), connect_seconds=2, **changes)
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


def get(one, *, seconds=2.0):
    return one.exchange("GET", "/transaction?reference=T.1", seconds=seconds)
