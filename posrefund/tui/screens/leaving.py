"""Ending the program: the question while refunds are open, and the wait for the last answer."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Footer, Static


class QuitScreen(ModalScreen[bool]):
    """Says what becomes of open refunds, and starts on staying."""

    CSS_PATH = "../styles/dialog.tcss"
    AUTO_FOCUS = "#stay"
    DEAF_TO_SCANNERS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes, quit"),
        Binding("n,escape", "answer(False)", "No, stay", key_display="Enter"),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def compose(self) -> ComposeResult:
        """The number, what becomes of them, the two answers."""
        many = f"{self._number} refunds are" if self._number > 1 else "1 refund is"
        with Vertical(classes="dialog"):
            yield Static(f"{many} not finished", classes="title")
            yield Static(
                "Quitting does not stop or undo them: what was sent stays written down."
                " To go on following them, start the counter again or run: posrefund recover"
            )
            with Horizontal(id="quit-buttons"):
                yield Button("Stay", id="stay")
                yield Button("Quit (Y)", id="quit")
        yield Footer(show_command_palette=False)

    def action_answer(self, yes: bool) -> None:
        """Answer once."""
        if self.is_current:
            self.dismiss(yes)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id == "quit")


class FinishingScreen(ModalScreen[None]):
    """Waits for answers that are under way; throwing one away could leave a refund unknown."""

    CSS_PATH = "../styles/dialog.tcss"

    def compose(self) -> ComposeResult:
        """One sentence."""
        with Vertical(classes="dialog"):
            yield Static("Finishing \u2026", classes="title")
            yield Static(
                "Waiting for an answer of CCV that is under way, half a minute at the most."
                " The program ends by itself."
            )
