"""What the builds share: a folder that is thrown away, environments, and the wheel."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent.parent
DIST = ROOT / "dist"
CONSTRAINTS = ROOT / "constraints.txt"


def run(*command: str | Path, cwd: Path | None = None) -> None:
    """Run a tool, its chatter on stderr; stop the build where it fails."""
    # Nothing of the environment this was started from gets into what is built.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run(command, check=True, env=environ, cwd=cwd, stdout=sys.stderr)


@contextmanager
def workshop() -> Iterator[Path]:
    """Give an empty folder that is no part of the source, and remove it."""
    with TemporaryDirectory(prefix="posrefund-packages-") as folder:
        yield Path(folder)


def fresh_environment(folder: Path) -> Path:
    """Make an environment with nothing but pip, and return its interpreter."""
    run(sys.executable, "-m", "venv", folder)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def wheel_and_sdist(folder: Path) -> tuple[Path, Path]:
    """Build the sdist from the source, and the wheel from that sdist, as a stranger would."""
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


def install_pinned(python: Path, wheel: Path, *options: str | Path) -> None:
    """Install exactly what `constraints.txt` says, each file checked, then the program alone."""
    pip = (python, "-m", "pip", "install", "--quiet", *options)
    run(*pip, "--require-hashes", "-r", CONSTRAINTS)
    run(*pip, "--no-deps", wheel)


def size_of(path: Path) -> str:
    """Megabytes on disk, of a file or of everything in a folder."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    # A link inside weighs nothing of its own.
    return f"{sum(one.lstat().st_size for one in files) / 1e6:.1f} MB"


def platform_name() -> str:
    """Which machines it is for, as part of a file name."""
    import sysconfig

    return sysconfig.get_platform().replace(".", "_")
