"""What a person reads: what happened to the money, why, and what to do next.

Both shells use it and it is the one file to translate. Every text that came from outside has been
through `safe_text` before it gets here.
"""

from dataclasses import dataclass
from enum import StrEnum

from posrefund.errors import (
    AlreadyOpen,
    ConfigWrong,
    Declined,
    JournalTrouble,
    JournalUnavailable,
    KeyRefused,
    LostLease,
    Misused,
    NoInformation,
    NotAllowed,
    NotFound,
    NotSent,
    PosrefundError,
    Refused,
    Unanswered,
    Unreachable,
    Unrecorded,
    Unsure,
)
from posrefund.refund.model import Refund, RefundState


class Outcome(StrEnum):
    """What the cashier may believe."""

    DONE = "done"
    NOT_DONE = "not done"
    NOT_SENT = "not sent"
    NOT_KNOWN = "not known yet"
    PERSON = "a person must look"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Words:
    """One state of one refund, in words."""

    outcome: Outcome
    title: str
    """Two or three words, to be written big."""
    money: str
    """What happened to the money, one sentence."""
    next: str
    """What to do now, one sentence."""


def words(refund: Refund) -> Words:
    """Say where a refund stands."""
    outcome, title, money, step = _STATES[refund.state]
    amount = str(refund.amount)
    if refund.alarm is not None and refund.state is not RefundState.CLOSED:
        return Words(Outcome.PERSON, *_ALARM)
    if refund.state is RefundState.CLOSED:
        money = f"A person closed it: {refund.closed_as}."
    elif refund.state is RefundState.FAILED:
        money = f"{amount} was NOT given back: {failure(refund)}."
        step = _FAILURE_STEPS.get(refund.failure_code or "", step)
    return Words(outcome, title, money.format(amount=amount), step)


_STATES: dict[RefundState, tuple[Outcome, str, str, str]] = {
    RefundState.INTENT: (
        Outcome.RUNNING,
        "Preparing",
        "Nothing was sent yet.",
        "Wait a moment; it is tried again by itself.",
    ),
    RefundState.SENDING: (
        Outcome.RUNNING,
        "Sending",
        "{amount} is being sent to CCV.",
        "Do not hand over cash, and do not start it again.",
    ),
    RefundState.UNKNOWN: (
        Outcome.NOT_KNOWN,
        "Not known yet",
        "We do not know yet whether CCV has this refund of {amount}.",
        "Do NOT start it again; it is being looked up by itself.",
    ),
    RefundState.ACCEPTED: (
        Outcome.RUNNING,
        "At CCV",
        "CCV has the refund of {amount} and has not decided yet.",
        "Follow the terminal; ask the customer to present the card when it says so.",
    ),
    RefundState.SUCCEEDED: (
        Outcome.DONE,
        "Done",
        "{amount} was given back.",
        "Give the customer the slip.",
    ),
    RefundState.FAILED: (
        Outcome.NOT_DONE,
        "Not done",
        "{amount} was NOT given back.",
        "No money moved; you may start a new refund.",
    ),
    RefundState.NOT_SENT: (
        Outcome.NOT_SENT,
        "Not sent",
        "Nothing left this machine, so {amount} was NOT given back.",
        "Check the connection; then you may start again.",
    ),
    RefundState.ATTENTION: (
        Outcome.PERSON,
        "A person must look",
        "It is not certain whether {amount} was given back.",
        "Do NOT start it again; call a manager or CCV's helpdesk and name the reference.",
    ),
    RefundState.CLOSED: (
        Outcome.PERSON,
        "Closed",
        "A person closed it.",
        "Nothing more to do.",
    ),
}

_ALARM = (
    "A person must look",
    "CCV contradicts itself: what the customer was told about this refund may be wrong.",
    "Do NOT start it again; call a manager and CCV's helpdesk, and name the reference.",
)

_FAILURES = {
    "cancelled": "it was cancelled",
    "expired": "nobody presented a card in time",
    "rejected": "it was declined",
    "card_refused": "the card was refused",
    "insufficient_funds": "the account is short of money",
    "fraud_detected": "the fraud check stopped it",
    "processing_error": "something went wrong at the terminal or at CCV",
    "authentication_failed": "the customer could not be authenticated",
    "unsupported_currency": "this currency is not supported",
    "bad_credentials": "CCV does not accept the credentials",
    "invalid_config": "the terminal or merchant is not set up for this",
    "unknown_reference": "CCV does not know this payment",
    "refund_limit": "it would be more than CCV allows for this payment",
    "unsufficient_balance": "today's takings at CCV do not cover it",
}

_FAILURE_STEPS = {
    "expired": "No money moved; start a new refund and let the customer present the card sooner.",
    "processing_error": "No money moved; check the terminal, then start a new refund.",
    "refund_limit": "No money moved; look the payment up again and give back less.",
    "unsufficient_balance": "No money moved; try again after more sales, or call CCV's helpdesk.",
    "invalid_config": "No money moved; choose another terminal or check its settings.",
}


def failure(refund: Refund) -> str:
    """Say why CCV refused. A code nobody told us about is shown as it came."""
    code = refund.failure_code
    if code in _FAILURES:
        return _FAILURES[code]
    if code:
        return f"CCV's code is {code}"
    return refund.message or "CCV gave no reason"


def error_words(error: PosrefundError) -> str:
    """Say what an error means: what happened to the money, why, what to do. Three sentences."""
    money, step = next(_ERRORS[kind] for kind in type(error).__mro__ if kind in _ERRORS)
    why = str(error).rstrip(".")
    return f"{money} {why[:1].upper()}{why[1:]}. {step}"


_ERRORS: dict[type, tuple[str, str]] = {
    Misused: ("Nothing was sent.", "Correct it and try again."),
    NotAllowed: ("Nothing was sent.", "Choose another payment or amount, or ask a manager."),
    AlreadyOpen: ("Nothing was sent.", "Follow the refund that is open; do not start another."),
    NotFound: ("Nothing was sent.", "Check the reference, or search by the order."),
    Declined: ("No money moved.", "Look the payment up again before a new refund."),
    Refused: ("No money moved.", "Look the payment up again before a new refund."),
    ConfigWrong: ("Nothing was sent.", "Correct the configuration and start again."),
    KeyRefused: ("Nothing was sent.", "Have the API key checked, then start again."),
    Unreachable: ("Nothing was sent.", "Check the connection and try again."),
    NoInformation: ("Nothing was sent.", "Wait a moment and ask again."),
    NotSent: ("Nothing was sent.", "It is safe to try again."),
    JournalUnavailable: ("Nothing was sent.", "Make the journal writable, then try again."),
    Unrecorded: ("It was sent.", "Do not start it again; run posrefund recover."),
    JournalTrouble: ("Nothing more was sent.", "Check the journal, then run posrefund recover."),
    Unanswered: ("Money may have moved.", "Do not repeat it; run posrefund recover."),
    Unsure: ("Money may have moved.", "Do not repeat it; run posrefund recover."),
    LostLease: ("Nothing was changed here.", "Another window is working on it; look there."),
    PosrefundError: ("Nothing more was sent.", "Run posrefund recover and look at the list."),
}
