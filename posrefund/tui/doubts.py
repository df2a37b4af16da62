"""What a person should think about before a yes. Whether it is allowed, the rules decide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from posrefund.errors import NotAllowed
from posrefund.money import Money
from posrefund.refund.model import Finding, Refund, RefundOrder
from posrefund.refund.rules import SIMILAR_WITHIN, busy_sentence, busy_with, check_order, counts
from posrefund.sentence import Sentence

REMINDED_WITHIN = timedelta(days=3)
"""Longer ago, an equal amount is chance."""
JUST_NOW = timedelta(minutes=30)
"""Another amount of the same payment so soon after may be a second try of the first."""


class Likeness(StrEnum):
    """In what another refund is like the one that is being decided."""

    PAYMENT = "payment"
    ORDER = "order"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Another refund that may be the same one, made twice."""

    likeness: Likeness
    amount: Money
    at: datetime | None
    name: str
    """Our id, or CCV's reference of one that was made elsewhere."""
    is_done: bool
    """The money went back; False while it is not known yet."""
    number: int = 1
    """How many there are that are like this one in the same way."""
    is_plain: bool = False
    """Only a fact: another amount of this payment, given back some time ago."""


def with_doubts(order: RefundOrder, *, now: datetime) -> tuple[RefundOrder, tuple[Sentence, ...]]:
    """Return the order as it may be sent, and what a person must confirm expressly first.

    Raises:
        NotAllowed: If no confirmation makes it possible. Nothing was sent.
    """
    above = replace(order, above_original=True)
    again = replace(order, again=True)
    both = replace(above, again=True)
    plain = _objection(order, now)
    if plain is None:
        return order, ()
    for tried in (above, again):
        if _objection(tried, now) is None:
            return tried, (plain,)
    last = _objection(both, now)
    if last is None:
        return both, (plain, _objection(above, now) or plain)
    raise NotAllowed(last)


def similar_to(
    finding: Finding, amount: Money | None, recent: Iterable[Refund], *, now: datetime
) -> Similar | None:
    """Return the latest of the refunds of the last days that are most like this one, or None.

    Of this payment, one is like this one when the amount is equal, or it is not finished, or was
    made just now; any other is a plain fact.

    Args:
        finding: The payment.
        amount: What is to be given back; None while that is no amount.
        recent: Refunds of the journal, newest first.
        now: The time.
    """
    payment = finding.payment
    of_payment = [
        *_alike(finding.refunds, Likeness.PAYMENT, now, within=SIMILAR_WITHIN),
        *_made_elsewhere(finding, now),
    ]
    alike = [one for one in of_payment if one.amount == amount or _is_fresh(one, now)]
    if alike:
        return _latest(alike)
    plain = _latest(of_payment)
    others = [one for one in recent if one.original_reference != payment.reference]
    order = payment.order_reference
    of_order = [one for one in others if order and one.order_reference == order]
    of_amount = [one for one in others if one.amount == amount]
    others_alike = _alike(of_order, Likeness.ORDER, now) or _alike(of_amount, Likeness.AMOUNT, now)
    return _latest(others_alike) or (replace(plain, is_plain=True) if plain is not None else None)


def doubts_of_terminal(
    order: RefundOrder, recent: Iterable[Refund], *, now: datetime
) -> tuple[Sentence, ...]:
    """Return what to confirm where two customers could present a card for each other's refund."""
    name = order.terminal.name if order.terminal is not None else None
    busy = busy_with(recent, name, now=now) if name is not None else None
    if busy is None:
        return ()
    return (busy_sentence(busy),)


def _latest(found: Sequence[Similar]) -> Similar | None:
    """The latest, knowing how many there are; one of an unknown time is older than all."""
    if not found:
        return None
    latest = max(found, key=lambda one: one.at.timestamp() if one.at is not None else float("-inf"))
    return replace(latest, number=len(found))


def _is_fresh(one: Similar, now: datetime) -> bool:
    """Is it unfinished, or was it made so lately that this may be a second try of it?"""
    return not one.is_done or (one.at is not None and now - one.at < JUST_NOW)


def _alike(
    refunds: Iterable[Refund],
    likeness: Likeness,
    now: datetime,
    *,
    within: timedelta = REMINDED_WITHIN,
) -> list[Similar]:
    return [
        Similar(
            likeness=likeness,
            amount=refund.amount,
            at=refund.created_at,
            name=refund.id,
            is_done=refund.money_moved == "yes",
        )
        for refund in refunds
        if not (refund.state.is_final and refund.money_moved == "no")
        and now - refund.created_at < within
    ]


def _made_elsewhere(finding: Finding, now: datetime) -> list[Similar]:
    """Refunds of the payment that CCV lists and we did not make."""
    ours = {refund.provider_reference for refund in finding.refunds}
    return [
        Similar(
            likeness=Likeness.PAYMENT,
            amount=said.amount,
            at=said.created_at,
            name=said.reference,
            is_done=said.status == "success",
        )
        for said in finding.given_back
        if said.reference not in ours
        and counts(said)
        and (said.created_at is None or now - said.created_at < SIMILAR_WITHIN)
    ]


def _objection(order: RefundOrder, now: datetime) -> Sentence | None:
    try:
        check_order(order, now=now)
    except NotAllowed as error:
        return error.sentence
    return None
