"""One folder with everything in it, by PyInstaller: for a machine without Python."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.packages.building import (
    DIST,
    fresh_environment,
    install_pinned,
    platform_name,
    run,
    size_of,
    wheel_and_sdist,
    workshop,
)
from tests.packages.smoke import smoke

_START = """\
import sys

from posrefund.__main__ import main

sys.exit(main())
"""


def main() -> None:
    """Build it in an environment without our own tools, try it, and put it into `dist/`."""
    with workshop() as folder:
        wheel, _ = wheel_and_sdist(folder / "built")
        python = fresh_environment(folder / "env")
        install_pinned(python, wheel)
        run(python, "-m", "pip", "install", "--quiet", _pinned("pyinstaller"))
        made = _build(python, folder)
        # Tried before it is anywhere else, and without the environment it was made in.
        shutil.rmtree(folder / "env")
        (folder / "moved").mkdir()
        made = made.rename(folder / "moved" / "posrefund")
        print(f"folder {size_of(made)}:")
        smoke([made / "posrefund"])
        target = DIST / f"posrefund-{platform_name()}"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target, symlinks=True)
    print(f"in dist/{target.name}")


def _build(python: Path, folder: Path) -> Path:
    start = folder / "start.py"
    start.write_text(_START, "utf-8")
    run(
        *(python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--console"),
        *("--name", "posrefund", "--onedir"),
        *("--distpath", folder / "out", "--workpath", folder / "work", "--specpath", folder),
        # Styles, catalogues, guides, schemas, SQL; and what Textual loads by name.
        *("--collect-data", "posrefund", "--collect-submodules", "textual.widgets"),
        *("--exclude-module", "tkinter", "--exclude-module", "setuptools"),
        start,
    )
    return folder / "out" / "posrefund"


def _pinned(tool: str) -> str:
    """The same version as here."""
    shown = subprocess.run(
        [sys.executable, "-m", "pip", "show", tool], capture_output=True, text=True, check=True
    )
    version = next(line for line in shown.stdout.splitlines() if line.startswith("Version: "))
    return f"{tool}=={version.removeprefix('Version: ')}"
