"""Every test of the screens reads the same clock, wherever it runs."""

import time

import pytest
from textual.widgets import Input


@pytest.fixture(autouse=True)
def in_one_time_zone(monkeypatch):
    """Screens show local time; the tests' place is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    if hasattr(time, "tzset"):
        time.tzset()
    yield
    monkeypatch.undo()
    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture(autouse=True)
def cursors_stand_still(monkeypatch):
    """A blinking cursor would make two pictures of one screen."""
    monkeypatch.setattr(Input.cursor_blink, "_default", False)
