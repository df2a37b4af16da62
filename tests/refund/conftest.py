"""A service on fakes."""

from dataclasses import dataclass, field

import pytest

from posrefund.journal.memory import MemoryJournal
from posrefund.references import mint, short_id
from posrefund.refund.model import Finding, ProviderStatus, Refund, RefundOrder
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from tests.support.builders import a_payment, eur
from tests.support.fakes import FakeBank, FrozenClock


@dataclass
class Desk:
    """A counter with its bank, its memory and its clock."""

    clock: FrozenClock = field(default_factory=FrozenClock)
    journal: MemoryJournal = field(default_factory=MemoryJournal)

    def __post_init__(self) -> None:
        self.bank = FakeBank([a_payment()], clock=self.clock)
        self.restart()

    def restart(self) -> None:
        """The same journal and bank, a new program."""
        self.service = RefundService(
            provider=self.bank,
            journal=self.journal,
            clock=self.clock,
            counter="Desk 2",
            mint=mint,
            short_id=short_id,
        )
        self.recovery = Recovery(service=self.service, journal=self.journal, clock=self.clock)

    def find(self) -> Finding:
        (finding,) = self.service.find("1001")
        return finding

    def decide(self, amount: str = "5.00", **changes: object) -> Refund:
        order = RefundOrder(finding=self.find(), amount=eur(amount), **changes)
        return self.service.intend(order)

    def refund(self, amount: str = "5.00", **changes: object) -> Refund:
        return self.service.send(self.decide(amount, **changes))

    def finish(self, refund: Refund) -> Refund:
        """Follow to the end, as a shell does."""
        for news in self.service.follow(refund):
            refund = news
        return refund

    def finish_with(self, status: ProviderStatus, refund: Refund) -> Refund:
        """Let the bank decide, then follow to the end."""
        self.bank.decide(refund.provider_reference or "", status)
        return self.finish(refund)


@pytest.fixture
def desk() -> Desk:
    return Desk()
