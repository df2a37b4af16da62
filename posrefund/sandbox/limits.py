"""CCV's rules for a refund, one function each: what may be refunded, where, and how much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from posrefund.sandbox.cents import as_number, as_text
from posrefund.sandbox.refusal import Refusal
from posrefund.sandbox.transaction import Payout, Transaction

NOT_REFUNDABLE = frozenset({"landingpage", "token", "vault"})
"""Refund reference, first sentence."""
REVERSIBLE = frozenset({"applepay", "card", "googlepay", "klarna", "terminal"})
"""Methods whose authorisation can be reversed; a terminal's sale and capture too."""
_TERMINAL_REQUIRED = {"terminalId": 50, "managementSystemId": 50, "accessProtocol": 20}
_ENVIRONMENTS = ("ATTENDED", "SEMI_UNATTENDED")


@dataclass(slots=True, kw_only=True)
class Balance:
    """What CCV holds for the shop in one collecting method, in cents (GET /balance).

    CCV's names are the reverse of what one expects: `debit` came in, `credit` went back.
    """

    credit: int
    debit: int

    @property
    def total(self) -> int:
        """What can still be refunded."""
        return self.debit - self.credit

    def facts(self) -> dict[str, object]:
        """The balance as CCV writes it."""
        return {
            "creditAmount": as_number(self.credit),
            "debitAmount": as_number(self.debit),
            "total": as_number(self.total),
        }


def check_refundable(payment: Transaction) -> None:
    """Refuse what is not a finished sale or capture (refund guide, "restrictions").

    Raises:
        Refusal: With the reason.
    """
    if payment.type not in {"sale", "capture"}:
        raise Refusal(f"A transaction of type {payment.type} cannot be refunded")
    if payment.method in NOT_REFUNDABLE:
        raise Refusal(f"Refunds are not allowed for method {payment.method}")
    if payment.status != "success":
        raise Refusal(f"A transaction with status {payment.status} cannot be refunded")


def check_reversible(payment: Transaction) -> None:
    """Refuse what cannot be reversed (reversal reference).

    Raises:
        Refusal: With the reason.
    """
    on_terminal = payment.method == "terminal" and payment.type in {"sale", "capture"}
    authorised = payment.method in REVERSIBLE and payment.type == "authorise"
    if not (on_terminal or authorised):
        raise Refusal(f"A {payment.type} with method {payment.method} cannot be reversed")
    if payment.status != "success":
        raise Refusal(f"A transaction with status {payment.status} cannot be reversed")


def checked_details(payment: Transaction, details: Mapping[str, object]) -> dict[str, object]:
    """Check the method's details and give them as CCV echoes them.

    Raises:
        Refusal: If one is missing, too long or not among the known values.
    """
    if payment.method == "terminal":
        return _terminal_details(details)
    if payment.method == "softpos":
        return _softpos_details(payment, details)
    return {}


def check_limit(
    payment: Transaction, earlier: Iterable[Transaction], amount: int, percent: int
) -> None:
    """Refuse when refunds and reversals together would pass the limit, cut off to cents.

    Raises:
        Refusal: `refund_limit`, with the message of the refund guide.
    """
    before = sum(item.amount for item in earlier if item.counts)
    maximum = payment.amount * percent // 100
    if before + amount > maximum:
        raise Refusal(
            f"Refund request limit check: Original Amount: {as_text(payment.amount)}, "
            f"Amount Already Refunded: {as_text(before)}, "
            f"Current Refund Request: {as_text(amount)}, "
            f"Maximum Refundable Amount: {as_text(maximum)}",
            failure_code="refund_limit",
        )


def check_payouts(
    payment: Transaction,
    earlier: Iterable[Transaction],
    amount: int,
    payouts: tuple[Payout, ...],
    percent: int,
) -> None:
    """Refuse payout instructions that do not fit the payment's or the amount.

    Raises:
        Refusal: If they are missing, unknown, do not add up, or one passes its own limit.
    """
    if payment.payouts and not payouts:
        raise Refusal.of_field("payoutInstructions", "are required for this payment")
    if payouts and sum(payout.amount for payout in payouts) != amount:
        raise Refusal.of_field("payoutInstructions", "must add up to the refund amount")
    if not payment.payouts:
        if len(payouts) > 1:
            raise Refusal.of_field("payoutInstructions", "need split payout, not boarded")
        return
    paid = _per_merchant([payment])
    before = _per_merchant(item for item in earlier if item.counts)
    for reference, asked in _totals(payouts).items():
        if reference not in paid:
            raise Refusal.of_field("externalReference", "is not one of the payment")
        if before.get(reference, 0) + asked > paid[reference] * percent // 100:
            raise Refusal(
                f"Refund request limit check: payout instruction {reference}, "
                f"Original Amount: {as_text(paid[reference])}, "
                f"Amount Already Refunded: {as_text(before.get(reference, 0))}, "
                f"Current Refund Request: {as_text(asked)}",
                failure_code="refund_limit",
            )


def check_balance(payment: Transaction, amount: int, balance: Balance | None) -> None:
    """Refuse when the shop's balance at CCV is too small.

    Raises:
        Refusal: `unsufficient_balance` (CCV's spelling), with the balance.
    """
    if balance is not None and amount > balance.total:
        raise Refusal(
            f"Refund request with amount {as_text(amount)} DENIED for originalReferenceId "
            f"{payment.reference} due to insufficient open amount",
            failure_code="unsufficient_balance",
            more={"balance": balance.facts()},
        )


def _terminal_details(details: Mapping[str, object]) -> dict[str, object]:
    echo: dict[str, object] = {"wakeUpType": "CLOUD_CONNECT"}
    for name, length in _TERMINAL_REQUIRED.items():
        echo[name] = _required(details, name, length)
    environment = details.get("operatingEnvironment") or "SEMI_UNATTENDED"
    if environment not in _ENVIRONMENTS:
        raise Refusal.of_field(
            "details.operatingEnvironment",
            f"must be one of {', '.join(_ENVIRONMENTS)}",
            failure_code="invalid_config",
        )
    echo["operatingEnvironment"] = environment
    if environment == "ATTENDED" or details.get("merchantLanguage"):
        # CCV echoes the language in lower case, whatever was sent.
        echo["merchantLanguage"] = _required(details, "merchantLanguage", 3).lower()
    return echo


def _softpos_details(payment: Transaction, details: Mapping[str, object]) -> dict[str, object]:
    echo: dict[str, object] = {}
    if details.get("terminalId"):
        echo["terminalId"] = _required(details, "terminalId", 20)
    elif "terminalId" in payment.details:
        echo["terminalId"] = payment.details["terminalId"]
    present = details.get("cardPresent", True)
    # The table speaks of true and false, CCV's only example sends a text.
    if not (isinstance(present, bool) or present in ("true", "false")):
        raise Refusal.of_field("details.cardPresent", "must be true or false")
    echo["cardPresent"] = str(present).lower()
    return echo


def _required(details: Mapping[str, object], name: str, length: int) -> str:
    value = details.get(name)
    field = f"details.{name}"
    if not isinstance(value, str) or not value:
        raise Refusal.of_field(field, "is required", failure_code="invalid_config")
    if len(value) > length:
        raise Refusal.of_field(field, f"has more than {length} characters")
    return value


def _per_merchant(transactions: Iterable[Transaction]) -> dict[str | None, int]:
    return _totals(payout for item in transactions for payout in item.payouts)


def _totals(payouts: Iterable[Payout]) -> dict[str | None, int]:
    totals: dict[str | None, int] = {}
    for payout in payouts:
        totals[payout.external_reference] = totals.get(payout.external_reference, 0) + payout.amount
    return totals
