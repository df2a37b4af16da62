"""A person decides a case that the program cannot: what happened, who says so, what proves it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Input, RadioSet, Static

from posrefund.errors import PosrefundError
from posrefund.figures import amount_text
from posrefund.language import _
from posrefund.refund.model import Refund
from posrefund.refund.rules import check_closing
from posrefund.safe_text import safe_text
from posrefund.tui import remarks
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.leaving import OTHER_YES, Question
from posrefund.tui.screens.spoken import Dialog
from posrefund.tui.widgets.choice import Choice
from posrefund.tui.widgets.note import Note

_LONGEST_NAME, _LONGEST_EVIDENCE = 60, 200
"""As the journal keeps them."""
_SHORTEST_NAME, _SHORTEST_EVIDENCE = 2, 6
"""Letters, and characters, of which somebody could make something a year later."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decided."""

    executed: bool
    by: str
    evidence: str


class ClosingScreen(Dialog[Verdict | None]):
    """Nothing is chosen beforehand, and a second question comes before anything is written."""

    CSS_PATH = "../styles/dialog.tcss"
    AUTO_FOCUS = "#closing-what"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "close_case", "Close the case"),
        Binding("escape", "go_back", "Back"),
        Binding("tab", "app.focus_next", "Go on", key_display="Tab"),
    ]

    def __init__(self, refund: Refund, *, now: Callable[[], datetime], rhythm: KeyRhythm) -> None:
        super().__init__()
        self._refund = refund
        self._rhythm = rhythm
        self._now = now

    def compose(self) -> ComposeResult:
        """What happened, who, evidence."""
        title = _("Close the case of {amount}: what happened at CCV?").format(
            amount=amount_text(self._refund.amount)
        )
        with Vertical(classes="dialog"):
            with VerticalScroll(id="closing-body", can_focus=False):
                yield Static(Content(title), classes="title")
                with _WhatHappened(id="closing-what", compact=True):
                    yield Choice(_("The money WAS given back"), id="executed")
                    yield Choice(_("NO money was given back"), id="not-executed")
                yield Static(Content(_("Your name")), classes="closing-label")
                yield _line("closing-by", _LONGEST_NAME)
                proof = _("What proves it: a line of the portal, a case number of CCV's helpdesk")
                yield Static(Content(proof), classes="closing-label")
                yield _line("closing-evidence", _LONGEST_EVIDENCE)
            # Outside what scrolls: a reason below the edge would be no reason.
            yield Note(id="closing-note", classes="doubt")
            with Horizontal(id="quit-buttons"):
                yield Button(Content(_("Back")), id="back")
                yield Button(Content(_("Close the case (F10)")), id="close")
        yield Footer(show_command_palette=False)

    def action_go_back(self) -> None:
        """Change nothing."""
        if self.is_current:
            self.dismiss(None)

    def action_close_case(self) -> None:
        """Ask once more, if it may be closed like this."""
        chosen = self.query_one(RadioSet).pressed_button
        if chosen is None:
            self._note(_("Choose first what happened."))
            return
        verdict = Verdict(
            executed=chosen.id == "executed",
            by=self.query_one("#closing-by", Input).value.strip(),
            evidence=self.query_one("#closing-evidence", Input).value.strip(),
        )
        missing = _missing(verdict)
        if missing:
            self._note(missing)
            return
        try:
            check_closing(
                self._refund,
                executed=verdict.executed,
                by=verdict.by,
                evidence=verdict.evidence,
                now=self._now(),
            )
        except PosrefundError as error:
            self._note(remarks.not_closed(error))
            return

        def answered(yes: bool | None) -> None:
            if yes and self.is_current:
                self.dismiss(verdict)
            elif not yes:
                # Away from the buttons: one more Enter out of habit must not throw the form away.
                self.query_one("#closing-evidence").focus()

        self.app.push_screen(ReallyCloseScreen(self._rhythm, self._refund, verdict), answered)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "close":
            self.action_close_case()
        else:
            self.action_go_back()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter goes on to the next line; at the last one it closes nothing and leaves nothing."""
        if event.input.id == "closing-evidence":
            self.query_one("#closing-note", Note).say(_("The case is still open: F10 closes it."))
        else:
            self.focus_next()

    @on(Input.Changed)
    @on(RadioSet.Changed)
    def _changed(self) -> None:
        """What was said of it before may not be true any more."""
        self.query_one("#closing-note", Note).say("")

    def _note(self, text: str) -> None:
        self.app.bell()
        self.query_one("#closing-note", Note).say(text)


class _WhatHappened(RadioSet):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "toggle_button", "Choose", key_display="\u2191\u2193 Enter")
    ]


def _line(name: str, longest: int) -> Input:
    # Come back to, its text is not marked: the next letter would replace all of it.
    return Input(id=name, max_length=longest, compact=True, select_on_focus=False)


def _missing(verdict: Verdict) -> str:
    """Say what nobody could make anything of later; nothing where all is there."""
    if sum(map(str.isalpha, verdict.by)) < _SHORTEST_NAME:
        return _("The case stays open: write your name, not a letter only.")
    if len(verdict.evidence) < _SHORTEST_EVIDENCE:
        return _("The case stays open: write what proves it so that others can look it up.")
    return ""


class ReallyCloseScreen(Question):
    """The whole verdict in one sentence; Enter alone means no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,Y", "answer(True)", "Yes, close it", show=False),
        *OTHER_YES,
        Binding("n,N,escape", "answer(False)", "No, go back", key_display="Enter"),
    ]

    def __init__(self, rhythm: KeyRhythm, refund: Refund, verdict: Verdict) -> None:
        super().__init__(rhythm)
        self._refund = refund
        self._verdict = verdict

    def texts(self) -> tuple[str, str, str, str]:
        """What will be written down, and what comes of it."""
        amount = amount_text(self._refund.amount)
        if self._verdict.executed:
            title = _("Write down that {amount} WAS given back?").format(amount=amount)
            then = _("The payment counts as refunded by so much.")
        else:
            title = _("Write down that {amount} was NOT given back?").format(amount=amount)
            then = _("The payment may then be refunded again. If you are wrong, it is paid twice.")
        said = _("{name}: {evidence}").format(
            name=safe_text(self._verdict.by, limit=_LONGEST_NAME),
            evidence=safe_text(self._verdict.evidence, limit=_LONGEST_EVIDENCE),
        )
        return title, f"{said}\n\n{then}", _("No, go back"), _("Close the case (Y)")
