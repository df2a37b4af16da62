"""The demo's earlier days: what the sandbox lists of them, as this counter wrote it down."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from posrefund.receipt.handing_out import CUSTOMER
from posrefund.references import short_id
from posrefund.refund.drafting import Drafter
from posrefund.refund.holding import LEASE
from posrefund.refund.inquiry import Lesson, learned
from posrefund.refund.model import (
    Entry,
    ProviderRefund,
    ProviderStatus,
    Refund,
    RefundOrder,
    RefundState,
)
from posrefund.refund.polling import VERIFY_AFTER_SECONDS
from posrefund.refund.transitions import Trigger, move, report
from posrefund.sandbox.samples import SAMPLES
from posrefund.sentence import Sentence
from posrefund.wiring import Program

_PRINTED = "T1003.Y"
"""The customer of this refund took a slip with them: the next one is a copy."""
_ON_THE_WAY = timedelta(seconds=1)
"""Between the button and CCV, and back."""
_LATER = ("failure_code", "e_journal", "_receipt", "ask_")
"""Facts that CCV tells only of a refund that is final, by a part of their names."""


def write_earlier_days(program: Program) -> None:
    """Write down what this counter gave back yesterday and the day before.

    It asks the sandbox, so that journal and ledger agree; each refund goes through the states by
    the table that every refund follows, at the times CCV tells. All are final and need no look.
    """
    told = [
        _told(program, sample.reference, marker=one.marker, idempotency=one.idempotency)
        for sample in SAMPLES
        for one in sample.given_back
        if one.idempotency is not None
    ]
    with program.journal.together():
        for drafter, order, said in told:
            _write(program, drafter, order, said)


def _told(
    program: Program, payment: str, *, marker: str, idempotency: str
) -> tuple[Drafter, RefundOrder, ProviderRefund]:
    """What was decided then, and what CCV says of it now."""
    (finding,) = program.service.find(payment)
    said = next(one for one in finding.given_back if (one.description or "").endswith(marker))
    desk = program.settings.terminals[0]
    drafter = Drafter(
        provider=program.provider,
        counter=program.settings.counter,
        mint=lambda: idempotency,
        short_id=short_id,
    )
    return drafter, RefundOrder(finding=finding, amount=said.amount, terminal=desk), said


def _write(program: Program, drafter: Drafter, order: RefundOrder, said: ProviderRefund) -> None:
    journal = program.journal
    made = said.created_at or program.clock.now()
    ended = (said.last_update or made) + _ON_THE_WAY
    refund, entry = drafter.draft(order, at=made - _ON_THE_WAY, lease=LEASE)
    refund = journal.open_case(refund, entry)
    refund = journal.record(*move(refund, Trigger.SEND, at=made - _ON_THE_WAY))
    refund = journal.record(*report(refund, _undecided(said), at=made + _ON_THE_WAY))
    refund, last = report(refund, said, at=ended)
    refund = journal.record(replace(refund, owner=None), last)
    if refund.state is RefundState.FAILED:
        for seconds in VERIFY_AFTER_SECONDS:
            at = ended + timedelta(seconds=seconds)
            refund = journal.record(*learned(refund, Lesson(said=said), at=at))
    if refund.original_reference == _PRINTED:
        journal.append(refund.id, _printed(refund))


def _undecided(said: ProviderRefund) -> ProviderRefund:
    """What CCV answered to the request, before the customer came."""
    created, status = said.facts["created"], "PENDING"
    facts: Mapping[str, object] = {
        name: value
        for name, value in said.facts.items()
        if not any(part in name for part in _LATER)
    } | {
        "status": status,
        "last_update": created,
        "status_final_date": created,
        "cancel_offered": True,
    }
    return replace(
        said,
        status=ProviderStatus.PENDING,
        status_text=status,
        failure_code=None,
        last_update=said.created_at,
        facts=facts,
    )


def _printed(refund: Refund) -> Entry:
    return Entry(
        at=refund.updated_at + timedelta(seconds=10),
        rule="-",
        state=refund.state,
        text=Sentence("The customer's slip was printed."),
        facts={"printed": CUSTOMER},
    )
