"""What each way into the program loads: counted in `sys.modules`, in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

from posrefund.journal.sqlite import SqliteJournal
from tests.support.commands import environment

pytestmark = pytest.mark.process

SCREENS = {"textual", "rich", "qrcode", "markdown_it"}
NETWORK = {"httpx", "httpcore", "pydantic", "truststore", "ssl", "asyncio"}
KEYRING = {"keyring", "escpos"}
SERVER = {"flask", "http.server", "posrefund.sandbox"}
DATABASE = {"sqlite3"}
UNDRAWN = {"httpx", "httpcore", "pydantic", "truststore", "qrcode"}
"""Not for a first frame. Textual needs asyncio, and that ssl."""
EVERYTHING = SCREENS | NETWORK | KEYRING | SERVER | DATABASE

CONFIG = """
[provider]
base_url = "http://127.0.0.1:9/api/v1"
[journal]
path = "{folder}/journal"
[[terminals]]
name = "Phone"
method = "softpos"
"""

WAYS = {
    "--help": EVERYTHING,
    "--version": EVERYTHING,
    "init --help": EVERYTHING,
    "refund --help": EVERYTHING,
    "doctor --help": EVERYTHING,
    "key --help": EVERYTHING,
    "no-such-command": EVERYTHING,
    "key status": EVERYTHING - KEYRING,
    "config show": EVERYTHING,
    "terminals": EVERYTHING,
    "list": EVERYTHING - DATABASE,
    "show 0000-0000": EVERYTHING - DATABASE,
    "doctor --offline": EVERYTHING - DATABASE - KEYRING,
    "doctor": SCREENS | SERVER,
    "find 1001": SCREENS | KEYRING | SERVER,
}
"""Each way, and what it must not load."""

OTHERWISE = {"no-such-command": 2, "show 0000-0000": 1, "doctor": 4, "find 1001": 4}
"""Exit codes that are not 0."""

PROGRAM = """
import json, sys
from posrefund.__main__ import main
code = main()
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.fixture(autouse=True)
def a_keyring_to_load(tmp_path, monkeypatch):
    """Whether or not the real one is installed, loading it would be seen."""
    package = tmp_path / "packages" / "keyring" / "backends"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").write_text("")
    path = environment()["PYTHONPATH"]
    monkeypatch.setattr(sys.modules[__name__], "PATH", f"{path}{os.pathsep}{tmp_path}/packages")


PATH = ""


def loaded(*arguments, program=PROGRAM):
    """The exit code, and every module of a fresh process with these arguments."""
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        env=environment(POSREFUND_API_KEY="t_0123456789abcdef", PYTHONPATH=PATH),
    )
    code, modules = json.loads(ended.stderr.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize("way", WAYS)
def test_a_way_into_the_program_loads_only_what_it_needs(tmp_path, way):
    (tmp_path / "config.toml").write_text(CONFIG.format(folder=tmp_path))
    SqliteJournal(tmp_path / "journal").close()
    code, modules = loaded(*way.split(), "--config", str(tmp_path / "config.toml"))
    assert "posrefund.cli.main" in modules
    assert modules & WAYS[way] == set()
    assert code == OTHERWISE.get(way, 0)


FRAME = """
import json, os, sys
import textual.app
from posrefund.cli.main import run
from posrefund.cli.session import Session

class Terminal:
    encoding = "utf-8"
    def __init__(self, stream): self.stream = stream
    def isatty(self): return True
    def __getattr__(self, name): return getattr(self.stream, name)

seen = []
real = textual.app.App.run

def drawn(app):
    seen.extend(sorted(sys.modules))
    app.exit()

def headless(app):
    # What the counter does after its first frame is another matter.
    app._begin = lambda: drawn(app)
    if not hasattr(type(app), "_begin"):
        app.call_later(app.call_after_refresh, app._begin)
    return real(app, headless=True, size=(80, 24))

textual.app.App.run = headless
streams = {name: Terminal(getattr(sys, name)) for name in ("stdin", "stdout", "stderr")}
session = Session(environ={**os.environ, "TERM": "xterm"}, **streams)
code = run(sys.argv[1:], session=session)
print(json.dumps([code, seen]), file=sys.stderr)
"""
"""The real way to the first frame, without a terminal; what is loaded by then is told."""


def test_the_first_frame_of_the_counter_loads_no_network(tmp_path):
    (tmp_path / "config.toml").write_text(CONFIG.format(folder=tmp_path))
    code, modules = loaded("--config", str(tmp_path / "config.toml"), program=FRAME)
    assert code == 0
    assert {"textual", "posrefund.tui.screens.counter"} <= modules
    assert modules & (UNDRAWN | KEYRING | SERVER) == set()
    assert not {name for name in modules if name.startswith("posrefund.tui.s") and "setup" in name}


def test_the_first_frame_of_the_set_up_loads_no_network_and_no_database():
    code, modules = loaded(program=FRAME)
    assert code == 3, "somebody left it"
    assert {"textual", "posrefund.tui.screens.setup"} <= modules
    assert modules & (UNDRAWN | KEYRING | SERVER | DATABASE) == set()
    assert "posrefund.tui.app" not in modules, "the counter comes afterwards"


@pytest.mark.skipif(sys.platform != "linux", reason="the back ends of Linux are asked for here")
def test_what_is_loaded_is_seen(tmp_path):
    (tmp_path / "config.toml").write_text(CONFIG.format(folder=tmp_path))
    there = ("--config", str(tmp_path / "config.toml"))
    assert "keyring" in loaded("key", "status", *there)[1]
    assert "sqlite3" in loaded("list", *there)[1]
    assert "httpx" in loaded("find", "1001", *there)[1]
