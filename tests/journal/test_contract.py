"""What every journal promises, tried on each."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from posrefund.errors import AlreadyOpen, LostLease, NotAllowed
from posrefund.journal.memory import MemoryJournal
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import Environment, Refund, RefundState
from posrefund.refund.ports import Journal
from tests.support.builders import NOON, PAYMENT, a_refund, an_entry, eur

LATER = NOON + timedelta(seconds=61)


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    opened: Journal = (
        MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.db")
    )
    yield opened
    opened.close()


def opened(journal: Journal, **changes: object) -> Refund:
    return journal.open_case(a_refund(**changes), an_entry())


def finished(journal: Journal, number: int, **changes: object) -> Refund:
    refund = opened(
        journal,
        id=f"R{number}",
        idempotency_reference=f"key-{number}",
        created_at=NOON + timedelta(minutes=number),
        **changes,
    )
    return journal.record(replace(refund, state=RefundState.SUCCEEDED, owner=None), None)


def test_a_refund_comes_back_as_it_was_written(journal: Journal) -> None:
    written = opened(
        journal,
        provider_reference="TR1",
        facts={"status": "pending", "payout_instructions": [{"amount": "1.00"}]},
        first_sent_at=NOON,
        not_before=LATER,
        message="because",
    )

    assert journal.get(written.id) == written


def test_an_unknown_id_is_nobody(journal: Journal) -> None:
    assert journal.get("nobody") is None
    assert journal.with_provider_reference(Environment.TEST, "nobody") is None


def test_a_payment_has_one_unfinished_refund_at_most(journal: Journal) -> None:
    first = opened(journal)

    with pytest.raises(AlreadyOpen) as refused:
        opened(journal, id="SECOND", idempotency_reference="another")

    assert refused.value.refund_id == first.id
    assert journal.get("SECOND") is None


def test_the_same_id_is_never_written_twice(journal: Journal) -> None:
    first = finished(journal, 1)

    with pytest.raises(AlreadyOpen) as refused:
        opened(journal, id=first.id, idempotency_reference="another")

    assert refused.value.refund_id == first.id


def test_a_finished_refund_frees_its_payment(journal: Journal) -> None:
    finished(journal, 1)

    assert opened(journal, id="SECOND", idempotency_reference="another").id == "SECOND"


def test_of_two_decisions_made_on_one_look_the_second_loses(journal: Journal) -> None:
    finished(journal, 1, ordinal=1)

    with pytest.raises(NotAllowed, match="in between"):
        opened(journal, ordinal=1)

    assert opened(journal, ordinal=2).ordinal == 2


def test_the_other_environment_is_another_payment(journal: Journal) -> None:
    opened(journal)

    live = opened(journal, id="L", idempotency_reference="l", environment=Environment.LIVE)

    assert journal.of_payment(Environment.LIVE, PAYMENT) == [live]


def test_an_older_writer_loses(journal: Journal) -> None:
    refund = opened(journal)
    journal.record(replace(refund, state=RefundState.SENDING), an_entry())

    with pytest.raises(LostLease):
        journal.record(replace(refund, state=RefundState.NOT_SENT), an_entry())

    assert journal.entries(refund.id) == [an_entry(), an_entry()]


def test_a_held_refund_cannot_be_claimed(journal: Journal) -> None:
    refund = opened(journal)

    with pytest.raises(LostLease):
        journal.claim(refund.id, now=NOON, until=LATER)


def test_a_lease_that_is_over_can_be_claimed_and_its_holder_writes_no_more(
    journal: Journal,
) -> None:
    sleeper = opened(journal)

    held = journal.claim(sleeper.id, now=LATER, until=LATER + timedelta(seconds=60))

    assert held.fence == sleeper.fence + 1
    with pytest.raises(LostLease):
        journal.record(replace(sleeper, state=RefundState.SENDING), an_entry())
    assert journal.record(replace(held, state=RefundState.UNKNOWN), None).version == 2


def test_a_released_refund_can_be_claimed_at_once(journal: Journal) -> None:
    refund = opened(journal)
    journal.record(replace(refund, owner=None), None)

    assert journal.claim(refund.id, now=NOON, until=LATER).fence == 2


def test_what_is_claimed_is_as_the_journal_has_it(journal: Journal) -> None:
    refund = opened(journal)
    journal.record(replace(refund, owner=None), None)

    held = journal.claim(refund.id, now=NOON, until=LATER)

    assert held == journal.get(refund.id)
    assert held.lease_until == LATER


def test_nobody_can_claim_what_is_not_in_the_journal(journal: Journal) -> None:
    with pytest.raises(LostLease, match="not in this journal"):
        journal.claim("nobody", now=NOON, until=LATER)


def test_two_refunds_never_share_a_provider_reference(journal: Journal) -> None:
    first = finished(journal, 1)
    journal.record(replace(first, provider_reference="TR1"), None)
    second = opened(journal)

    with pytest.raises(NotAllowed):
        journal.record(replace(second, provider_reference="TR1"), an_entry())

    assert journal.get(second.id) == second
    assert journal.entries(second.id) == [an_entry()]


def test_open_refunds_are_the_unfinished_ones_oldest_first(journal: Journal) -> None:
    finished(journal, 1)
    young = opened(journal, id="B", idempotency_reference="b", created_at=LATER)
    old = opened(journal, id="A", idempotency_reference="a", original_reference="T2")

    assert [one.id for one in journal.open_refunds()] == [old.id, young.id]


def test_unsettled_are_the_failed_to_be_verified_and_the_contradicted_oldest_first(
    journal: Journal,
) -> None:
    def ended(number: int, state: RefundState, **changes: object) -> str:
        refund = finished(journal, number, original_reference=f"T{number}")
        journal.record(replace(refund, state=state, **changes), None)
        return refund.id

    alarmed = ended(4, RefundState.SUCCEEDED, alarm="CCV now says failed.")
    verified = ended(3, RefundState.FAILED, verified=2)
    ended(2, RefundState.FAILED, verified=3)
    ended(1, RefundState.CLOSED, alarm="CCV now says failed.", closed_as="executed")
    ended(5, RefundState.SUCCEEDED)

    assert [one.id for one in journal.unsettled_refunds()] == [verified, alarmed]


def test_the_latest_come_newest_first_and_page_on(journal: Journal) -> None:
    for number in range(1, 6):
        finished(journal, number)

    page = journal.latest(limit=2)
    rest = journal.latest(limit=9, before=(page[-1].created_at, page[-1].id))

    assert [one.id for one in page] == ["R5", "R4"]
    assert [one.id for one in rest] == ["R3", "R2", "R1"]


def test_the_latest_of_a_day_and_of_a_state(journal: Journal) -> None:
    finished(journal, 1)
    finished(journal, 24 * 60)
    opened(journal)

    assert [one.id for one in journal.latest(limit=9, day=NOON.date())] == ["R1", "ABCDEFGHIJ"]
    tomorrow = NOON.date() + timedelta(days=1)
    assert [one.id for one in journal.latest(limit=9, day=tomorrow)] == ["R1440"]
    assert [one.id for one in journal.latest(limit=9, state=RefundState.INTENT)] == ["ABCDEFGHIJ"]


def test_history_keeps_its_order(journal: Journal) -> None:
    refund = opened(journal)
    evidence = an_entry(rule="-", text="A question.", facts={"status": "pending"})

    journal.append(refund.id, evidence)

    assert journal.entries(refund.id) == [an_entry(), evidence]


def test_amounts_are_whole_cents_to_the_last(journal: Journal) -> None:
    highest = opened(journal, amount=eur("9999999999.99"))

    kept = journal.get(highest.id)

    assert kept is not None
    assert kept.amount == eur("9999999999.99")


# -- several writes in one commit ---------------------------------------------------------------


def two_open(journal: Journal) -> tuple[Refund, Refund]:
    return opened(journal), opened(
        journal, id="B", idempotency_reference="b", original_reference="T2"
    )


def test_what_is_written_together_is_written(journal: Journal) -> None:
    one, other = two_open(journal)

    with journal.together():
        journal.record(replace(one, state=RefundState.SENDING), an_entry())
        journal.record(replace(other, state=RefundState.SENDING), an_entry())

    assert [refund.state for refund in journal.open_refunds()] == [RefundState.SENDING] * 2
    assert len(journal.entries(one.id)) == len(journal.entries(other.id)) == 2


def test_of_what_is_written_together_one_that_is_refused_takes_no_other_along(
    journal: Journal,
) -> None:
    one, other = two_open(journal)

    with journal.together():
        journal.record(replace(one, state=RefundState.SENDING), an_entry())
        with pytest.raises(LostLease):
            journal.record(replace(other, version=9, state=RefundState.SENDING), an_entry())

    kept = {refund.id: refund.state for refund in journal.open_refunds()}
    assert kept == {one.id: RefundState.SENDING, other.id: RefundState.INTENT}
    assert journal.entries(other.id) == [an_entry()]
