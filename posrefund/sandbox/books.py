"""What is written down at the pretend CCV: every transaction, and how they belong together."""

from collections.abc import Callable

from posrefund.sandbox.refusal import Refusal
from posrefund.sandbox.transaction import FINAL, Transaction


class Books:
    """Holds the transactions. It knows no rule; it only finds and adds up."""

    def __init__(self, mint: Callable[[], str]) -> None:
        """Open empty books.

        Args:
            mint: Gives eight hex digits in capitals, never the same ones twice.
        """
        self._mint = mint
        self.clear()

    def clear(self) -> None:
        """Forget every transaction."""
        self._transactions: dict[str, Transaction] = {}
        self._by_original: dict[str, list[Transaction]] = {}

    def mint(self) -> str:
        """Eight fresh hex digits in capitals."""
        return self._mint()

    def add(self, *, reference: str, amount: int, created: int, **more: object) -> Transaction:
        """Put a transaction into the books as it is, without asking any rule.

        Args:
            reference: Its own reference; must be new.
            amount: In cents.
            created: Epoch milliseconds.
            more: Other fields of `Transaction`; it is a successful sale by default.

        Raises:
            ValueError: If the reference is taken.
        """
        if reference in self._transactions:
            raise ValueError(f"there is already a transaction {reference}")
        final_at = created if more.get("status", "success") in FINAL else None
        fields: dict[str, object] = {"type": "sale", "final_at": final_at, **more}
        made = Transaction(
            reference=reference,
            amount=amount,
            created=created,
            last_update=created,
            number=len(self._transactions) + 1,
            paidout_reference=self._mint().lower(),
            **fields,  # type: ignore[arg-type]
        )
        self._transactions[reference] = made
        if made.original:
            self._by_original.setdefault(made.original, []).append(made)
        return made

    def all(self) -> list[Transaction]:
        """Every transaction, in the order in which they were made."""
        return list(self._transactions.values())

    def find(self, reference: str) -> Transaction | None:
        """The transaction with this reference."""
        return self._transactions.get(reference)

    def get(self, reference: str) -> Transaction:
        """The transaction with this reference.

        Raises:
            Refusal: `unknown_reference`, if there is none.
        """
        found = self._transactions.get(reference)
        if found is None:
            raise Refusal.unknown(reference)
        return found

    def related(self, reference: str) -> list[Transaction]:
        """Refunds, reversals and captures of this payment, failed ones included."""
        return list(self._by_original.get(reference, ()))

    def refunds(self, *, origin: str | None = None) -> list[Transaction]:
        """Every refund and reversal, or those made by the `api`, the `portal` or as `sample`."""
        return [item for item in self.all() if item.gives_back and origin in (None, item.origin)]

    def given_back(self, reference: str, *, status: str = "success") -> int:
        """Cents of refunds and reversals of this payment that stand at `status`."""
        return sum(
            item.amount
            for item in self.related(reference)
            if item.gives_back and item.status == status
        )
