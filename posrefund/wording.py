"""What a person reads: what happened to the money, why, and what to do next.

Both shells use it. The tables are English and looked up in the current language when they are
shown. Every text that came from outside has been through `safe_text` before it gets here.
"""

import re
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
    NoSuchRefund,
    NotAllowed,
    NotConfirmed,
    NotFound,
    NotSent,
    PosrefundError,
    Refused,
    Unanswered,
    Unreachable,
    Unrecorded,
    Unsure,
)
from posrefund.figures import amount_text
from posrefund.language import N_, _
from posrefund.refund.model import Refund, RefundState
from posrefund.sentence import Sentence, Spoken
from posrefund.speech import failure, said
from posrefund.terminal.model import Method


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
    if refund.alarm is not None and refund.state is not RefundState.CLOSED:
        return Words(Outcome.PERSON, *map(_, _ALARM))
    outcome, title, money, step = _STATES[refund.state]
    why = ""
    if refund.state is RefundState.CLOSED:
        money = _CLOSED[refund.money_moved]
        title = _CLOSED_TITLES[refund.money_moved]
    elif refund.state is RefundState.ACCEPTED:
        step = _ACCEPTED_STEPS.get(refund.method, step)
    elif refund.state is RefundState.FAILED:
        why = failure(refund).rstrip(".")
        step = _FAILURE_STEPS.get(refund.failure_code or "", step)
    amount = amount_text(refund.amount)
    return Words(outcome, _(title), _(money).format(amount=amount, why=why), _(step))


def title(state: RefundState) -> str:
    """The two or three words of a state, in English; looked up where they are shown."""
    return _STATES[state][1]


def verdict_titles() -> tuple[str, ...]:
    """The titles of what a person closed, in English."""
    return tuple(_CLOSED_TITLES.values())


_STATES: dict[RefundState, tuple[Outcome, str, str, str]] = {
    RefundState.INTENT: (
        Outcome.RUNNING,
        N_("Preparing"),
        N_("Nothing was sent yet."),
        N_("Wait a moment; it is tried again by itself."),
    ),
    RefundState.SENDING: (
        Outcome.RUNNING,
        N_("Sending"),
        N_("{amount} is being sent to CCV."),
        N_("Do not hand over cash, and do not start it again."),
    ),
    RefundState.UNKNOWN: (
        Outcome.NOT_KNOWN,
        N_("Not known yet"),
        N_("We do not know yet whether CCV has this refund of {amount}."),
        N_("Do NOT start it again; it is being looked up by itself."),
    ),
    RefundState.ACCEPTED: (
        Outcome.RUNNING,
        N_("At CCV"),
        N_("CCV has the refund of {amount} and has not decided yet."),
        N_("Wait for CCV; the customer's card is not needed."),
    ),
    RefundState.SUCCEEDED: (
        Outcome.DONE,
        N_("Done"),
        N_("{amount} was given back."),
        N_("Give the customer the slip."),
    ),
    RefundState.FAILED: (
        Outcome.NOT_DONE,
        N_("Not done"),
        N_("{amount} was NOT given back: {why}."),
        N_("No money moved; you may start a new refund."),
    ),
    RefundState.NOT_SENT: (
        Outcome.NOT_SENT,
        N_("Not sent"),
        N_("Nothing left this machine, so {amount} was NOT given back."),
        N_("Check the connection; then you may start again."),
    ),
    RefundState.ATTENTION: (
        Outcome.PERSON,
        N_("A person must look"),
        N_("It is not certain whether {amount} was given back."),
        N_("Do NOT start it again; call a manager or CCV's helpdesk and name the reference."),
    ),
    RefundState.CLOSED: (
        Outcome.PERSON,
        N_("Closed"),
        N_("A person closed it: executed."),
        N_("Nothing more to do."),
    ),
}

_ACCEPTED_STEPS: dict[str, str] = {
    Method.TERMINAL: N_(
        "Follow the terminal; ask the customer to present the card when it says so."
    ),
    Method.SOFTPOS: N_("Follow the CCV app on the phone; it says when the card must be there."),
}

_CLOSED_TITLES = {
    "yes": N_("Closed: given back"),
    "no": N_("Closed: not given back"),
    "unknown": N_("Closed"),
}
_CLOSED = {
    "yes": N_("A person closed it: {amount} was given back."),
    "no": N_("A person closed it: {amount} was NOT given back."),
    "unknown": N_("A person closed it."),
}

_ALARM = (
    N_("A person must look"),
    N_("CCV contradicts itself: what the customer was told about this refund may be wrong."),
    N_("Do NOT start it again; call a manager and CCV's helpdesk, and name the reference."),
)

_FAILURE_STEPS = {
    "expired": N_(
        "No money moved; start a new refund and let the customer present the card sooner."
    ),
    "processing_error": N_("No money moved; check the terminal, then start a new refund."),
    "refund_limit": N_("No money moved; look the payment up again and give back less."),
    "unsufficient_balance": N_(
        "No money moved; try again after more sales, or call CCV's helpdesk."
    ),
    "invalid_config": N_("No money moved; choose another terminal or check its settings."),
}


def error_words(error: PosrefundError) -> str:
    """Say what an error means: what happened to the money, why, what to do. Three sentences."""
    money, step = next(_ERRORS[kind] for kind in type(error).__mro__ if kind in _ERRORS)
    why = said(error).rstrip(".")
    if not _begins_with_a_name(error.sentence):
        why = f"{why[:1].upper()}{why[1:]}"
    number = f" ({error.catalogue})" if error.catalogue else ""
    return f"{_(money)} {why}. {_(step)}{number}"


def _begins_with_a_name(sentence: Sentence) -> bool:
    """As that of a file, which is left as it is written."""
    first = re.match(r"\{([a-z_]+)\}", sentence.template)
    if first is None:
        return False
    value = sentence.values.get(first[1])
    within = value.sentence if isinstance(value, Spoken) else value
    return not isinstance(within, Sentence) or _begins_with_a_name(within)


_ERRORS: dict[type, tuple[str, str]] = {
    Misused: (N_("Nothing was sent."), N_("Correct it and try again.")),
    NotAllowed: (N_("Nothing was sent."), N_("Correct it, or ask a manager.")),
    AlreadyOpen: (
        N_("Nothing was sent."),
        N_("Follow the refund that is open; do not start another."),
    ),
    NotConfirmed: (N_("Nothing was sent."), N_("If it is really meant, confirm it expressly.")),
    NoSuchRefund: (N_("Nothing was found."), N_("posrefund list shows the refunds there are.")),
    NotFound: (N_("Nothing was found."), N_("Check the reference, or search by the order.")),
    Declined: (N_("No money moved."), N_("Look the payment up again before a new refund.")),
    Refused: (N_("No money moved."), N_("Look the payment up again before a new refund.")),
    ConfigWrong: (N_("Nothing was sent."), N_("Correct the configuration and start again.")),
    KeyRefused: (
        N_("No money moved by this."),
        N_("Have the API key checked, then ask what became of open refunds."),
    ),
    Unreachable: (N_("Nothing was sent."), N_("Check the connection and try again.")),
    NoInformation: (
        N_("This only asked; no money moved by it."),
        N_("Wait a moment and ask again."),
    ),
    NotSent: (N_("Nothing was sent."), N_("It is safe to try again.")),
    JournalUnavailable: (N_("Nothing was sent."), N_("See to the journal, then try again.")),
    Unrecorded: (N_("It was sent."), N_("Do not start it again; run posrefund recover.")),
    JournalTrouble: (
        N_("Nothing more was sent."),
        N_("Check the journal, then run posrefund recover."),
    ),
    Unanswered: (N_("Money may have moved."), N_("Do not repeat it; run posrefund recover.")),
    Unsure: (N_("Money may have moved."), N_("Do not repeat it; run posrefund recover.")),
    LostLease: (
        N_("Nothing was changed here."),
        N_("Another window is working on it; look there."),
    ),
    PosrefundError: (
        N_("Nothing more was sent."),
        N_("Run posrefund recover and look at the list."),
    ),
}
