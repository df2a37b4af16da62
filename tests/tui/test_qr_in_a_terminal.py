"""The code on a real terminal's glass, read from a picture of it by two real readers.

It needs Xvfb, xterm and ZBar (`apt-get install xvfb xterm zbar-tools fonts-dejavu-core`). Where one
of them is missing it is skipped with its name; in CI, `POSREFUND_MUST_SEE=1` makes that a failure.
"""

import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from posrefund.tui.themes import DARK, LIGHT
from tests.support.commands import environment
from tests.tui.fakes import LONG_PAY_URL

pytestmark = pytest.mark.process

NEEDED = ("Xvfb", "xterm", "zbarimg")
SMALL, LARGE = 8, 14
"""Points of the font."""
GLASS = "1920x1200x24"
PATIENCE_SECONDS = 60.0
FULL, BESIDE = ("qr", "80x24"), ("progress", "120x40")


@pytest.fixture(scope="module")
def glass(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A screen nobody sees, and the file its pixels are in."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        text = f"NOT TESTED: no code was read from a real terminal, for lack of {missing}"
        if os.environ.get("POSREFUND_MUST_SEE"):
            pytest.fail(text)
        pytest.skip(text)
    folder = tmp_path_factory.mktemp("glass")
    told, telling = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(telling), "-screen", "0", GLASS, "-fbdir", str(folder)],
        pass_fds=[telling],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(telling)
        display = b""
        while not display.endswith(b"\n"):
            display += os.read(told, 16)
        os.close(told)
        try:
            yield f":{display.decode().strip()}", folder / "Xvfb_screen0"
        finally:
            server.kill()


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
@pytest.mark.parametrize("points", [SMALL, LARGE])
@pytest.mark.parametrize(("way", "size"), [FULL, BESIDE])
def test_the_code_is_read_from_the_glass(
    way: str, size: str, points: int, theme: str, glass: tuple[str, Path], tmp_path: Path
) -> None:
    display, pixels = glass
    drawn, picture = tmp_path / "drawn", tmp_path / "glass.png"
    looks = ["-u8", "-fa", "DejaVu Sans Mono", "-fs", str(points), "-geometry", f"{size}+0+0"]
    show = [sys.executable, "-m", "tests.tui.show_qr", way, theme, str(drawn)]
    with subprocess.Popen(
        ["xterm", *looks, "-e", *show],
        env=_unsized(environment(DISPLAY=display, LC_ALL="C.UTF-8", COLORTERM="truecolor")),
        stderr=subprocess.DEVNULL,
    ) as terminal:
        try:
            _wait_for(drawn, terminal)
            assert drawn.read_text() == size
            _photograph(pixels).save(picture)
        finally:
            terminal.kill()
    assert _by_zxing(picture) == LONG_PAY_URL
    assert _by_zbar(picture) == LONG_PAY_URL


def _unsized(variables: dict[str, str]) -> dict[str, str]:
    """Without the size of the window the tests were started in, which would be believed."""
    return {name: value for name, value in variables.items() if name not in {"COLUMNS", "LINES"}}


def _wait_for(drawn: Path, terminal: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not (drawn.exists() and drawn.read_text()):
        assert terminal.poll() is None, "the terminal has ended"
        assert time.monotonic() < end, "nothing was drawn"
        time.sleep(0.1)  # noqa: TID251 - another program is drawing
    time.sleep(0.5)  # noqa: TID251 - from the program to the glass


def _photograph(pixels: Path) -> Image.Image:
    """Xvfb keeps its screen in a file in the format of `xwd` (X11/XWDFile.h)."""
    data = pixels.read_bytes()
    head = struct.unpack(">25I", data[:100])
    start = head[0] + 12 * head[19]
    width, height, line = head[4], head[5], head[12]
    raw = data[start : start + line * height]
    return Image.frombytes("RGB", (width, height), raw, "raw", "BGRX", line)


def _by_zxing(picture: Path) -> str:
    found = zxingcpp.read_barcodes(Image.open(picture), formats=zxingcpp.BarcodeFormat.QRCode)
    return found[0].text if found else "nothing"


def _by_zbar(picture: Path) -> str:
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable", str(picture)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
