"""What every question has to which a letter says yes: only a letter that was pressed alone."""

from collections.abc import Callable
from typing import ClassVar

from textual import events

from posrefund.tui.rhythm import MACHINE_GAP_SECONDS, KeyRhythm
from posrefund.tui.screens.spoken import Dialog, yes_letter


class YesOrNo(Dialog[bool]):
    """Takes no yes out of the middle of something that is being typed or scanned.

    A scanner is known by its speed. A slow one, or a person who types the next receipt, is known by
    the other letters: while one of them came lately, or comes right after it, no letter agrees.
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
        self._is_settling = False

    def say(self, text: str) -> None:
        """Put a sentence below the question."""
        raise NotImplementedError

    def say_it_was_no_answer(self) -> None:
        """Say that nothing came of what was typed, and how to agree."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """Say at once of every letter that it is no answer."""
        if event.is_printable and (event.character or "").casefold() not in self._letters():
            self.say_it_was_no_answer()

    def yes_soon(self, answer: Callable[[], object]) -> None:
        """Take the letter that was pressed for a yes, if it was pressed alone: see `KeyRhythm`."""

        def settled() -> None:
            self._is_settling = False
            if self._is_amid_typing(self._rhythm.heard_at):
                self.say_it_was_no_answer()
            else:
                answer()

        def not_scanned() -> None:
            self.set_timer(self._rhythm.alone_seconds, lambda: self.app.call_later(settled))

        def scanned() -> None:
            self._is_settling = False
            self.say_it_was_no_answer()

        if not (self._is_settling or self._rhythm.is_machine):
            self._is_settling = True
            self.say(f"{yes_letter()} \u2026")
            self.answer_soon(self._rhythm, not_scanned, scanned)

    def is_second_thought(self, at: float) -> bool:
        """Is a button that says no what Enter pressed out of habit, right after the letter yes?

        Only a yes that settles is meant; Esc, the letter no and the mouse still say no.
        """
        return self._is_settling and at - self._rhythm.acted_at < MACHINE_GAP_SECONDS

    def was_noise(self, at: float) -> bool:
        """Was a button pressed by the end of something typed or scanned?"""
        return self._rhythm.was_machine(at) or self._is_amid_typing(at)

    def _is_amid_typing(self, at: float) -> bool:
        return self._rhythm.is_typing(at, since=self._opened_at, but=self._letters(), box_of=self)

    def _letters(self) -> str:
        return f"yn{yes_letter()}{self.OPENED_BY}".casefold()
