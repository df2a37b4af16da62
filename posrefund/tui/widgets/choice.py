"""One of several answers, of which one is chosen."""

from textual.content import Content
from textual.widgets import RadioButton


class Choice(RadioButton):
    """Shows by a sign, not by its colour alone, whether it is the one."""

    @property
    def _button(self) -> Content:
        return Content("(\u25cf)" if self.value else "( )")
