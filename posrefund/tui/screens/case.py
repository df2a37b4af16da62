"""One refund with everything that happened to it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from posrefund.figures import amount_text
from posrefund.language import N_, _
from posrefund.refund.model import Entry, Refund
from posrefund.refund.ports import Clock
from posrefund.refund.rules import needs_a_person
from posrefund.safe_text import safe_text
from posrefund.speech import method_text, retold
from posrefund.tui.board import Board, Desk
from posrefund.tui.messages import (
    ClosingRequested,
    EntriesRead,
    EntriesRequested,
    ReadingFailed,
)
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.closing import ClosingScreen, Verdict
from posrefund.tui.screens.refund import CHECK_NOW, RefundScreen
from posrefund.tui.screens.slip import SlipScreen
from posrefund.tui.times import step_time
from posrefund.tui.widgets.marks import MARKS
from posrefund.tui.widgets.note import Note
from posrefund.wording import error_words, words


class CaseScreen(RefundScreen):
    """The history, oldest step first. It is read again whenever the refund moves."""

    CSS_PATH = "../styles/history.tcss"
    AUTO_FOCUS = "#case-scroll"
    HELP = N_(
        "Everything that happened to this refund, oldest step first. A case for a person is closed "
        "here, with your name and what proves what happened; ask CCV once more before."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        CHECK_NOW,
        Binding("s,S", "show_slip", "Slip"),
        Binding("x,X", "close_case", "Close the case"),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(
        self, *, desk: Desk, board: Board, refund: Refund, clock: Clock, rhythm: KeyRhythm
    ) -> None:
        super().__init__(desk=desk, board=board, refund=refund, clock=clock, rhythm=rhythm)
        self._entries: Sequence[Entry] = ()

    @classmethod
    def suits(cls, refund: Refund) -> bool:
        """Every refund has a case."""
        return True

    def compose_page(self) -> ComposeResult:
        """One column to scroll through."""
        with VerticalScroll(id="case-scroll"):
            yield Static(id="case-title")
            yield Note(id="remark", classes="doubt")
            yield Static(id="case-steps")
            yield Static(id="case-facts")

    def show_refund(self) -> None:
        """Draw the title and ask for the history."""
        said = words(self.refund)
        amount = amount_text(self.refund.amount)
        self.query_one("#case-title", Static).update(
            Content.assemble(
                (f"{MARKS[said.outcome]} {said.title} \u2014 {amount}\n", "bold"),
                f"{said.money} {said.next}",
            )
        )
        self.query_one("#case-facts", Static).update(_facts(self.refund))
        self.post_message(EntriesRequested(self, self.refund))
        self.refresh_bindings()

    def show_time(self) -> None:
        """Nothing here changes with the seconds."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a person's case is closed; and what CCV contradicts is asked about again."""
        if action == "close_case":
            return needs_a_person(self.refund)
        if action == "check_now" and needs_a_person(self.refund):
            return True
        return super().check_action(action, parameters)

    def action_close_case(self) -> None:
        """What happened, who says so, what proves it."""

        def decided(verdict: Verdict | None) -> None:
            if verdict is not None:
                self.show_remark(_("CCV is asked once more before the case is closed \u2026"))
                self.post_message(ClosingRequested(self.refund, verdict))

        self.app.push_screen(
            ClosingScreen(self.refund, now=self.clock.now, rhythm=self.rhythm), decided
        )

    def action_show_slip(self) -> None:
        """The slip alone."""
        self.app.push_screen(SlipScreen(self.refund, rhythm=self.rhythm))

    @on(EntriesRead)
    def _show_entries(self, message: EntriesRead) -> None:
        steps = [
            Content.assemble(
                (f"{step_time(entry.at)}  ", "$quiet"),
                safe_text(retold(entry.text), limit=500),
            )
            for entry in message.entries
        ]
        self.query_one("#case-steps", Static).update(Content("\n").join(steps))

    @on(ReadingFailed)
    def _say(self, message: ReadingFailed) -> None:
        self.show_remark(error_words(message.error))


def _facts(refund: Refund) -> Content:
    """Ours first, then every field CCV sent, as it came."""
    rows: list[tuple[str, object]] = [
        (_("our id"), refund.id),
        (_("payment"), refund.original_reference),
        (_("order"), refund.order_reference),
        (_("CCV's reference"), refund.provider_reference),
        (_("request"), refund.idempotency_reference),
        (
            _("method, terminal"),
            ", ".join(filter(None, (method_text(refund.method), refund.terminal))),
        ),
        (_("text"), refund.description),
        (_("counter"), refund.counter),
        (_("sent to"), f"{refund.address} ({refund.environment})"),
        (_("attempts"), refund.attempts),
        *((f"CCV: {name}", value) for name, value in refund.facts.items()),
    ]
    lines = [
        Content.assemble(
            (f"{safe_text(name, limit=40):<20} ", "$quiet"), safe_text(str(value), limit=500)
        )
        for name, value in rows
        if value is not None and value != ""
    ]
    return Content("\n").join(lines)
