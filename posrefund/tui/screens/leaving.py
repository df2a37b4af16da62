"""Questions about ending something, and the wait for the last answer."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Footer, Static

from posrefund.language import _, plural
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.spoken import Dialog, is_said_by, yes_letter
from posrefund.tui.screens.yes_or_no import YesOrNo
from posrefund.tui.widgets.note import Note

OTHER_YES = (
    Binding("j,J", "answer(True, 'j')", show=False),
    Binding("o,O", "answer(True, 'o')", show=False),
)
"""The letters of the other languages; each says yes in its own only."""


class Question(YesOrNo):
    """Two answers; the focus starts on the one that changes nothing.

    As where money moves, a letter says yes only when it was pressed alone.
    """

    CSS_PATH = "../styles/dialog.tcss"
    AUTO_FOCUS = "#stay"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def compose(self) -> ComposeResult:
        """The question, what comes of a yes, the two answers."""
        title, text, no, yes = self.texts()
        with Vertical(classes="dialog"):
            yield Static(Content(title), classes="title")
            yield Static(Content(text))
            yield Note(id="question-note", classes="doubt")
            with Horizontal(id="quit-buttons"):
                yield Button(Content(no), id="stay")
                yield Button(Content(yes), id="quit")
        yield Footer(show_command_palette=False)

    def texts(self) -> tuple[str, str, str, str]:
        """Question, explanation, no, yes."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A letter says yes in its own language."""
        return action != "answer" or is_said_by(parameters)

    def action_answer(self, yes: bool, letter: str = "") -> None:
        """Answer once.

        Args:
            yes: The answer.
            letter: That of the language it was bound to; none for Y and for no.
        """
        if yes:
            self.yes_soon(lambda: self._answer(True))
        else:
            self._answer(False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        is_yes = event.button.id == "quit"
        if self._rhythm.was_machine(event.time):
            self.app.bell()
        elif is_yes and self.was_noise(event.time):
            self.say_it_was_no_answer()
        else:
            self._answer(is_yes)

    def say(self, text: str) -> None:
        """Above the buttons."""
        self.query_one("#question-note", Note).say(text)

    def say_it_was_no_answer(self) -> None:
        """Nothing was done, and what a yes takes."""
        self.app.bell()
        text = _(
            "That was no answer, so nothing was done."
            " To agree, wait 2 seconds, then press {letter}."
        )
        self.say(text.format(letter=yes_letter()))

    def _answer(self, yes: bool) -> None:
        if self.is_current:
            self.dismiss(yes)


class QuitScreen(Question):
    """Says what becomes of open refunds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "answer(True)", "Yes, quit", show=False),
        *OTHER_YES,
        Binding("n,N,escape", "answer(False)", "No, stay", key_display="Enter"),
    ]

    def __init__(self, rhythm: KeyRhythm, number: int, *, is_kept: bool) -> None:
        """Prepare the question.

        Args:
            rhythm: Tells a person's key from a scanner's.
            number: How many refunds are open.
            is_kept: Whether the journal outlives the program; a demo's does not.
        """
        super().__init__(rhythm)
        self._number = number
        self._is_kept = is_kept

    def texts(self) -> tuple[str, str, str, str]:
        """The number, and what becomes of them."""
        title = plural(
            "{number} refund is not finished", "{number} refunds are not finished", self._number
        ).format(number=self._number)
        if self._is_kept:
            text = plural(
                "Quitting does not stop or undo it: what was sent stays written down."
                " To go on following it, start the counter again or run: posrefund recover",
                "Quitting does not stop or undo them: what was sent stays written down."
                " To go on following them, start the counter again or run: posrefund recover",
                self._number,
            )
        else:
            text = plural(
                "This is practice: it is forgotten when you quit. No money is involved.",
                "This is practice: they are forgotten when you quit. No money is involved.",
                self._number,
            )
        return title, text, _("Stay"), _("Quit (Y)")


class CancelScreen(Question):
    """Says what asking to cancel is worth."""

    OPENED_BY = "x"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "answer(True)", "Yes, ask CCV", show=False),
        *OTHER_YES,
        Binding("n,N,escape", "answer(False)", "No, go on", key_display="Enter"),
    ]

    def texts(self) -> tuple[str, str, str, str]:
        """A wish, not a deed."""
        return (
            _("Ask CCV to cancel this refund?"),
            _(
                "CCV may say no, or be too late: the customer may still get the money."
                " It is cancelled only when the screen says so."
            ),
            _("No, go on"),
            _("Ask to cancel (Y)"),
        )


class FinishingScreen(Dialog[None]):
    """Waits for answers that are under way; throwing one away could leave a refund unknown."""

    CSS_PATH = "../styles/dialog.tcss"

    def compose(self) -> ComposeResult:
        """One sentence."""
        text = _(
            "Waiting for an answer of CCV that is under way, half a minute at the most."
            " The program ends by itself."
        )
        with Vertical(classes="dialog"):
            yield Static(Content(_("Finishing \u2026")), classes="title")
            yield Static(Content(text))
