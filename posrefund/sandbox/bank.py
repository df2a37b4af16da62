"""A pretend CCV as one object: payments, refunds, and what became of the money.

No sockets, no threads, no clock of its own. Every test may take its ledger for the truth.
"""

from collections.abc import Callable

from posrefund.sandbox import limits
from posrefund.sandbox.agenda import Agenda
from posrefund.sandbox.books import Books
from posrefund.sandbox.faults import Faults
from posrefund.sandbox.limits import Balance
from posrefund.sandbox.minting import new_reference
from posrefund.sandbox.orders import Order
from posrefund.sandbox.receipts import outcome_of, receipts_of
from posrefund.sandbox.refusal import Refusal
from posrefund.sandbox.settings import Settings
from posrefund.sandbox.softpos import SoftPosTerminals
from posrefund.sandbox.transaction import Plan, Shape, Transaction

ACTIONS: dict[str, tuple[str, str | None]] = {
    "success": ("success", None),
    "declined": ("failed", "card_refused"),
    "cancelled": ("failed", "cancelled"),
    "failed": ("failed", "processing_error"),
    "manualintervention": ("manualintervention", None),
    "unknown": ("in_review", None),
}
"""What a person or a test can make of a refund: the status and the failure code it gets."""


class Bank(Books):
    """Keeps the transactions and moves them on as its clock does."""

    def __init__(
        self,
        *,
        now: Callable[[], int],
        mint: Callable[[], str],
        settings: Settings | None = None,
        site: str = "http://127.0.0.1",
        seed: "Callable[[Bank], None] | None" = None,
    ) -> None:
        """Open an empty bank, or one filled by `seed`.

        Args:
            now: Epoch milliseconds.
            mint: Gives eight hex digits in capitals, never the same ones twice.
            settings: How it behaves; a demo's defaults otherwise.
            site: Scheme, host and port of the pages and addresses it hands out.
            seed: Fills it, now and at every `reset`.
        """
        super().__init__(mint)
        self._clock = now
        self._seed = seed
        self.site = site
        self.settings = settings or Settings()
        self._begin()

    def _begin(self) -> None:
        self._agenda = Agenda(self._clock)
        self._once: dict[tuple[str, str, str], dict[str, str]] = {}
        self.balances: dict[str, Balance] = {}
        """What CCV holds, by collecting method; a method that is not in it has no limit."""
        self.softpos = SoftPosTerminals(self._mint)
        self.habits = Faults()
        """What the refunds of some payments always meet. A script in force comes first."""
        if self._seed is not None:
            self._seed(self)

    def reset(self) -> None:
        """Forget everything that happened, settings and moved time included, and fill it again."""
        self.settings = Settings()
        self.clear()
        self._begin()

    def now(self) -> int:
        """Epoch milliseconds, with what `advance` has added."""
        return self._agenda.now()

    def advance(self, seconds: float) -> None:
        """Move the bank's clock on and let everything happen that was due."""
        self._agenda.advance(seconds)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something when the bank's clock has come so far; `settle` does it."""
        self._agenda.later(seconds, action)

    def settle(self) -> None:
        """Carry out all that has become due. Call it before anything is asked."""
        self._agenda.settle()

    def poll(self, reference: str) -> Transaction:
        """Answer a question about one transaction; a script may wait for these questions.

        Raises:
            Refusal: `unknown_reference`, if there is none.
        """
        found = self.get(reference)
        found.polls += 1
        plan = found.shape.plan
        if plan and plan.polls is not None and found.polls >= plan.polls and not found.is_final:
            self._finish(found, plan.status, plan.failure_code)
        return found

    def once(
        self, key: tuple[str, str, str] | None, fingerprint: str, make: Callable[[], Transaction]
    ) -> Transaction:
        """Make a transaction unless the same request has made one; then give that one as it is now.

        Args:
            key: API key, operation and Idempotency-Reference; None without that header.
            fingerprint: What else must be equal.
            make: Creates it; when it refuses, nothing is remembered.

        Raises:
            Refusal: If the header came with another body and the settings make that an error.
        """
        if key is None or self.settings.idempotency == "off":
            return make()
        known = self._once.get(key, {})
        if fingerprint in known:
            return self.get(known[fingerprint])
        if known and self.settings.idempotency_mismatch == "error":
            raise Refusal("The Idempotency-Reference was used for another request")
        made = make()
        made.idempotency = key[2]
        self._once.setdefault(key, {})[fingerprint] = made.reference
        return made

    def refund(
        self, order: Order, *, shape: Shape | None = None, origin: str = "api"
    ) -> Transaction:
        """Check a refund against all of CCV's rules and start it.

        Raises:
            Refusal: With the rule that forbids it; nothing was made.
        """
        payment = self.get(order.reference)
        limits.check_refundable(payment)
        details = limits.checked_details(payment, order.details)
        amount = payment.amount if order.amount is None else order.amount
        earlier = self.related(payment.reference)
        percent = self.settings.limit_percent
        limits.check_payouts(payment, earlier, amount, order.payouts, percent)
        limits.check_limit(payment, earlier, amount, percent)
        balance = self.balances.get(payment.method)
        limits.check_balance(payment, amount, balance)
        if balance is not None:
            balance.credit += amount
        return self._start("refund", payment, order, amount, details, shape or Shape(), origin)

    def refund_elsewhere(
        self, reference: str, amount: int, *, description: str | None = None, **more: object
    ) -> Transaction:
        """Enter a finished refund that somebody made in CCV's portal, beside the till."""
        payment = self.get(reference)
        fields = {"status": "success", **_echo(payment), **more}
        if description is not None:
            fields["description"] = description
        return self.add(
            reference=new_reference(payment.method, self.now(), self._mint()),
            amount=amount,
            created=self.now(),
            type="refund",
            original=reference,
            origin="portal",
            **fields,
        )

    def reverse(self, order: Order, *, shape: Shape | None = None) -> Transaction:
        """Check a reversal and start it, for all that is not yet given back.

        Raises:
            Refusal: With the rule that forbids it; nothing was made.
        """
        payment = self.get(order.reference)
        limits.check_reversible(payment)
        earlier = self.related(payment.reference)
        amount = payment.amount - sum(item.amount for item in earlier if item.counts)
        if amount <= 0:
            raise Refusal("There is nothing left to reverse")
        details = {**payment.details, **order.details}
        return self._start("reversal", payment, order, amount, details, shape or Shape(), "api")

    def _start(
        self,
        kind: str,
        payment: Transaction,
        order: Order,
        amount: int,
        details: dict[str, object],
        shape: Shape,
        origin: str,
    ) -> Transaction:
        busy = payment.method == "terminal" and self._is_busy(details.get("terminalId"))
        reference = new_reference(payment.method, self.now(), self._mint())
        made = self.add(
            reference=reference,
            amount=amount,
            created=self.now(),
            type=kind,
            status="pending",
            origin=origin,
            original=payment.reference,
            details=details,
            shape=shape,
            webhook_url=order.webhook_url,
            payouts=order.payouts,
            **{**_echo(payment), **_given(order)},
        )
        self._address(made, order)
        if busy and self.settings.busy_terminal == "failed":
            self._finish(made, "failed", "processing_error")
        elif shape.plan is not None:
            self._follow(made, shape.plan)
        else:
            self._await_customer(made)
        return made

    def _is_busy(self, terminal: object) -> bool:
        if self.settings.busy_terminal == "allow":
            return False
        return any(
            item.status == "pending" and item.details.get("terminalId") == terminal
            for item in self.refunds()
        )

    def _address(self, made: Transaction, order: Order) -> None:
        if self.settings.cancel != "absent" and made.method in {"terminal", "softpos"}:
            made.cancel_url = f"{self.site}/api/v1/cancel?reference={made.reference}"
        if made.method == "terminal":
            page = f"{self.site}/terminal/poll?reference={made.reference}"
            made.pay_url = made.shape.pay_url or page
            made.return_url = order.return_url

    def _follow(self, made: Transaction, plan: Plan) -> None:
        if plan.never or plan.polls is not None:
            return
        self._finish_after(plan.seconds or 0.0, made, plan.status, plan.failure_code)

    def _await_customer(self, made: Transaction) -> None:
        settings = self.settings
        absent = made.details.get("cardPresent") == "false"
        if made.method not in {"terminal", "softpos"}:
            self._finish(made, "success")
        elif absent:
            self._finish_after(settings.card_absent_seconds, made, *outcome_of(made))
        elif settings.customer == "auto" and settings.terminal_starts == "post":
            self._finish_after(settings.auto_seconds, made, *outcome_of(made))

    def open_page(self, reference: str) -> Transaction:
        """Note that somebody looks at the page of a refund; a terminal may wake up by it.

        Raises:
            Refusal: `unknown_reference`, if there is none.
        """
        made = self.get(reference)
        settings = self.settings
        if settings.customer == "auto" and settings.terminal_starts == "page":
            self._finish_after(settings.auto_seconds, made, *outcome_of(made))
        return made

    def present_card(self, reference: str) -> Transaction:
        """Play the customer: what comes of it is up to the script and the test amounts."""
        made = self.get(reference)
        plan = made.shape.plan
        if plan is None:
            status, failure_code = outcome_of(made)
        elif plan.never:
            return made
        else:
            status, failure_code = plan.status, plan.failure_code
        return self.act(reference, status, failure_code)

    def act(
        self, reference: str, status: str, failure_code: str | None = None, *, force: bool = False
    ) -> Transaction:
        """End a refund, or give it any other status.

        Args:
            reference: The refund.
            status: The word it gets; CCV's are pending, success, failed, manualintervention.
            failure_code: Only with failed.
            force: Also when it had ended already, as the real CCV never does.

        Raises:
            Refusal: If there is none, or it is a success or a failure already.
        """
        made = self.get(reference)
        if made.status in {"success", "failed"} and not force:
            raise Refusal(f"The transaction is already {made.status}")
        self._finish(made, status, failure_code)
        return made

    def cancel(self, reference: str) -> Transaction:
        """Cancel a pending transaction, as far as the settings allow.

        Raises:
            Refusal: If it is too late, or cancelling is not possible here.
        """
        made = self.get(reference)
        if self.settings.cancel == "absent":
            raise Refusal("Cancel is not available for this transaction")
        if self.settings.cancel == "reject" or made.status != "pending":
            raise Refusal("The transaction can no longer be cancelled")
        self._finish(made, "failed", "cancelled")
        return made

    def void(self, reference: str) -> Transaction:
        """Void a pending transaction; a terminal has no void (terminal page, method table).

        Raises:
            Refusal: If it is final, or a terminal's.
        """
        made = self.get(reference)
        if made.status != "pending" or made.method == "terminal":
            raise Refusal("The transaction cannot be voided")
        self._finish(made, "failed", "cancelled")
        return made

    def _finish_after(
        self, seconds: float, made: Transaction, status: str, failure_code: str | None
    ) -> None:
        def finish() -> None:
            if made.status == "pending":
                self._finish(made, status, failure_code)

        if seconds > 0:
            self.later(seconds, finish)
        else:
            finish()

    def _finish(self, made: Transaction, status: str, failure_code: str | None = None) -> None:
        was = made.status
        made.status = status
        made.failure_code = failure_code if status == "failed" else None
        made.last_update = self.now()
        made.final_at = self.now() if made.is_final else None
        if status == "success" and made.method in {"terminal", "softpos"}:
            made.details.update(receipts_of(made))
        balance = self.balances.get(made.method)
        if status == "failed" and was != "failed" and balance is not None and made.gives_back:
            balance.credit -= made.amount


def _echo(payment: Transaction) -> dict[str, object]:
    """What CCV copies from the payment when the request does not say otherwise."""
    return {
        "currency": payment.currency,
        "method": payment.method,
        "brand": payment.brand,
        "metadata": payment.metadata,
        "language": payment.language,
        "order": payment.order,
        "description": payment.description,
    }


def _given(order: Order) -> dict[str, object]:
    given = {"description": order.description, "order": order.merchant_order_reference}
    return {name: value for name, value in given.items() if value is not None}
