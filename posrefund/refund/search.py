"""Finding the payment a customer talks about, and what is left of it. Only asks; moves nothing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from posrefund.errors import Misused, NoInformation, NotFound
from posrefund.money import Money
from posrefund.refund.model import Finding, Payment, ProviderRefund, Refund
from posrefund.refund.ports import Clock, Journal, Provider
from posrefund.refund.rules import examine, is_open, why_not_refundable
from posrefund.sentence import Sentence

STALE = timedelta(seconds=60)
"""A payment looked at longer ago is read again before it is refunded."""
REMEMBERED_DAYS = 7
"""How far back an amount or a time of day is looked for."""
DAYS_OF_A_TIME = 2
"""A time alone fits too much: it is looked for today and yesterday."""
SHORTEST_END = 4
"""Fewer characters end too many of CCV's references."""
ABOUT = 15
"""Minutes by which a customer may be wrong about the time."""
MOST_REFUNDS, MOST_PAYMENTS = 200, 10
"""Refunds looked through, and payments asked about: a longer list helps nobody at a counter."""

_REFERENCE = re.compile(r"[A-Za-z0-9._~:+=-]{1,255}")
_AMOUNT = re.compile(r"[0-9]{1,7}[.,][0-9]{2}")
_WHOLE = re.compile(r"[1-9][0-9]{0,6}")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:h]([0-5][0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """What somebody remembers who has no receipt: an amount, a time of day, or both."""

    amount: Money | None = None
    minute: int | None = None
    """Of the day, as the clock on this machine's wall has it."""

    def fits(self, refund: Refund, *, now: datetime) -> bool:
        """Is it one of the last days' refunds, of this amount and at about this time?"""
        if now - refund.created_at > timedelta(days=REMEMBERED_DAYS):
            return False
        if self.minute is None:
            return True
        local = refund.created_at.astimezone()
        apart = abs(local.hour * 60 + local.minute - self.minute)
        return min(apart, 24 * 60 - apart) <= ABOUT

    def windows(self, now: datetime) -> list[tuple[datetime, datetime]]:
        """When it may have been: the last days, or the minutes about that time of each of them."""
        if self.minute is None:
            return [(now - timedelta(days=REMEMBERED_DAYS), now)]
        local = now.astimezone()
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        moments = [
            midnight + timedelta(minutes=self.minute) - timedelta(days=day)
            for day in range(DAYS_OF_A_TIME)
        ]
        about = timedelta(minutes=ABOUT)
        return [(at - about, min(at + about, now)) for at in moments if at - about < now]


def read_clue(text: str) -> Clue | None:
    """Return the clue in what was typed, such as `49,90`, `14:15` or both; None for a name."""
    amount: Money | None = None
    minute: int | None = None
    for word in text.casefold().replace("\u20ac", " ").split():
        if amount is None and _AMOUNT.fullmatch(word) and word.strip("0.,"):
            amount = Money.parse(word, "EUR")
        elif minute is None and (found := _TIME.fullmatch(word)):
            minute = int(found.group(1)) * 60 + int(found.group(2))
        elif word != "eur":
            return None
    if amount is None and minute is None:
        return None
    return Clue(amount=amount, minute=minute)


class Search:
    """Asks the journal first and CCV second."""

    def __init__(self, *, provider: Provider, journal: Journal, clock: Clock) -> None:
        self._provider = provider
        self._journal = journal
        self._clock = clock

    def find(self, text: str, *, loosely: bool = False) -> list[Finding]:
        """Return the findings for what was typed or scanned; see `RefundService.find`.

        Args:
            text: A reference, an order, our id, or the reference of a refund.
            loosely: Take the last characters of one too, an amount or a time of day, and go from
                an authorisation to its captures. Only where a person looks at what was found:
                a script that means another payment must hear that there is none.
        """
        wanted = text.strip(" ")
        if not wanted or len(wanted) > 255 or not wanted.isprintable():
            raise Misused("a reference or order has 1 to 255 characters, no control characters")
        clue = read_clue(wanted) if loosely else None
        if clue is not None:
            payments = self._of_clue(clue) or self._of_order(wanted)
        else:
            payments = self._exactly(wanted)
        if loosely and not payments:
            payments = self._nearly(wanted)
        if not payments:
            raise NotFound(_why_none(wanted, clue, loosely=loosely))
        if loosely:
            payments = self._captures_of(payments) or payments
        return self._examine(payments)

    def _nearly(self, wanted: str) -> list[Payment]:
        """What has this name in capitals, as CCV writes them, or ends like this."""
        if wanted != wanted.upper() and (found := self._exactly(wanted.upper())):
            return found
        ours = self._of_refunds(self._journal.latest(limit=MOST_REFUNDS, text=wanted))
        if ours or len(wanted) < SHORTEST_END:
            return ours
        now = self._clock.now()
        try:
            made = self._provider.payments_made(
                after=now - timedelta(days=DAYS_OF_A_TIME), before=now
            )
        except NoInformation:
            return []  # More than CCV lists at once; there is another way to find it.
        return [one for one in made if _ends_like(one, wanted)][:MOST_PAYMENTS]

    def refreshed(self, finding: Finding) -> Finding:
        """Return the finding as it stands now: our own refunds always, CCV's side when stale."""
        payment = finding.payment
        if self._clock.now() - finding.looked_at > STALE:
            (fresh,) = self._examine([self._payment(payment.reference)])
            return fresh
        ours = self._journal.of_payment(self._provider.environment, payment.reference)
        return _examined(payment, finding.given_back, ours, looked_at=finding.looked_at)

    def _exactly(self, wanted: str) -> list[Payment]:
        """The payments with this whole name. A whole name always beats the end of another."""
        original = self._original_of_ours(wanted)
        if original is not None:
            return [self._payment(original)]
        if _REFERENCE.fullmatch(wanted):
            try:
                return [self._payment(wanted)]
            except NotFound:
                pass
        return self._of_order(wanted)

    def _original_of_ours(self, wanted: str) -> str | None:
        environment = self._provider.environment
        known = self._journal.get(wanted)
        if known is None:
            known = self._journal.with_provider_reference(environment, wanted)
        if known is None or known.environment != environment:
            return None
        return known.original_reference

    def _of_order(self, order_reference: str) -> list[Payment]:
        """The payments of an order: those that can be refunded, else all of them."""
        listed = self._provider.payments_of_order(order_reference)
        led_to = _distinct(self._child_of(payment, listed) for payment in listed)
        return [one for one in led_to if why_not_refundable(one) is None] or led_to

    def _child_of(self, payment: Payment, listed: Sequence[Payment]) -> Payment:
        child = payment.child_reference
        if child is None:
            return payment
        return next((one for one in listed if one.reference == child), None) or self._payment(child)

    def _captures_of(self, payments: Sequence[Payment]) -> list[Payment]:
        """Where an authorisation was found alone: what was captured under the same order."""
        if len(payments) != 1 or payments[0].type != "authorise":
            return []
        order = payments[0].order_reference
        listed = self._provider.payments_of_order(order) if order else []
        return [one for one in listed if one.type == "capture" and why_not_refundable(one) is None]

    def _of_clue(self, clue: Clue) -> list[Payment]:
        """What was refunded here lately first, then what CCV has; it may be the same payment."""
        ours = self._of_refunds(self._remembered(clue))
        made: list[Payment] = []
        for after, before in clue.windows(self._clock.now()):
            made += self._provider.payments_made(after=after, before=before, amount=clue.amount)
        made.sort(key=lambda one: (one.created_at is not None, one.created_at), reverse=True)
        led_to = [self._child_of(payment, made) for payment in made]
        possible = [one for one in led_to if why_not_refundable(one) is None]
        return _distinct([*ours, *possible])[:MOST_PAYMENTS]

    def _remembered(self, clue: Clue) -> list[Refund]:
        now = self._clock.now()
        latest = self._journal.latest(limit=MOST_REFUNDS, amount=clue.amount)
        return [refund for refund in latest if clue.fits(refund, now=now)]

    def _of_refunds(self, refunds: Iterable[Refund]) -> list[Payment]:
        """The payments of these refunds of ours, as CCV has them."""
        here = [one for one in refunds if one.environment == self._provider.environment]
        references = dict.fromkeys(refund.original_reference for refund in here)
        payments: list[Payment] = []
        for reference in list(references)[:MOST_PAYMENTS]:
            try:
                payments.append(self._payment(reference))
            except NotFound:
                continue
        return _distinct(payments)

    def _payment(self, reference: str) -> Payment:
        found = self._provider.payment(reference)
        if isinstance(found, ProviderRefund):
            if found.original_reference is None:
                raise NotFound("this is a refund, and CCV does not say of which payment")
            found = self._provider.payment(found.original_reference)
        if isinstance(found, Payment) and found.child_reference is not None:
            found = self._provider.payment(found.child_reference)
        if not isinstance(found, Payment):
            raise NotFound("CCV knows no payment with this reference")
        return found

    def _examine(self, payments: Sequence[Payment]) -> list[Finding]:
        environment = self._provider.environment
        try:
            given_back = self._provider.given_back([payment.reference for payment in payments])
        except NoInformation as error:
            for payment in payments:
                for refund in self._journal.of_payment(environment, payment.reference):
                    if is_open(refund):
                        raise _beside_an_open_one(refund, error) from error
            raise
        return [
            _examined(
                payment,
                [said for said in given_back if _may_be_of(said, payment)],
                self._journal.of_payment(environment, payment.reference),
                looked_at=self._clock.now(),
            )
            for payment in payments
        ]


def _beside_an_open_one(refund: Refund, error: NoInformation) -> NoInformation:
    """Name what is in the way, where CCV cannot be asked what is left."""
    return NoInformation(
        "a refund of {amount} of this payment is not over yet ({id}), and what is left cannot be"
        " asked now: {why}",
        amount=refund.amount,
        id=refund.id,
        why=error,
        retry_after_seconds=error.retry_after_seconds,
    )


def _examined(
    payment: Payment,
    given_back: Sequence[ProviderRefund],
    ours: Sequence[Refund],
    *,
    looked_at: datetime,
) -> Finding:
    amounts = [*(said.amount for said in given_back), *(refund.amount for refund in ours)]
    if any(amount.currency != payment.amount.currency for amount in amounts):
        raise NoInformation("CCV names two currencies for one payment, which cannot be")
    return examine(payment, given_back, ours, looked_at=looked_at)


def _ends_like(payment: Payment, end: str) -> bool:
    bare, _, _ = payment.reference.rpartition(".")
    names = (payment.reference, bare, payment.order_reference or "")
    return any(name.upper().endswith(end.upper()) for name in names)


def _distinct(payments: Iterable[Payment]) -> list[Payment]:
    return list({payment.reference: payment for payment in payments}.values())


def _why_none(wanted: str, clue: Clue | None, *, loosely: bool) -> Sentence:
    """Say what was tried, and how an amount is written."""
    if clue is not None:
        return Sentence(
            "CCV knows no payment, and the journal no refund, of the last {days} days with this"
            " amount or time, and no order has that name",
            days=REMEMBERED_DAYS,
        )
    if loosely and _WHOLE.fullmatch(wanted):
        return Sentence(
            "CCV knows no payment with this reference or order, and no refund in the journal has"
            " a reference that ends like this; for an amount type {whole}.00",
            whole=wanted,
        )
    if loosely:
        return Sentence(
            "CCV knows no payment with this reference or order, and no refund in the journal has"
            " a reference that ends like this"
        )
    return Sentence("CCV knows no payment with this reference or order")


def _may_be_of(said: ProviderRefund, payment: Payment) -> bool:
    """CCV's own example leaves `originalReference` out; then it counts, to be on the safe side."""
    return said.original_reference in {None, payment.reference}
