"""The slip printer and the kiosk: what is taken, and what is refused with its key."""

import os

import pytest

from posrefund.settings import PrinterKind, PrinterSettings, Settings


def printer(kind: str, address: str, more: str = "") -> str:
    return f'[printer]\nkind = "{kind}"\naddress = "{address}"\n{more}'


def test_without_the_table_there_is_no_printer_and_no_kiosk(load):
    assert load("").printer is None
    assert load("[printer]").printer is None
    assert load("").kiosk is False
    assert Settings().printer is None


def test_a_kiosk_is_a_kiosk(load):
    assert load("kiosk = true").kiosk is True


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("network", "192.168.1.50"),
        ("network", "printer.shop.example:9101"),
        ("usb", "04b8:0E15"),
    ],
)
def test_a_printer_is_taken_as_it_is_written(load, kind, address):
    expected = PrinterSettings(kind=PrinterKind(kind), address=address, columns=42, cut=True)
    assert load(printer(kind, address)).printer == expected


def test_paper_and_knife_can_be_said(load):
    taken = load(printer("network", "p", "columns = 32\ncut = false")).printer
    assert (taken.columns, taken.cut) == (32, False)


def test_a_file_is_an_absolute_path(load, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load(printer("file", "/dev/usb/lp0")).printer.address == "/dev/usb/lp0"
    if os.name == "posix":
        assert load(printer("file", "~/slips.txt")).printer.address == str(tmp_path / "slips.txt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kiosk = 1", "kiosk: must be true or false, without quotes"),
        ('kiosk = "true"', "kiosk: must be true or false, without quotes"),
        ("printer = 1", "printer: must be a table, as [printer]"),
        ("printer.cut = true", "printer.kind: is missing"),
        ('printer.kind = "usb"', "printer.address: is missing"),
        (printer("serial", "x"), "printer.kind: must be one of: network, usb, file"),
        (printer("network", "http://p"), "printer.address: must be a host name or IP address"),
        (printer("network", "p:0"), "printer.address: must be a host name or IP address"),
        (printer("network", "p:70000"), "printer.address: must be a host name or IP address"),
        (printer("network", "p:"), "printer.address: must be a host name or IP address"),
        (printer("usb", "4b8:202"), "printer.address: must be vendor:product"),
        (printer("file", "slips.txt"), "printer.address: must be an absolute path"),
        (printer("file", ""), "printer.address: is missing"),
        (
            printer("usb", "04b8:0202", "columns = 40"),
            "printer.columns: must be one of: 32, 42, 48",
        ),
        (printer("usb", "04b8:0202", "columns = true"), "printer.columns: must be one of: 32"),
        (printer("usb", "04b8:0202", 'columns = "42"'), "printer.columns: must be one of: 32"),
        (printer("usb", "04b8:0202", 'cut = "no"'), "printer.cut: must be true or false"),
        (
            printer("usb", "04b8:0202", "width = 42"),
            "printer.width: is not a known key; the nearest",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_key(complaint, text, said):
    assert complaint(text).startswith(said)
