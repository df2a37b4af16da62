"""The messages of CCV's Payment API, spelled and limited as its reference pages spell them.

Only this file knows those spellings, as aliases, and only this file imports pydantic. Sources:
`/documentation/payment_api/api_reference/refund` (request, refund object, payout instruction),
`…/online_payments/basic_operations/refund` (error answer), `…/read_a_transaction/`.
"""

import os
import re
from decimal import Decimal
from typing import Annotated, Any, TypeVar

# Only works before the import. Looking for plugins reads the metadata of every installed package,
# and no plugin has any business between CCV's answer and us.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from posrefund.sentence import Sentence, Spoken

GIVEN_BACK_TYPES = frozenset({"refund", "reversal"})
PAYMENT_TYPES = frozenset({"sale", "authorise", "capture"})
TRANSACTION_TYPES = (
    GIVEN_BACK_TYPES
    | PAYMENT_TYPES
    | {"token", "credit", "validate", "release", "vault", "vault_store", "vault_usage"}
    | {"auto_refund", "chargeback", "chargeback_reversal", "collection", "disbursement"}
)
"""CCV's transaction types, in lower case. An error answer has another word in `type`."""

_AMOUNT = re.compile(r"[0-9]{1,17}(?:\.[0-9]{1,17})?")
_MAX_AMOUNT_DIGITS = 20
"""Of an answer. Beyond the 28 digits of Python's decimal context, arithmetic would round."""

T = TypeVar("T")


class NotUnderstood(Spoken):
    """A message does not have the shape CCV documents. Says which field, never its content."""


def _or_nothing(value: object, validate: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401
    """Read a field nothing depends on; a surprise in it must not cost us the whole answer."""
    try:
        return validate(value)
    except ValidationError:
        return None


def _exact(value: object) -> Decimal:
    """Take an amount as CCV sends it (9.99) or as its clients expect it ("9.99")."""
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        value = Decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite() or value.is_signed():
        raise ValueError("not an amount")
    _, digits, exponent = value.as_tuple()
    if len(digits) > _MAX_AMOUNT_DIGITS or abs(int(exponent)) > _MAX_AMOUNT_DIGITS:
        raise ValueError("not an amount")
    return value


Amount = Annotated[Decimal, PlainValidator(_exact)]
SentAmount = Annotated[str, Field(pattern=r"^[0-9]{1,10}\.[0-9]{2}$")]
"""12 digits in total, of which 2 decimals."""
Reference = Annotated[str, Field(min_length=1, max_length=255)]
Link = Annotated[str, Field(max_length=2000)]
Text = Annotated[str | None, WrapValidator(_or_nothing)]
Millis = Annotated[int | None, WrapValidator(_or_nothing)]


class _Sent(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)


class _Answered(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="ignore", frozen=True)


class TerminalRefundDetails(_Sent):
    """`details` of a refund of a payment made on a terminal, in the order of CCV's example."""

    management_system_id: str = Field(alias="managementSystemId", min_length=1, max_length=50)
    terminal_id: str = Field(alias="terminalId", min_length=1, max_length=50)
    access_protocol: str = Field(alias="accessProtocol", min_length=1, max_length=20)
    operating_environment: str | None = Field(None, alias="operatingEnvironment", max_length=20)
    merchant_language: str | None = Field(None, alias="merchantLanguage", max_length=3)


class SoftPosRefundDetails(_Sent):
    """`details` of a refund of a SoftPOS payment."""

    terminal_id: str | None = Field(None, alias="terminalId", min_length=1, max_length=20)
    card_present: str | None = Field(None, alias="cardPresent", pattern="^(true|false)$")
    """A string, as in CCV's example."""


class PayoutInstructionRequest(_Sent):
    """How much of the refund is withheld from which sub-merchant."""

    external_reference: str | None = Field(None, alias="externalReference")
    amount: SentAmount


class RefundRequest(_Sent):
    """The body of `POST /refund`, in the order of CCV's table."""

    reference: Reference
    description: str | None = Field(None, max_length=255)
    amount: SentAmount
    webhook_url: Link | None = Field(None, alias="webhookUrl")
    return_url: Link | None = Field(None, alias="returnUrl")
    notification_requests: list[Any] | dict[str, Any] | None = Field(
        None, alias="notificationRequests"
    )
    payout_instructions: list[PayoutInstructionRequest] | None = Field(
        None, alias="payoutInstructions"
    )
    details: TerminalRefundDetails | SoftPosRefundDetails | None = None
    merchant_order_reference: str | None = Field(
        None, alias="merchantOrderReference", max_length=255
    )

    def to_bytes(self) -> bytes:
        """Write it as compact UTF-8 JSON without the fields that were not given."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode("utf-8")


class PayoutInstruction(_Answered):
    """A payout instruction as CCV tells of it."""

    external_reference: Text = Field(None, alias="externalReference")
    amount: Amount
    paidout: Text = None
    paidout_date: Millis = Field(None, alias="paidoutDate")
    unstructured_reference: Text = Field(None, alias="unstructuredReference")
    paidout_reference: Text = Field(None, alias="paidoutReference")


class Transaction(_Answered):
    """A payment, a refund or a reversal as CCV tells of it; a refund is the documented object.

    What identifies it must be there and be right. Everything else may be missing or odd: CCV's
    own examples differ from each other.
    """

    type: str
    amount: Amount
    currency: str
    status: str
    reference: str
    original_reference: str | None = Field(None, alias="originalReference")

    paidout: Text = None
    paidout_date: Millis = Field(None, alias="paidoutDate")
    merchant_order_reference: Text = Field(None, alias="merchantOrderReference")
    description: Text = None
    language: Text = None
    method: Text = None
    brand: Text = None
    metadata: Text = None
    unstructured_reference: Text = Field(None, alias="unstructuredReference")
    paidout_reference: Text = Field(None, alias="paidoutReference")
    created: Millis = None
    last_update: Millis = Field(None, alias="lastUpdate")
    status_final_date: Millis = Field(None, alias="statusFinalDate")
    failure_code: Text = Field(None, alias="failureCode")
    pay_url: Text = Field(None, alias="payUrl")
    return_url: Text = Field(None, alias="returnUrl")
    cancel_url: Text = Field(None, alias="cancelUrl")
    payout_instructions: Annotated[list[PayoutInstruction] | None, WrapValidator(_or_nothing)] = (
        Field(None, alias="payoutInstructions")
    )
    entry_mode: Text = Field(None, alias="entryMode")
    method_transaction_id: Text = Field(None, alias="methodTransactionId")
    child_reference_id: Text = Field(None, alias="childReferenceId")
    details: Annotated[dict[str, Any] | None, WrapValidator(_or_nothing)] = None
    """Method data and receipts; their spellings are in the constants below."""


TERMINAL_ID = "terminalId"
MASKED_PAN = "maskedPan"
RECEIPTS = {
    "customer_receipt": "customerReceipt",
    "merchant_receipt": "merchantReceipt",
    "journal_receipt": "journalReceipt",
}
E_JOURNAL = "eJournal"
FORMATTED_LINES = "formattedTextLines"
FLAGS = {
    "print_customer_receipt": "printCustomerReceipt",
    "ask_customer_signature": "askCustomerSignature",
    "ask_customer_identification": "askCustomerIdentification",
    "ask_merchant_signature": "askMerchantSignature",
}


class ErrorAnswer(_Answered):
    """CCV's error object. `reference` is a number for the helpdesk, never one of a transaction."""

    type: str
    message: Text = None
    reference: Text = None
    failure_code: Text = Field(None, alias="failureCode")
    balance: Annotated[dict[str, Any] | None, WrapValidator(_or_nothing)] = None
    field: Text = None
    fields: Annotated[list[str] | None, WrapValidator(_or_nothing)] = None
    transaction_reference: Text = Field(None, alias="transactionReference")


def read_transaction(value: object) -> Transaction:
    """Give a JSON value the shape of a transaction.

    Raises:
        NotUnderstood: If what identifies a transaction is missing or of the wrong kind.
    """
    if not isinstance(value, dict):
        raise NotUnderstood("it is not a transaction")
    try:
        return Transaction.model_validate(value)
    except ValidationError as error:
        raise NotUnderstood("its {field} is missing or wrong", field=_first_field(error)) from None


def heading(value: object) -> tuple[str, str]:
    """Return type, in lower case, and reference of a transaction that may be of no interest.

    Raises:
        NotUnderstood: If it has none.
    """
    if isinstance(value, dict):
        kind, reference = value.get("type"), value.get("reference")
        if isinstance(kind, str) and isinstance(reference, str):
            return kind.lower(), reference
    raise NotUnderstood("it is not a transaction")


def read_error(value: object) -> ErrorAnswer | None:
    """Give a JSON value the shape of CCV's error object; None if it is anything else."""
    if not isinstance(value, dict):
        return None
    try:
        error = ErrorAnswer.model_validate(value)
    except ValidationError:
        return None
    says_something = error.message is not None or error.failure_code is not None
    return error if says_something and error.type.lower() not in TRANSACTION_TYPES else None


def terminal_details(fields: dict[str, Any]) -> TerminalRefundDetails:
    """Check terminal details, given in CCV's spelling, against CCV's limits.

    Raises:
        NotUnderstood: Naming the first field that CCV would not take.
    """
    try:
        return TerminalRefundDetails.model_validate(fields)
    except ValidationError as error:
        raise NotUnderstood(_first_complaint(error)) from None


def softpos_details(fields: dict[str, Any]) -> SoftPosRefundDetails:
    """Check SoftPOS details, given in CCV's spelling, against CCV's limits.

    Raises:
        NotUnderstood: Naming the first field that CCV would not take.
    """
    try:
        return SoftPosRefundDetails.model_validate(fields)
    except ValidationError as error:
        raise NotUnderstood(_first_complaint(error)) from None


def refund_request(fields: dict[str, Any]) -> RefundRequest:
    """Check a refund request, given in CCV's spelling, against CCV's limits.

    Raises:
        NotUnderstood: Naming the first field that CCV would not take.
    """
    try:
        return RefundRequest.model_validate(fields)
    except ValidationError as error:
        raise NotUnderstood(_first_complaint(error)) from None


def _first_field(error: ValidationError) -> str:
    # Only names of fields stand in `loc`, and positions in lists.
    return ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])


def _first_complaint(error: ValidationError) -> Sentence:
    first = error.errors(include_url=False)[0]
    if first["type"] == "string_too_long":
        return Sentence(
            "{field} is longer than {longest} characters",
            field=_first_field(error),
            longest=first["ctx"]["max_length"],
        )
    return Sentence("{field} is missing or not what CCV takes", field=_first_field(error))
