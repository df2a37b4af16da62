"""The big block that says where a refund stands."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from posrefund import language
from posrefund.money import Money
from posrefund.wording import Outcome, Words

_LARGE = {
    Outcome.DONE: ("      \u2584\u2580", "\u2580\u2584  \u2584\u2580  ", "  \u2580\u2580    "),
    Outcome.NOT_DONE: (
        " \u2580\u2584 \u2584\u2580 ",
        "   \u2588   ",
        " \u2584\u2580 \u2580\u2584 ",
    ),
    Outcome.NOT_SENT: ("       ", " \u2584\u2584\u2584\u2584\u2584 ", "       "),
    Outcome.NOT_KNOWN: (" \u2584\u2580\u2580\u2584 ", "   \u2584\u2580 ", "   \u2584  "),
    Outcome.PERSON: ("  \u2588  ", "  \u2588  ", "  \u2584  "),
    Outcome.RUNNING: (" \u2580\u2584  ", "   \u2588 ", " \u2584\u2580  "),
}
"""The same signs three lines high, to be seen from a metre away."""

_LONGEST_WITH_AIR = 19
"""Letters that fit beside the largest usual amount in 80 columns with air between them."""
_CLASSES = {outcome: f"outcome-{outcome.name.lower().replace('_', '-')}" for outcome in Outcome}


class Headline(Vertical):
    """Title and amount in a filled block, below it what happened to the money and what to do."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Words, Money, str] | None = None

    def compose(self) -> ComposeResult:
        """Empty until `show`."""
        with Horizontal(id="headline-block"):
            yield Static(id="headline-mark")
            with Vertical(id="headline-words"):
                yield Static(id="headline-title")
                yield Static(id="headline-aside")
            yield Static(id="headline-currency")
            yield Digits(id="headline-amount")
        yield Static(id="headline-money")
        yield Static(id="headline-next")

    def show(self, words: Words, amount: Money) -> None:
        """Show the words; painting nothing when they are the same."""
        shown = (words, amount, language.current())
        if self._shown == shown:
            return
        self._shown = shown
        for outcome, name in _CLASSES.items():
            self.set_class(outcome is words.outcome, name)
        mark = "\n".join(_LARGE[words.outcome])
        self.query_one("#headline-mark", Static).update(Content(mark))
        self.query_one("#headline-title", Static).update(Content(_spaced(words.title)))
        self.query_one("#headline-currency", Static).update(Content(amount.currency))
        self.query_one("#headline-amount", Digits).update(_digits(amount))
        self.query_one("#headline-money", Static).update(Content(words.money))
        self.query_one("#headline-next", Static).update(Content(words.next))

    def aside(self, text: str) -> None:
        """Say something small below the title, such as how long it has been going on."""
        self.query_one("#headline-aside", Static).update(Content(text))


def _digits(amount: Money) -> str:
    """The number with the sign people here put before the cents."""
    return amount.text if language.current() == language.SOURCE else amount.text.replace(".", ",")


def _spaced(title: str) -> str:
    """Capitals with air between them can be read from further away, where there is room."""
    capitals = title.upper()
    return " ".join(capitals) if len(title) <= _LONGEST_WITH_AIR else capitals
