"""A slip printer: ESC/POS over the network, USB or a device; plain text into a file.

Everything here may hang, so it runs in a thread of its own with a time limit. Trouble with a
printer is one sentence and never touches a refund.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import Any, TextIO

from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence

PATIENCE_SECONDS = 10.0
"""A printer that takes longer for a slip is out of paper, or gone."""
PORT = 9100
"""Where network printers listen when nothing else is said."""

_FEED = 3
"""Blank lines after a slip, so that it can be torn off below its last line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    """How a printer is reached; see `[printer]` of the configuration."""

    kind: str
    """`network`, `usb` or `file`."""
    address: str
    columns: int
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterFault:
    """Why a slip did not come out, or perhaps did not."""

    why: Sentence
    may_have_printed: bool
    """Something had been sent to it already: what comes out next must say COPY."""


def print_lines(
    lines: Sequence[str], printer: Printer, *, patience_seconds: float = PATIENCE_SECONDS
) -> PrinterFault | None:
    """Print the lines and return None, or what went wrong. It never raises.

    Blocks no longer than `patience_seconds`; a printer that hangs is left alone after that.
    """
    job = _Job(printer)
    thread = threading.Thread(target=job.run, args=(lines,), name="printer", daemon=True)
    thread.start()
    thread.join(patience_seconds)
    if thread.is_alive():
        return PrinterFault(
            why=Sentence("the printer does not answer; see whether it is on and has paper"),
            may_have_printed=job.is_sending,
        )
    return job.fault


class _Job:
    """One slip on its way to the printer, in a thread of its own."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self.is_sending = False
        self.fault: PrinterFault | None = None

    def run(self, lines: Sequence[str]) -> None:
        """Print, and keep what went wrong."""
        try:
            with _opened(self._printer) as write:
                self.is_sending = True
                write(lines)
        except ModuleNotFoundError:
            self._fail(Sentence("printing needs an addition: pip install 'posrefund[printer]'"))
        except Exception as error:  # noqa: BLE001 - a driver may raise anything; no refund minds
            address = safe_text(self._printer.address)
            why = Sentence(
                "the printer {address} cannot be used: {reason}",
                address=address,
                reason=safe_text(str(error) or type(error).__name__),
            )
            self._fail(why)

    def _fail(self, why: Sentence) -> None:
        self.fault = PrinterFault(why=why, may_have_printed=self.is_sending)


@contextmanager
def _opened(printer: Printer) -> Iterator[Callable[[Sequence[str]], None]]:
    """Reach the printer. Nothing was printed when this fails."""
    path = Path(printer.address)
    if printer.kind == "file" and (path.is_file() or not path.exists() or not _has_driver()):
        with path.open("a", encoding="utf-8") as paper:
            yield lambda lines: _write_text(paper, lines)
        return
    device = _device(printer)
    try:
        device.open()
    except BaseException:
        # The driver closes itself when it is forgotten, and complains where it was never open.
        device.close = lambda: None
        raise
    try:
        yield lambda lines: _write_slip(device, lines, cut=printer.cut)
    finally:
        device.close()


def _write_text(paper: TextIO, lines: Sequence[str]) -> None:
    paper.write("".join(f"{line}\n" for line in lines) + "\n" * _FEED)


def _write_slip(device: Any, lines: Sequence[str], *, cut: bool) -> None:  # noqa: ANN401 - untyped
    device.hw("INIT")
    for line in lines:
        device.text(f"{line}\n")
    device.ln(_FEED)
    if cut:
        device.cut(feed=False)


def _has_driver() -> bool:
    return find_spec("escpos") is not None


def _device(printer: Printer) -> Any:  # noqa: ANN401 - the driver is untyped
    """Make the driver's printer; nothing is opened yet.

    Raises:
        ModuleNotFoundError: If the extra `printer` is not installed.
    """
    drivers = _drivers()
    match printer.kind:
        case "network":
            host, _, port = printer.address.partition(":")
            return drivers.Network(host, port=int(port or PORT), timeout=PATIENCE_SECONDS)
        case "usb":
            vendor, _, product = printer.address.partition(":")
            return drivers.Usb(int(vendor, 16), int(product, 16), timeout=0)
        case _:
            return drivers.File(printer.address)


def _drivers() -> Any:  # noqa: ANN401 - the driver is untyped
    is_loaded = "escpos.printer" in sys.modules
    import escpos.capabilities
    import escpos.printer

    if not is_loaded and "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        # Each first import leaves an empty folder behind among the temporary ones.
        rmtree(escpos.capabilities.pickle_dir, ignore_errors=True)
    return escpos.printer
