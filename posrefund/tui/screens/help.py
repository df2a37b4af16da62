"""The keys of the screen below, and how a refund is made."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

_HOW = (
    "Scan the receipt; look at what is left; Enter; check the sentence; Y.\n"
    "A refund stays on the counter until it is known what became of it.\n"
    "While it says \u201cnot known yet\u201d, do not start it again."
)


class HelpScreen(ModalScreen[None]):
    """Made from the same declarations as the footer, so the two cannot differ."""

    CSS_PATH = "../styles/dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        """Prepare the page; `keys` are pairs of a key and what it does."""
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """How, then the keys."""
        lines = [Content.assemble((f"{key:>8}  ", "bold"), text) for key, text in self._keys]
        with VerticalScroll(classes="dialog"):
            yield Static("Help", classes="title")
            yield Static(Content(_HOW))
            yield Static(Content("\n").join(lines), id="help-keys")
        yield Footer(show_command_palette=False)
