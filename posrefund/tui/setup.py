"""The set-up on the screen: what `posrefund init` asks, where there is no configuration yet.

An app of its own: the counter that opens after it knows nothing of it.
"""

from pathlib import Path
from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from posrefund import language
from posrefund.credentials import ApiKey, KeyPlace
from posrefund.settings import Settings
from posrefund.settings.answers import Values
from posrefund.tui.crash import DiscreetApp
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.setup import SetupScreen
from posrefund.tui.stdin import forgive_stray_bytes
from posrefund.tui.themes import DARK, LIGHT

_KEY_NAMES = {"esc": "Esc", "^q": "Ctrl+Q", "Enter": "Enter"}


class SetupWork(Protocol):
    """What is done for the set-up, by the same code as for `posrefund init`. Blocks."""

    file: Path
    """Where the configuration will be."""

    def known_key(self) -> KeyPlace | None:
        """The first place with an API key, which counts; the keyring is not asked."""

    def ask_ccv(self, settings: Settings, key: ApiKey | None) -> ApiKey:
        """Return the key, or the one that is there already, once CCV has taken it.

        Raises:
            ConfigWrong: If there is none, or it cannot be used there, or CCV does not take it.
            NoInformation: If CCV could not be asked.
        """

    def keep(self, answers: Values, key: ApiKey | None) -> None:
        """Write everything down.

        Raises:
            ConfigWrong: If it cannot be written, or another key would be used than this one. It
                says what was written all the same.
            Misused: If there is a configuration by now. The key that was kept before stays.
        """


class SetupApp(DiscreetApp):
    """One screen. It moves no money and knows no refund."""

    TITLE = "posrefund"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = "styles/setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "change_theme", "Light or dark", show=False),
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
    ]

    def __init__(self, work: SetupWork) -> None:
        super().__init__()
        self._rhythm = KeyRhythm()
        self._screen = SetupScreen(work, self._rhythm)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.set_reactive(SetupApp.theme, DARK.name)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def is_done(self) -> bool:
        """Whether everything is written down."""
        return self._screen.is_done

    def get_default_screen(self) -> Screen[None]:
        """The set-up is the first thing drawn."""
        return self._screen

    def get_key_display(self, binding: Binding) -> str:
        """Keys as they are printed on keyboards."""
        shown = super().get_key_display(binding)
        return _KEY_NAMES.get(shown) or shown.upper()

    async def on_event(self, event: events.Event) -> None:
        """Listen to the beat of the keys before anything acts on them."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._rhythm.heard(
                event.key,
                event.time,
                character=event.character if event.is_printable else None,
                box_of=self.screen if isinstance(self.focused, Input) else None,
            )
        await super().on_event(event)

    def action_change_theme(self) -> None:
        """Dark counters, light counters."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_leave(self) -> None:
        """Leave as Esc does."""
        self._screen.action_leave()


def run(app: SetupApp, *, code: str) -> int:
    """Run the set-up in this language and return the exit status; `is_done` tells the rest."""
    language.use(code)
    forgive_stray_bytes()
    app.run()
    return app.return_code or 0
