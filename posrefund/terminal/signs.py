"""The letter and the colour by which people tell one terminal from the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from posrefund.terminal.model import Terminal

COLOURS = ("#56b4e9", "#e69f00", "#5fd0a5", "#f0e442", "#e0a3c4", "#ff9b6a")
"""Okabe and Ito's, lightened: told apart by colour-blind people, readable with black on them."""
INK = "#000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What could be stuck on the terminal. The letter says it all; the colour only helps."""

    letter: str
    colour: str
    """The background behind the letter, which is written in `INK`."""


def sign_of(terminals: Sequence[Terminal], name: str | None) -> Sign | None:
    """Return the sign of the terminal of this name: A is the first that is configured.

    None for a terminal that is not configured any more, and beyond Z.
    """
    for place, terminal in enumerate(terminals[: len(ascii_uppercase)]):
        if terminal.name == name:
            return Sign(letter=ascii_uppercase[place], colour=COLOURS[place % len(COLOURS)])
    return None
