"""A QR code on the screen, black on white whatever the theme."""

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

_BLACK, _WHITE = "#000000", "#ffffff"


class QrView(Widget):
    """Draws a text as a QR code, with as much of its quiet zone as there are lines for."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = ""
        self._most_lines: int | None = None
        self._strips: list[Strip] = []

    def show(self, text: str, *, most_lines: int | None = None) -> None:
        """Show the code of `text`.

        Args:
            text: Exactly what the code says.
            most_lines: How many lines there are. The quiet zone above and below is cut down for
                it, to no less than one module: the screen around it must then be white.
        """
        if (text, most_lines) == (self._text, self._most_lines):
            return
        self._text, self._most_lines = text, most_lines
        self._strips = _strips(text, most_lines) if text else []
        self.refresh(layout=True)

    @property
    def code_size(self) -> Size:
        """Columns and lines of the code; zero when it does not fit."""
        return Size(self._strips[0].cell_length, len(self._strips)) if self._strips else Size(0, 0)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as the code."""
        return self.code_size.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as the code."""
        return self.code_size.height

    def render_line(self, y: int) -> Strip:
        """One line of cells, made before."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)


def warm_up() -> None:
    """Load what draws codes, at a moment when nobody waits: the request is on the wire."""
    _strips("x", None)


def _strips(text: str, most_lines: int | None) -> list[Strip]:
    # The code for it is loaded when the first code is shown: most of a day needs none.
    from posrefund.receipt.qr import QUIET_ZONE, qr_cells, qr_matrix

    matrix = qr_matrix(text)
    if most_lines is not None:
        spare = len(matrix) - 2 * most_lines
        if spare > 2 * (QUIET_ZONE - 1):
            return []
        if spare > 0:
            matrix = matrix[spare // 2 : len(matrix) - (spare - spare // 2)]
    return [
        Strip(
            [
                Segment(
                    cell.char,
                    Style(
                        color=_colour(cell.foreground_black), bgcolor=_colour(cell.background_black)
                    ),
                )
                for cell in line
            ],
            len(line),
        )
        for line in qr_cells(matrix)
    ]


def _colour(black: bool) -> str:
    return _BLACK if black else _WHITE
