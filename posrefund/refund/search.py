"""Finding the payment a customer talks about, and what is left of it. Only asks; moves nothing."""

import re
from collections.abc import Sequence
from datetime import timedelta

from posrefund.errors import Misused, NoInformation, NotFound
from posrefund.refund.model import Finding, Payment, ProviderRefund, Refund
from posrefund.refund.ports import Clock, Journal, Provider
from posrefund.refund.rules import examine

STALE = timedelta(seconds=60)
"""A payment looked at longer ago is read again before it is refunded."""

_REFERENCE = re.compile(r"[A-Za-z0-9._~:+=-]{1,255}")


class Search:
    """Asks the journal first and CCV second."""

    def __init__(self, *, provider: Provider, journal: Journal, clock: Clock) -> None:
        self._provider = provider
        self._journal = journal
        self._clock = clock

    def find(self, text: str) -> list[Finding]:
        """Return the findings for what was typed or scanned; see `RefundService.find`."""
        wanted = text.strip(" ")
        if not wanted or len(wanted) > 255 or not wanted.isprintable():
            raise Misused("a reference or order has 1 to 255 characters, no control characters")
        return self._examine(self._payments(wanted))

    def refreshed(self, finding: Finding) -> Finding:
        """Return the finding as it stands now: our own refunds always, CCV's side when stale."""
        payment = finding.payment
        if self._clock.now() - finding.looked_at > STALE:
            (fresh,) = self._examine([self._payment(payment.reference)])
            return fresh
        ours = self._journal.of_payment(self._provider.environment, payment.reference)
        return examine(payment, finding.given_back, ours, looked_at=finding.looked_at)

    def _payments(self, wanted: str) -> list[Payment]:
        original = self._original_of_ours(wanted)
        if original is not None:
            return [self._payment(original)]
        if _REFERENCE.fullmatch(wanted):
            try:
                return [self._payment(wanted)]
            except NotFound:
                pass
        payments = self._provider.payments_of_order(wanted)
        if not payments:
            raise NotFound("CCV knows no payment with this reference or order")
        return payments

    def _original_of_ours(self, wanted: str) -> str | None:
        environment = self._provider.environment
        known = self._journal.get(wanted)
        if known is None:
            known = self._journal.with_provider_reference(environment, wanted)
        if known is None or known.environment != environment:
            return None
        return known.original_reference

    def _payment(self, reference: str) -> Payment:
        found = self._provider.payment(reference)
        if isinstance(found, ProviderRefund):
            if found.original_reference is None:
                raise NotFound("this is a refund, and CCV does not say of which payment")
            found = self._provider.payment(found.original_reference)
        if isinstance(found, Payment) and found.child_reference is not None:
            found = self._provider.payment(found.child_reference)
        if not isinstance(found, Payment):
            raise NotFound("CCV knows no payment with this reference")
        return found

    def _examine(self, payments: Sequence[Payment]) -> list[Finding]:
        given_back = self._provider.given_back([payment.reference for payment in payments])
        environment = self._provider.environment
        return [
            self._examined(
                payment,
                [said for said in given_back if _may_be_of(said, payment)],
                self._journal.of_payment(environment, payment.reference),
            )
            for payment in payments
        ]

    def _examined(
        self, payment: Payment, given_back: Sequence[ProviderRefund], ours: Sequence[Refund]
    ) -> Finding:
        amounts = [*(said.amount for said in given_back), *(refund.amount for refund in ours)]
        if any(amount.currency != payment.amount.currency for amount in amounts):
            raise NoInformation("CCV names two currencies for one payment, which cannot be")
        return examine(payment, given_back, ours, looked_at=self._clock.now())


def _may_be_of(said: ProviderRefund, payment: Payment) -> bool:
    """CCV's own example leaves `originalReference` out; then it counts, to be on the safe side."""
    return said.original_reference in {None, payment.reference}
