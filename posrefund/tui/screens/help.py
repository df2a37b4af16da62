"""The keys of the screen below, and how a refund is made."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Static

from posrefund.language import N_, _
from posrefund.tui.screens.spoken import Dialog

_HOW = (
    N_("Scan the receipt; look at what is left; Enter; check the sentence; Y."),
    N_("A refund stays on the counter until it is known what became of it."),
    N_("While it says \u201cnot known yet\u201d, do not start it again."),
)


class HelpScreen(Dialog[None]):
    """Made from the same declarations as the footer, so the two cannot differ."""

    CSS_PATH = "../styles/dialog.tcss"
    ASKS = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, text: str, keys: Sequence[tuple[str, str]]) -> None:
        """Prepare the page.

        Args:
            text: What to do on the screen below, in English; empty for the way of a refund.
            keys: Pairs of a key and what it does, as they are shown.
        """
        super().__init__()
        self._text = text
        self._keys = keys

    def compose(self) -> ComposeResult:
        """How, then the keys."""
        lines = [Content.assemble((f"{key:>8}  ", "bold"), text) for key, text in self._keys]
        with VerticalScroll(classes="dialog"):
            yield Static(Content(_("Help")), classes="title")
            how = [self._text] if self._text else _HOW
            yield Static(Content("\n".join(_(line) for line in how)))
            yield Static(Content("\n").join(lines), id="help-keys")
        yield Footer(show_command_palette=False)
