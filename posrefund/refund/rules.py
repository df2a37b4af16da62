"""What may be given back, and how much. Pure: every rule is a question with a plain answer."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from posrefund.errors import AlreadyOpen, Misused, NotAllowed, NotConfirmed
from posrefund.money import Money, zero
from posrefund.refund.model import (
    Finding,
    Payment,
    ProviderRefund,
    ProviderStatus,
    Refund,
    RefundOrder,
    RefundState,
)
from posrefund.refund.polling import QUIET_SECONDS
from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence

REFUNDABLE_TYPES = frozenset({"sale", "capture"})
"""CCV refunds sales and captures; an authorise is reversed instead (guide, basic operations)."""
METHODS_WITHOUT_REFUND = frozenset({"landingpage", "token", "vault"})
"""CCV refund reference: all methods except these."""
CEILING_PERCENT = 120
"""CCV's default limit, earlier refunds included. 100 % is ours."""
SIMILAR_WITHIN = timedelta(days=30)
BUSY_FOR = timedelta(minutes=10)
"""A refund still open after that does not keep its terminal busy any more."""
EMPTY_LISTS = 3
EMPTY_LISTS_APART = timedelta(minutes=5)
EMPTY_LIST_IS_FRESH = timedelta(minutes=1)


def why_not_refundable(payment: Payment) -> Sentence | None:
    """Return why nothing of this payment can be given back, or None when it can be."""
    if payment.type == "authorise":
        return Sentence("this is an authorisation; refund the capture of it instead")
    if payment.type not in REFUNDABLE_TYPES:
        return Sentence(
            "this is a {type}; only sales and captures can be refunded", type=payment.type
        )
    if payment.method in METHODS_WITHOUT_REFUND:
        return Sentence("CCV does not refund payments by {method}", method=payment.method)
    if payment.status is ProviderStatus.PENDING:
        return Sentence("the payment is still pending, so there is nothing to give back yet")
    if payment.status is not ProviderStatus.SUCCESS:
        return Sentence(
            "the payment did not succeed (its status is {status})", status=payment.status_text
        )
    return None


def examine(
    payment: Payment,
    given_back: Sequence[ProviderRefund],
    ours: Sequence[Refund],
    *,
    looked_at: datetime,
) -> Finding:
    """Work out what is left: paid, less what CCV lists and has not failed, less our open ones.

    What is known here as given back counts as that, whatever CCV lists of it: a person may have
    closed it as executed, and lists lag behind.
    """
    nothing = zero(payment.amount.currency)
    known = [refund for refund in ours if refund.money_moved == "yes"]
    amounts = [
        (said.amount, said.status is ProviderStatus.SUCCESS or _is_one_of(said, known))
        for said in given_back
        if counts(said) or _is_one_of(said, known)
    ]
    amounts += [(one.amount, one in known) for one in ours if _reserves(one, given_back)]
    returned = _sum((amount for amount, is_back in amounts if is_back), nothing)
    still_open = _sum((amount for amount, is_back in amounts if not is_back), nothing)
    left = payment.amount - returned - still_open
    return Finding(
        payment=payment,
        given_back=tuple(given_back),
        refunds=tuple(ours),
        open=still_open,
        returned=returned,
        left=left if nothing < left else nothing,
        looked_at=looked_at,
    )


def counts(said: ProviderRefund) -> bool:
    """Does this refund or reversal use up part of the payment? Only a failed one does not."""
    return said.status is not ProviderStatus.FAILED


def held_back(finding: Finding) -> Money:
    """The part of what is open that a person closed as not given back, and CCV has not decided.

    It stays counted: CCV may still carry it out.
    """
    closed = [refund for refund in finding.refunds if refund.closed_as == "not executed"]
    undecided = (
        said.amount
        for said in finding.given_back
        if said.status not in {ProviderStatus.SUCCESS, ProviderStatus.FAILED}
        and _is_one_of(said, closed)
    )
    return _sum(undecided, zero(finding.open.currency))


def _is_one_of(said: ProviderRefund, ours: Iterable[Refund]) -> bool:
    """Is it one of these refunds? By CCV's reference; by our marker where we know none."""
    return any(
        said.reference == refund.provider_reference
        if refund.provider_reference
        else (said.description or "").endswith(refund.marker)
        for refund in ours
    )


def check_order(order: RefundOrder, *, now: datetime) -> None:
    """Let a refund through, or say why not.

    Raises:
        NotAllowed: If our rules say no. Nothing was sent.
        AlreadyOpen: If an unfinished refund of the payment comes first.
    """
    payment = order.finding.payment
    for refund in order.finding.refunds:
        if not refund.state.is_final:
            raise AlreadyOpen(
                "refund {refund_id} of this payment is not finished", refund_id=refund.id
            )
    refusal = why_not_refundable(payment)
    if refusal is not None:
        raise NotAllowed(refusal)
    _check_amount(order)
    _check_payouts(order)
    if not order.again:
        _check_similar(order, now=now)


def check_confirmed(order: RefundOrder, seen: Finding) -> None:
    """Let an express confirmation count only for what the person had seen when giving it.

    Whoever names the decision with an id has it counted once anyway.

    Raises:
        NotAllowed: If another refund of the payment came in between. Nothing was sent.
    """
    now = order.finding
    if order.id is not None or not (order.again or order.above_original):
        return
    before, after = seen.returned + seen.open, now.returned + now.open
    if len(now.refunds) != len(seen.refunds) or before != after:
        raise NotAllowed(
            "another refund of this payment came in between; look the payment up again"
        )


def same_decision(before: Refund, order: RefundOrder) -> Refund:
    """Return `before`, the refund that already has the order's id.

    Raises:
        NotAllowed: If the id named another payment or amount. Nothing was sent.
    """
    payment = order.finding.payment.reference
    if before.original_reference != payment or before.amount != order.amount:
        raise NotAllowed(
            "the id {id} names another refund, {amount} of {payment}; nothing was sent",
            id=before.id,
            amount=before.amount,
            payment=before.original_reference,
        )
    return before


def foreign(refund: Refund) -> NotAllowed:
    """Return the refusal of a refund that another configuration made."""
    return NotAllowed(
        "refund {id} belongs to {address} ({environment}); use that configuration for it",
        id=refund.id,
        address=refund.address,
        environment=refund.environment.value,
    )


def _check_amount(order: RefundOrder) -> None:
    finding, amount = order.finding, order.amount
    if amount.currency != finding.payment.amount.currency:
        raise NotAllowed(
            "the payment is in {currency}; so is its refund",
            currency=finding.payment.amount.currency,
        )
    if not zero(amount.currency) < amount:
        raise NotAllowed("a refund gives back more than nothing")
    if amount <= finding.left:
        return
    ceiling = finding.payment.amount.percent(CEILING_PERCENT)
    most = ceiling - finding.returned - finding.open
    if most < amount and zero(amount.currency) < most:
        raise NotAllowed(
            "{amount} is more than can be given back: {left} of this payment is left, and with an"
            " express confirmation {most} at most (CCV's limit of 120 %)",
            amount=amount,
            left=finding.left,
            most=most,
        )
    if most < amount:
        raise NotAllowed(
            "{amount} is more than can be given back: nothing of this payment is left, and CCV's"
            " limit of 120 % is reached",
            amount=amount,
        )
    if not order.above_original:
        raise NotConfirmed(
            "{amount} is above the {left} that is left of this payment; giving back more than was"
            " paid needs its own confirmation",
            amount=amount,
            left=finding.left,
            missing="above_original",
        )


def _check_payouts(order: RefundOrder) -> None:
    """CCV split payout: instructions are required when the payment had them, and must add up."""
    instructions = order.payouts
    if order.finding.payment.payouts and not instructions:
        raise NotAllowed(
            "this payment was split between merchants; say how much each of them gives back"
        )
    if not instructions:
        return
    total = _sum((payout.amount for payout in instructions), zero(order.amount.currency))
    if total != order.amount:
        raise NotAllowed(
            "the parts add up to {total}, but the refund is {amount}",
            total=total,
            amount=order.amount,
        )
    known = {payout.external_reference for payout in order.finding.payment.payouts}
    for payout in instructions:
        if payout.external_reference not in known:
            raise NotAllowed(
                "{merchant} has no part in this payment", merchant=payout.external_reference
            )


def _check_similar(order: RefundOrder, *, now: datetime) -> None:
    """Two equal refunds of one payment are mostly one refund made twice."""
    for refund in order.finding.refunds:
        paid = refund.money_moved == "yes"
        if paid and refund.amount == order.amount and now - refund.created_at < SIMILAR_WITHIN:
            raise NotConfirmed(
                "{amount} of this payment was given back before ({when}, refund {id}); a second one"
                " needs its own confirmation",
                amount=refund.amount,
                when=_moment(refund.created_at),
                id=refund.id,
                missing="again",
            )
    ours = {refund.provider_reference for refund in order.finding.refunds}
    for said in order.finding.given_back:
        if said.reference not in ours and counts(said) and said.amount == order.amount:
            raise NotConfirmed(
                "CCV lists a refund of {amount} of this payment already ({when}, {reference}); a"
                " second one needs its own confirmation",
                amount=said.amount,
                when=_moment(said.created_at),
                reference=said.reference,
                missing="again",
            )


def _moment(at: datetime | None) -> datetime | Sentence:
    return Sentence("time unknown") if at is None else at.replace(microsecond=0)


def _reserves(refund: Refund, given_back: Iterable[ProviderRefund]) -> bool:
    """Is it ours, possibly paid, and not among what CCV lists? Lists may lag behind."""
    if refund.state.is_final and refund.money_moved == "no":
        return False
    return not any(
        said.reference == refund.provider_reference
        or (said.description or "").endswith(refund.marker)
        for said in given_back
    )


def _sum(amounts: Iterable[Money], start: Money) -> Money:
    total = start
    for amount in amounts:
        total = total + amount
    return total


def is_over(refund: Refund) -> bool:
    """Need nobody wait for it now? Final, or in the hands of a person."""
    return refund.state.is_final or needs_a_person(refund)


def is_news(before: Refund, now: Refund) -> bool:
    """Would a person want to hear of the difference?"""
    return (before.state, before.provider_reference, before.pay_url, before.alarm) != (
        now.state,
        now.provider_reference,
        now.pay_url,
        now.alarm,
    )


def needs_a_person(refund: Refund) -> bool:
    """Can only a person end this: nothing could be found out, or CCV contradicts itself?"""
    if refund.state is RefundState.CLOSED:
        return False
    return refund.state is RefundState.ATTENTION or refund.alarm is not None


def is_open(refund: Refund) -> bool:
    """May it still move, or must a person still look at it?"""
    return not refund.state.is_final or needs_a_person(refund)


def busy_with(refunds: Iterable[Refund], terminal: str, *, now: datetime) -> Refund | None:
    """Return the refund of ours that keeps the terminal of this name busy, or None."""
    for refund in refunds:
        began = refund.first_sent_at or refund.created_at
        is_running = not refund.state.is_final and refund.state is not RefundState.ATTENTION
        # Either way, so that a clock that was set back keeps no terminal busy for a month.
        is_recent = abs(now - began) < BUSY_FOR
        if refund.terminal == terminal and is_running and is_recent:
            return refund
    return None


def busy_until(busy: Refund) -> datetime:
    """Return when a refund stops keeping its terminal busy, whatever becomes of it."""
    return (busy.first_sent_at or busy.created_at) + BUSY_FOR


def busy_sentence(busy: Refund) -> Sentence:
    """Say that two customers could present a card for each other's refund."""
    return Sentence(
        "{terminal} is busy with a refund of {amount}, whose customer may present a card now",
        terminal=safe_text(busy.terminal or "", limit=24),
        amount=busy.amount,
    )


def cancel_is_offered(refund: Refund) -> bool:
    """Does CCV offer to cancel it? It may refuse all the same."""
    return refund.state is RefundState.ACCEPTED and refund.facts.get("cancel_offered") is True


def check_cancelling(refund: Refund) -> None:
    """Let the wish to cancel through, or say why it makes no sense.

    Raises:
        NotAllowed: If CCV does not have the refund, or has decided it. Nothing was asked.
    """
    if refund.state is not RefundState.ACCEPTED:
        raise NotAllowed(
            "refund {id} is {state}; only one that CCV has and has not decided can be cancelled",
            id=refund.id,
            state=refund.state,
        )


def check_closing(refund: Refund, *, executed: bool, by: str, evidence: str, now: datetime) -> None:
    """Let a person's verdict through, or say why not.

    That money was given back may be said at any time. That it was not would free the payment for
    another refund, so the last attempt must be long past.

    Raises:
        Misused: If name or evidence is missing.
        NotAllowed: If the case is not for a person, or it is too early to say.
    """
    if not by.strip() or not evidence.strip():
        raise Misused("a case is closed with the name of a person and the evidence they have")
    if not needs_a_person(refund):
        raise NotAllowed(
            "refund {id} is {state}; only a case for a person is closed",
            id=refund.id,
            state=refund.state,
        )
    if executed or refund.last_sent_at is None:
        return
    wait = QUIET_SECONDS - (now - refund.last_sent_at).total_seconds()
    if wait > 0:
        raise NotAllowed(
            "it may still be carried out late; say so in {minutes} minutes at the earliest",
            minutes=int(wait // 60) + 1,
        )


def proves_absence(empty_lists_at: Sequence[datetime], *, now: datetime) -> bool:
    """Were there three empty lists, five minutes apart, the last a minute ago at the most?"""
    apart: list[datetime] = []
    for at in sorted(empty_lists_at, reverse=True):
        if not apart or apart[-1] - at >= EMPTY_LISTS_APART:
            apart.append(at)
    return len(apart) >= EMPTY_LISTS and now - apart[0] <= EMPTY_LIST_IS_FRESH
