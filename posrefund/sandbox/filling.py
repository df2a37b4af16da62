"""Enters the samples: payments of the last hours and days, and what was given back of them."""

import secrets
import time
from collections.abc import Callable, Iterator
from functools import partial

from posrefund.sandbox.bank import Bank
from posrefund.sandbox.earlier import Earlier
from posrefund.sandbox.limits import Balance
from posrefund.sandbox.receipts import receipts_of
from posrefund.sandbox.samples import TERMINAL, Sample, all_samples

_HOUR_MS = 60 * 60 * 1000
_AT_THE_TERMINAL_MS = 20 * 1000
"""How long the customers of earlier days took."""

_Entering = tuple[int, Callable[[], object]]
"""When a transaction was made, and what enters it."""


def fill(bank: Bank, *, language: str = "eng") -> None:
    """Enter every sample in the order in which they were made, all before the bank's present.

    Args:
        bank: An empty one.
        language: Of what the terminals printed on the days before, and of every payment.
    """
    now = bank.now()
    entering: list[_Entering] = []
    for hours, sample in enumerate(all_samples(), start=2):
        entering += _history(bank, sample, now, age=hours * _HOUR_MS, language=language)
        match = {"reference": sample.reference}
        bank.habits.add([{**habit, "match": match, "times": "forever"} for habit in sample.habits])
    for _, enter in sorted(entering, key=lambda one: one[0]):
        enter()
    bank.softpos.add_installed("SP0001")
    bank.balances.update(
        ideal=Balance(credit=12000, debit=500000),
        card=Balance(credit=0, debit=900000),
        # CCV's own figures, refund guide.
        banktransfer=Balance(credit=35, debit=170),
    )


def sample_bank(language: str = "eng") -> Bank:
    """A bank on the real clock with every sample in it; see `fill` for the language."""
    return Bank(
        now=lambda: time.time_ns() // 1_000_000,
        mint=lambda: secrets.token_hex(4).upper(),
        seed=partial(fill, language=language),
    )


def _history(
    bank: Bank, sample: Sample, now: int, *, age: int, language: str
) -> Iterator[_Entering]:
    """The payment, and what was given back of it."""
    more = dict(sample.more)
    is_reversed = more.pop("reversed", False)
    earlier = [(one.created(now), one) for one in sample.given_back]
    # Nothing is given back before it was paid.
    paid = min([now - age, *(created - 2 * _HOUR_MS for created, _ in earlier)])
    common: dict[str, object] = {
        "method": sample.method,
        "order": sample.order,
        "description": f"Order {sample.order}",
        "origin": "sample",
        "language": language,
        "details": dict(TERMINAL) if sample.method == "terminal" else {},
        **more,
    }
    yield (
        paid,
        partial(
            bank.add,
            reference=sample.reference,
            amount=sample.amount,
            created=paid,
            shows=sample.shows,
            **common,
        ),
    )
    common.update(original=sample.reference, description="Earlier refund", details={})
    if is_reversed:
        reference, at = f"{sample.reference}-R1", paid + _HOUR_MS // 10
        fields = {**common, "type": "reversal"}
        yield (
            at,
            partial(bank.add, reference=reference, amount=sample.amount, created=at, **fields),
        )
    for number, (at, one) in enumerate(earlier, start=1):
        fields = {**common, "type": "refund"}
        if one.idempotency is not None:
            fields["description"] = f"Order {sample.order} {one.marker}"
            fields["details"] = {**TERMINAL, "merchantLanguage": language}
        reference = f"{sample.reference}-R{number}"
        yield at, partial(_give_back, bank, one, reference=reference, created=at, **fields)


def _give_back(bank: Bank, one: Earlier, *, reference: str, created: int, **fields: object) -> None:
    made = bank.add(
        reference=reference,
        amount=one.amount,
        created=created,
        status=one.status,
        failure_code="card_refused" if one.status == "failed" else None,
        idempotency=one.idempotency,
        **fields,
    )
    made.last_update = made.final_at = created + _AT_THE_TERMINAL_MS
    if made.details and made.status == "success":
        made.details.update(receipts_of(made))
