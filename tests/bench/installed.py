"""The program as people have it: installed in an environment of its own, byte code compiled."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
KEY = "t_only_for_benchmarks"

_CONFIG = """\
counter = "Desk 2"

[provider]
base_url = "{base_url}"
pay_url_hosts = ["127.0.0.1"]

[journal]
path = "{home}/journal.sqlite3"

[[terminals]]
name = "Desk 2"
method = "terminal"
terminal_id = "1234536"
management_system_id = "000103030"
access_protocol = "OPI_NL"
operating_environment = "ATTENDED"
merchant_language = "NLD"
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the program is."""

    python: Path

    @property
    def posrefund(self) -> Path:
        """The command people type."""
        return self.python.parent / "posrefund"


@contextmanager
def installed(python: Path | None, folder: Path) -> Iterator[Installed]:
    """Give an environment that has the program: the one named, or a new one, thrown away after.

    Raises:
        FileNotFoundError: If the environment that was named does not have the program.
    """
    if python is not None:
        # Not resolved: the interpreter of an environment is a link to one without it.
        found = Installed(python.absolute())
        if not found.posrefund.exists():
            raise FileNotFoundError(f"there is no {found.posrefund}; install posrefund there")
        yield found
        return
    with tempfile.TemporaryDirectory(prefix="posrefund-bench-", dir=folder) as made:
        yield _install(Path(made) / "env")


def _install(environment: Path) -> Installed:
    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, env=_for_pip(), stdout=sys.stderr)

    print("installing posrefund in an environment of its own ...", file=sys.stderr)
    run(sys.executable, "-m", "venv", environment)
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--quiet", ROOT)
    # Its .pth file would run at every start, also that of the baseline.
    run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools")
    run(python, "-m", "compileall", "-q", environment / "lib")
    return Installed(python)


def _for_pip() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def bare_environment(home: Path) -> dict[str, str]:
    """The environment of a benchmarked process: nothing of this machine's, a home of its own."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


def config_for(home: Path, base_url: str) -> Path:
    """Write a configuration for the pretend CCV at `base_url`, with its journal in `home`."""
    config = home / "config.toml"
    config.write_text(_CONFIG.format(base_url=base_url, home=home), "utf-8")
    return config


def counter_environment(home: Path, base_url: str) -> dict[str, str]:
    """The bare environment with that configuration and a key."""
    config = config_for(home, base_url)
    return bare_environment(home) | {"POSREFUND_CONFIG": str(config), "POSREFUND_API_KEY": KEY}


def machine() -> str:
    """What the figures were taken on, in one line."""
    platform, version = sysconfig.get_platform(), sys.version.split()[0]
    load = os.getloadavg()[0]
    return f"Python {version}, {platform}, {os.cpu_count()} cores, load {load:.1f} at the start"
