"""Pieces of text side by side, each kept whole, going on below where the line is full."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

GAP = 3


class Flow(Widget):
    """Like words in a sentence, only that a piece of several words is never torn apart."""

    DEFAULT_CSS = "Flow { height: auto; width: 1fr; }"

    def __init__(self, pieces: Sequence[Content] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pieces = list(pieces)

    def show(self, pieces: Sequence[Content]) -> None:
        """Show these pieces."""
        self._pieces = list(pieces)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the pieces need."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Draw the lines."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        lines: list[Content] = []
        for piece in self._pieces:
            if lines and lines[-1].cell_length + GAP + piece.cell_length <= width:
                lines[-1] = Content.assemble(lines[-1], " " * GAP, piece)
            else:
                lines.append(piece)
        return lines
