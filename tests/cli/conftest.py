import os
import sys
from pathlib import Path

import pytest

from posrefund.cli.helping_commands import COMPLETION_VARIABLE
from posrefund.cli.main import run
from posrefund.sandbox.server import SandboxServer
from tests.cli.fakes import Counter

LINES_OF = {"bash": 1, "zsh": 3, "fish": 1, "powershell": 3}
"""Of one answer."""


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def sandbox():
    server = SandboxServer(port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def config(empty_home):
    return empty_home / "config/posrefund/config.toml"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Ask as the script of a shell does, and return the words it may offer."""

    def ask(line: str, shell: str = "bash") -> list[str]:
        words = line.split(" ")
        # As the script of bash has them.
        line = "\n".join(words) if shell == "bash" else line
        current = words[-1] if shell == "fish" else str(len(words) - 1)
        for name, value in {
            "COMP_WORDS": line,
            "COMP_CWORD": current,
            COMPLETION_VARIABLE: f"{shell}_complete",
        }.items():
            monkeypatch.setenv(name, value)
        assert run([]) == 0
        answer = capfd.readouterr().out.splitlines()
        if LINES_OF[shell] == 3:
            return answer[1::3]
        return [one.partition(",")[2].partition("\t")[0] for one in answer]

    return ask


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put `posrefund` on the path, whatever environment the tests run in."""
    command = tmp_path / "bin" / "posrefund"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m posrefund "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return command
