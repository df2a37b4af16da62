"""One refund with everything that happened to it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from posrefund.refund.model import Entry, Refund
from posrefund.refund.ports import Clock
from posrefund.safe_text import safe_text
from posrefund.tui.board import Board, Desk
from posrefund.tui.messages import EntriesRead, EntriesRequested, ReadingFailed
from posrefund.tui.screens.refund import CHECK_NOW, RefundScreen
from posrefund.tui.screens.slip import SlipScreen
from posrefund.tui.times import date_text, exact_text
from posrefund.tui.widgets.marks import MARKS
from posrefund.tui.widgets.note import Note
from posrefund.wording import error_words, words


class CaseScreen(RefundScreen):
    """The history, oldest step first. It is read again whenever the refund moves."""

    CSS_PATH = "../styles/history.tcss"
    AUTO_FOCUS = "#case-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        CHECK_NOW,
        Binding("s", "show_slip", "Slip"),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(self, *, desk: Desk, board: Board, refund: Refund, clock: Clock) -> None:
        super().__init__(desk=desk, board=board, refund=refund, clock=clock)
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
        self.query_one("#case-title", Static).update(
            Content.assemble(
                (f"{MARKS[said.outcome]} {said.title} \u2014 {self.refund.amount}\n", "bold"),
                f"{said.money} {said.next}",
            )
        )
        self.query_one("#case-facts", Static).update(_facts(self.refund))
        self.post_message(EntriesRequested(self, self.refund))
        self.refresh_bindings()

    def show_time(self) -> None:
        """Nothing here changes with the seconds."""

    def action_show_slip(self) -> None:
        """The slip alone."""
        self.app.push_screen(SlipScreen(self.refund))

    @on(EntriesRead)
    def _show_entries(self, message: EntriesRead) -> None:
        steps = [
            Content.assemble(
                (f"{date_text(entry.at)[:-6]} {exact_text(entry.at)}  ", "$quiet"),
                (f"{entry.state:<10} ", "bold"),
                (f"{entry.rule:<5} ", "$quiet"),
                safe_text(entry.text, limit=500),
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
        ("our id", refund.id),
        ("payment", refund.original_reference),
        ("CCV's reference", refund.provider_reference),
        ("request", refund.idempotency_reference),
        ("method, terminal", ", ".join(filter(None, (refund.method, refund.terminal)))),
        ("text", refund.description),
        ("counter", refund.counter),
        ("sent to", f"{refund.address} ({refund.environment})"),
        ("attempts", refund.attempts),
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
