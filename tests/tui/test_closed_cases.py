"""What the screens say of a case that a person closed: the verdict, and nothing more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from posrefund import language
from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.wording import words
from tests.support.builders import (
    NOON,
    PAYMENT,
    a_provider_refund,
    a_sent_refund,
    an_entry,
    eur,
)
from tests.tui.fakes import a_counter, running


def _closed(counter, verdict, *, number=0, message="Jan de Vries: portal line 7", **changes):
    at = NOON - timedelta(minutes=30 + number)
    refund = a_sent_refund(
        RefundState.INTENT,
        id=f"CLOSED{number:04d}",
        idempotency_reference=f"r{number}",
        created_at=at,
        original_reference=f"T-{number}",
    )
    opened = counter.journal.open_case(replace(refund, **changes), an_entry(at=at))
    done = replace(opened, state=RefundState.CLOSED, closed_as=verdict, owner=None, message=message)
    return counter.journal.record(done, an_entry(at=at, state=RefundState.CLOSED))


@pytest.mark.parametrize("code", language.LANGUAGES)
async def test_the_lists_say_how_a_case_was_closed_and_keep_the_reference(code):
    counter = a_counter()
    _closed(counter, "executed", number=1)
    _closed(counter, "not executed", number=2)
    try:
        language.use(code)
        async with running(counter):
            for key in ("f3", "escape"):
                await counter.until_says("T-1")
                lines = counter.text().splitlines()
                for number, verdict in ((1, "executed"), (2, "not executed")):
                    title = words(a_sent_refund(RefundState.CLOSED, closed_as=verdict)).title
                    row = next(line for line in lines if f"T-{number}" in line)
                    assert f"! {title} " in row
                await counter.press(key)
    finally:
        language.use(language.SOURCE)


async def test_a_paper_that_is_no_receipt_says_nothing_of_copies_when_it_was_printed():
    counter = a_counter(is_kept=False)
    _closed(counter, "not executed", number=1)
    counter.app.print_slip = lambda refund, merchant: None
    async with running(counter):
        await counter.press("f3")
        await counter.until_says("page 1")
        await counter.press("enter")
        await counter.until_on("CaseScreen")
        await counter.press("s")
        await counter.until_says("This is no receipt.")
        assert not counter.says("Jan de Vries")
        await counter.press("p")
        await counter.until_says("nothing comes out of a printer")
        assert not counter.says("COPY")
        await counter.press("m")
        await counter.until_says("Jan de Vries")


async def test_what_a_person_closed_as_executed_is_given_back_on_the_payment():
    counter = a_counter()
    counter.bank.ledger["TR1"] = a_provider_refund(status=ProviderStatus.MANUAL_INTERVENTION)
    _closed(counter, "executed", original_reference=PAYMENT, provider_reference="TR1")
    async with running(counter):
        await counter.find()
        await counter.until_says("Given back 5.00")
        assert counter.says("On its way 0.00")
        assert counter.says("Left 44.90")


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("5.00", "Held back 5.00 (closed here, not decided at CCV)"),
        ("49.90", "A person closed EUR 49.90 of that as not given back"),
    ],
)
async def test_what_was_closed_as_not_executed_is_held_back_until_ccv_decides(amount, told):
    counter = a_counter()
    counter.bank.ledger["TR1"] = a_provider_refund(
        status=ProviderStatus.MANUAL_INTERVENTION, amount=eur(amount)
    )
    _closed(
        counter,
        "not executed",
        original_reference=PAYMENT,
        provider_reference="TR1",
        amount=eur(amount),
    )
    async with running(counter):
        await counter.find()
        await counter.until_says(told)
        assert counter.says("Held back")
        assert not counter.says("begun elsewhere")
        assert not counter.says("on its way")
