"""`refund`: from what was typed to an outcome, by the steps of the one service."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode, code_of
from posrefund.cli.refusing import taken_id, tell_scripts, tell_scripts_of_a_no
from posrefund.cli.session import Session
from posrefund.cli.telling import Teller
from posrefund.errors import (
    ConfigWrong,
    JournalTrouble,
    JournalUnavailable,
    KeyRefused,
    LostLease,
    Misused,
    NotAllowed,
    NotConfirmed,
    NotFound,
    NotSent,
    PosrefundError,
    Unrecorded,
)
from posrefund.figures import amount_text
from posrefund.language import _
from posrefund.money import Money, zero
from posrefund.refund.model import Finding, Refund, RefundOrder, RefundState
from posrefund.refund.rules import busy_sentence, busy_with, check_order
from posrefund.sentence import Sentence
from posrefund.speech import said, state_text
from posrefund.terminal.choice import choose
from posrefund.terminal.model import Method
from posrefund.wording import words

if TYPE_CHECKING:
    from posrefund.wiring import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed."""

    reference: str
    amount: str | None = None
    """None with `full`."""
    full: bool = False
    terminal: str | None = None
    description: str | None = None
    order: str | None = None
    card_absent: bool = False
    payouts: tuple[str, ...] = ()
    id: str | None = None
    above_original: bool = False
    again: bool = False
    no_wait: bool = False
    wait_seconds: int | None = None
    yes: bool = False

    def check(self) -> None:
        """Refuse what cannot be understood, before anything is opened or asked.

        Raises:
            Misused: If something cannot. Nothing was sent.
        """
        if self.id is None:
            typed.payment(self.reference)
        if self.amount is not None:
            typed.check_amount(self.amount)
        if self.id is not None:
            typed.new_id(self.id)
        typed.line(self.description or "", Sentence("the description"))
        typed.line(self.order or "", Sentence("the order reference"))
        for payout in self.payouts:
            typed.payout(payout)


def refund(session: Session, asked: Asked) -> ExitCode:
    """Give money back, or report and continue the refund that already has the id.

    Raises:
        PosrefundError: If it did not come to a refund; each says what happened to the money.
    """
    try:
        return _refund(session, asked)
    except PosrefundError as error:
        tell_scripts(session, error)
        raise


def _refund(session: Session, asked: Asked) -> ExitCode:
    asked.check()
    if not (asked.yes or session.can_ask):
        raise Misused("nobody is here to answer a question; add --yes to say it beforehand")
    with session.program() as program:
        known = program.journal.get(asked.id) if asked.id is not None else None
        if known is None:
            typed.payment(asked.reference)
        errand = _Errand(session, program, asked)
        try:
            return errand.begin() if known is None else errand.resume(known)
        except NotConfirmed as error:
            session.notices.complain(error)
            option = f"--{error.missing.replace('_', '-')}"
            session.notices.say(_("Here that is {option}.").format(option=option))
            tell_scripts(session, error)
            return ExitCode.REFUSED
        except NotAllowed as error:
            tell_scripts(session, error, taken=taken_id(error, asked.id, program.journal))
            raise


class _Errand:
    """One `refund` on its way."""

    def __init__(self, session: Session, program: "Program", asked: Asked) -> None:
        self._session = session
        self._program = program
        self._service = program.service
        self._asked = asked
        self._teller = Teller(session)
        self._is_resumed = False

    # -- deciding ------------------------------------------------------------------------------

    def begin(self) -> ExitCode:
        """Decide, ask for the yes, write it down, send it and follow it."""
        finding = self._finding()
        order = self._order(finding, self._amount(finding))
        self._warn_of_a_busy_terminal(order)
        if not self._asked.yes:
            check_order(order, now=self._program.clock.now())
            if not self._confirmed(order):
                self._session.notices.say(_("Nothing was sent."))
                tell_scripts_of_a_no(self._session)
                return ExitCode.NOT_SENT
        decided = self._service.intend(order)
        self._teller.tell(decided)
        self._is_resumed = decided.state is not RefundState.INTENT
        return self._carry_out(decided)

    def resume(self, known: Refund) -> ExitCode:
        """Report the refund that has this id, and take it further where it is not finished."""
        try:
            self._refuse_another(known)
        except (Misused, NotSent, ConfigWrong, NotFound, JournalUnavailable) as error:
            # Its code would say that nothing was sent, which is not known of this refund.
            self._session.notices.complain(error)
            self._session.notices.say(_("This is what the journal knows."))
            self._teller.tell(known)
            return code_of(known)
        self._teller.tell(known)
        if known.state.is_final:
            return code_of(known)
        self._is_resumed = True
        return self._carry_out(known)

    def _finding(self) -> Finding:
        findings = self._service.find(self._asked.reference)
        if len(findings) == 1:
            return findings[0]
        for finding in findings:
            payment = finding.payment
            self._session.notices.say(
                _("{reference}  {type} by {method}, {amount}, left {left}").format(
                    reference=payment.reference,
                    type=payment.type,
                    method=payment.method,
                    amount=amount_text(payment.amount),
                    left=amount_text(finding.left),
                )
            )
        raise NotAllowed(
            "{number} payments have this order; name one by its reference", number=len(findings)
        )

    def _amount(self, finding: Finding) -> Money:
        currency = finding.payment.amount.currency
        if self._asked.amount is not None:
            return Money.parse(self._asked.amount, currency)
        if finding.left == zero(currency):
            raise NotAllowed("nothing is left to give back of this payment")
        return finding.left

    def _order(self, finding: Finding, amount: Money) -> RefundOrder:
        asked, payment = self._asked, finding.payment
        if asked.card_absent and payment.method != Method.SOFTPOS:
            raise Misused(
                "--card-absent is for SoftPOS, and this payment was by {method}",
                method=payment.method,
            )
        return RefundOrder(
            finding=finding,
            amount=amount,
            terminal=choose(
                self._program.settings.terminals,
                method=payment.method,
                wanted=asked.terminal,
                used_before=payment.terminal_id,
            ),
            description=asked.description or "",
            order_reference=asked.order,
            card_absent=asked.card_absent,
            payouts=tuple(typed.payout(one, amount.currency) for one in asked.payouts),
            id=asked.id,
            above_original=asked.above_original,
            again=asked.again,
        )

    def _warn_of_a_busy_terminal(self, order: RefundOrder) -> None:
        """Say it also where nobody is asked: a yes given beforehand is a yes."""
        if order.terminal is None:
            return
        open_refunds = self._program.journal.open_refunds()
        now = self._program.clock.now()
        busy = busy_with(open_refunds, order.terminal.name, now=now)
        if busy is not None:
            self._session.notices.say(f"! {said(busy_sentence(busy))}.")

    def _confirmed(self, order: RefundOrder) -> bool:
        finding, terminal = order.finding, order.terminal
        question = (
            _("{mode}: give back {amount} of payment {payment} ({paid} paid, {left} left)?")
            if terminal is None
            else _(
                "{mode}: give back {amount} of payment {payment} ({paid} paid, {left} left)"
                " on {terminal}?"
            )
        )
        return self._session.confirm(
            question.format(
                mode=_(self._program.mode),
                amount=amount_text(order.amount),
                payment=finding.payment.reference,
                paid=amount_text(finding.payment.amount),
                left=amount_text(finding.left),
                terminal=terminal.name if terminal is not None else "",
            )
        )

    def _refuse_another(self, known: Refund) -> None:
        """Refuse an id that names another decision; see `rules.same_decision`."""
        asked = self._asked
        reference, amount = known.original_reference, known.amount
        if asked.amount is not None:
            amount = Money.parse(asked.amount, known.amount.currency)
        if asked.full or asked.reference != reference:
            findings = self._service.find(typed.payment(asked.reference))
            meant = [one for one in findings if one.payment.reference == reference]
            finding = (meant or findings)[0]
            reference = finding.payment.reference
            if asked.full:
                amount = _all_there_was(finding, known)
        same = (reference, amount) == (known.original_reference, known.amount)
        if not (same and self._service.is_ours(known)):
            raise NotAllowed(
                "the id {id} names another refund, {amount} of {payment} ({environment}); nothing"
                " was sent",
                id=known.id,
                amount=known.amount,
                payment=known.original_reference,
                environment=known.environment.value,
            )

    # -- carrying out --------------------------------------------------------------------------

    def _carry_out(self, decided: Refund) -> ExitCode:
        """Take it to where it is final, needs a person, or the waiting is over."""
        self._session.running = decided.id
        wait = self._asked.wait_seconds
        until = None if wait is None else self._program.clock.now() + timedelta(seconds=wait)
        try:
            current = decided if self._is_resumed else self._send(decided)
            self._teller.tell(current)
            current = self._follow(current, until=until)
            if current.state is RefundState.INTENT:
                current = self._withdrawn(current)
        except KeyboardInterrupt:
            self._report_interrupt(decided)
            raise
        self._teller.tell(current)
        return code_of(current)

    def _send(self, decided: Refund) -> Refund:
        try:
            return self._service.send(decided)
        except LostLease:
            # Another process was given the same id and was faster.
            return self._latest(decided)
        except KeyRefused:
            self._teller.tell(self._latest(decided))
            raise
        except JournalUnavailable as error:
            raise self._dropped(decided, error) from error

    def _dropped(self, decided: Refund, error: JournalUnavailable) -> JournalTrouble:
        """See that it never goes by itself once the journal is back, and return what to say."""
        try:
            latest = self._abandoned(decided)
        except JournalTrouble as worse:
            sending = replace(decided, state=RefundState.SENDING)
            self._teller.tell(sending)
            return _unrecorded(sending, error) if isinstance(worse, JournalUnavailable) else worse
        self._teller.tell(latest)
        if latest.state in {RefundState.INTENT, RefundState.NOT_SENT}:
            return error
        return _unrecorded(latest, error)

    def _abandoned(self, decided: Refund) -> Refund:
        try:
            return self._service.abandon(decided)
        except LostLease:
            return self._latest(decided)

    def _follow(self, refund: Refund, *, until: datetime | None) -> Refund:
        current = refund
        try:
            for current in self._news(refund, until=until):
                self._teller.tell(current)
        except JournalUnavailable as error:
            if current.state is RefundState.INTENT:
                raise self._dropped(current, error) from error
            raise _unrecorded(current, error) from error
        except JournalTrouble:
            raise
        except PosrefundError as error:
            # It was sent, so its state decides the exit code, not what went wrong since.
            self._session.notices.complain(error)
            return self._latest(current)
        return current

    def _news(self, refund: Refund, *, until: datetime | None) -> Iterator[Refund]:
        """What becomes of it. One that was left behind by another run is looked at first."""
        current = refund
        if self._is_resumed:
            current = self._taken_up(refund)
            yield current
        if not self._asked.no_wait:
            yield from self._service.follow(current, until=until)

    def _taken_up(self, refund: Refund) -> Refund:
        """Take the next step of a refund that another run left behind.

        One that was never sent is sent now: the caller has just repeated the decision.
        """
        if refund.state is not RefundState.INTENT:
            return self._service.check_quietly(refund)
        taken = self._service.take_up(refund)
        return self._send(taken) if taken.state is RefundState.INTENT else taken

    def _withdrawn(self, refund: Refund) -> Refund:
        """Drop what was not sent: when we stop waiting, nobody may send it later."""
        latest = self._latest(refund)
        if latest.state is not RefundState.INTENT:
            return latest
        if self._is_resumed:
            # Only what nobody else holds: another run may be about to send it.
            latest = replace(latest, owner=None)
        try:
            return self._service.withdraw(latest)
        except LostLease:
            return self._latest(refund)

    def _report_interrupt(self, decided: Refund) -> None:
        try:
            latest = self._withdrawn(decided)
        except JournalTrouble as error:
            self._session.notices.complain(error)
            return
        self._teller.tell(latest)
        self._session.notices.say(
            _("Refund {id} is {state}. {money}").format(
                id=latest.id, state=state_text(latest.state), money=words(latest).money
            )
        )
        if latest.state.is_final:
            self._session.running = None

    def _latest(self, refund: Refund) -> Refund:
        return self._program.journal.get(refund.id) or refund


def _unrecorded(refund: Refund, error: JournalUnavailable) -> Unrecorded:
    # Its own sentence says that nothing was sent, which is true only of this step.
    return Unrecorded(
        "refund {id} was {state}, and now the journal fails: {why}",
        id=refund.id,
        state=refund.state,
        why=error,
    )


def _all_there_was(finding: Finding, known: Refund) -> Money:
    """What `--full` meant when `known` was decided, as far as can be told."""
    return finding.left if known.money_moved == "no" else finding.left + known.amount
