"""The search for keys finds one that was left behind, however it is written."""

import ast
import base64
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.canary import CANARIES, NO_SECRETS, Search

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
KEY = CANARIES[0]
WAYS = {
    "plain": KEY,
    "header": base64.b64encode(f"{KEY}:".encode()).decode(),
    "header with a password": base64.b64encode(f"{KEY}:x".encode()).decode(),
    "header in an address": quote(base64.b64encode(f"{KEY}:".encode()).decode(), safe=""),
    "percent": "".join(f"%{byte:02X}" for byte in KEY.encode()),
    "percent in small letters": "".join(f"%{byte:02x}" for byte in KEY.encode()),
}


@pytest.mark.parametrize("written", WAYS.values(), ids=WAYS)
def test_a_key_left_in_a_file_is_found(tmp_path: Path, written: str) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "journal.sqlite3").write_bytes(b"\0 " + written.encode() + b" \xff")
    search = Search()

    search.folder(tmp_path)
    (tmp_path / "state" / "journal.sqlite3").unlink()

    assert search.hits == [f"state/journal.sqlite3: {KEY}"]
    assert search.files == 1


@pytest.mark.parametrize("written", WAYS.values(), ids=WAYS)
def test_a_key_that_was_printed_is_found(written: str) -> None:
    search = Search()

    search.text("Captured stdout", f"it is {written}.\n")

    assert search.hits == [f"Captured stdout: {KEY}"]


def test_a_key_in_its_own_file_is_where_it_belongs(tmp_path: Path) -> None:
    (tmp_path / "api_key").write_text(KEY, "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "api_key")
    search = Search()

    search.folder(tmp_path)

    assert search.hits == []


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["alone", "workers"])
def test_a_run_that_leaves_a_key_behind_has_failed(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests.support.canary import *\n"
        "from tests.support.canary import pytest_runtest_logreport, pytest_sessionfinish\n"
        "from tests.support.canary import pytest_testnodedown, pytest_terminal_summary\n",
        "utf-8",
    )
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\n", "utf-8")
    (tmp_path / "test_leak.py").write_text(
        "from tests.support.canary import CANARIES\n"
        "def test_file(tmp_path):\n    (tmp_path / 'log').write_text(CANARIES[0])\n"
        "def test_said():\n    print(CANARIES[0])\n",
        "utf-8",
    )
    base = tmp_path / "base"

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--basetemp={base}", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    for left in base.rglob("log"):
        left.unlink()

    assert ended.returncode == 1, ended.stdout
    assert "2 passed" in ended.stdout
    assert re.search(rf"a key is in .*test_file0/log: {CANARIES[0]}", ended.stdout)
    assert (
        f"a key is in Captured stdout call of test_leak.py::test_said: {CANARIES[0]}"
        in ended.stdout
    )


def test_every_key_of_a_test_is_on_the_list() -> None:
    unknown = set()
    for path in HERE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for key in re.findall(r"\b[tl]_\w{6,}", node.value):
                    if not key.startswith(CANARIES) and key not in NO_SECRETS:
                        unknown.add((path.name, key))

    assert unknown == set()


def test_no_key_is_in_a_picture_or_a_document() -> None:
    search = Search()

    for folder in ("assets", "tests/tui", "tests/documents", "posrefund"):
        search.folder(ROOT / folder)

    assert search.files > 100
    ours = [hit for hit in search.hits if not hit.endswith(".py: " + hit.rpartition(" ")[2])]
    assert [hit for hit in ours if "__pycache__" not in hit] == []
