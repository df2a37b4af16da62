"""A list of refunds, one line each."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from posrefund.figures import amount_text
from posrefund.language import _
from posrefund.refund.model import Refund
from posrefund.safe_text import safe_text
from posrefund.speech import method_text
from posrefund.tui.times import clock_text, date_text
from posrefund.tui.widgets.marks import MARKS
from posrefund.wording import Outcome, words

_COLOURS = {
    Outcome.DONE: "$good",
    Outcome.NOT_DONE: "$bad",
    Outcome.NOT_SENT: "$quiet",
    Outcome.NOT_KNOWN: "$doubt",
    Outcome.PERSON: "$doubt",
    Outcome.RUNNING: "$primary",
}

_TITLE_WIDTH = 18
"""Columns of what became of it; more where a title in the list is longer."""
_NAME_OF_A_HINT = 7
HINT = "look up "
"""Before what is to be looked up, in the id of a hint."""


class RefundList(OptionList):
    """Refunds by their id. Choosing one posts `OptionList.OptionSelected`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Open it")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._groups: list[tuple[str, list[Refund]]] = []
        self._with_day = False
        self._hints: dict[str, str] = {}
        self._title_width = _TITLE_WIDTH

    def show(
        self,
        groups: Iterable[tuple[str, Iterable[Refund]]],
        *,
        with_day: bool,
        hints: Mapping[str, str] | None = None,
    ) -> None:
        """Show the groups under their headings, with the highlight where it was.

        Args:
            groups: Headings, which may be empty, and refunds.
            with_day: Say the day besides the time.
            hints: What could be looked up, and what it shows; chosen, its id is `HINT` and that.
        """
        self._hints = dict(hints or {})
        self._groups = [(heading, list(refunds)) for heading, refunds in groups]
        self._with_day = with_day
        self._fill()

    def on_resize(self) -> None:
        """A wider list has room for more of each reference."""
        self._fill()

    def _fill(self) -> None:
        kept = self.highlighted_option.id if self.highlighted_option is not None else None
        titles = [words(refund).title for _heading, refunds in self._groups for refund in refunds]
        self._title_width = max([_TITLE_WIDTH, *map(len, titles)])
        options: list[Option] = []
        for heading, refunds in self._groups:
            if heading:
                above = "\n" if options else ""
                title = Content.styled(f"{above}{heading}", "bold $quiet")
                options.append(Option(title, disabled=True))
            options.extend(Option(self._row(refund), id=refund.id) for refund in refunds)
        if self._hints:
            options.append(Option(Content.styled("\n" + _("TO TRY"), "bold $quiet"), disabled=True))
        for wanted, what in self._hints.items():
            # What a sample shows needs the room more than a straight edge does.
            text = f"{safe_text(wanted, limit=24):<{_NAME_OF_A_HINT}}  {safe_text(what)}"
            options.append(Option(Content(text), id=f"{HINT}{wanted}"))
        self.set_options(options)
        if kept is not None and any(option.id == kept for option in options):
            self.highlighted = self.get_option_index(kept)

    def _row(self, refund: Refund) -> Content:
        """When, what became of it in a sign and in words, how much, where, of which payment."""
        said = words(refund)
        when = date_text(refund.created_at) if self._with_day else clock_text(refund.created_at)
        where = safe_text(refund.terminal or method_text(refund.method), limit=12)
        row = Content.assemble(
            f"{when:>{12 if self._with_day else 5}} ",
            (f"{MARKS[said.outcome]} {said.title:<{self._title_width}} ", _COLOURS[said.outcome]),
            f"{amount_text(refund.amount):>14}  ",
            f"{where:<12}  ",
        )
        room = max(8, self.scrollable_content_region.width - row.cell_length)
        return Content.assemble(row, (_tail(refund.original_reference, room), "$quiet"))


def _tail(reference: str, room: int) -> str:
    """The end of a reference: the part that differs."""
    shown = safe_text(reference, limit=255)
    return shown if len(shown) <= room else f"\u2026{shown[1 - room :]}"
