"""Every test: an empty home, no settings of the machine it runs on, and no network but loopback."""

import ipaddress
import os
import socket

import pytest
from hypothesis import settings

from posrefund import language
from tests.support.canary import (  # noqa: F401 - hooks, for pytest to find
    pytest_runtest_logreport,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

# A slow machine is not a defect, and an example from another run is not part of this one.
settings.register_profile("posrefund", deadline=None, database=None, print_blob=True)
settings.load_profile("posrefund")

_FOLDERS = {
    "HOME": "",
    "XDG_CONFIG_HOME": "config",
    "XDG_STATE_HOME": "state",
    "XDG_DATA_HOME": "data",
    "XDG_CACHE_HOME": "cache",
    "XDG_RUNTIME_DIR": "run",
}


@pytest.fixture(autouse=True)
def empty_home(tmp_path_factory, monkeypatch):
    """Give the test a home folder of its own, and return it."""
    home = tmp_path_factory.mktemp("home")
    for name, folder in _FOLDERS.items():
        path = home / folder
        path.mkdir(mode=0o700, exist_ok=True)
        monkeypatch.setenv(name, str(path))
    return home


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch):
    """Take away what would configure posrefund, or Textual, from outside."""
    for name in list(os.environ):
        if name.startswith(("POSREFUND_", "TEXTUAL")) or name == "CREDENTIALS_DIRECTORY":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def english():
    """The language belongs to the process, so a test must not leave another one behind."""
    yield
    language.use(language.SOURCE)


@pytest.fixture(autouse=True)
def usual_umask():
    """The program tightens it for the whole process; the next test begins as it usually is."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def foreign_peers(monkeypatch):
    """Refuse every peer but this machine, also when the code under test swallows the refusal.

    Returns the peers that were refused; a test that provokes it on purpose clears the list.
    """
    refused = []

    def check(host):
        if host is not None and not _is_this_machine(host):
            refused.append(host)
            raise AssertionError(f"a test must not reach for the network, and this wanted {host!r}")

    def guarded(real):
        def connect(self, address, *args):
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                check(address[0])
            return real(self, address, *args)

        return connect

    look_up = socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        check(host)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield refused
    assert refused == [], "these peers are not on this machine"


def _is_this_machine(host):
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
