"""Tells a person's key from a scanner's: no finger is as quick as a wedge scanner."""

from collections import deque
from dataclasses import dataclass

MACHINE_GAP_SECONDS = 0.06
"""Two different keys closer together than this were not pressed by a person."""
TYPING_SECONDS = 2.0
"""So long after a letter another one may belong to the same word: a slow scanner, or a person."""
ALONE_SECONDS = 0.5
"""So long no other key may follow a letter that says yes: most people type faster."""
TAP_SECONDS = 1.0
"""So soon after a question opened, a tap on its yes is the second of a double one."""

_REMEMBERED = 64
"""Keys of which a screen may hear only after others have come."""


@dataclass(frozen=True, slots=True)
class _Letter:
    character: str
    at: float
    box_of: object


class KeyRhythm:
    """Remembers the beat of the keys. The app tells it of every key before anything acts on it."""

    def __init__(self) -> None:
        self._key = ""
        self._at = float("-inf")
        self._gap = float("inf")
        self._gaps: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        self._letters: deque[_Letter] = deque(maxlen=_REMEMBERED)
        self.acted_at = float("-inf")
        """When the last key came that writes nothing, as Enter and F10."""
        self.alone_seconds = ALONE_SECONDS
        """How long to wait, after a letter that says yes, for the rest of a word."""
        self.tap_seconds = TAP_SECONDS
        """How long a question takes no yes from a finger or mouse."""
        self.tapped_at = float("-inf")
        """When a finger or the mouse last came down."""
        self.changes = 0
        """How often a key differed from the one before it. A held key does not count."""

    def heard(
        self, key: str, at: float, *, character: str | None = None, box_of: object = None
    ) -> None:
        """Take note of a key.

        Args:
            key: Its name.
            at: The monotonic time of its event.
            character: What it writes, if it writes anything.
            box_of: The screen in a box of which it writes; None where there is no box to write in.
        """
        if character is None:
            self.acted_at = at
        else:
            self._letters.append(_Letter(character.casefold(), at, box_of))
        self._gap = at - self._at
        self._at = at
        self._gaps.append((at, self._gap))
        if key != self._key:
            self.changes += 1
        self._key = key

    @property
    def heard_at(self) -> float:
        """The time of the last key."""
        return self._at

    def is_typing(self, at: float, *, since: float, but: str, box_of: object) -> bool:
        """Was something being typed at that time, or just before it?

        Args:
            at: The time.
            since: What came before this does not count.
            but: Letters that do not count, in lower case.
            box_of: What was typed into a box of this screen is where it belongs.
        """
        return any(
            max(since, at - TYPING_SECONDS) < one.at <= at
            and one.character not in but
            and one.box_of is not box_of
            for one in self._letters
        )

    @property
    def is_machine(self) -> bool:
        """Did the last key come so soon after another that no person pressed it?"""
        return self._gap < MACHINE_GAP_SECONDS

    def came_at_once(self, at: float) -> bool:
        """Did the key of that time follow another as no person's does, whatever came after it?"""
        return any(when == at and gap < MACHINE_GAP_SECONDS for when, gap in self._gaps)

    def was_machine(self, at: float) -> bool:
        """Was something that happened at `at`, perhaps by mouse, the work of a machine's key?"""
        return self.is_machine and at - self._at < MACHINE_GAP_SECONDS


SHORTEST_SCAN = 6
"""Fewer characters at that speed may be two hands of a quick person."""


class Burst:
    """Finds the scan among the keys of one box: what came at the speed of a machine, to its end.

    Somebody may have typed a few characters before; they are not part of the code.
    """

    def __init__(self) -> None:
        self.ended = ""
        """The scan that the last key ended; empty after every other key."""
        self._text = ""
        self._at = float("-inf")

    def heard(self, key: str, character: str | None, at: float) -> None:
        """Take note of a key: a character, or one that may end a scan."""
        is_machine = at - self._at < MACHINE_GAP_SECONDS
        self._at = at
        is_end = key in {"enter", "tab"} and is_machine and len(self._text) >= SHORTEST_SCAN
        self.ended = self._text if is_end else ""
        if character is None:
            self._text = ""
        else:
            self._text = self._text + character if is_machine else character
