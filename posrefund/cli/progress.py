"""How far a long command is: a bar in its place on a terminal, elsewhere a line now and then."""

from posrefund.cli.session import Session

_WIDTH = 24
_PLAIN_STEPS = 10
"""So often a log hears of it, at the most."""
_ERASE = "\x1b[A\x1b[2K"
"""To the line above, and clear it."""


class Progress:
    """On stderr. What else is written goes between `hide` and the next `show`."""

    def __init__(self, session: Session, *, total: int) -> None:
        self._notices = session.notices
        self._may_paint = session.may_colour
        self._total = total
        self._is_shown = False
        self._told = 0

    def show(self, done: int, text: str) -> None:
        """Show how many of all are done, and a few words beside it."""
        if not self._may_paint:
            step = done * _PLAIN_STEPS // self._total
            if step > self._told:
                self._told = step
                self._notices.say(text)
            return
        filled = done * _WIDTH // self._total
        bar = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {text}"
        erase = _ERASE if self._is_shown else ""
        # One line at the most, or there would be more than one to erase.
        self._notices.paint(erase + bar[: self._notices.columns - 1])
        self._is_shown = True

    def hide(self) -> None:
        """Take the bar away, so that an answer can be written where it was."""
        if self._is_shown:
            self._notices.paint(f"{_ERASE}\x1b[A")
            self._is_shown = False
