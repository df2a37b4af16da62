"""From a line of a batch to what the service is asked for. It writes nothing and sends nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from posrefund.cli.batch_file import Line
from posrefund.cli.batch_outcome import Outcome, Verdict, not_begun, outcome_of, refused
from posrefund.errors import (
    JournalTrouble,
    KeyRefused,
    NoInformation,
    NotAllowed,
    NotFound,
    PosrefundError,
)
from posrefund.money import Money, zero
from posrefund.refund.model import Finding, Refund, RefundOrder, RefundState
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.rules import check_order, same_decision
from posrefund.refund.service import RefundService
from posrefund.sentence import Sentence
from posrefund.terminal.choice import choose
from posrefund.terminal.model import Method, Terminal


class OrderBook:
    """What the journal and CCV know of the lines."""

    def __init__(
        self,
        *,
        service: RefundService,
        journal: Journal,
        terminals: Sequence[Terminal],
        usual_terminal: str | None,
    ) -> None:
        """Prepare.

        Args:
            service: Finds payments.
            journal: Knows what was begun before.
            terminals: Those that are configured.
            usual_terminal: The name of the one to use where a line names none.
        """
        self._service = service
        self._journal = journal
        self._terminals = terminals
        self._usual_terminal = usual_terminal

    def begun(self, line: Line) -> tuple[Line, Refund | None]:
        """Return the refund that the line already has, if any, and the line by the id to use.

        A decision of which provably nothing left is taken again under the next name, `id:2`: the
        first one is final, and an id never names two refunds.

        Raises:
            NotAllowed: If the id names another refund than the line does.
            NoInformation: If CCV must tell which payment is meant, and gave no answer.
        """
        first = self._journal.get(line.id)
        if first is not None:
            self._insist_on_same(line, first)
        return self.in_journal(line)

    def in_journal(self, line: Line) -> tuple[Line, Refund | None]:
        """The same, as the journal alone can tell it."""
        refund = self._journal.get(line.id)
        named, number = line.id, 1
        while refund is not None and refund.state is RefundState.NOT_SENT:
            number += 1
            line = replace(line, id=f"{named}:{number}")
            refund = self._journal.get(line.id)
        return line, refund

    def order(self, line: Line) -> RefundOrder:
        """Look the payment up and return what is to be decided.

        Raises:
            NoInformation: If CCV gave no answer that can be used.
            Refused: If there is no such payment, or more than one.
            Misused: If the terminal is for another kind of payment.
        """
        finding = self._finding(line)
        payment = finding.payment
        return RefundOrder(
            finding=finding,
            amount=line.amount,
            terminal=choose(
                self._terminals,
                method=payment.method,
                wanted=line.terminal or self._usual_terminal,
                used_before=payment.terminal_id,
            ),
            description=line.description,
            id=line.id,
            again=line.again,
        )

    def seat(self, order: RefundOrder) -> str | None:
        """Name where the customer has to present a card; None where nobody has to.

        A terminal asks one customer at a time: CCV fails a second refund on a busy one.
        """
        payment = order.finding.payment
        return _seat(payment.method, order.terminal, payment.terminal_id)

    def seat_of(self, refund: Refund) -> str | None:
        """The same of a refund that was begun before."""
        terminal = next((one for one in self._terminals if one.name == refund.terminal), None)
        return _seat(refund.method, terminal, refund.terminal)

    def _finding(self, line: Line) -> Finding:
        findings = self._service.find(line.payment)
        if len(findings) > 1:
            raise NotAllowed(
                "{number} payments have this order; name one by its reference",
                number=len(findings),
            )
        return findings[0]

    def _insist_on_same(self, line: Line, refund: Refund) -> None:
        """Refuse an id that names another decision; see `rules.same_decision`."""
        if not self._service.is_ours(refund) or refund.amount != line.amount:
            raise NotAllowed(
                "the id {id} names another refund, {amount} of {payment}; nothing was sent",
                id=refund.id,
                amount=refund.amount,
                payment=refund.original_reference,
            )
        # A name that was worked out says which payment is meant; one that was given may not.
        if line.is_named and line.payment != refund.original_reference:
            findings = self._meant(line)
            meant = [one for one in findings if one.payment.reference == refund.original_reference]
            finding = (meant or findings)[0]
            same_decision(refund, RefundOrder(finding=finding, amount=line.amount))

    def _meant(self, line: Line) -> list[Finding]:
        """Look up what a line may mean. That CCV finds nothing says nothing of what was begun."""
        try:
            return self._service.find(line.payment)
        except NotFound as error:
            raise NoInformation(error.sentence) from error


def _seat(method: str, terminal: Terminal | None, otherwise: str | None) -> str | None:
    if method not in set(Method):
        return None
    if terminal is None:
        return otherwise
    if method == Method.SOFTPOS and not terminal.card_present:
        return None
    return terminal.terminal_id or terminal.name


def rehearse(book: OrderBook, lines: Sequence[Line], *, clock: Clock) -> Iterator[Outcome]:
    """Say what would become of each line. Payments are looked up; nothing is written or sent.

    Raises:
        KeyRefused: If CCV does not accept the key.
        JournalTrouble: If the journal cannot be read.
    """
    promised: dict[str, Money] = {}
    for line in lines:
        try:
            yield _rehearsed(book, line, promised, clock)
        except (KeyRefused, JournalTrouble):
            raise
        except PosrefundError as error:
            named, refund = book.in_journal(line)
            is_its = refund is not None and refund.amount == line.amount
            unclear = isinstance(error, NoInformation)
            if refund is not None and is_its and unclear:
                yield outcome_of(named, refund)
            else:
                yield refused(line, error)


def _rehearsed(book: OrderBook, line: Line, promised: dict[str, Money], clock: Clock) -> Outcome:
    line, refund = book.begun(line)
    if refund is not None:
        return outcome_of(line, refund)
    order = book.order(line)
    reference = order.finding.payment.reference
    before = promised.get(reference, zero(line.amount.currency))
    check_order(replace(order, finding=_less(order.finding, before)), now=clock.now())
    promised[reference] = before + line.amount
    if order.terminal is None:
        return not_begun(line, Sentence("it would be sent"), verdict=Verdict.WOULD_SEND)
    where = Sentence("it would be sent to {terminal}", terminal=order.terminal.name)
    return not_begun(line, where, verdict=Verdict.WOULD_SEND)


def _less(finding: Finding, promised: Money) -> Finding:
    """What is left when the earlier lines of the file have gone."""
    if promised == zero(promised.currency) or promised.currency != finding.left.currency:
        return finding
    left = finding.left - promised
    nothing = zero(left.currency)
    return replace(finding, open=finding.open + promised, left=left if nothing < left else nothing)
