"""The last words of the program after a defect of ours: what happened, and nothing of anybody's.

Textual's own crash screen prints the local variables of every frame. Ours hold references,
amounts and requests, so only the kind of the error and the place in our code are told.
"""

import traceback
from pathlib import PurePath

from rich.text import Text
from textual.app import App
from textual.worker import WorkerFailed

DEFECT = 9
"""The exit status after a defect of ours."""
_ENDED = "posrefund ended because of a defect."
_RECOVER = "The journal knows what was sent; run: posrefund recover"


class DiscreetApp(App[None]):
    """An app whose crash screen holds no value."""

    _last_words = ""

    def _handle_exception(self, error: Exception) -> None:
        """End the app after a defect."""
        self._last_words = self._last_words or crash_text(error)
        super()._handle_exception(error)
        self._return_code = DEFECT

    def panic(self, *renderables: object) -> None:
        """Textual's other way out, with a traceback of its own or an error that draws itself."""
        self._return_code = DEFECT
        self._fatal_error()

    def _fatal_error(self) -> None:
        """Textual prints every local variable of every frame here."""
        self.bell()
        self._exit_renderables.append(Text(self._last_words or "\n".join((_ENDED, _RECOVER))))
        self._close_messages_no_wait()


def crash_text(error: BaseException) -> str:
    """Say what went wrong without a single value."""
    cause = error.error if isinstance(error, WorkerFailed) else error
    return "\n".join((_ENDED, f"{type(cause).__name__}{_place(cause)}", _RECOVER))


def _place(error: BaseException) -> str:
    """The innermost line of our own code, as `tui/app.py:120`."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        parts = PurePath(frame.filename).parts
        if "posrefund" in parts:
            own = parts[len(parts) - parts[::-1].index("posrefund") :]
            return f" at {'/'.join(own)}:{frame.lineno}"
    return ""
