"""Makes the screens. Each is loaded when it is first wanted: the first frame needs one of them."""

from collections.abc import Sequence

from textual.screen import ModalScreen

from posrefund.errors import PosrefundError
from posrefund.refund.model import Finding, Refund, RefundOrder
from posrefund.refund.ports import Clock
from posrefund.terminal.model import Terminal
from posrefund.terminal.signs import sign_of
from posrefund.tui.board import Board, Desk
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.page import Page


class Opening:
    """Knows what each screen must be given."""

    def __init__(
        self,
        *,
        desk: Desk,
        board: Board,
        clock: Clock,
        terminals: Sequence[Terminal],
        rhythm: KeyRhythm,
    ) -> None:
        self._desk = desk
        self._board = board
        self._clock = clock
        self._terminals = tuple(terminals)
        self._rhythm = rhythm

    def findings(self, findings: Sequence[Finding]) -> ModalScreen[Finding | None]:
        """Which of several payments?"""
        from posrefund.tui.screens.findings import FindingsScreen

        return FindingsScreen(findings)

    def payment(self, finding: Finding) -> Page:
        """One payment, and the form."""
        from posrefund.tui.screens.payment import PaymentScreen

        return PaymentScreen(
            desk=self._desk,
            finding=finding,
            terminals=self._terminals,
            clock=self._clock,
            rhythm=self._rhythm,
        )

    def preparing(self, order: RefundOrder) -> Page:
        """Decided, not yet written down."""
        from posrefund.tui.screens.preparing import PreparingScreen

        return PreparingScreen(desk=self._desk, order=order)

    def refused(self, order: RefundOrder, error: PosrefundError) -> Page:
        """Not even written down."""
        from posrefund.tui.screens.refused import RefusedScreen

        return RefusedScreen(desk=self._desk, order=order, error=error, rhythm=self._rhythm)

    def refund(self, refund: Refund) -> Page:
        """Where a refund stands: on its way, or come to an outcome."""
        from posrefund.tui.screens.outcome import OutcomeScreen
        from posrefund.tui.screens.progress import ProgressScreen

        kind = ProgressScreen if ProgressScreen.suits(refund) else OutcomeScreen
        return kind(
            desk=self._desk,
            board=self._board,
            refund=refund,
            clock=self._clock,
            rhythm=self._rhythm,
            sign=sign_of(self._terminals, refund.terminal),
        )

    def case(self, refund: Refund) -> Page:
        """Everything that happened to a refund."""
        from posrefund.tui.screens.case import CaseScreen

        return CaseScreen(
            desk=self._desk,
            board=self._board,
            refund=refund,
            clock=self._clock,
            rhythm=self._rhythm,
        )

    def history(self, line: str = "") -> Page:
        """All refunds, or those that the line narrows them to."""
        from posrefund.tui.screens.history import HistoryScreen

        return HistoryScreen(
            self._desk,
            clock=self._clock,
            terminals=[one.name for one in self._terminals],
            currencies=self._board.currencies,
            line=line,
        )

    def help(self, text: str, keys: Sequence[tuple[str, str]]) -> ModalScreen[None]:
        """What to do, and the keys."""
        from posrefund.tui.screens.help import HelpScreen

        return HelpScreen(text, keys)

    def quitting(self, number: int, *, is_kept: bool) -> ModalScreen[bool]:
        """Really, while refunds are open?"""
        from posrefund.tui.screens.leaving import QuitScreen

        return QuitScreen(self._rhythm, number, is_kept=is_kept)

    def finishing(self) -> ModalScreen[None]:
        """One more answer is under way."""
        from posrefund.tui.screens.leaving import FinishingScreen

        return FinishingScreen()
