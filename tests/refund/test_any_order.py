"""Answers, silences, crashes and restarts in any order never pay twice and never lose a refund."""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from posrefund.errors import (
    Declined,
    NoInformation,
    NotAllowed,
    PosrefundError,
    Unanswered,
    Unreachable,
)
from posrefund.refund.model import ProviderRefund, ProviderStatus, Refund, RefundState
from tests.refund.conftest import Desk


class PowerCut(BaseException):
    """The plug is pulled."""


FATES = ("answer", "lost before", "lost after", "refused", "unsent", "cut before", "cut after")
LEDGER_END = st.sampled_from(
    [ProviderStatus.SUCCESS, ProviderStatus.FAILED, ProviderStatus.MANUAL_INTERVENTION]
)


@dataclass
class Fate:
    """What becomes of the next request."""

    desk: Desk
    name: str
    asked: list[str] = field(default_factory=list)

    def __call__(self, refund: Refund) -> ProviderRefund:
        if self.name in {"lost after", "cut after", "answer"}:
            answer = self.desk.bank.carry_out(refund)
        if self.name.startswith("lost"):
            raise Unanswered("no answer")
        if self.name == "refused":
            raise Declined("no", failure_code="refund_limit")
        if self.name == "unsent":
            raise Unreachable("no route")
        if self.name.startswith("cut"):
            raise PowerCut
        return answer


class AnyOrder(RuleBasedStateMachine):
    """One counter, one payment, a bank with a ledger of its own, and bad luck."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.decided = 0

    @rule(fate=st.sampled_from(FATES), amount=st.sampled_from(["5.00", "7.50"]))
    def refund(self, fate: str, amount: str) -> None:
        self.desk.bank.on_send = [Fate(self.desk, fate)]
        before = len(self.desk.journal.latest(limit=999))
        try:
            self.desk.refund(amount)
        except PowerCut:
            self.desk.restart()
        except PosrefundError:
            pass
        self.decided += len(self.desk.journal.latest(limit=999)) - before

    @rule(fate=st.sampled_from(FATES))
    def step(self, fate: str) -> None:
        self.desk.bank.on_send = [Fate(self.desk, fate)]
        for refund in self.desk.journal.open_refunds():
            try:
                self.desk.service.check_quietly(refund)
            except PowerCut:
                self.desk.restart()

    @rule(seconds=st.sampled_from([1, 6, 61, 400, 1000, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.desk.clock.at += timedelta(seconds=seconds)

    @rule(end=LEDGER_END)
    def the_bank_decides(self, end: ProviderStatus) -> None:
        for reference, said in self.desk.bank.ledger.items():
            if said.status is ProviderStatus.PENDING:
                self.desk.bank.decide(reference, end)

    @rule()
    def the_line_drops(self) -> None:
        self.desk.bank.on_ask = [NoInformation("no line")] * 2

    @rule()
    def restart(self) -> None:
        self.desk.restart()
        self.desk.recovery.take_over()

    @precondition(lambda self: self.desk.journal.open_refunds())
    @rule()
    def a_second_refund_is_refused(self) -> None:
        self.desk.bank.on_ask = []
        sent = len(self.desk.bank.sent)
        try:
            self.desk.decide("1.00")
        except NotAllowed:
            assert len(self.desk.bank.sent) == sent
        else:
            raise AssertionError("two open refunds of one payment")

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        assert len(self.desk.bank.ledger) <= self.decided
        markers = [said.description for said in self.desk.bank.ledger.values()]
        assert len(markers) == len(set(markers))

    @invariant()
    def nothing_is_lost_and_nothing_is_claimed(self) -> None:
        refunds = self.desk.journal.latest(limit=999)
        by_key = {refund.idempotency_reference: refund for refund in refunds}
        for key, reference in self.desk.bank.keys.items():
            refund, said = by_key[key], self.desk.bank.ledger[reference]
            if said.status is not ProviderStatus.FAILED:
                assert refund.money_moved != "no", (refund.state, said.status)
        for refund in refunds:
            if refund.state is RefundState.SUCCEEDED:
                said = self.desk.bank.ledger[refund.provider_reference or ""]
                assert said.status is ProviderStatus.SUCCESS

    @invariant()
    def one_decision_has_one_key_and_one_body(self) -> None:
        bodies = dict(self.desk.bank.sent)
        assert all(bodies[key] == body for key, body in self.desk.bank.sent)

    def teardown(self) -> None:
        """Whatever happened, a calm day ends every case without anybody's help."""
        self.desk.bank.on_send = []
        self.desk.bank.on_ask = []
        self.desk.restart()
        self.desk.clock.at += timedelta(seconds=61)
        until = self.desk.clock.at + timedelta(hours=25)
        for _ in self.desk.recovery.work(until=until):
            pass
        for refund in self.desk.journal.open_refunds():
            assert refund.state is RefundState.ATTENTION, refund.state
        self.nothing_is_paid_twice()
        self.nothing_is_lost_and_nothing_is_claimed()


AnyOrder.TestCase.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, derandomize=True
)
TestAnyOrder = AnyOrder.TestCase
