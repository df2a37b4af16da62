"""The sign of each outcome and of each terminal."""

from textual.content import Content

from posrefund.terminal.signs import INK, Sign
from posrefund.wording import Outcome

MARKS = {
    Outcome.DONE: "\u2713",
    Outcome.NOT_DONE: "\u2717",
    Outcome.NOT_SENT: "\u2013",
    Outcome.NOT_KNOWN: "?",
    Outcome.PERSON: "!",
    Outcome.RUNNING: "\u25b8",
}
"""One sign for each outcome, beside the word: nothing is said by colour alone."""


def badge(sign: Sign | None) -> Content:
    """The letter of a terminal on its colour, as it may be stuck on the terminal; or nothing."""
    if sign is None:
        return Content("")
    return Content.styled(f" {sign.letter} ", f"bold {INK} on {sign.colour}")
