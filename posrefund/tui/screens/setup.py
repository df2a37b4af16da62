"""Everything a counter must know before it opens, on one page; each answer is checked as it comes.

Nothing is written before everything is checked, and CCV has taken the key or could not be asked.
"""

import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Input, Select, Static

from posrefund import language
from posrefund.credentials import ApiKey
from posrefund.errors import NoInformation, PosrefundError
from posrefund.language import N_, _
from posrefund.refund.model import Environment
from posrefund.safe_text import safe_text
from posrefund.settings import LANGUAGES, Settings
from posrefund.settings.answers import Values, card_terminal, checked, phone, usable
from posrefund.speech import said
from posrefund.tui.screens.setup_boxes import ASKING, GOOD, WRONG, Choice, KeyBox, Line
from posrefund.tui.screens.spoken import Spoken

if TYPE_CHECKING:
    from posrefund.tui.setup import SetupWork

T = TypeVar("T")

_METHODS = {
    "terminal": N_("a card terminal"),
    "softpos": N_("a phone or tablet with CCV's SoftPOS app"),
    "none": N_("none yet"),
}
_SURROUNDINGS = {
    "ATTENDED": N_("yes, it is attended"),
    "SEMI_UNATTENDED": N_("no, nobody stands there"),
}
_OF_A_CARD_TERMINAL = ("terminal_id", "management_system_id", "operating_environment")


class SetupScreen(Spoken[None]):
    """The page. It moves no money: the worst a key does here is to write the configuration."""

    is_home = True
    AUTO_FOCUS = "#language"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "write", "Write it and open the counter"),
        Binding("f2", "next_language", "Language"),
        Binding("escape", "leave", "Leave"),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, work: "SetupWork") -> None:
        """Prepare the page.

        Args:
            work: Asks CCV, and writes everything down. Called in a thread.
        """
        super().__init__()
        self._work = work
        self._known = work.known_key()
        self.is_done = False
        self._is_writing = False
        self._is_taken = False
        self._may_go_on = False
        self._question = 0
        """The number of the last question to CCV; answers to earlier ones are about other words."""

    # -- what is drawn -------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Banner, questions, what there is to say, the one button."""
        yield Static(id="setup-banner")
        with VerticalScroll(id="setup-page", can_focus=False):
            yield Static(id="setup-intro")
            yield from self._lines()
            yield Static(id="setup-note")
            yield Button("", id="setup-write", compact=True)
        yield Footer(show_command_palette=False)

    def _lines(self) -> Iterator[Line]:
        usual, now = Settings(), language.current()
        yield Line(N_("Language"), Choice(language.LANGUAGES, value=now, id="language"))
        address = Input(usual.provider.base_url, id="base_url", compact=True)
        yield Line(N_("CCV's address"), address)
        yield Line(N_("API key, not shown"), KeyBox(id="key"))
        yield Line(N_("Name of this counter"), Input(usual.counter, id="counter", compact=True))
        yield Line(N_("Its terminal"), Choice(_METHODS, value="terminal", id="method"))
        yield Line(N_("Name of the terminal"), Input(id="name", compact=True))
        yield Line(N_("Terminal id"), Input(id="terminal_id", compact=True))
        system = Input(id="management_system_id", compact=True)
        yield Line(N_("Management system id"), system)
        somebody = Choice(_SURROUNDINGS, value="ATTENDED", id="operating_environment")
        yield Line(N_("Somebody stands there"), somebody)
        spoken = Input(now.upper(), id="merchant_language", compact=True)
        yield Line(N_("Language of its messages"), spoken)
        yield Line(N_("Its id at CCV"), Input(id="softpos_id", placeholder="SP0001", compact=True))

    def on_mount(self) -> None:
        """Say everything, and show the questions that are asked."""
        self._speak()
        self._show_lines()

    def _speak(self) -> None:
        """Say everything in the language of now. What was typed stays."""
        title = _("SET-UP: this counter has no configuration yet")
        self.query_one("#setup-banner", Static).update(Content(f" {title}"))
        file = safe_text(str(self._work.file))
        intro = _("Tab goes to the next line. Written to {path}").format(path=file)
        self.query_one("#setup-intro", Static).update(Content(intro))
        for line in self.query(Line):
            line.speak()
        for choice in self.query(Choice):
            if choice.id != "language":
                choice.speak()
        if self._known is not None:
            text = _("empty: the one from {place}")
            self._hint("key", text.format(place=said(self._known.name)))
        self._hint("name", _("leave it empty to call it as the counter"))
        self.query_one("#setup-write", Button).label = Content(_("Write it and open the counter"))
        self.refresh_bindings()

    def _hint(self, name: str, text: str) -> None:
        box = self._line(name).box
        if isinstance(box, Input):
            box.placeholder = text

    def _show_lines(self) -> None:
        """Show the questions that go with this kind of terminal."""
        method = self._chosen("method")
        is_card = method == "terminal"
        is_attended = self._chosen("operating_environment") == "ATTENDED"
        for line in self.query(Line):
            name = line.box.id
            if name == "name":
                line.display = method != "none"
            elif name in _OF_A_CARD_TERMINAL:
                line.display = is_card
            elif name == "merchant_language":
                line.display = is_card and is_attended
            elif name == "softpos_id":
                line.display = method == "softpos"

    def _note(self, text: str, *, is_good: bool = False) -> None:
        note = self.query_one("#setup-note", Static)
        note.set_class(is_good, "is-good")
        note.update(Content(text))

    # -- keys ----------------------------------------------------------------------------------

    def action_next_language(self) -> None:
        """Speak the next language, here and in the configuration."""
        at = LANGUAGES.index(self._chosen("language"))
        self.query_one("#language", Choice).value = LANGUAGES[(at + 1) % len(LANGUAGES)]

    def action_leave(self) -> None:
        """Leave; nothing was written. While it is being written there is no way back."""
        if not self._is_writing:
            self.query_one(KeyBox).clear()
            self.app.exit()

    def action_write(self) -> None:
        """Check everything once more, ask CCV if that is not done yet, and write it."""
        if self._is_writing or not all(map(self._look, self._asked())):
            return
        if self._is_taken or self._may_go_on:
            self._write()
        else:
            self._ask_ccv(then_write=True)

    @on(Button.Pressed)
    def _pressed(self) -> None:
        self.action_write()

    @on(Select.Changed)
    def _chose(self, event: Select.Changed) -> None:
        if event.select.id == "language":
            self._use(self._chosen("language"))
        else:
            self._show_lines()

    def _use(self, code: str) -> None:
        spoken, before = self.query_one("#merchant_language", Input), language.current()
        if spoken.value == before.upper():
            spoken.value = code.upper()
        language.use(code)
        self._speak()

    # -- answers -------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._line(event.input.id).mark("")
        if event.input.id == "base_url":
            self._forget_ccv()

    @on(KeyBox.Edited)
    def _typed_key(self) -> None:
        self._forget_ccv()

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        self._look_if_answered(event.input)

    @on(KeyBox.Left)
    def _left_key(self) -> None:
        self._look_if_answered(self.query_one(KeyBox))

    def _look_if_answered(self, box: Input) -> None:
        """A question nobody has answered yet is no mistake."""
        name = box.id or ""
        if box.value and self._look(name, is_moving=False) and name in {"key", "base_url"}:
            self._ask_ccv()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if self._look(event.input.id or ""):
            self.focus_next()

    @on(KeyBox.Finished)
    def _entered_key(self) -> None:
        if self._look("key"):
            self.focus_next()

    def _asked(self) -> list[str]:
        """The names of the questions that are asked, without those that are chosen."""
        boxes = (line.box for line in self.query(Line) if line.display)
        return [box.id or "" for box in boxes if isinstance(box, Input)]

    def _look(self, name: str, *, is_moving: bool = True) -> bool:
        """Check one answer, and say what is wrong with it."""
        line = self._line(name)
        try:
            if name == "key":
                self._key()
            else:
                self._answer(name)
        except PosrefundError as error:
            line.mark(WRONG)
            why = said(error)
            if name != "key":
                why = _("{question}: {why}").format(question=_(line.question), why=why)
            self._note(why)
            if is_moving:
                line.box.focus()
            return False
        if name != "key":
            line.mark(GOOD)
        return True

    def _answer(self, name: str) -> str:
        text = self._text(name)
        if name == "name":
            text = text or self._text("counter")
        if name == "softpos_id" and not text:
            return text
        return checked(name, text, file=self._work.file)

    def _key(self) -> ApiKey | None:
        """The key that was typed; None where the one that is there already is meant."""
        if self._known is not None and not self.query_one(KeyBox).value:
            return None
        # The text goes straight into the key, so that no frame of a crash screen holds it.
        return ApiKey(self.query_one(KeyBox).value.strip())

    def _answers(self) -> Values:
        values: Values = {
            "counter": self._answer("counter"),
            "language": self._chosen("language"),
            "provider": {"base_url": self._answer("base_url")},
        }
        method = self._chosen("method")
        if method == "softpos":
            values["terminals"] = [
                phone(self._answer("name"), terminal_id=self._answer("softpos_id") or None)
            ]
        elif method == "terminal":
            is_attended = self._chosen("operating_environment") == "ATTENDED"
            spoken = self._answer("merchant_language") if is_attended else None
            terminal = card_terminal(
                self._answer("name"),
                terminal_id=self._answer("terminal_id"),
                management_system_id=self._answer("management_system_id"),
                merchant_language=spoken,
            )
            values["terminals"] = [terminal]
        return values

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _chosen(self, name: str) -> str:
        return str(self.query_one(f"#{name}", Choice).value)

    def _line(self, name: str | None) -> Line:
        return next(line for line in self.query(Line) if line.box.id == name)

    # -- CCV -----------------------------------------------------------------------------------

    def _forget_ccv(self) -> None:
        """What CCV said was about other words."""
        self._question += 1
        self._is_taken = self._may_go_on = False
        self._line("key").mark("")

    def _ask_ccv(self, *, then_write: bool = False) -> None:
        """Ask CCV about the key, if there is an address to ask at and a key to ask about."""
        if self._is_taken:
            return
        try:
            key = self._key()
            settings = usable({"provider": {"base_url": self._answer("base_url")}}, self._work.file)
        except PosrefundError:
            return
        self._question += 1
        question = self._question
        self._line("key").mark(ASKING)
        self._note(_("Asking CCV about the API key \u2026"))

        def told(taken: ApiKey | None, error: PosrefundError | None) -> None:
            if question == self._question:
                self._ccv_answered(taken, error, then_write=then_write)

        self._in_thread(lambda: self._work.ask_ccv(settings, key), told)

    def _ccv_answered(
        self, taken: ApiKey | None, error: PosrefundError | None, *, then_write: bool
    ) -> None:
        if taken is not None:
            self._is_taken = True
            self._line("key").mark(GOOD)
            is_live = taken.environment is Environment.LIVE
            kind = _("live: real money") if is_live else _("test: no real money")
            self._note(_("CCV takes the API key ({kind}).").format(kind=kind), is_good=True)
            if then_write:
                self._write()
            return
        self._line("key").mark(WRONG)
        if isinstance(error, NoInformation):
            self._may_go_on = then_write
            text = _(
                "CCV could not be asked ({reason}). Check the connection and the address."
                " F10 asks again."
            )
            if then_write:
                text = _(
                    "CCV could not be asked ({reason}). Check the connection and the address,"
                    " or press F10 once more to write it all the same."
                )
            self._note(text.format(reason=said(error)))
        elif error is not None:
            self._note(said(error))
            if then_write:
                self.query_one(KeyBox).focus()

    # -- the end -------------------------------------------------------------------------------

    def _write(self) -> None:
        answers, key = self._answers(), self._key()
        self._is_writing = True
        self._note(_("Writing \u2026"))

        def told(_nothing: None, error: PosrefundError | None) -> None:
            self._is_writing = False
            if error is not None:
                self._note(said(error))
                return
            self.is_done = True
            self.action_leave()

        self._in_thread(lambda: self._work.keep(answers, key), told)

    def _in_thread(
        self, work: Callable[[], T], tell: Callable[[T | None, PosrefundError | None], None]
    ) -> None:
        """Do something that blocks. Who leaves meanwhile does not wait for it."""

        def run() -> None:
            try:
                result = work()
            except PosrefundError as error:
                self.call_later(tell, None, error)
            except Exception as defect:  # noqa: BLE001 - the app ends by it, and says so
                self.call_later(_raise, defect)
            else:
                self.call_later(tell, result, None)

        here = contextvars.copy_context()
        threading.Thread(target=here.run, args=(run,), name="set-up", daemon=True).start()


def _raise(defect: Exception) -> None:
    raise defect
