"""Somebody who never saw the code writes a script from README and --help. The bank is the judge."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

STRANGER = Path(__file__).with_name("stranger.py")
README = Path(__file__).parents[2] / "README.md"
COMMAND = shutil.which("posrefund", path=str(Path(sys.executable).parent))


@pytest.mark.process
@pytest.mark.skipif(COMMAND is None, reason="the command posrefund is not installed here")
def test_a_stranger_gives_money_back_twice_and_never_double(tmp_path: Path) -> None:
    ended, ledger = _run(tmp_path)

    codes = list(ended["codes"].values())
    assert [met[0] for met in codes] == [5, 6, 6], "lost, running, running"
    assert [met[-1] for met in codes] == [0, 0, 1], "done, done, not done"
    booked = [(one["original_reference"], one["amount"]) for one in ledger["succeeded"]]
    assert sorted(booked) == [("T1001.Y", "5.00"), ("T1002.Y", "2.50")]
    assert [one["original_reference"] for one in ledger["other"]] == ["T3010.Y"]
    assert ended["total"] == "7.50"


def test_what_the_stranger_does_is_in_the_readme() -> None:
    script, told = STRANGER.read_text("utf-8"), README.read_text("utf-8")
    imported = {
        name
        for node in ast.walk(ast.parse(script))
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert imported <= set(sys.stdlib_module_names)
    for word in [
        *re.findall(r'"(--[a-z-]+)"', script),
        "commit_then_hang_up",
        "T3010.Y",
        "T1001.Y",
    ]:
        assert word in told or word in _help(), word


def _help() -> str:
    pages = (["refund"], ["sandbox"], ["init"], ["export"], ["list"], ["status"])
    return "".join(
        subprocess.run(
            [sys.executable, "-m", "posrefund", *page, "--help"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for page in pages
    )


def _run(folder: Path) -> tuple[dict, dict]:
    """Let the script do its day in an empty home, and ask the bank before the sandbox ends."""
    clean = {
        "HOME": str(folder),
        "PATH": os.defpath,
        "PYTHONPATH": str(README.parent),
        **{name: value for name, value in os.environ.items() if name.startswith("COV")},
    }
    script = subprocess.Popen(
        [sys.executable, str(STRANGER), str(COMMAND), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=clean,
        start_new_session=True,
    )
    assert script.stdout is not None
    believed = script.stdout.readline()
    refunds = _ledger(json.loads(believed)["site"]) if believed else []
    _, told = script.communicate("\n", timeout=60)
    assert script.returncode == 0, told
    assert "Traceback" not in told
    booked = [one for one in refunds if one["status"] == "success"]
    return json.loads(believed), {
        "succeeded": booked,
        "other": [one for one in refunds if one not in booked],
    }


def _ledger(address: str) -> list[dict]:
    site = address.removesuffix("/api/v1")
    with urllib.request.urlopen(f"{site}/_sandbox/ledger") as answer:  # noqa: S310
        return [one for one in json.load(answer)["refunds"] if one["origin"] == "api"]
