"""Sentences of ours, said in the current language: fresh ones, and those that were written down."""

import re
from datetime import datetime

from posrefund.figures import amount_text, moment_text
from posrefund.language import N_, SOURCE, _, current
from posrefund.money import Money
from posrefund.refund.model import Refund, RefundState
from posrefund.refund.transitions import TABLE, Trigger
from posrefund.sentence import Sentence, Spoken


def said(spoken: Spoken | Sentence) -> str:
    """Say a sentence of ours, or that of an error, in the current language."""
    sentence = spoken.sentence if isinstance(spoken, Spoken) else spoken
    template = _(sentence.template)
    if not sentence.values:
        return template
    return template.format(**{name: _shown(value) for name, value in sentence.values.items()})


def quoted(text: str) -> str:
    """The text between the quotation marks of the current language."""
    return _("\u201c{text}\u201d").format(text=text)


def _shown(value: object) -> str:
    if isinstance(value, Money):
        return amount_text(value)
    if isinstance(value, Spoken | Sentence):
        return said(value)
    if isinstance(value, RefundState):
        return state_text(value)
    if isinstance(value, datetime):
        return moment_text(value)
    return str(value)


def retold(text: str) -> str:
    """Say what was written down, in English, in the current language.

    Sentences that are not ours, such as a person's evidence, stay as they are.
    """
    for beginning in _BEGINNINGS:
        if text.startswith(f"{beginning} "):
            rest = retold(text.removeprefix(beginning).strip())
            # Whose name begins the reason, of a case that was closed, knows how it is written.
            is_ours = beginning.endswith(".") and beginning not in _BY_A_PERSON
            return f"{_(beginning)} {_as_sentence(rest) if rest and is_ours else rest}"
    if current() == SOURCE:
        return text
    for template, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            parts = found.groupdict()
            return _(template).format(**{name: _part(name, parts[name]) for name in parts})
    return _(text)


def _as_sentence(text: str) -> str:
    stop = "" if text.endswith((".", "!", "?", "\u2026", '"', "\u201d")) else "."
    return f"{text[:1].upper()}{text[1:]}{stop}"


def _part(name: str, text: str) -> str:
    """One value of a sentence that was written down. What CCV or a person wrote stays as it is."""
    if name == "why":
        return retold(text)
    money = _MONEY.fullmatch(text) if name == "amount" else None
    if money is not None:
        return amount_text(Money(int(money[2] + money[3]), money[1]))
    return text


_MONEY = re.compile(r"([A-Z]{3}) ([0-9]+)\.([0-9]{2})")

_BEGINNINGS = tuple(rule.because for rule in TABLE)
_BY_A_PERSON = {
    rule.because
    for rule in TABLE
    if rule.trigger in {Trigger.CLOSE_EXECUTED, Trigger.CLOSE_NOT_EXECUTED}
}

WRITTEN = (
    "Decided at {counter}: {amount} of {payment}.",
    "CCV answered with an error about transaction {reference}",
    "CCV refused it: {complaint}",
    "CCV's answer cannot be used: {why}",
    "CCV's answer is not believed: {why}",
    "Code: {code}.",
    "Its status is {status}.",
    "its amount cannot be used: {why}",
    "its {field} is missing or wrong",
    "it is about refund {reference} and not about {expected}, which CCV gave us before",
    "nothing was sent: {why}",
    "the server answered with an error ({status})",
    "the server pointed to another address ({status}), which was not followed",
)
"""Sentences with values that come to stand in the journal. A test knows that they still do."""

_PATTERNS = tuple(
    (
        template,
        re.compile(re.sub(r"\\\{([a-z]+)\\\}", r"(?P<\1>.+)", re.escape(template)), re.DOTALL),
    )
    for template in WRITTEN
)


def state_text(state: RefundState) -> str:
    """The state as a word inside a sentence; in English the one that scripts read."""
    return _(_STATE_WORDS[state])


_STATE_WORDS = {
    RefundState.INTENT: N_("intent"),
    RefundState.SENDING: N_("sending"),
    RefundState.UNKNOWN: N_("unknown"),
    RefundState.ACCEPTED: N_("accepted"),
    RefundState.SUCCEEDED: N_("succeeded"),
    RefundState.FAILED: N_("failed"),
    RefundState.NOT_SENT: N_("not_sent"),
    RefundState.ATTENTION: N_("attention"),
    RefundState.CLOSED: N_("closed"),
}


def failure(refund: Refund) -> str:
    """Say why CCV refused. A code nobody told us about is shown as it came."""
    code = refund.failure_code
    if code in _FAILURES:
        return _(_FAILURES[code])
    if code:
        return _("CCV's code is {code}").format(code=code)
    return retold(refund.message) if refund.message else _("CCV gave no reason")


_FAILURES = {
    "cancelled": N_("it was cancelled"),
    "expired": N_("nobody presented a card in time"),
    "rejected": N_("it was declined"),
    "card_refused": N_("the card was refused"),
    "insufficient_funds": N_("the account is short of money"),
    "fraud_detected": N_("the fraud check stopped it"),
    "processing_error": N_("something went wrong at the terminal or at CCV"),
    "authentication_failed": N_("the customer could not be authenticated"),
    "unsupported_currency": N_("this currency is not supported"),
    "bad_credentials": N_("CCV does not accept the credentials"),
    "invalid_config": N_("the terminal or merchant is not set up for this"),
    "unknown_reference": N_("CCV does not know this payment"),
    "refund_limit": N_("it would be more than CCV allows for this payment"),
    "unsufficient_balance": N_("today's takings at CCV do not cover it"),
}


def method_text(method: str) -> str:
    """A method of paying as people call it; CCV's own name where nobody has another."""
    return _(_METHODS.get(method, method))


_METHODS = {
    "terminal": N_("terminal"),
    "softpos": "SoftPOS",
    "card": N_("card, online"),
    "ideal": "iDEAL",
    "banktransfer": N_("bank transfer"),
    "landingpage": N_("payment page"),
    "paypal": "PayPal",
    "bancontact": "Bancontact",
    "bcmc": "Bancontact",
    "sofort": "Sofort",
    "giropay": "giropay",
    "klarna": "Klarna",
}
