"""Says so where the window is too small for what belongs on the screen."""

from textual.content import Content
from textual.geometry import Size

from posrefund.language import _
from posrefund.tui.widgets.note import Note

GOOD_SIZE = Size(80, 24)
"""What every screen is made for."""
LEAST_OF_A_PAGE = Size(80, 20)
"""Narrower, keys are cut off; a few lines less, as under tmux, cost a page only empty ones."""
LEAST_OF_A_DIALOG = Size(60, 16)
"""Smaller, a question with its doubts and answers is not whole any more."""


class SizeNote(Note):
    """Takes no room in a window that is large enough."""

    DEFAULT_CSS = "SizeNote { padding: 0 1; color: $doubt; text-style: bold; }"

    def __init__(self, least: Size = LEAST_OF_A_PAGE, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._least = least

    def on_mount(self) -> None:
        """Also where the page is drawn anew."""
        self.fit(self.app.size)

    def fit(self, size: Size) -> None:
        """Say how large the window should be, if it is too small."""
        if size.width >= self._least.width and size.height >= self._least.height:
            self.say("")
            return
        # Where there is little room, it goes to what is said of the money.
        is_narrow = size.width < LEAST_OF_A_DIALOG.width
        text = (
            _("Window too small; it should be {wanted}.")
            if is_narrow
            else _("This window is too small ({now}); make it {wanted} or larger.")
        )
        now, wanted = (f"{one.width}x{one.height}" for one in (size, GOOD_SIZE))
        self.say(Content(text.format(now=now, wanted=wanted)))
