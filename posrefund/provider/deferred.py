"""The client, loaded when it is first needed.

httpx and pydantic cost as much as the first frame of the counter, and a cashier looks at the
search box before anything is asked.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from posrefund.money import Money
from posrefund.refund.model import Environment, Payment, ProviderRefund, Refund, RefundOrder
from posrefund.refund.ports import Provider


class ClosableProvider(Provider, Protocol):
    """A provider that holds connections."""

    def close(self) -> None:
        """Close every connection."""


class DeferredProvider:
    """Implements `refund.ports.Provider` by a client made on first use, in any thread."""

    def __init__(
        self, *, address: str, environment: Environment, make: Callable[[], ClosableProvider]
    ) -> None:
        self._address = address
        self._environment = environment
        self._make = make
        self._made: ClosableProvider | None = None
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """See `Provider.address`."""
        return self._address

    @property
    def environment(self) -> Environment:
        """See `Provider.environment`."""
        return self._environment

    def load(self) -> ClosableProvider:
        """Make the client now, if there is none yet."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def payment(self, reference: str) -> Payment | ProviderRefund:
        """See `Provider.payment`."""
        return self.load().payment(reference)

    def payments_of_order(self, order_reference: str) -> list[Payment]:
        """See `Provider.payments_of_order`."""
        return self.load().payments_of_order(order_reference)

    def payments_made(
        self, *, after: datetime, before: datetime, amount: Money | None = None
    ) -> list[Payment]:
        """See `Provider.payments_made`."""
        return self.load().payments_made(after=after, before=before, amount=amount)

    def given_back(self, original_references: Sequence[str]) -> list[ProviderRefund]:
        """See `Provider.given_back`."""
        return self.load().given_back(original_references)

    def compose(self, order: RefundOrder, *, description: str) -> bytes:
        """See `Provider.compose`."""
        return self.load().compose(order, description=description)

    def send(self, refund: Refund) -> ProviderRefund:
        """See `Provider.send`."""
        return self.load().send(refund)

    def status(self, refund: Refund) -> ProviderRefund:
        """See `Provider.status`."""
        return self.load().status(refund)

    def statuses(self, refunds: Sequence[Refund]) -> dict[str, ProviderRefund]:
        """See `Provider.statuses`."""
        return self.load().statuses(refunds)

    def cancel(self, refund: Refund) -> bool:
        """See `Provider.cancel`."""
        return self.load().cancel(refund)

    def close(self) -> None:
        """Close the client, if one was made."""
        with self._lock:
            if self._made is not None:
                self._made.close()
