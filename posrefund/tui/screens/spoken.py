"""What every screen and every dialog has: words in the language of now."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual.binding import ActiveBinding
from textual.screen import ModalScreen, Screen, ScreenResultType

from posrefund.language import N_, _
from posrefund.tui.rhythm import MACHINE_GAP_SECONDS, KeyRhythm
from posrefund.tui.widgets.size_note import LEAST_OF_A_DIALOG, SizeNote

_TEXTUALS_WORDS = {"Dismiss menu": N_("Close the list")}
"""What Textual calls its own keys, and how it is said here."""
_ON_THE_COUNTER_ONLY = frozenset({"quit", "next_language"})


def yes_letter() -> str:
    """The key that says yes in the language of now, as the commands take it; Y says it in all."""
    return _("Y")


def is_said_by(parameters: tuple[object, ...]) -> bool:
    """Does the letter a yes was bound to, if it is not Y, say yes in the language of now?"""
    letters = [one for one in parameters if isinstance(one, str)]
    return all(letter == yes_letter().casefold() for letter in letters)


class Spoken(Screen[ScreenResultType]):
    """A screen whose keys are named in the language of now.

    Keys are declared once, in English, for every screen; footer and help read them from here.
    """

    is_home = False
    """The counter, which alone has room in its footer for the keys of the whole program."""

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that act now, with their names as they are shown."""
        return {key: self._spoken(active) for key, active in super().active_bindings.items()}

    def on_resize(self) -> None:
        """Say whether the window is too small now, where there is a line for it."""
        for note in self.query(SizeNote):
            note.fit(self.app.size)

    def _spoken(self, active: ActiveBinding) -> ActiveBinding:
        binding = active.binding
        hidden = not self.is_home and binding.action in _ON_THE_COUNTER_ONLY
        description = _TEXTUALS_WORDS.get(binding.description, binding.description)
        spoken = replace(binding, description=_(description), show=binding.show and not hidden)
        if binding.key == "y":
            spoken = replace(spoken, key_display=yes_letter())
        return active._replace(binding=spoken)

    def say_it_was_a_scan(self) -> None:
        """Called where a scan is thrown away: say so, where that is worth a sentence."""

    def answer_soon(
        self,
        rhythm: KeyRhythm,
        answer: Callable[[], object],
        noise: Callable[[], object],
        *,
        seconds: float = MACHINE_GAP_SECONDS,
    ) -> None:
        """Take a letter for an answer unless other keys follow: a code may begin with any.

        Nothing comes of it once another screen is in front, or this one is gone.

        Args:
            rhythm: Tells a person's key from a scanner's.
            answer: What the letter means when a person pressed it.
            noise: What to do when it was the first of something else.
            seconds: How soon others must follow to be part of the same.
        """
        if rhythm.is_machine:
            return
        changes = rhythm.changes

        def settle() -> None:
            if self.is_attached and self.app.screen is self:
                (answer if rhythm.changes == changes else noise)()

        # By way of the app, so that every key that has come by then is heard before.
        self.set_timer(seconds, lambda: self.app.call_later(settle))


class Dialog(Spoken[ScreenResultType], ModalScreen[ScreenResultType]):
    """A screen on top of another one, to be answered or closed before anything else."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-wide")]  # noqa: RUF012 - Textual's declaration
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012 - Textual's declaration

    ASKS: ClassVar[bool] = True
    """A question: it stays until somebody answers it, however long nobody is there."""
    SAYS_SIZE: ClassVar[bool] = True
    """It says itself where the window is too small for it."""

    def on_mount(self) -> None:
        """Above the dialog, which may cover what the page says of the window."""
        if self.SAYS_SIZE:
            self.mount(SizeNote(LEAST_OF_A_DIALOG, classes="above"))
