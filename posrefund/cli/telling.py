"""Tells how a refund goes: each change on stdout once, and the cashier's page on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager

from posrefund.cli.lines import change, heading
from posrefund.cli.session import Session
from posrefund.cli.shapes import refund_shape
from posrefund.errors import JournalTrouble, JournalUnavailable, Misused
from posrefund.language import _
from posrefund.refund.model import Refund, RefundState


@contextmanager
def of_something_sent() -> Iterator[None]:
    """Where the journal fails while a refund that was sent is looked after, say so.

    The sentence of `JournalUnavailable` is that nothing was sent, which is true only of this step.

    Raises:
        JournalTrouble: If the journal fails. The refund stands as it stood.
    """
    try:
        yield
    except JournalUnavailable as error:
        raise JournalTrouble(error.sentence, catalogue=error.catalogue) from error


class Teller:
    """Tells of one refund, and of nothing twice."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._told: tuple[object, ...] | None = None
        self._page: str | None = None

    def tell(self, refund: Refund) -> None:
        """Print the refund if it has changed since it was printed last."""
        now = (refund.state, refund.provider_reference, refund.pay_url, refund.alarm)
        if now == self._told:
            return
        lines = [] if self._told else [heading(refund)]
        if refund.state is not RefundState.INTENT:
            lines += change(refund)
        self._told = now
        self._session.output.show(refund_shape(refund), lines)
        self._show_page(refund)

    def _show_page(self, refund: Refund) -> None:
        page = refund.pay_url
        if page is None or page == self._page or refund.state.is_final:
            return
        self._page = page
        if self._session.may_colour:
            self._paint(page)
        if not self._session.output.as_json or self._session.notices.is_terminal:
            self._session.notices.say(_("Follow the refund on this page: {page}").format(page=page))

    def _paint(self, page: str) -> None:
        from posrefund.receipt.qr import qr_ansi, qr_matrix

        try:
            # A code that is broken over lines cannot be scanned.
            if len(qr_matrix(page)[0]) <= self._session.notices.columns:
                self._session.notices.paint(qr_ansi(page))
        except Misused:
            return
