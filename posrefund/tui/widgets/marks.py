"""The sign of each outcome."""

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
