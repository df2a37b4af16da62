"""A box for an amount, in which some letters are keys."""

from textual import events
from textual.widgets import Input

from posrefund.language import SOURCE, current
from posrefund.money import Money


class AmountBox(Input):
    """Takes what is typed, also what is no amount: it is refused with a sentence and not swallowed.

    Only the letters it is told of go to the keys of the screen.
    """

    def __init__(self, value: str = "", *, keys: str = "", id: str) -> None:
        super().__init__(value, id=id)
        self._keys = frozenset(keys.upper() + keys.lower())

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Leave the letters that are keys to the footer."""
        return character not in self._keys and super().check_consume_key(key, character)

    def _on_key(self, event: events.Key) -> None:  # type: ignore[override]
        if event.character in self._keys:
            # Not written here; it goes on to the bindings.
            event.prevent_default()


def typed_text(amount: Money) -> str:
    """The amount as it is typed in the current language: with a comma, or with a point."""
    return amount.text if current() == SOURCE else amount.text.replace(".", ",")
