"""A QR code as modules, as cells of a terminal, and as text with colours.

Each cell is two modules high and painted by its background wherever both are the same: the glyph
of a full block leaves seams between the lines, and scanners trip over them. Black on white is
explicit, because a code in the colours of a dark theme is inverted and most scanners refuse it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from posrefund.errors import Misused

QUIET_ZONE = 4
"""Light modules around the code. Scanners need them."""

_LOWER_HALF = "\u2584"
_COLOURS = {True: "0;0;0", False: "255;255;255"}
_RESET = "\x1b[0m"


class Cell(NamedTuple):
    """One character of a terminal: a module above and one below."""

    char: str
    foreground_black: bool
    background_black: bool


def qr_matrix(text: str) -> list[list[bool]]:
    """Return the modules of the code row by row, dark is True, quiet zone included.

    Raises:
        Misused: If the text is empty or too long for any code (2,953 characters of ASCII).
    """
    # qrcode is imported where it is used: nothing but a payUrl needs it.
    from qrcode.constants import ERROR_CORRECT_L
    from qrcode.exceptions import DataOverflowError
    from qrcode.main import QRCode

    if not text:
        raise Misused("there is nothing to show as a QR code")
    # Level L is the smallest code: a clean screen has no stains to correct, but few rows.
    code = QRCode(error_correction=ERROR_CORRECT_L, border=QUIET_ZONE)
    code.add_data(text)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        raise Misused("the text is too long for a QR code") from None
    return [[bool(module) for module in row] for row in code.get_matrix()]


def qr_cells(matrix: Sequence[Sequence[bool]]) -> list[list[Cell]]:
    """Return the cells of a terminal line by line, two rows of modules to a line."""
    width = len(matrix[0]) if matrix else 0
    light = [False] * width
    rows = [*matrix, light] if len(matrix) % 2 else list(matrix)
    return [
        [_cell(upper, lower) for upper, lower in zip(rows[top], rows[top + 1], strict=True)]
        for top in range(0, len(rows), 2)
    ]


def _cell(upper: bool, lower: bool) -> Cell:
    if upper == lower:
        return Cell(" ", upper, upper)
    return Cell(_LOWER_HALF, lower, upper)


def qr_ansi(text: str) -> str:
    """Return the code as lines of text with colour sequences, for a terminal only.

    Every line ends with a reset, so that whatever is printed next has its own colours.

    Raises:
        Misused: If the text is empty or too long.
    """
    return "\n".join(_ansi_line(line) for line in qr_cells(qr_matrix(text)))


def _ansi_line(line: Sequence[Cell]) -> str:
    written: list[str] = []
    colours: tuple[bool, bool] | None = None
    for cell in line:
        wanted = (cell.foreground_black, cell.background_black)
        if wanted != colours:
            foreground, background = (_COLOURS[black] for black in wanted)
            written.append(f"\x1b[38;2;{foreground};48;2;{background}m")
            colours = wanted
        written.append(cell.char)
    return "".join(written) + _RESET
