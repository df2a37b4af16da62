"""The row of lights before money moves, each with a word."""

from collections.abc import Iterable
from dataclasses import dataclass

from textual.content import Content

from posrefund.tui.widgets.flow import Flow

_MARKS = {True: ("\u2713", "$good"), False: ("\u2717", "$bad"), None: ("!", "$doubt")}


@dataclass(frozen=True, slots=True)
class Light:
    """One thing that was looked at."""

    text: str | Content
    good: bool | None
    """None: possible, but somebody should look twice."""
    remark: str = ""
    """What there is to look at and what to do, one or two sentences."""


class Preflight(Flow):
    """Shows the lights side by side."""

    def show_lights(self, lights: Iterable[Light]) -> None:
        """Show them."""
        self.show([_piece(light) for light in lights])


def _piece(light: Light) -> Content:
    mark, colour = _MARKS[light.good]
    return Content.assemble((f"{mark} ", colour), light.text)
