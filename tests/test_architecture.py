"""The shape of the program, defended by plain `pytest`."""

import ast
import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
PROGRAM = sorted((ROOT / "posrefund").rglob("*.py"))
MODULES = [*PROGRAM, *sorted((ROOT / "tests").rglob("*.py"))]
NEAR_MONEY = ("money.py", "refund/", "provider/", "journal/")
TOO_HEAVY_FOR_HELP = {"textual", "httpx", "pydantic", "qrcode", "keyring", "ssl", "asyncio"}


def named(path):
    return path.relative_to(ROOT).as_posix()


def run(*command):
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_imports_flow_one_way(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_no_module_outgrows_its_reader(module):
    assert len(module.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize(
    "module",
    [path for path in PROGRAM if named(path).removeprefix("posrefund/").startswith(NEAR_MONEY)],
    ids=named,
)
def test_there_is_no_float_near_an_amount(module):
    made = [
        node.lineno
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "float"
    ]
    assert made == [], f"{named(module)} makes floats in these lines"


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db8::1", "api.psp.ccv.eu"])
def test_no_test_reaches_the_network(foreign_peers, peer):
    with pytest.raises(AssertionError, match="network"):
        socket.create_connection((peer, 443), timeout=1)
    assert foreign_peers == [peer]
    foreign_peers.clear()


async def test_no_asynchronous_test_reaches_it_either(foreign_peers):
    with pytest.raises(AssertionError, match="network"):
        await asyncio.open_connection("192.0.2.1", 443)
    assert foreign_peers
    foreign_peers.clear()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_loopback_is_open_to_tests(foreign_peers, name):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((name, server.getsockname()[1]), timeout=10).close()
    assert foreign_peers == []


def test_every_test_has_an_empty_home(empty_home):
    assert Path.home() == empty_home
    assert not any(path.is_file() for path in empty_home.rglob("*"))


def test_a_command_loads_nothing_it_does_not_need():
    program = "import sys, posrefund.cli.main; print(*sorted(sys.modules))"
    loaded = {name.partition(".")[0] for name in run("-c", program).split()}
    assert loaded & TOO_HEAVY_FOR_HELP == set()


def test_the_code_is_linted():
    run("-m", "ruff", "check", "--quiet", ".")


def test_the_code_is_formatted():
    run("-m", "ruff", "format", "--check", "--quiet", ".")


def test_the_types_agree():
    run("-m", "mypy")
