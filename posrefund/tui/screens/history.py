"""All refunds, newest first, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static

from posrefund.refund.model import Refund, RefundState
from posrefund.tui.board import Desk
from posrefund.tui.messages import CaseOpened, ListRead, ListRequested, ReadingFailed
from posrefund.tui.screens.page import Page
from posrefund.tui.widgets.refund_list import RefundList
from posrefund.wording import error_words

_LINES_AROUND = 5
_FILTERS: tuple[tuple[str, RefundState | None], ...] = (
    ("All refunds", None),
    ("A person must look", RefundState.ATTENTION),
    ("Not known yet", RefundState.UNKNOWN),
    ("At CCV", RefundState.ACCEPTED),
    ("Done", RefundState.SUCCEEDED),
    ("Not done", RefundState.FAILED),
    ("Not sent", RefundState.NOT_SENT),
    ("Closed by a person", RefundState.CLOSED),
)


class HistoryScreen(Page):
    """Pages by key, never by number: a page costs the same in a journal of any size."""

    CSS_PATH = "../styles/history.tcss"
    AUTO_FOCUS = "#history"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,pagedown,n", "older", "Older", key_display="PgDn"),
        Binding("left,pageup,p", "newer", "Newer", key_display="PgUp"),
        Binding("f", "change_filter", "Filter"),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._filter = 0
        self._starts: list[tuple[datetime, str] | None] = [None]
        self._shown: Sequence[Refund] = ()
        self._has_older = False
        self._reading = False

    def compose_page(self) -> ComposeResult:
        """A heading and the list."""
        yield Static(id="history-heading")
        yield _HistoryList(id="history")
        yield Static(id="history-answer", classes="bad")

    def on_mount(self) -> None:
        """Read the first page."""
        self._read()

    def action_older(self) -> None:
        """The next page."""
        if self._has_older and not self._reading:
            last = self._shown[-1]
            self._starts.append((last.created_at, last.id))
            self._read()

    def action_newer(self) -> None:
        """The page before."""
        if len(self._starts) > 1 and not self._reading:
            self._starts.pop()
            self._read()

    def action_change_filter(self) -> None:
        """Only refunds of one state, then of the next."""
        self._filter = (self._filter + 1) % len(_FILTERS)
        self._starts = [None]
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what leads somewhere."""
        if action == "older":
            return self._has_older
        if action == "newer":
            return len(self._starts) > 1
        return True

    @property
    def _lines(self) -> int:
        return max(5, self.size.height - _LINES_AROUND)

    def _read(self) -> None:
        self._reading = True
        _, state = _FILTERS[self._filter]
        # One more than is shown tells whether there is an older page.
        request = ListRequested(self, self._lines + 1, state, self._starts[-1])
        self.post_message(request)

    @on(ListRead)
    def _show(self, message: ListRead) -> None:
        self._reading = False
        self._shown = message.refunds[: self._lines]
        self._has_older = len(message.refunds) > len(self._shown)
        name, _ = _FILTERS[self._filter]
        heading = f"{name} \u2014 page {len(self._starts)}"
        if not self._shown:
            heading += " \u2014 none"
        self.query_one("#history-heading", Static).update(Content(heading))
        self.query_one("#history-answer", Static).update(Content(""))
        refunds = self.query_one("#history", RefundList)
        refunds.show([("", self._shown)], with_day=True)
        if self._shown and refunds.highlighted is None:
            refunds.highlighted = 0
        self.refresh_bindings()

    @on(ReadingFailed)
    def _say(self, message: ReadingFailed) -> None:
        self._reading = False
        self.query_one("#history-answer", Static).update(Content(error_words(message.error)))

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        for refund in self._shown:
            if refund.id == event.option_id:
                self.post_message(CaseOpened(refund))


class _HistoryList(RefundList):
    """Its page keys turn the page of the journal."""

    def action_page_down(self) -> None:
        screen = self.screen
        if isinstance(screen, HistoryScreen):
            screen.action_older()

    def action_page_up(self) -> None:
        screen = self.screen
        if isinstance(screen, HistoryScreen):
            screen.action_newer()
