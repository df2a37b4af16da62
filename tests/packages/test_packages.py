"""What is in the packages, as far as seconds can tell; the builds themselves are commands."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.packages import sbom
from tests.packages.__main__ import KNOWN
from tests.packages.building import CONSTRAINTS, ROOT

DATA = {".mo", ".po", ".tcss", ".sql", ".json", ".md", ".typed"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the sdist, made by the build back end itself: no network is needed."""
    folder = tmp_path_factory.mktemp("built")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return folder


def source_files() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "posrefund").rglob("*")
        if path.is_file() and path.suffix in {".py", *DATA}
    }


@pytest.mark.process
def test_the_wheel_has_every_file_of_the_program_and_the_service(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert source_files() <= names
    for ending in ("nld/LC_MESSAGES/posrefund.mo", ".tcss", "0001_refund_and_entry.sql",
                   "schemas/refund.json", "guides/runbook.md"):  # fmt: skip
        assert [name for name in names if name.endswith(ending)], ending
    shared = {name.rpartition("/share/posrefund/")[2] for name in names if "/share/" in name}
    assert shared == {"posrefund-watch.service", "windows.md", "config.example.toml"}
    assert not [name for name in names if name.startswith(("tests", "assets", "dist"))]


@pytest.mark.process
def test_the_sdist_has_what_a_wheel_is_built_from(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert source_files() <= names
    assert {"pyproject.toml", "README.md", "constraints.txt", "config.example.toml"} <= names
    assert "assets/service/posrefund-watch.service" in names
    assert not [name for name in names if name.startswith(("dist/", ".venv", ".git/"))]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


# -- constraints -------------------------------------------------------------------------------


def pinned() -> dict[str, str]:
    """Each library of `constraints.txt` with its version."""
    found = re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", CONSTRAINTS.read_text("utf-8"), re.MULTILINE)
    return dict(found)


def test_every_library_is_pinned_with_hashes_and_no_index_is_named() -> None:
    text = CONSTRAINTS.read_text("utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    for entry in re.split(r"\n(?=[a-z])", text[text.index("\nannotated") :].strip()):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_the_pins_are_those_the_project_asks_for() -> None:
    for text in project()["dependencies"]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(pinned()[wanted.name]), text


# -- the bill of materials -----------------------------------------------------------------------


def test_the_bill_names_what_is_needed_and_nothing_of_this_machine() -> None:
    found = sbom.bill()
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    names = {one["name"] for one in found["components"]}
    assert {Requirement(text).name for text in project()["dependencies"]} <= names
    references = {one["bom-ref"] for one in found["components"]}
    references.add(found["metadata"]["component"]["bom-ref"])
    assert {one["ref"] for one in found["dependencies"]} == references
    assert {needed for one in found["dependencies"] for needed in one["dependsOn"]} <= references
    text = json.dumps(found)
    assert str(ROOT) not in text
    assert str(Path.home()) not in text
    assert "file:" not in text


def test_every_package_has_its_command() -> None:
    for name in KNOWN:
        assert "\ndef main() -> None:\n" in (Path(__file__).parent / f"{name}.py").read_text(
            "utf-8"
        )
