"""What every question has to which a letter says yes: only a letter that was pressed alone."""

from collections.abc import Callable
from typing import ClassVar

from textual import events

from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.spoken import Dialog, yes_letter


class YesOrNo(Dialog[bool]):
    """Takes no yes out of the middle of something that is being typed or scanned.

    A scanner is known by its speed. A slow one, or a person who types the next receipt, is known by
    the other letters: while one of them came lately, or comes right after it, no letter agrees.
    The key of the yes stands on its button and not in the footer: what leads to a question is
    tapped there, and a second tap at the same place would be a yes.
    """

    DEAF_TO_SCANNERS: ClassVar[bool] = True
    OPENED_BY: ClassVar[str] = ""
    """Letters that lead to this question: one of them right before a yes is no typing."""

    def __init__(self, rhythm: KeyRhythm) -> None:
        super().__init__()
        self._rhythm = rhythm
        # What was typed before went where the key that opened this sent it; what came after that
        # key is the rest of something, wherever it landed.
        self._opened_at = rhythm.acted_at
        self._in_front_since = float("-inf")

    def say(self, text: str) -> None:
        """Put a sentence below the question."""
        raise NotImplementedError

    def say_it_was_no_answer(self) -> None:
        """Say that nothing came of what was typed, and how to agree."""
        raise NotImplementedError

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """From now on it can be read."""
        self._in_front_since = event.time

    def on_key(self, event: events.Key) -> None:
        """Say at once of every letter that it is no answer."""
        if event.is_printable and (event.character or "").casefold() not in self._letters():
            self.say_it_was_no_answer()

    def yes_soon(self, answer: Callable[[], object]) -> None:
        """Take the letter that was pressed for a yes, if it was pressed alone.

        No other letter may have come lately, and no other key may follow for a moment.
        """
        if self._is_amid_typing(self._rhythm.heard_at):
            self.say_it_was_no_answer()
        elif not self._rhythm.is_machine:
            self.say(f"{yes_letter()} \u2026")
            seconds = self._rhythm.alone_seconds
            self.answer_soon(self._rhythm, answer, self.say_it_was_no_answer, seconds=seconds)

    def was_noise(self, at: float) -> bool:
        """Was a button pressed by the end of something typed or scanned, or by a second tap?"""
        tapped_at, seconds = self._rhythm.tapped_at, self._rhythm.tap_seconds
        is_second = at - tapped_at < seconds and tapped_at - self._in_front_since < seconds
        return is_second or self._rhythm.was_machine(at) or self._is_amid_typing(at)

    def _is_amid_typing(self, at: float) -> bool:
        return self._rhythm.is_typing(at, since=self._opened_at, but=self._letters(), box_of=self)

    def _letters(self) -> str:
        return f"yn{yes_letter()}{self.OPENED_BY}".casefold()
