"""A printer that works, refuses, hangs or is not there; a slip that is an original once."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from posrefund.journal.memory import MemoryJournal
from posrefund.receipt import printer as module
from posrefund.receipt.handing_out import paper, print_slip, remember
from posrefund.receipt.printer import Printer, print_lines
from posrefund.refund.model import RefundState
from tests.support.builders import a_refund, an_entry
from tests.support.fakes import FrozenClock

# The driver leaves the socket of a refused connection to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

LINES = ["REFUND", "EUR 5.00", "Bedrag é"]


class Paper:
    """What came out of a network printer."""

    def __init__(self, listener: socket.socket) -> None:
        self.address = f"127.0.0.1:{listener.getsockname()[1]}"
        self._came = b""
        self._is_over = threading.Event()
        threading.Thread(target=self._take, args=(listener,), daemon=True).start()

    @property
    def bytes(self) -> bytes:
        assert self._is_over.wait(5)
        return self._came

    def _take(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while piece := connection.recv(4096):
                self._came += piece
        self._is_over.set()


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def network(address: str, *, cut: bool = True) -> Printer:
    return Printer(kind="network", address=address, columns=42, cut=cut)


def test_a_network_printer_gets_every_line_and_cuts() -> None:
    with listening() as listener:
        came = Paper(listener)
        fault = print_lines(LINES, network(came.address))
        printed = came.bytes

    assert fault is None
    assert printed.startswith(b"\x1b@")
    assert b"REFUND\n" in printed
    assert b"EUR 5.00\n" in printed
    assert b"Bedrag \x82\n" in printed
    assert b"\x1dV" in printed


def test_a_printer_without_a_knife_is_not_told_to_cut() -> None:
    with listening() as listener:
        came = Paper(listener)
        print_lines(LINES, network(came.address, cut=False))

        assert b"\x1dV" not in came.bytes


def test_a_printer_that_refuses_is_one_sentence_and_nothing_was_printed() -> None:
    with listening() as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"

    fault = print_lines(LINES, network(address))

    assert fault is not None
    assert not fault.may_have_printed
    assert fault.why.startswith(f"the printer {address} cannot be used: ")
    assert fault.why.isprintable()


def test_a_printer_that_takes_nothing_is_given_up_and_may_have_printed() -> None:
    endless = ["x" * 80] * 400_000
    with listening() as listener:
        fault = print_lines(endless, network(_port(listener)), patience_seconds=0.5)
        connection, _ = listener.accept()
        connection.close()

    assert fault is not None
    assert fault.may_have_printed
    assert "does not answer" in fault.why


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a device that hangs")
def test_a_device_that_hangs_is_given_up_and_nothing_was_printed(tmp_path) -> None:
    device = tmp_path / "lp0"
    os.mkfifo(device)

    fault = print_lines(LINES, _file(device), patience_seconds=0.2)

    assert fault is not None
    assert not fault.may_have_printed
    # Whoever waits for the device may go home.
    os.close(os.open(device, os.O_RDONLY | os.O_NONBLOCK))


def test_a_usb_printer_that_is_not_there_is_one_sentence() -> None:
    gone = Printer(kind="usb", address="04b8:0202", columns=42, cut=True)

    fault = print_lines(LINES, gone)

    assert fault is not None
    assert not fault.may_have_printed


def test_a_file_gets_plain_text_slip_after_slip(tmp_path) -> None:
    path = tmp_path / "slips.txt"

    assert print_lines(LINES, _file(path)) is None
    assert print_lines(LINES, _file(path)) is None

    assert path.read_text("utf-8") == ("REFUND\nEUR 5.00\nBedrag é\n" + "\n" * 3) * 2


@pytest.mark.parametrize(("kind", "address"), [("network", "127.0.0.1:9"), ("usb", "04b8:0202")])
def test_without_the_addition_it_says_what_to_install(monkeypatch, kind, address) -> None:
    monkeypatch.setattr(module, "_drivers", _missing)

    fault = print_lines(LINES, Printer(kind=kind, address=address, columns=42, cut=True))

    assert fault is not None
    assert "pip install 'posrefund[printer]'" in fault.why
    assert not fault.may_have_printed


def test_a_file_needs_no_addition(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(module, "_drivers", _missing)

    assert print_lines(LINES, _file(tmp_path / "slips.txt")) is None


# -- the original and its copies ---------------------------------------------------------------


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


def done(journal: MemoryJournal, state: RefundState = RefundState.SUCCEEDED):
    opened = journal.open_case(a_refund(), an_entry())
    return journal.record(replace(opened, state=state, owner=None), None)


def printed(journal, refund, printer, *, merchant=False):
    return print_slip(
        refund, journal=journal, clock=FrozenClock(), printer=printer, merchant=merchant
    )


def test_the_first_print_is_the_original_and_every_later_one_a_copy(journal, tmp_path) -> None:
    path = tmp_path / "slips.txt"
    refund = done(journal)

    for _ in range(3):
        assert printed(journal, refund, _file(path)) is None

    first, second, third, _ = path.read_text("utf-8").split("\n" * 4)
    assert "COPY" not in first
    assert "COPY" in second
    assert "COPY" in third
    assert journal.entries(refund.id)[-1].facts == {"printed": "customer"}
    assert journal.get(refund.id) == refund


def test_the_shops_slip_has_an_original_of_its_own(journal, tmp_path) -> None:
    refund = done(journal)
    remember(refund, journal=journal, clock=FrozenClock(), merchant=False)

    assert "COPY" not in "".join(paper(refund, journal=journal, merchant=True, width=42))
    assert "COPY" in "".join(paper(refund, journal=journal, merchant=False, width=42))


def test_a_paper_of_a_refund_on_its_way_does_not_make_its_slip_a_copy(journal) -> None:
    refund = done(journal, RefundState.ACCEPTED)
    remember(refund, journal=journal, clock=FrozenClock(), merchant=False)
    final = journal.record(replace(refund, state=RefundState.SUCCEEDED), None)

    assert "COPY" not in "".join(paper(final, journal=journal, merchant=False, width=42))


def test_a_print_that_surely_failed_leaves_the_original_to_be_printed(journal, tmp_path) -> None:
    refund = done(journal)
    nowhere = _file(tmp_path / "no" / "such" / "folder")

    fault = printed(journal, refund, nowhere)

    assert fault is not None
    assert journal.entries(refund.id) == [an_entry()]


def test_a_print_that_may_have_come_out_makes_the_next_a_copy(
    journal, monkeypatch, tmp_path
) -> None:
    refund = done(journal)
    monkeypatch.setattr(module, "_write_text", _torn)

    fault = printed(journal, refund, _file(tmp_path / "slips.txt"))

    assert fault is not None
    assert fault.may_have_printed
    assert "COPY" in "".join(paper(refund, journal=journal, merchant=False, width=42))


def test_the_slip_is_that_of_the_refund_as_it_stands_now(journal, tmp_path) -> None:
    seen = done(journal, RefundState.ACCEPTED)
    journal.record(replace(seen, state=RefundState.FAILED), None)
    path = tmp_path / "slips.txt"

    printed(journal, seen, _file(path))

    assert "NOT REFUNDED" in path.read_text("utf-8")


def _file(path: object) -> Printer:
    return Printer(kind="file", address=str(path), columns=42, cut=True)


def _port(listener: socket.socket) -> str:
    return f"127.0.0.1:{listener.getsockname()[1]}"


def _missing() -> None:
    raise ModuleNotFoundError("escpos")


def _torn(*_: object) -> None:
    raise OSError("the paper is out")
