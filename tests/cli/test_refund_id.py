"""`refund --id`: the id names the decision, and the same decision never pays twice."""

import threading
from dataclasses import replace

import pytest

from posrefund.errors import (
    JournalUnavailable,
    KeyRefused,
    LostLease,
    NoInformation,
    Unanswered,
)
from posrefund.journal.memory import MemoryJournal
from posrefund.refund.model import Environment, ProviderStatus, Refund, RefundState
from tests.cli.fakes import Counter, answering, raising
from tests.support.builders import PAYMENT, a_refund, an_entry


def test_the_same_id_twice_sends_once_and_reports_the_first(counter: Counter) -> None:
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    first = counter.refund("--id", "till-7")
    second = counter.refund("--id", "till-7")
    assert (first.code, second.code) == (0, 0)
    assert len(counter.bank.sent) == 1
    assert second.lines == first.lines[-1:]


def test_the_same_id_is_not_asked_about_again(counter: Counter) -> None:
    counter.refund("--id", "till-7", "--no-wait")
    ended = counter.run(
        "refund", "1001", "--amount", "5.00", "--id", "till-7", "--no-wait", typed=""
    )
    assert "[y/N]" not in ended.err
    assert ended.code == 6


def test_the_same_id_continues_what_is_not_finished(counter: Counter) -> None:
    counter.refund("--id", "till-7", "--no-wait")
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    ended = counter.refund("--id", "till-7")
    assert (ended.code, ended.states) == (0, ["accepted", "succeeded"])
    assert len(counter.bank.sent) == 1


def test_the_same_id_sends_what_a_crash_left_unsent(counter: Counter) -> None:
    decided = counter.decided(id="till-7")
    counter.journal.claim(decided.id, now=decided.lease_until, until=decided.lease_until)
    counter.clock.at = decided.lease_until
    ended = counter.refund("--id", "till-7", "--no-wait")
    assert (ended.code, ended.states) == (6, ["intent", "accepted"])
    assert len(counter.bank.sent) == 1


def test_an_intent_another_process_is_about_to_send_is_left_alone(counter: Counter) -> None:
    counter.decided(id="till-7")
    ended = counter.refund("--id", "till-7", "--no-wait")
    assert (ended.code, counter.bank.sent) == (5, [])
    assert counter.journal.get("till-7").state is RefundState.INTENT


@pytest.mark.parametrize("payment", ["4222222222222", "t_2026-000123456"])
def test_an_id_that_was_used_is_reported_whatever_the_payment_looks_like(
    counter: Counter, payment: str
) -> None:
    """An order may have passed for one before, and what is refused may be paid another way."""
    refund = a_refund(id="till-7", original_reference=payment, state=RefundState.UNKNOWN)
    counter.journal.open_case(refund, an_entry())

    ended = counter.run("refund", payment, "--amount", "5", "--yes", "--id", "till-7", "--no-wait")
    other = counter.run("refund", payment, "--amount", "5", "--yes", "--id", "till-8")

    assert (ended.code, other.code) == (5, 2)


class StaleJournal(MemoryJournal):
    """Shows a refund as it was decided, once, and then cannot be claimed."""

    def __init__(self) -> None:
        super().__init__()
        self.stale: Refund | None = None
        self.is_shut = False

    def get(self, refund_id: str) -> Refund | None:
        stale, self.stale = self.stale, None
        return stale or super().get(refund_id)

    def claim(self, refund_id, *, now, until):
        if self.is_shut:
            raise JournalUnavailable("database is locked")
        return super().claim(refund_id, now=now, until=until)


@pytest.mark.parametrize("state", [RefundState.SENDING, RefundState.ACCEPTED])
def test_what_another_run_sends_meanwhile_is_neither_dropped_nor_denied(state: RefundState) -> None:
    journal = StaleJournal()
    counter = Counter(journal=journal)
    decided = counter.decided(id="till-7")
    journal.record(replace(decided, state=state), None)
    journal.stale, journal.is_shut = decided, True

    ended = counter.refund("--id", "till-7", "--no-wait")

    assert (ended.code, ended.states) == (8, ["intent", str(state)])
    assert ended.err.startswith("It was sent. Refund till-7 was ")
    assert journal.get("till-7").state is state


def test_what_another_run_may_be_about_to_send_is_not_called_not_sent() -> None:
    journal = StaleJournal()
    counter = Counter(journal=journal)
    counter.decided(id="till-7")
    journal.is_shut = True

    ended = counter.refund("--id", "till-7", "--no-wait")

    assert (ended.code, ended.lines[-1]["money_moved"]) == (8, "unknown")
    assert "refund till-7 may still be sent" in ended.err


@pytest.mark.parametrize("trouble", ["reference", "journal"])
def test_what_cannot_be_compared_is_told_as_it_stands(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    counter.refund("--id", "till-7", "--no-wait")
    payment = "4222222222222"
    if trouble == "journal":
        payment = "1001"
        counter.bank.on_ask = [JournalUnavailable("the disk is full")]

    ended = counter.run("refund", payment, "--full", "--yes", "--id", "till-7", "--json")

    assert (ended.code, ended.states) == (6, ["accepted"])


def test_another_amount_under_the_same_id_is_refused(counter: Counter) -> None:
    counter.refund("--id", "till-7", "--no-wait")
    ended = counter.run("refund", "1001", "--amount", "6.00", "--yes", "--id", "till-7")
    assert (ended.code, ended.out, len(counter.bank.sent)) == (1, "", 1)


def test_another_payment_under_the_same_id_is_refused(counter: Counter) -> None:
    counter.refund("--id", "till-7", "--no-wait")
    ended = counter.run("refund", "T1015.A", "--amount", "5.00", "--yes", "--id", "till-7")
    assert (ended.code, len(counter.bank.sent)) == (1, 1)


def test_full_again_under_the_same_id_reports_the_first(counter: Counter) -> None:
    full = ("refund", "1001", "--full", "--yes", "--json", "--id", "till-7")
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.SUCCESS)]
    counter.run(*full)
    ended = counter.run(*full)
    assert (ended.code, ended.states, len(counter.bank.sent)) == (0, ["succeeded"], 1)


def test_full_is_another_decision_than_a_part(counter: Counter) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.SUCCESS)]
    counter.refund("--id", "till-7")
    ended = counter.run("refund", "1001", "--full", "--yes", "--id", "till-7")
    assert (ended.code, len(counter.bank.sent)) == (1, 1)


@pytest.mark.parametrize("error", [NoInformation("no answer"), KeyRefused("401")])
def test_the_same_id_without_an_answer_of_ccv_never_says_not_sent(
    counter: Counter, error: Exception
) -> None:
    counter.bank.on_send = [raising(Unanswered("cut"))]
    counter.refund("--id", "till-7", "--no-wait")
    counter.bank.on_ask = [error]
    ended = counter.refund("--id", "till-7", "--no-wait")
    assert (ended.code, ended.states) == (5, ["unknown"])


def test_an_id_of_another_configuration_is_refused(counter: Counter) -> None:
    live = a_refund(id="live-1", environment=Environment.LIVE, original_reference=PAYMENT)
    counter.journal.open_case(live, an_entry())
    ended = counter.run("refund", PAYMENT, "--amount", "5.00", "--yes", "--id", "live-1")
    assert (ended.code, counter.bank.sent) == (1, [])
    assert "(live)" in ended.err


@pytest.mark.parametrize("text", ["", "-x", "a b", "x" * 65, "\u00e9"])
def test_a_malformed_id_is_wrong_use(counter: Counter, text: str) -> None:
    ended = counter.refund(f"--id={text}")
    assert (ended.code, counter.bank.questions) == (2, 0)


def test_two_processes_with_one_id_send_once(counter: Counter) -> None:
    """Both know nothing of the id when they begin; the journal lets one of them through."""
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.SUCCESS)] * 2
    both = threading.Barrier(2)
    find = counter.bank.payments_of_order

    def together(order: str):
        both.wait(5)
        return find(order)

    counter.bank.payments_of_order = together  # type: ignore[method-assign]  # of this one
    codes: list[int] = []

    def press() -> None:
        codes.append(counter.refund("--id", "till-7").code)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counter.bank.ledger) == 1
    assert 0 in codes
    assert set(codes) <= {0, 5}


def test_an_open_refund_of_the_payment_is_named(counter: Counter) -> None:
    counter.refund("--id", "till-7", "--no-wait")
    ended = counter.run("refund", "1001", "--amount", "6.00", "--yes")
    assert (ended.code, len(counter.bank.sent)) == (1, 1)
    assert "till-7" in ended.err


def test_whoever_is_slower_reports_what_the_other_process_did(counter: Counter) -> None:
    def overtaken(refund: Refund) -> None:
        counter.bank.carry_out(refund)
        raise LostLease("another process has it")

    counter.bank.on_send = [overtaken]  # type: ignore[list-item]  # on purpose
    ended = counter.refund("--id", "till-7", "--no-wait")
    assert (ended.code, ended.states) == (5, ["intent", "sending"])
