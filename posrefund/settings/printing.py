"""`[printer]`: how the slip printer is reached."""

import re
from pathlib import Path

from posrefund.settings.addresses import is_host_name
from posrefund.settings.model import PrinterKind, PrinterSettings
from posrefund.settings.table import MAX_PATH, Table

COLUMNS = (32, 42, 48)
"""Characters of a line: 58 mm paper, and 80 mm in two fonts."""

_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LAST_PORT = 65535
_USB = re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}")


def printer(table: Table) -> PrinterSettings | None:
    """Return the printer, or None where there is none.

    Raises:
        ConfigWrong: One sentence with the file, the key and what is wrong. Nothing was sent.
    """
    if table.is_empty:
        return None
    kind = PrinterKind(table.choice("kind", tuple(PrinterKind)) or table.missing("kind"))
    return PrinterSettings(
        kind=kind,
        address=_address(table, kind),
        columns=table.number("columns", COLUMNS) or 42,
        cut=table.boolean("cut", otherwise=True),
    )


def _address(table: Table, kind: PrinterKind) -> str:
    key = "address"
    address = table.required(key, longest=MAX_PATH)
    if kind is PrinterKind.USB and not _USB.fullmatch(address):
        raise table.wrong(key, "must be vendor:product as lsusb shows it, as 04b8:0202")
    if kind is PrinterKind.NETWORK and not _is_host(address):
        raise table.wrong(key, "must be a host name or IP address, with or without a port")
    if kind is PrinterKind.FILE:
        # In a path relative to nobody knows what, a slip would be lost.
        path = table.path(key)
        if path is None or not Path(address).expanduser().is_absolute():
            raise table.wrong(key, "must be an absolute path, as /dev/usb/lp0")
        return str(path)
    return address


def _is_host(address: str) -> bool:
    host, colon, port = address.partition(":")
    is_port = not colon or (_PORT.fullmatch(port) is not None and int(port) <= _LAST_PORT)
    return is_port and is_host_name(host.lower())
