"""The lines of the set-up: a question, a sign, a box. And the box of the API key."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Select, Static

from posrefund.credentials import MAX_LENGTH
from posrefund.language import _

GOOD, WRONG, ASKING = "\u2713", "\u2717", "\u2026"
_CLASSES = {GOOD: "good", WRONG: "bad", ASKING: "asking"}


class KeyBox(Input):
    """Takes the API key and shows nothing of it, on the screen or in a message to others."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,super+c,ctrl+x", "ignore", show=False),
    ]

    class Edited(Message):
        """Something was typed."""

    class Finished(Message):
        """Enter was pressed."""

    class Left(Message):
        """The focus went elsewhere."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, password=True, compact=True, max_length=MAX_LENGTH + 1)

    def post_message(self, message: Message) -> bool:
        """Tell that something happened, and not what was typed."""
        if isinstance(message, Input.Changed):
            return super().post_message(self.Edited())
        if isinstance(message, Input.Submitted):
            return super().post_message(self.Finished())
        if isinstance(message, Input.Blurred):
            return super().post_message(self.Left())
        return super().post_message(message)

    def action_ignore(self) -> None:
        """The key goes to no clipboard."""


class Line(Horizontal):
    """One question."""

    def __init__(self, question: str, box: Input | Select[str] | Static) -> None:
        """Prepare the line.

        Args:
            question: In English, marked with `N_`; said in the language of now.
            box: Where it is answered, or said if that is settled; its id is the name of the answer.
        """
        super().__init__(classes="setup-line")
        self.question = question
        self.box = box
        self._label = Static(classes="setup-label")
        self._sign = Static(classes="setup-sign")

    def compose(self) -> ComposeResult:
        """Question, sign, box."""
        yield self._label
        yield self._sign
        yield self.box

    def speak(self) -> None:
        """Say the question in the language of now."""
        self._label.update(Content(_(self.question)))

    def mark(self, sign: str) -> None:
        """Show what became of the answer: one of the signs above, or nothing yet."""
        self._sign.update(Content(sign))
        self._sign.set_classes(f"setup-sign {_CLASSES.get(sign, '')}".strip())


class Choice(Select[str]):
    """A few words to choose from, said in the language of now."""

    def __init__(self, choices: Mapping[str, str], *, value: str, id: str) -> None:
        """Prepare the choice.

        Args:
            choices: What is chosen, and how it is called: English, marked with `N_`.
            value: The one to begin with.
            id: The name of the answer.
        """
        self._choices = choices
        super().__init__(self._spoken(), value=value, allow_blank=False, compact=True, id=id)

    def speak(self) -> None:
        """Say the choices in the language of now."""
        chosen = self.value
        with self.prevent(Select.Changed):
            self.set_options(self._spoken())
            self.value = chosen
        # The value is as it was, so the box has no reason of its own to say it anew.
        self.query_one("SelectCurrent #label", Static).update(_(self._choices[str(chosen)]))

    def _spoken(self) -> list[tuple[str, str]]:
        return [(_(name), value) for value, name in self._choices.items()]
