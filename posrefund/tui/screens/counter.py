"""The counter: one search box, the open refunds, today's refunds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.reactive import Reactive
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static

from posrefund.language import N_, _, plural
from posrefund.refund.model import Refund
from posrefund.refund.ports import Clock
from posrefund.safe_text import safe_text
from posrefund.scan import Refusal, cleaned, why_not_looked_up
from posrefund.tui.board import Board, Desk
from posrefund.tui.messages import HistoryOpened, RefundOpened, SearchRequested
from posrefund.tui.rhythm import Burst
from posrefund.tui.screens.page import Page
from posrefund.tui.times import is_same_day
from posrefund.tui.widgets.note import Note
from posrefund.tui.widgets.refund_list import HINT, RefundList

MOST_OPEN, MOST_FINISHED = 50, 50
"""Lines of the list. The rest is in `All refunds`; a list nobody reads to its end costs time."""
REPAINT_SECONDS = 0.25
"""A thousand refunds may move at once; the list is drawn this seldom."""


class CounterScreen(Page):
    """Home. The focus is in the search box, so that a scan needs no key before it."""

    AUTO_FOCUS = "#search"
    HELP = N_(
        "Scan the receipt, or type what is known of the payment: its reference, the order, a"
        " refund of it, the last characters of one, an amount (49.90) or a time (14:15)."
    )
    is_home = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "Clear"),
        Binding("f3", "show_history", "All refunds"),
        Binding("down", "to_list", "List", show=False),
        Binding("up", "to_search", show=False),
    ]

    def __init__(
        self, *, desk: Desk, board: Board, clock: Clock, samples: Mapping[str, str]
    ) -> None:
        super().__init__(desk)
        self._samples = samples
        self._board = board
        self._clock = clock
        self._repaint: Timer | None = None
        self._has_open = False
        self._is_fleeting = False
        """What stands below the box is true of the last code only."""

    def compose_page(self) -> ComposeResult:
        """The search box above, all refunds that matter now below."""
        with Vertical(id="search-part"):
            label = _("Scan or type a reference, an order, an amount (49.90) or a time (14:15)")
            yield Static(Content(label), id="search-label")
            yield _SearchBox(id="search")
            yield Note(id="search-answer")
        yield RefundList(id="refunds")

    def on_mount(self) -> None:
        """Listen to every refund from now on."""
        self._board.moved.subscribe(self, self._on_moved)
        self.redraw()

    def redraw(self) -> None:
        """Draw the list."""
        self.show_refunds()

    def on_screen_resume(self) -> None:
        """Be ready for the next scan whenever this screen comes back."""
        if not self.is_drawn:
            return
        if self._is_fleeting:
            self._answer("", "quiet")
        self.query_one("#search", Input).focus()
        self.show_refunds()

    # -- told by the app -----------------------------------------------------------------------

    def show_looking(self, text: str) -> None:
        """Say that a search is under way."""
        shown = safe_text(text, limit=60)
        self._answer(_("Looking up {text} \u2026").format(text=shown), "quiet")

    def show_found(self) -> None:
        """The search is over and another screen shows what it found."""
        self._answer("", "quiet")

    def show_failed(self, text: str, sentences: str) -> None:
        """Say why there is no payment, and offer what was typed for correction."""
        self._answer(sentences, "bad")
        if not self.is_drawn:
            return
        search = self.query_one("#search", Input)
        if not search.value:
            search.value = text
            search.select_all()

    def show_trouble(self, sentences: str) -> None:
        """Say that something else is wrong."""
        self._answer(sentences, "bad")

    def show_refunds(self) -> None:
        """Draw the list again from what the board knows."""
        self._repaint = None
        if not self.is_drawn:
            return
        today = [
            refund
            for refund in self._board.finished_refunds()
            if is_same_day(refund.created_at, self._clock.now())
        ]
        open_refunds = self._board.open_refunds()
        groups = [*self._open_group(open_refunds), *self._today_group(today)]
        self.query_one("#refunds", RefundList).show(groups, with_day=False, hints=self._samples)
        if self._has_open is not bool(open_refunds):
            self._has_open = bool(open_refunds)
            self.refresh_bindings()

    # -- keys ----------------------------------------------------------------------------------

    def _spoken(self, active: ActiveBinding) -> ActiveBinding:
        """While something is open, the footer has the key to it; there is no room for leaving."""
        spoken = super()._spoken(active)
        action = active.binding.action
        if action not in {"show_open", "quit"} or not self._has_open:
            return spoken
        if action == "quit":
            return spoken._replace(binding=replace(spoken.binding, show=False))
        whole = spoken.binding.description
        shown = replace(spoken.binding, show=True, description=_("Still open"), tooltip=whole)
        return spoken._replace(binding=shown)

    def action_clear(self) -> None:
        """Empty the search box and its answer."""
        self._answer("", "quiet")
        search = self.query_one("#search", Input)
        search.value = ""
        search.focus()

    def action_show_history(self) -> None:
        """All refunds of the journal."""
        self.post_message(HistoryOpened())

    def action_to_list(self) -> None:
        """From the search box into the list."""
        refunds = self.query_one("#refunds", RefundList)
        if refunds.option_count:
            refunds.focus()
            if refunds.highlighted is None:
                refunds.action_first()

    def action_to_search(self) -> None:
        """Back into the search box."""
        self.query_one("#search", Input).focus()

    def take(self, text: str, *, is_whole: bool) -> None:
        """Take over what was scanned or typed on another screen.

        Args:
            text: The characters.
            is_whole: Look it up; else it stands in the box to be gone on with.
        """
        if is_whole:
            self._look_up(text)
            return
        search = self.query_one("#search", _SearchBox)
        search.value = text
        search.cursor_position = len(text)
        search.focus()

    @on(Input.Submitted, "#search")
    def _submit(self) -> None:
        search = self.query_one("#search", _SearchBox)
        self._look_up(search.scanned or search.value)

    def _look_up(self, written: str) -> None:
        text, dropped = cleaned(written)
        self.query_one("#search", _SearchBox).value = ""
        if not text:
            return
        refusal = why_not_looked_up(text)
        if refusal is not None and not (refusal is Refusal.CARD and self._is_ours(text)):
            self._answer(_(refusal.value), "bad")
            self._is_fleeting = True
            return
        self.show_looking(text)
        if dropped:
            # The bell of the till, in words: a scanner that sends these is set up wrongly.
            said = plural(
                "Looking up {text} \u2026 ({number} character of the scan was left out)",
                "Looking up {text} \u2026 ({number} characters of the scan were left out)",
                dropped,
            )
            shown = said.format(text=safe_text(text, limit=40), number=dropped)
            self._answer(shown, "quiet")
        self.post_message(SearchRequested(text))

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        """The next code makes what was said of the last one old."""
        if self._is_fleeting and event.value:
            self._answer("", "quiet")

    def _is_ours(self, text: str) -> bool:
        """Is it a name of a refund we know? An order may look like a card number by chance."""
        known = [*self._board.open_refunds(), *self._board.finished_refunds()]
        return any(
            text in {one.id, one.provider_reference, one.original_reference, one.order_reference}
            for one in known
        )

    @on(OptionList.OptionSelected, "#refunds")
    def _choose(self, event: OptionList.OptionSelected) -> None:
        chosen = event.option_id or ""
        if chosen.startswith(HINT):
            self.post_message(SearchRequested(chosen.removeprefix(HINT)))
        else:
            self.post_message(RefundOpened(chosen))

    def on_key(self, event: events.Key) -> None:
        """Give a scan that starts while the list has the focus to the search box."""
        search = self.query_one("#search", Input)
        if event.is_printable and event.character and self.focused is not search:
            event.stop()
            search.focus()
            search.insert_text_at_cursor(event.character)

    # -- the list ------------------------------------------------------------------------------

    def _on_moved(self, _: Refund) -> None:
        if self._repaint is None:
            self._repaint = self.set_timer(REPAINT_SECONDS, self.show_refunds)

    def _open_group(self, refunds: Sequence[Refund]) -> list[tuple[str, Sequence[Refund]]]:
        if not refunds:
            return []
        number = len(refunds)
        heading = plural(
            "OPEN \u2014 {number} refund is not finished",
            "OPEN \u2014 {number} refunds are not finished",
            number,
        )
        if number > MOST_OPEN:
            heading = _("OPEN \u2014 {number} refunds are not finished; the first {shown} of them")
        # These come first and stay until it is known what became of them.
        return [(heading.format(number=number, shown=MOST_OPEN), refunds[:MOST_OPEN])]

    def _today_group(self, refunds: Sequence[Refund]) -> list[tuple[str, Sequence[Refund]]]:
        if not refunds:
            return [(_("TODAY \u2014 nothing finished yet"), ())]
        return [(_("TODAY"), refunds[:MOST_FINISHED])]

    def _answer(self, text: str, tone: str) -> None:
        if not self.is_drawn:
            return
        self._is_fleeting = False
        answer = self.query_one("#search-answer", Note)
        answer.set_class(tone == "bad", "bad")
        answer.say(text)


class _SearchBox(Input):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "Look up")]

    # As Textual has it, but that a letter more lays no screen out anew: that was half of its echo.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, select_on_focus=False)
        self._burst = Burst()

    @property
    def scanned(self) -> str:
        """The scan that ended just now; empty where a person typed."""
        return self._burst.ended

    async def _on_key(self, event: events.Key) -> None:
        self._burst.heard(event.key, event.character if event.is_printable else None, event.time)
        if event.key == "tab" and self._burst.ended:
            # Some scanners end with Tab instead of Enter.
            event.stop()
            event.prevent_default()
            await self.action_submit()
