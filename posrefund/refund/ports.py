"""What the core asks of the world: a provider, a journal, a clock."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from posrefund.money import Money
from posrefund.refund.model import (
    Entry,
    Environment,
    Payment,
    ProviderRefund,
    Refund,
    RefundOrder,
    RefundState,
)


class Clock(Protocol):
    """Time, and waiting that can be interrupted."""

    def now(self) -> datetime:
        """The wall clock: an aware UTC datetime."""

    def elapsed(self) -> float:
        """Seconds since some start, the machine's sleep included. Nobody can set it."""

    def wait(self, seconds: float) -> bool:
        """Wait; return False when somebody cut the wait short with `wake`."""

    def wake(self) -> None:
        """End every wait that is going on now."""


class Provider(Protocol):
    """CCV's Payment API, or the sandbox that imitates it.

    Questions raise `NoInformation` when no answer can be used, `KeyRefused` on 401. They move no
    money. Only `send` does.
    """

    @property
    def address(self) -> str:
        """The base URL everything is sent to, path included."""

    @property
    def environment(self) -> Environment:
        """Test or live, as the API key says."""

    def payment(self, reference: str) -> Payment | ProviderRefund:
        """Read one transaction: a payment, or a refund whose payment the caller asks for next.

        Raises:
            NotFound: If CCV does not know the reference.
        """

    def payments_of_order(self, order_reference: str) -> list[Payment]:
        """List the payments (not refunds) with exactly this merchant order reference."""

    def payments_made(
        self, *, after: datetime, before: datetime, amount: Money | None = None
    ) -> list[Payment]:
        """List the payments (not refunds) made between two moments, of this amount if given."""

    def given_back(self, original_references: Sequence[str]) -> list[ProviderRefund]:
        """List refunds and reversals of those payments, complete or not at all."""

    def compose(self, order: RefundOrder, *, description: str) -> bytes:
        """Build the request body of a refund. It is frozen in the journal and sent as it is.

        Raises:
            Misused: If a text is longer than CCV takes.
        """

    def send(self, refund: Refund) -> ProviderRefund:
        """POST `refund.body` with its idempotency reference. The answer has been checked.

        Raises:
            Unreachable: If not one byte of the request left.
            Declined: If CCV answered with an error object and a status that refuses.
            KeyRefused: If CCV does not accept the key.
            Unanswered: In every other case. The refund may have been carried out.
        """

    def status(self, refund: Refund) -> ProviderRefund:
        """Read the refund by CCV's reference. The answer has been checked against `refund`.

        Raises:
            NotFound: If CCV says it does not know the reference. That proves nothing yet.
        """

    def statuses(self, refunds: Sequence[Refund]) -> dict[str, ProviderRefund]:
        """Read several refunds in one question; answers by our id, each checked.

        What has no answer beyond doubt is missing: ask for it alone.
        """

    def cancel(self, refund: Refund) -> bool:
        """Ask to cancel a refund; True if CCV took the request, False if it said no.

        Raises:
            NoInformation: If no answer came.
        """


class Journal(Protocol):
    """The durable memory: the current row of every refund and its append-only history.

    Every method raises `JournalUnavailable` when the memory fails. What a write method wrote
    survives a power cut once it has returned. `SqliteJournal` promises that for several
    processes of one machine; it does not for several machines.
    """

    def open_case(self, refund: Refund, entry: Entry) -> Refund:
        """Insert a new refund, held under this process's lease until `refund.lease_until`.

        Raises:
            AlreadyOpen: If its id exists, or its payment has an unfinished refund.
            NotAllowed: If another refund of the payment has its ordinal.
        """

    def claim(self, refund_id: str, *, now: datetime, until: datetime) -> Refund:
        """Take the refund for this process and return it as it stands, with a new fence.

        Possible when nobody holds it, the lease is over, or the holder is provably gone.

        Raises:
            LostLease: If another step is working on it.
        """

    def record(self, refund: Refund, entry: Entry | None) -> Refund:
        """Write the refund's new state and the entry that explains it, in one commit.

        Raises:
            LostLease: If version or fence have moved on. Nothing was written.
            NotAllowed: If another refund already has this provider reference.
        """

    def append(self, refund_id: str, entry: Entry) -> None:
        """Add evidence that moves nothing."""

    def together(self) -> AbstractContextManager[None]:
        """Everything written inside is one commit: it survives a power cut whole or not at all.

        Nobody else can write meanwhile, so nothing may be asked or sent inside.
        """

    def get(self, refund_id: str) -> Refund | None:
        """The refund with this id."""

    def with_provider_reference(self, environment: Environment, reference: str) -> Refund | None:
        """The refund CCV knows under this reference."""

    def of_payment(self, environment: Environment, original_reference: str) -> list[Refund]:
        """Every refund of a payment, newest first."""

    def open_refunds(self) -> list[Refund]:
        """Every refund that is not final, oldest first."""

    def unsettled_refunds(self) -> list[Refund]:
        """Final ones that are not done with, oldest first: to be verified, or contradicted."""

    def latest(
        self,
        *,
        limit: int,
        day: date | None = None,
        state: RefundState | None = None,
        text: str | None = None,
        amount: Money | None = None,
        terminal: str | None = None,
        before: tuple[datetime, str] | None = None,
    ) -> list[Refund]:
        """The newest refunds of which all that is asked for is true.

        Args:
            limit: At most so many.
            day: Begun on this day, as the clock on this machine's wall has it.
            state: In this state.
            text: Our id, CCV's reference, the payment's or the order's: whole, or its last three
                characters or more. Capitals and CCV's ending (`.Y`) make no difference.
            amount: Of exactly this amount.
            terminal: On the configured terminal of this name, in capitals or not.
            before: Older than this place (created_at, id): the next page.
        """

    def entries(self, refund_id: str) -> list[Entry]:
        """The history of a refund, oldest first."""

    def close(self) -> None:
        """Let go of files and leases' proof of life."""
