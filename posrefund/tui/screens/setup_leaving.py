"""The question before what was typed on the set-up is thrown away."""

from textual.binding import Binding

from posrefund.language import _
from posrefund.tui.screens.leaving import OTHER_YES, Question


class LeaveSetup(Question):
    """Says what becomes of the answers."""

    BINDINGS = [  # noqa: RUF012 - Textual's declaration
        Binding("y,Y", "answer(True)", "Yes, leave"),
        *OTHER_YES,
        Binding("n,N,escape", "answer(False)", "No, stay", key_display="Enter"),
    ]

    def texts(self) -> tuple[str, str, str, str]:
        """Nothing is kept."""
        return (
            _("Leave the set-up?"),
            _("Nothing has been written: everything you typed here, the API key too, is lost."),
            _("Stay"),
            _("Leave (Y)"),
        )
