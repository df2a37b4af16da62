"""One file that needs a Python of the same version and nothing else, by shiv."""

import sys

from tests.packages.building import (
    DIST,
    fresh_environment,
    install_pinned,
    run,
    size_of,
    wheel_and_sdist,
    workshop,
)
from tests.packages.smoke import smoke


def main() -> None:
    """Build it, try it with the Python that made our environment, and put it into `dist/`."""
    with workshop() as folder:
        wheel, _ = wheel_and_sdist(folder / "built")
        python = fresh_environment(folder / "env")
        install_pinned(python, wheel, "--target", folder / "site")
        made = folder / "posrefund.pyz"
        run(
            *(sys.executable, "-m", "shiv", "--site-packages", folder / "site", "--compressed"),
            *("--reproducible", "--console-script", "posrefund", "--output-file", made),
            *("--python", "/usr/bin/env python3"),
        )
        print(f"pyz {size_of(made)}:")
        base = sys._base_executable  # type: ignore[attr-defined]
        smoke([base, made])
        DIST.mkdir(exist_ok=True)
        made.replace(DIST / made.name)
    print(f"in dist/{made.name}")
