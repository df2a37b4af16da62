"""What to tell the customer and what to do, where the method of the refund makes a difference."""

import json

from posrefund.language import N_, _
from posrefund.refund.model import Refund, RefundState
from posrefund.refund.rules import needs_a_person
from posrefund.safe_text import safe_text
from posrefund.terminal.model import Method

_SENTENCES = {
    RefundState.INTENT: N_("One moment, please."),
    RefundState.SENDING: N_("One moment, please."),
    RefundState.UNKNOWN: N_("We are checking whether it went through. Please wait a moment."),
    RefundState.SUCCEEDED: N_("Your money was given back."),
    RefundState.FAILED: N_("It did not go through; nothing was given back."),
    RefundState.NOT_SENT: N_("It did not go through; nothing was given back."),
    RefundState.ATTENTION: N_("We have to look into this. Please keep the reference."),
}
_VERDICTS = {
    "yes": N_("This was looked into: your money was given back."),
    "no": N_("This was looked into: no money was given back."),
    "unknown": N_("This was looked into."),
}
_KEEP_THIS = N_("We do not know yet. Here is a paper with the reference; please keep it.")
_GIVE_THE_SLIP = N_(
    "Do NOT start it again, and do not pay it another way. Give the customer the slip (S), which"
    " has the reference; it is followed by itself and stays under OPEN."
)
HAND_OUT_AFTER_SECONDS = 60
"""Nobody lets a customer wait longer for what is not known; they get a paper with the reference."""


def for_the_customer(refund: Refund, *, seconds: float = 0) -> str:
    """One sentence a cashier can say aloud, so many seconds after the refund was sent."""
    if needs_a_person(refund):
        # What was said before may be in doubt, whatever the state.
        return _(_SENTENCES[RefundState.ATTENTION])
    if refund.state is RefundState.CLOSED:
        return _(_VERDICTS[refund.money_moved])
    if is_to_be_handed_out(refund, seconds):
        return _(_KEEP_THIS)
    if refund.state is not RefundState.ACCEPTED:
        return _(_SENTENCES[refund.state])
    if not card_is_asked_for(refund):
        return _("Your bank is being asked. This can take a while.")
    where = safe_text(refund.terminal, limit=40) if refund.terminal else ""
    if refund.method == Method.SOFTPOS:
        return _("Please hold your card against the phone, when it asks for it.")
    if where:
        return _("Please present your card at {terminal}.").format(terminal=where)
    return _("Please present your card.")


def is_to_be_handed_out(refund: Refund, seconds: float) -> bool:
    """Has it not been known for so long that the customer gets a paper instead of an answer?"""
    is_unknown = refund.state is RefundState.UNKNOWN and not needs_a_person(refund)
    return is_unknown and seconds >= HAND_OUT_AFTER_SECONDS


def what_to_do(refund: Refund, otherwise: str, *, seconds: float = 0) -> str:
    """The cashier's next step while it is not over; `otherwise` where the method is all the same.

    Args:
        refund: As it stands.
        otherwise: What the words of its state say.
        seconds: How long ago it was sent.
    """
    if is_to_be_handed_out(refund, seconds):
        return _(_GIVE_THE_SLIP)
    if refund.state is not RefundState.ACCEPTED or refund.alarm is not None:
        return otherwise
    if refund.method != Method.SOFTPOS:
        return otherwise
    if not card_is_asked_for(refund):
        return _("Wait for CCV; the customer's card is not needed.")
    return _(
        "The card is tapped in the CCV app on the phone below; open it there."
        " Nothing can be tapped on this machine."
    )


def card_is_asked_for(refund: Refund) -> bool:
    """Must the customer present a card? What was sent says so, whatever is configured now."""
    if refund.method == Method.SOFTPOS:
        return _sent_details(refund).get("cardPresent") != "false"
    return refund.method in set(Method)


def _sent_details(refund: Refund) -> dict[str, object]:
    try:
        details = json.loads(refund.body).get("details")
    except (ValueError, AttributeError):
        return {}
    return details if isinstance(details, dict) else {}


def asked_by_the_terminal(refund: Refund) -> list[str]:
    """What the terminal asks of the cashier beside the outcome, most urgent first."""
    if refund.state is not RefundState.SUCCEEDED:
        return []
    facts = refund.facts
    signature = facts.get("ask_customer_signature") is True
    identification = facts.get("ask_customer_identification") is True
    asked: list[str] = []
    if signature and identification:
        asked.append(_("THE CUSTOMER SIGNS THE SHOP'S SLIP AND SHOWS YOU AN IDENTITY CARD"))
    elif signature:
        asked.append(_("THE CUSTOMER SIGNS THE SHOP'S SLIP"))
    elif identification:
        asked.append(_("THE CUSTOMER SHOWS YOU AN IDENTITY CARD"))
    if facts.get("ask_merchant_signature") is True:
        asked.append(_("YOU, THE CASHIER, SIGN THE SHOP'S SLIP"))
    return asked


def asks_the_customer(refund: Refund) -> bool:
    """Does the terminal ask for something the customer must do before they go?"""
    wanted = ("ask_customer_signature", "ask_customer_identification")
    return bool(asked_by_the_terminal(refund)) and any(
        refund.facts.get(name) is True for name in wanted
    )
