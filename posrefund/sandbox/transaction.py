"""One transaction at the pretend CCV, and how CCV writes it."""

from dataclasses import dataclass, field

from posrefund.sandbox.cents import as_number

DAY_MS = 24 * 60 * 60 * 1000
COLLECTING = frozenset({"ideal", "card", "banktransfer", "paypal", "klarna", "applepay"})
"""Methods whose money CCV collects and pays out; a terminal's money goes to the shop directly."""
FINAL = frozenset({"success", "failed", "manualintervention"})
"""CCV's final statuses, one word each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a scripted refund ends. With neither polls nor seconds: at once."""

    status: str = "success"
    failure_code: str | None = None
    seconds: float | None = None
    """Ends this long after it was made."""
    polls: int | None = None
    """Ends when it was asked for this many times."""
    never: bool = False
    """Nothing and nobody at the terminal ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a script wants of a refund that is about to be made."""

    plan: Plan | None = None
    lag_seconds: float = 0.0
    """List queries do not show it for so long."""
    list_fails: bool = False
    """List queries for the refunds of its payment get an error."""
    pay_url: str | None = None
    """Instead of the real address of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One payout instruction: what part of an amount belongs to which sub-merchant."""

    external_reference: str | None
    amount: int
    """In cents."""

    def facts(self) -> dict[str, object]:
        """The instruction as CCV writes it."""
        first = {"externalReference": self.external_reference} if self.external_reference else {}
        return {**first, "amount": as_number(self.amount), "paidout": "no"}


@dataclass(slots=True, kw_only=True)
class Transaction:
    """A payment, a refund or a reversal. Times are epoch milliseconds, amounts are cents."""

    type: str
    reference: str
    amount: int
    created: int
    last_update: int
    number: int
    """Its place in the order in which the bank made them."""
    currency: str = "eur"
    status: str = "success"
    method: str = "terminal"
    final_at: int | None = None
    order: str | None = None
    description: str | None = None
    language: str = "eng"
    brand: str | None = None
    metadata: str | None = None
    original: str | None = None
    child: str | None = None
    failure_code: str | None = None
    pay_url: str | None = None
    return_url: str | None = None
    cancel_url: str | None = None
    webhook_url: str | None = None
    details: dict[str, object] = field(default_factory=dict)
    payouts: tuple[Payout, ...] = ()
    paidout_reference: str | None = None

    shows: str = ""
    """Samples only: what a newcomer learns from it."""
    origin: str = "api"
    """Who made it: the `api`, the `portal`, or `sample`."""
    idempotency: str | None = None
    shape: Shape = Shape()
    polls: int = 0
    """How often it was asked for by its reference."""

    @property
    def is_final(self) -> bool:
        """CCV will not change it by itself any more."""
        return self.status in FINAL

    @property
    def gives_back(self) -> bool:
        """It takes money from the shop to the customer."""
        return self.type in {"refund", "reversal"}

    @property
    def counts(self) -> bool:
        """It counts towards the refund limit: everything that is not failed."""
        return self.gives_back and self.status != "failed"

    def facts(self, now: int) -> dict[str, object]:
        """Give the transaction as CCV writes it (refund reference, "Refund object").

        Args:
            now: Epoch milliseconds; collected money counts as paid out a day after it was final.
        """
        facts: dict[str, object | None] = {
            "type": self.type,
            "amount": as_number(self.amount),
            "currency": self.currency,
            "status": self.status,
            "merchantOrderReference": self.order,
            "description": self.description,
            "language": self.language,
            "method": self.method,
            "brand": self.brand,
            "metadata": self.metadata,
            "reference": self.reference,
            "originalReference": self.original,
            "childReferenceId": self.child,
            "created": self.created,
            "lastUpdate": self.last_update,
            "statusFinalDate": self.final_at,
            "failureCode": self.failure_code,
            "payUrl": self.pay_url,
            "returnUrl": self.return_url,
            "cancelUrl": None if self.is_final else self.cancel_url,
            "entryMode": "instore" if self.method in {"terminal", "softpos"} else "ecom",
            "details": dict(self.details),
            **self._paid_out(now),
        }
        if self.payouts:
            facts["payoutInstructions"] = [payout.facts() for payout in self.payouts]
        return {name: value for name, value in facts.items() if value is not None}

    def paidout(self, now: int) -> str:
        """`yes`, `no`, or `never` for money that CCV does not collect."""
        if self.method not in COLLECTING:
            return "never"
        done = self.status == "success" and self.final_at is not None
        return "yes" if done and now >= (self.final_at or 0) + DAY_MS else "no"

    def _paid_out(self, now: int) -> dict[str, object]:
        word = self.paidout(now)
        if word == "never":
            return {}
        if word == "no":
            return {"paidout": "no"}
        reference = self.paidout_reference or ""
        return {
            "paidout": "yes",
            "paidoutDate": (self.final_at or 0) + DAY_MS,
            "paidoutReference": reference,
            "unstructuredReference": f"{reference} AFREK. CCV PAY MREF. {self.order or ''}",
        }
