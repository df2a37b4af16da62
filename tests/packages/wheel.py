"""Wheel and sdist, installed by plain pip: hash-checked libraries in an environment of its own."""

import os
import shutil

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
    """Build both, try the wheel, then what pip makes of the sdist by itself."""
    with workshop() as folder:
        wheel, sdist = wheel_and_sdist(folder / "built")
        print(f"{wheel.name} {size_of(wheel)}, {sdist.name} {size_of(sdist)}")
        ending = ".exe" if os.name == "nt" else ""
        pinned = fresh_environment(folder / "pinned")
        install_pinned(pinned, wheel)
        print(f"the wheel with constraints.txt, {size_of(folder / 'pinned')} with pip:")
        smoke([pinned.parent / f"posrefund{ending}"])
        plain = fresh_environment(folder / "plain")
        run(plain, "-m", "pip", "install", "--quiet", sdist, cwd=folder)
        print("the sdist with plain pip:")
        smoke([plain.parent / f"posrefund{ending}"])
        assert (folder / "plain" / "share" / "posrefund" / "posrefund-watch.service").is_file()
        DIST.mkdir(exist_ok=True)
        for one in (wheel, sdist):
            shutil.copy(one, DIST)
