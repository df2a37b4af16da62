"""`constraints.txt`: every library with its version and hashes, for all systems, from one file."""

import sys

from tests.packages.building import (
    CONSTRAINTS,
    ROOT,
    fresh_environment,
    install_pinned,
    run,
    wheel_and_sdist,
    workshop,
)

HEADING = """\
# Every library of posrefund with its version and the hashes of its files, for Linux, macOS and
# Windows. Made by: python -m tests.packages constraints
#
#   pip install --require-hashes -r constraints.txt && pip install --no-deps posrefund-*.whl
"""


def main() -> None:
    """Resolve anew, refuse what names a source of packages, write, and install from it."""
    with workshop() as folder:
        resolved = folder / "resolved.txt"
        run(
            *(sys.executable, "-m", "uv", "pip", "compile", ROOT / "pyproject.toml"),
            *("--universal", "--quiet"),
            *("--python-version", "3.11", "--generate-hashes", "--no-header"),
            *("--no-annotate", "--no-emit-index-url", "--output-file", resolved),
        )
        text = resolved.read_text("utf-8")
        assert "://" not in text, "an address of a package index got in"
        CONSTRAINTS.write_text(HEADING + text, "utf-8")
        wheel, _ = wheel_and_sdist(folder / "built")
        python = fresh_environment(folder / "env")
        install_pinned(python, wheel)
        run(python, "-m", "pip", "check")
        run(python.parent / "posrefund", "--version", cwd=folder)
    print(f"{sum('==' in line for line in text.splitlines())} libraries in constraints.txt")
