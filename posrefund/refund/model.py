"""The words of the subject: a payment, a refund, its state, and what CCV says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from posrefund.money import Money
from posrefund.terminal.model import Terminal


class Environment(StrEnum):
    """Whether real money moves. It follows from the API key: `t_` or `l_`."""

    TEST = "test"
    LIVE = "live"


class RefundState(StrEnum):
    """How far a refund has come."""

    INTENT = "intent"
    """Decided and written down, nothing sent. Safe to drop."""
    SENDING = "sending"
    """An attempt may have left. Until an answer is written down, money may have moved."""
    UNKNOWN = "unknown"
    """CCV may or may not have it. Look it up; never start it again."""
    ACCEPTED = "accepted"
    """CCV has it and has not decided yet."""
    SUCCEEDED = "succeeded"
    """Final: the money was given back."""
    FAILED = "failed"
    """Final: CCV said no; no money moved."""
    NOT_SENT = "not_sent"
    """Final: provably nothing left this machine."""
    ATTENTION = "attention"
    """A person must look. Questions go on; nothing is sent any more."""
    CLOSED = "closed"
    """Final: a person decided, with name and evidence."""

    @property
    def is_final(self) -> bool:
        """Nothing the program does can change it any more."""
        return self in _FINAL

    @property
    def money_moved(self) -> str:
        """`yes`, `no` or `unknown`. A closed refund answers by its own `closed_as`."""
        if self is RefundState.SUCCEEDED:
            return "yes"
        if self in {RefundState.INTENT, RefundState.FAILED, RefundState.NOT_SENT}:
            return "no"
        return "unknown"


_FINAL = frozenset(
    {RefundState.SUCCEEDED, RefundState.FAILED, RefundState.NOT_SENT, RefundState.CLOSED}
)


class Doubt(StrEnum):
    """What is odd about CCV's answers. Odd for long enough, it is for a person."""

    NOT_KNOWN = "not known"
    """CCV says it does not know a reference that it gave us."""
    MISMATCH = "mismatch"
    """CCV answers about something else."""
    UNRECOGNISED = "unrecognised"
    """CCV gives a status nobody told us about."""
    WITHHELD = "withheld"
    """CCV answers that it will not tell."""


class ProviderStatus(StrEnum):
    """CCV's transaction statuses, compared without regard to case."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    MANUAL_INTERVENTION = "manualintervention"
    UNRECOGNISED = "unrecognised"
    """Any other word. It never means success or failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One payout instruction: how much of an amount belongs to which sub-merchant."""

    external_reference: str | None
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The original transaction at CCV. All text is already safe to show."""

    reference: str
    type: str
    """CCV's transaction type in lower case: `sale` and `capture` can be refunded."""
    status: ProviderStatus
    status_text: str
    """The status as CCV wrote it."""
    method: str
    """In lower case: `terminal`, `softpos`, `card`, `ideal` …"""
    amount: Money
    order_reference: str | None = None
    description: str | None = None
    created_at: datetime | None = None
    brand: str | None = None
    terminal_id: str | None = None
    child_reference: str | None = None
    """Where the money of a landing-page payment really went."""
    payouts: tuple[Payout, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRefund:
    """A refund or a reversal as CCV tells of it. All text is already safe to show."""

    reference: str
    original_reference: str | None
    type: str
    """`refund` or `reversal`."""
    status: ProviderStatus
    status_text: str
    amount: Money
    description: str | None = None
    created_at: datetime | None = None
    last_update: datetime | None = None
    failure_code: str | None = None
    pay_url: str | None = None
    """The cashier's page of a terminal refund; None also when its address was not allowed."""
    message: str | None = None
    """What a person should know of this answer, such as a payUrl that was not allowed."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """Every documented field CCV sent, for `show`: JSON values only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A payment with what is known about giving it back."""

    payment: Payment
    given_back: tuple[ProviderRefund, ...]
    """Refunds and reversals at CCV, failed ones included."""
    refunds: tuple["Refund", ...]
    """Ours, newest first, of every state."""
    open: Money
    """What CCV has not decided, and ours of which nobody knows yet."""
    returned: Money
    """What CCV lists as refunded or reversed, and ours that are known to be given back."""
    left: Money
    """What can still be given back within 100 % of the payment; never below zero."""
    looked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """What a person decided at the counter or on the command line."""

    finding: Finding
    amount: Money
    terminal: Terminal | None = None
    description: str = ""
    """Shop text; our marker is added to it."""
    order_reference: str | None = None
    """None leaves CCV's default, the order reference of the payment."""
    card_absent: bool = False
    """SoftPOS only: go without the customer's card, whatever the terminal's setting says."""
    payouts: tuple[Payout, ...] = ()
    id: str | None = None
    """The caller's own name for this decision. The same id never pays twice."""
    above_original: bool = False
    """A person confirmed that more than the payment is given back."""
    again: bool = False
    """A person confirmed a second refund of the same amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One decision to give an amount of one payment back: the current row of the journal.

    `id` to `body` are frozen when it is written down; every attempt sends exactly those bytes.
    """

    id: str
    idempotency_reference: str
    environment: Environment
    address: str
    """The base URL it is sent to, path included."""
    original_reference: str
    amount: Money
    method: str
    terminal: str | None
    """The name of the configured terminal."""
    description: str
    """As sent, marker included."""
    marker: str
    """`#` and 10 characters at the end of the description: how a lost refund is recognised."""
    counter: str
    body: bytes
    """The request body, byte for byte."""
    created_at: datetime
    ordinal: int = 0
    """Its place among the refunds of its payment when it was decided; 0 where nobody counted.

    A payment has one refund of each ordinal, so a decision made on an old look loses."""
    order_reference: str | None = None
    """The shop's own name for the sale: that of the refund, else that of the payment."""

    state: RefundState = RefundState.INTENT
    provider_reference: str | None = None
    pay_url: str | None = None
    failure_code: str | None = None
    message: str | None = None
    """Why it stands where it stands, one sentence."""
    attempts: int = 0
    """How many attempts may have left this machine."""
    first_sent_at: datetime | None = None
    last_sent_at: datetime | None = None
    not_before: datetime | None = None
    """The server asked for no request before this time (Retry-After)."""
    checks: int = 0
    """Questions asked by this process since the state last changed. Not kept in the journal."""
    checked_at: datetime | None = None
    """When this process last asked. Not kept in the journal."""
    updated_at: datetime
    facts: Mapping[str, object] = field(default_factory=dict)
    """Every documented field of CCV's last answer."""
    doubt: Doubt | None = None
    """What was odd about the last answers."""
    doubt_since: datetime | None = None
    doubt_count: int = 0
    verified: int = 0
    """How often a failed refund was asked about again, in case it succeeded after all."""
    alarm: str | None = None
    """CCV contradicts what the customer was told: one sentence. A person must look."""
    closed_as: str | None = None
    """`executed` or `not executed`, when a person closed it."""

    version: int = 0
    """Counts the writes of this row; an older writer loses."""
    owner: str | None = None
    """The process working on it now, if any."""
    lease_until: datetime | None = None
    fence: int = 0
    """Counts the changes of owner; a writer that was overtaken loses."""

    @property
    def money_moved(self) -> str:
        """`yes`, `no` or `unknown`."""
        if self.closed_as is not None:
            return "yes" if self.closed_as == "executed" else "no"
        if self.alarm is not None:
            return "unknown"
        return self.state.money_moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a refund's history. It is never changed."""

    at: datetime
    rule: str
    """The row of `transitions.py` it followed, as `T4`; `-` for evidence that moved nothing."""
    state: RefundState
    """The state after it."""
    text: str
    """What happened, one sentence, safe to show."""
    facts: Mapping[str, object] = field(default_factory=dict)
