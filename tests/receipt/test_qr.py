"""The QR code: read back by a real decoder from what a terminal paints."""

import re

import pytest
import zxingcpp

from posrefund.errors import Misused
from posrefund.receipt.qr import QUIET_ZONE, Cell, qr_ansi, qr_cells, qr_matrix

CELL_WIDTH, CELL_HEIGHT = 8, 16
BLACK, WHITE = 0, 255
LOWER_HALF = "\u2584"
LENGTHS = range(40, 201, 5)


def pay_url(length):
    start = "https://onlinepayments.ccv.eu/pay?reference=T15051817540&token="
    return (start + "aB3-" * length)[:length]


def painted(lines):
    """The picture a terminal makes of the cells: rows of grey values."""
    picture = []
    for line in lines:
        for y in range(CELL_HEIGHT):
            row = bytearray()
            for cell in line:
                in_glyph = cell.char == LOWER_HALF and y >= CELL_HEIGHT // 2
                is_black = cell.foreground_black if in_glyph else cell.background_black
                row += bytes([BLACK if is_black else WHITE]) * CELL_WIDTH
            picture.append(bytes(row))
    return picture


def decoded(picture):
    pixels = memoryview(b"".join(picture)).cast("B", shape=[len(picture), len(picture[0])])
    # A scanner that does not try inverted codes, as most do not.
    (found,) = zxingcpp.read_barcodes(pixels, try_invert=False, try_rotate=False)
    return found.text


def cells_of(ansi):
    """What a terminal understands of the text: the inverse of `qr_ansi`."""
    lines = []
    for line in ansi.split("\n"):
        cells, foreground, background = [], None, None
        for sequence, char in re.findall(r"\x1b\[([0-9;]*)m|([^\x1b])", line):
            if char:
                cells.append(Cell(char, foreground == "0;0;0", background == "0;0;0"))
            elif sequence == "0":
                foreground = background = None
            else:
                foreground, background = re.fullmatch(
                    r"38;2;([0-9;]+);48;2;([0-9;]+)", sequence
                ).groups()
                assert {foreground, background} <= {"0;0;0", "255;255;255"}
        assert (foreground, background) == (None, None), "a line ends with a reset"
        lines.append(cells)
    return lines


@pytest.mark.parametrize("length", LENGTHS)
def test_a_decoder_reads_the_cells_of_a_pay_url_byte_for_byte(length):
    url = pay_url(length)
    assert decoded(painted(qr_cells(qr_matrix(url)))) == url


@pytest.mark.parametrize("length", [40, 120, 200])
def test_a_decoder_reads_what_the_command_line_prints(length):
    url = pay_url(length)
    cells = cells_of(qr_ansi(url))
    assert cells == qr_cells(qr_matrix(url))
    assert decoded(painted(cells)) == url


@pytest.mark.parametrize(("length", "rows"), [(40, 19), (80, 23), (100, 23), (120, 25), (200, 31)])
def test_the_code_is_as_small_as_it_can_be(length, rows):
    matrix = qr_matrix(pay_url(length))
    assert len(qr_cells(matrix)) == rows
    assert len(matrix[0]) == len(matrix)


def test_the_quiet_zone_is_light_on_every_side():
    matrix = qr_matrix(pay_url(100))
    assert QUIET_ZONE == 4
    for turned in (
        matrix,
        matrix[::-1],
        list(zip(*matrix, strict=True)),
        [row[::-1] for row in matrix],
    ):
        assert not any(any(row) for row in turned[:QUIET_ZONE])
    assert any(matrix[QUIET_ZONE])


def test_a_cell_is_painted_by_its_background_wherever_both_halves_are_the_same():
    both, upper, lower, none = (True, True), (True, False), (False, True), (False, False)
    columns = list(zip(both, upper, lower, none, strict=True))
    assert qr_cells(columns) == [
        [
            Cell(" ", True, True),
            Cell(LOWER_HALF, foreground_black=False, background_black=True),
            Cell(LOWER_HALF, foreground_black=True, background_black=False),
            Cell(" ", False, False),
        ]
    ]


def test_an_odd_number_of_rows_ends_with_light():
    assert qr_cells([[True], [True], [True]]) == [
        [Cell(" ", True, True)],
        [Cell(LOWER_HALF, foreground_black=False, background_black=True)],
    ]
    assert qr_cells([]) == []


def test_the_longest_url_that_may_be_shown_fits():
    assert qr_matrix("https://onlinepayments.ccv.eu/" + "a" * 2018)


@pytest.mark.parametrize("text", ["", "a" * 3000])
def test_what_no_code_can_hold_is_refused(text):
    with pytest.raises(Misused):
        qr_matrix(text)
