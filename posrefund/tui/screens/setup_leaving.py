"""The question before what was typed on the set-up is thrown away."""

from textual.binding import Binding

from posrefund.language import _
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.leaving import OTHER_YES, Question


class LeaveSetup(Question):
    """Says what becomes of the answers."""

    BINDINGS = [  # noqa: RUF012 - Textual's declaration
        Binding("y,Y", "answer(True)", "Yes, leave", show=False),
        *OTHER_YES,
        Binding("n,N,escape", "answer(False)", "No, stay", key_display="Enter"),
    ]

    def __init__(self, rhythm: KeyRhythm, *, was_tried: bool) -> None:
        """Ask.

        Args:
            rhythm: As of every question.
            was_tried: Whether it was to be written before, and something went wrong.
        """
        super().__init__(rhythm)
        self._was_tried = was_tried

    def texts(self) -> tuple[str, str, str, str]:
        """Nothing is kept, as far as is known."""
        if self._was_tried:
            lost = _(
                "Not all of it could be written: what you typed here, the API key too, is lost."
            )
        else:
            lost = _(
                "Nothing has been written: everything you typed here, the API key too, is lost."
            )
        return (
            _("Leave the set-up?"),
            lost,
            _("Stay"),
            _("Leave (Y)"),
        )
