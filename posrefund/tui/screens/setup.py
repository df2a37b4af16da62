"""Everything a counter must know before it opens, on one page; each answer is checked as it comes.

Nothing is written before everything is checked, and CCV has taken the key or could not be asked.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Input, Select, Static

from posrefund import language
from posrefund.credentials import ApiKey
from posrefund.errors import PosrefundError
from posrefund.language import _
from posrefund.safe_text import safe_text
from posrefund.settings import LANGUAGES
from posrefund.settings.answers import Values, card_terminal, checked, phone, usable
from posrefund.speech import said
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.setup_boxes import ASKING, GOOD, WRONG, Choice, KeyBox, Line
from posrefund.tui.screens.setup_ccv import CcvTalk, Verdict, Words, described, in_thread
from posrefund.tui.screens.setup_leaving import LeaveSetup
from posrefund.tui.screens.setup_lines import at_first, every_line
from posrefund.tui.screens.spoken import Spoken
from posrefund.tui.widgets.size_note import SizeNote

if TYPE_CHECKING:
    from posrefund.tui.setup import SetupWork

Say = Callable[[], str]
"""Says something in the language of then."""

_OF_A_CARD_TERMINAL = ("terminal_id", "management_system_id", "operating_environment")


class SetupScreen(Spoken[None]):
    """The page. It moves no money: the worst a key does here is to write the configuration."""

    is_home = True
    AUTO_FOCUS = "#language"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "explain", "Help"),
        Binding("f10", "write", "Write it and open the counter"),
        Binding("f2", "next_language", "Language"),
        Binding("escape", "leave", "Leave"),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, work: "SetupWork", rhythm: KeyRhythm) -> None:
        """Prepare the page.

        Args:
            work: Asks CCV, and writes everything down. Called in a thread.
            rhythm: Tells a person's key from a scanner's.
        """
        super().__init__()
        self._rhythm = rhythm
        self._work = work
        self._known = work.known_key()
        # A key that is typed would be kept, and never used: the one handed over comes first.
        self._given = self._known if self._known and self._known.source.is_handed_over else None
        self._ccv = CcvTalk(work, self.call_later)
        self.is_done = False
        self._is_writing = False
        self._was_tried = False
        self._wrong: dict[str, Say] = {}
        """What is wrong with which answer. It stays on the screen until it is mended."""
        self._news: Say = str
        self._is_good = False

    # -- what is drawn -------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Banner, questions, what there is to say, the one button."""
        yield Static(id="setup-banner")
        with VerticalScroll(id="setup-page", can_focus=False):
            yield Static(id="setup-intro")
            yield from every_line(asks_for_key=self._given is None)
            yield Static(id="setup-note")
            yield Button("", id="setup-write", compact=True)
        yield SizeNote()
        yield Footer(show_command_palette=False)

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
        if self._given is not None:
            self.query_one("#key", Static).update(Content(described(self._given)))
        elif self._known is not None:
            text = _("empty: the one from {place}")
            self._hint("key", text.format(place=said(self._known.name)))
        self._hint("name", _("leave it empty to call it as the counter"))
        self._hint("terminal_id", _("given by CCV, as J4S009"))
        self._hint("management_system_id", _("given by CCV, as GrundmasterNL"))
        button = self.query_one("#setup-write", Button)
        button.label = Content(_("Write it and open the counter"))
        button.refresh(layout=True)
        self._show_note()
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
        self._show_note()

    def _note(self, say: Say, *, is_good: bool = False) -> None:
        """Say something new, below what is wrong."""
        self._news, self._is_good = say, is_good
        self._show_note()

    def _mark(self, name: str, sign: str, why: Say | None = None) -> None:
        """Show what became of an answer, and why it is wrong if it is."""
        line = self._line(name)
        line.mark(sign)
        if why is None:
            self._wrong.pop(name, None)
        else:
            self._wrong[name] = why
        self._show_note()

    def _show_note(self) -> None:
        shown = [line.box.id for line in self.query(Line) if line.display]
        wrong = [self._wrong[name]() for name in shown if name in self._wrong]
        note = self.query_one("#setup-note", Static)
        note.set_class(self._is_good and not wrong, "is-good")
        note.update(Content("\n".join(filter(None, (*wrong, self._news())))))

    # -- keys ----------------------------------------------------------------------------------

    def action_next_language(self) -> None:
        """Speak the next language, here and in the configuration."""
        at = LANGUAGES.index(self._chosen("language"))
        self.query_one("#language", Choice).value = LANGUAGES[(at + 1) % len(LANGUAGES)]

    def action_explain(self) -> None:
        """Say what the keys do, and that nothing here is for ever."""
        self._note(
            lambda: _(
                "F10 checks every answer, asks CCV about the API key, and writes it all down."
                " F2: language. F8: light or dark. Esc: leave. Both ids of a card terminal are"
                ' CCV\'s; whoever does not have them asks CCV, and chooses "none yet" till then.'
            )
        )

    def action_leave(self) -> None:
        """Leave as it is. While it is being written there is no way back."""
        if self._is_writing or self.app.screen is not self:
            return
        if not self._is_typed():
            self._go()
            return
        question = LeaveSetup(self._rhythm, was_tried=self._was_tried)
        self.app.push_screen(question, lambda is_sure: self._go() if is_sure else None)

    def _is_typed(self) -> bool:
        """Whether somebody would lose anything."""
        usual = at_first()
        boxes = (box for box in self.query(Input) if box.value.strip())
        return any(box.value != usual.get(box.id or "") for box in boxes)

    def _go(self) -> None:
        for box in self.query(KeyBox):
            box.clear()
        self.app.exit()

    def action_write(self) -> None:
        """Check everything once more, ask CCV if that is not done yet, and write it."""
        if self._is_writing or not all(map(self._look, self._asked())):
            return
        if self._ccv.may_write(self._words()):
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
        self.on_resize()

    # -- answers -------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._mark(event.input.id or "", "")
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
            complaint = error

            def why() -> str:
                if name == "key":
                    return said(complaint)
                return _("{question}: {why}").format(question=_(line.question), why=said(complaint))

            self._mark(name, WRONG, why)
            if is_moving:
                line.box.focus()
            return False
        if name != "key":
            self._mark(name, GOOD)
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
        if self._given is not None or (self._known and not self.query_one(KeyBox).value):
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

    # -- CCV, and the end ----------------------------------------------------------------------

    def _forget_ccv(self) -> None:
        """What CCV said was about other words."""
        self._ccv.forget()
        self._mark("key", "")
        self._note(str)

    def _words(self) -> Words:
        values: Values = {"provider": {"base_url": self._answer("base_url")}}
        return Words(usable(values, self._work.file), self._key())

    def _ask_ccv(self, *, then_write: bool = False) -> None:
        """Ask CCV about the key, if there is an address to ask at and a key to ask about."""
        try:
            words = self._words()
        except PosrefundError:
            return
        if self._ccv.has_taken(words):
            return
        self._mark("key", ASKING)
        self._note(lambda: _("Asking CCV about the API key \u2026"))

        def told(verdict: Verdict) -> None:
            if verdict.is_taken:
                self._mark("key", GOOD)
                self._note(verdict.say, is_good=True)
            else:
                self._note(str)
                self._mark("key", WRONG, verdict.say)
            if self.app.screen is not self:
                return  # somebody is about to leave
            if then_write and verdict.is_taken:
                # Any answer may have been changed while CCV was asked, so each is checked again.
                self.action_write()
            elif then_write and not verdict.may_write:
                self._line("key").box.focus()

        self._ccv.ask(words, told, is_last=then_write)

    def _write(self) -> None:
        answers, key = self._answers(), self._key()
        self._is_writing = self._was_tried = True
        self._note(lambda: _("Writing \u2026"))

        def told(_nothing: None, error: PosrefundError | None) -> None:
            self._is_writing = False
            if error is not None:
                complaint = error
                self._note(lambda: said(complaint))
                return
            self.is_done = True
            self._go()

        in_thread(lambda: self._work.keep(answers, key), told, self.call_later)
