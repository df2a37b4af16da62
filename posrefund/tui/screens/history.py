"""All refunds, newest first, a page at a time; one line narrows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static

from posrefund.language import N_, _
from posrefund.refund.model import Refund, RefundState
from posrefund.refund.ports import Clock
from posrefund.tui.board import Desk
from posrefund.tui.messages import CaseOpened, ListRead, ListRequested, ReadingFailed
from posrefund.tui.narrowing import Narrowed, narrowed, state_word, without_state
from posrefund.tui.screens.page import Page
from posrefund.tui.widgets.refund_list import RefundList
from posrefund.wording import error_words

_LINES_AROUND = 7
_TYPING_SECONDS = 0.15
"""A pause this long in the typing, and the list is read."""
_STATES: tuple[RefundState | None, ...] = (
    None,
    RefundState.ATTENTION,
    RefundState.UNKNOWN,
    RefundState.ACCEPTED,
    RefundState.SUCCEEDED,
    RefundState.FAILED,
    RefundState.NOT_SENT,
    RefundState.CLOSED,
)


class HistoryScreen(Page):
    """Pages by key, never by number: a page costs the same in a journal of any size."""

    HELP = N_(
        "Type or scan what you know: a reference or its last three characters, an amount such as "
        "49.90, a day such as today, 21 Nov or 21-11, a part of a terminal's name, or what became "
        "of it in the words of the list, such as done or not done. Several together narrow the "
        "list further. Enter opens the refund that is marked."
    )
    CSS_PATH = "../styles/history.tcss"
    AUTO_FOCUS = "#narrow"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "older", "Older", key_display="PgDn", priority=True),
        Binding("pageup", "newer", "Newer", key_display="PgUp", priority=True),
        Binding("escape", "leave", "Back"),
        Binding("f5", "change_state", "State"),
    ]

    def __init__(
        self,
        desk: Desk,
        *,
        clock: Clock,
        terminals: Sequence[str],
        currencies: Sequence[str] = ("EUR",),
        line: str = "",
    ) -> None:
        """Prepare the list.

        Args:
            desk: For the banner.
            clock: Tells what `today` is.
            terminals: The configured names.
            currencies: In which an amount may be meant when none is typed.
            line: What narrows the list at first.
        """
        super().__init__(desk)
        self._currencies = tuple(currencies)
        self._line = line
        self._clock = clock
        self._terminals = tuple(terminals)
        self._narrowed = Narrowed()
        self._number = 0
        self._starts: list[tuple[datetime, str] | None] = [None]
        self._shown: Sequence[Refund] = ()
        self._has_older = False
        self._is_reading = False
        self._typing: Timer | None = None

    def compose_page(self) -> ComposeResult:
        """The line, how it was understood, and the list."""
        line = _("Scan or type: reference, amount, day, terminal, \u201cnot done\u201d")
        yield _Line(self._line, id="narrow", placeholder=line, compact=True, select_on_focus=False)
        yield Static(id="history-heading")
        yield RefundList(id="history")
        yield Static(id="history-answer", classes="bad")

    def on_mount(self) -> None:
        """Read the first page."""
        self._narrowed = self._understood()
        self._read()

    def redraw(self) -> None:
        """Show the page again."""
        self._draw()

    # -- keys ----------------------------------------------------------------------------------

    def action_move(self, lines: int) -> None:
        """Up and down the list, wherever the cursor is."""
        refunds = self.query_one("#history", RefundList)
        if lines > 0:
            refunds.action_cursor_down()
        else:
            refunds.action_cursor_up()

    def action_older(self) -> None:
        """The next page."""
        if self._has_older and not self._is_reading:
            last = self._shown[-1]
            self._starts.append((last.created_at, last.id))
            self._read()

    def action_newer(self) -> None:
        """The page before."""
        if len(self._starts) > 1 and not self._is_reading:
            self._starts.pop()
            self._read()

    def action_change_state(self) -> None:
        """Only refunds of one state, then of the next: written into the line."""
        old = self._understood().state
        at = _STATES.index(old) if old in _STATES else -1
        following = _STATES[(at + 1) % len(_STATES)]
        box = self.query_one("#narrow", Input)
        rest = without_state(box.value)
        box.value = " ".join([*rest, *([state_word(following)] if following else [])])
        box.cursor_position = len(box.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what leads somewhere."""
        if action == "older":
            return self._has_older
        if action == "newer":
            return len(self._starts) > 1
        return True

    @on(Input.Changed, "#narrow")
    def _typed(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(_TYPING_SECONDS, self._narrow)

    @on(Input.Submitted, "#narrow")
    def _entered(self) -> None:
        """Open what is marked; but first read what was typed and is not on the screen yet."""
        if self._understood() != self._narrowed:
            self._narrow()
        elif not self._is_reading:
            refunds = self.query_one("#history", RefundList)
            refunds.action_select()

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        for refund in self._shown:
            if refund.id == event.option_id:
                self.post_message(CaseOpened(refund))

    # -- reading -------------------------------------------------------------------------------

    @property
    def _lines(self) -> int:
        return max(5, self.size.height - _LINES_AROUND)

    def _understood(self) -> Narrowed:
        today = self._clock.now().astimezone().date()
        line = self.query_one("#narrow", Input).value
        return narrowed(line, today=today, terminals=self._terminals, currencies=self._currencies)

    def _narrow(self) -> None:
        understood = self._understood() if self.is_drawn else self._narrowed
        if understood != self._narrowed:
            self._narrowed = understood
            self._starts = [None]
            self._read()

    def _read(self) -> None:
        self._is_reading = True
        # An answer to what was asked before comes too late.
        self._number += 1
        # One more than is shown tells whether there is an older page.
        request = ListRequested(
            reply_to=self,
            limit=self._lines + 1,
            before=self._starts[-1],
            narrowed=self._narrowed,
            number=self._number,
        )
        self.post_message(request)

    @on(ListRead)
    def _show(self, message: ListRead) -> None:
        if message.number != self._number:
            return
        self._is_reading = False
        self._shown = message.refunds[: self._lines]
        self._has_older = len(message.refunds) > len(self._shown)
        self._draw()

    def _draw(self) -> None:
        if not self.is_drawn:
            return
        heading = _("{what} \u2014 page {number}").format(
            what=self._narrowed.in_words(), number=len(self._starts)
        )
        if not self._shown:
            heading = _("{what} \u2014 none").format(what=self._narrowed.in_words())
        self.query_one("#history-heading", Static).update(Content(heading))
        self.query_one("#history-answer", Static).update(Content(""))
        refunds = self.query_one("#history", RefundList)
        refunds.show([("", self._shown)], with_day=True)
        if self._shown and refunds.highlighted is None:
            refunds.highlighted = 0
        self.refresh_bindings()

    @on(ReadingFailed)
    def _say(self, message: ReadingFailed) -> None:
        self._is_reading = False
        self.query_one("#history-answer", Static).update(Content(error_words(message.error)))


class _Line(Input):
    """Has the keys of the list as well: who types need not leave it to choose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Open it", key_display="\u2191\u2193 Enter")
    ]
