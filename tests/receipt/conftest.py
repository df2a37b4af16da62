"""Slips show local time; the tests' place is UTC."""

import time

import pytest


@pytest.fixture(autouse=True)
def in_one_time_zone(monkeypatch):
    """Run in UTC, wherever the tests run."""
    monkeypatch.setenv("TZ", "UTC")
    if hasattr(time, "tzset"):
        time.tzset()
    yield
    monkeypatch.undo()
    if hasattr(time, "tzset"):
        time.tzset()
