"""A list to drop down in a form."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Select


class Chooser(Select[str]):
    """Says what its key does, and when its list is closed again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "show_overlay", "Open the list", key_display="Enter"),
    ]

    class Closed(Message):
        """Somebody has chosen, or left it as it was."""

        def __init__(self, chooser: "Chooser") -> None:
            super().__init__()
            self.chooser = chooser

    def watch_expanded(self, expanded: bool) -> None:
        """Tell it once the focus is back here."""
        if not expanded and self.is_mounted:
            self.call_after_refresh(self.post_message, self.Closed(self))
