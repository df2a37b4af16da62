"""What to tell the customer, for every state a refund can be in."""

from posrefund.refund.model import Refund, RefundState
from posrefund.safe_text import safe_text
from posrefund.terminal.model import Method

_SENTENCES = {
    RefundState.INTENT: "One moment, please.",
    RefundState.SENDING: "One moment, please.",
    RefundState.UNKNOWN: "We are checking whether it went through. Please wait a moment.",
    RefundState.SUCCEEDED: "Your money was given back.",
    RefundState.FAILED: "It did not go through; nothing was given back.",
    RefundState.NOT_SENT: "It did not go through; nothing was given back.",
    RefundState.ATTENTION: "We have to look into this. Please keep the reference.",
    RefundState.CLOSED: "This refund was looked at by a person.",
}


def for_the_customer(refund: Refund) -> str:
    """One sentence a cashier can say aloud."""
    if refund.alarm is not None:
        # What was said before is in doubt, whatever the state.
        return _SENTENCES[RefundState.ATTENTION]
    if refund.state is not RefundState.ACCEPTED:
        return _SENTENCES[refund.state]
    if refund.method in set(Method):
        where = f" at {safe_text(refund.terminal, limit=40)}" if refund.terminal else ""
        return f"Please present your card{where}."
    return "Your bank is being asked. This can take a while."
