"""`batch`: every line once at the most, whatever happens, and a word for each of them."""

from pathlib import Path

import pytest

from posrefund.cli.batch_run import LOOKED_AHEAD, MOST_UNKNOWN
from posrefund.errors import KeyRefused, NoInformation, Unanswered, Unreachable
from posrefund.refund.model import ProviderStatus, Refund, RefundState
from posrefund.refund.rules import BUSY_FOR
from tests.cli.batches import HEADING, TWO, Decides, generous, outcomes, run, summary
from tests.cli.fakes import (
    BrokenJournal,
    Counter,
    InterruptedClock,
    answering,
    interrupting,
    raising,
)
from tests.support.builders import PAYMENT, a_payment, eur


@pytest.fixture
def counter() -> Counter:
    return generous()


def test_every_line_is_given_back_and_told(counter: Counter, tmp_path: Path) -> None:
    ended = run(counter, tmp_path, TWO, "--json")
    assert (ended.code, outcomes(ended)) == (0, ["done", "done"])
    assert summary(ended)["done"] == {"count": 2, "amount": "11.00", "lines": [2, 3]}
    assert sorted(said.amount.text for said in counter.bank.ledger.values()) == ["5.00", "6.00"]
    assert "no product #" in next(iter(counter.bank.ledger.values())).description


def test_the_same_file_again_pays_nothing_more(counter: Counter, tmp_path: Path) -> None:
    run(counter, tmp_path, TWO)
    asked = counter.bank.questions
    again = run(counter, tmp_path, TWO, "--json")
    assert (again.code, outcomes(again)) == (0, ["done", "done"])
    assert (len(counter.bank.sent), counter.bank.questions) == (2, asked)


def test_a_line_that_is_edited_or_moved_leaves_the_others_alone(
    counter: Counter, tmp_path: Path
) -> None:
    run(counter, tmp_path, TWO)
    moved = HEADING + "Kiosk 8,S1006.Y,6.00,jammed\nK,T1015.A,1.00,x\nKiosk 7,1001,5.00,no product"
    assert outcomes(run(counter, tmp_path, moved, "--json")) == ["done", "done", "done"]
    assert len(counter.bank.sent) == 3


def test_an_edited_description_is_no_way_to_pay_twice(counter: Counter, tmp_path: Path) -> None:
    run(counter, tmp_path, TWO)
    edited = run(counter, tmp_path, TWO.replace("no product", "nothing came"), "--json")
    assert (edited.code, outcomes(edited)) == (1, ["not_done", "done"])
    assert len(counter.bank.sent) == 2


def test_a_terminal_gets_one_refund_at_a_time(counter: Counter, tmp_path: Path) -> None:
    waiting: list[int] = []

    def note(refund: Refund):
        open_before = [one for one in counter.journal.open_refunds() if one.id != refund.id]
        waiting.append(len(open_before))
        return counter.bank.carry_out(refund)

    counter.bank.on_send = [note] * 3
    text = HEADING + "K,1001,5.00,x\nK,T1015.A,1.00,x\nK,T1015.B,2.00,x\n"
    assert outcomes(run(counter, tmp_path, text, "--json")) == ["done"] * 3
    assert waiting == [0, 0, 0]


def test_a_terminal_that_another_window_uses_is_waited_for(
    counter: Counter, tmp_path: Path
) -> None:
    counter.refund("--no-wait")
    (other,) = counter.journal.open_refunds()
    then: list[tuple[RefundState, bool]] = []

    def note(refund: Refund):
        kept = counter.journal.get(other.id)
        is_late = counter.clock.now() - other.created_at >= BUSY_FOR
        then.append(((kept or other).state, is_late))
        return counter.bank.carry_out(refund)

    counter.bank.on_send = [note]
    ended = run(counter, tmp_path, HEADING + "K,T1015.A,1.00,x\n", "--json")
    assert outcomes(ended) == ["done"]
    assert then == [(RefundState.ACCEPTED, True)]


def test_several_terminals_wait_for_their_customers_together(
    counter: Counter, tmp_path: Path
) -> None:
    waiting: list[int] = []

    def note(refund: Refund):
        waiting.append(len(counter.journal.open_refunds()))
        return counter.bank.carry_out(refund)

    counter.bank.on_send = [note] * 3
    text = "terminal," + HEADING + "Desk 2,K,1001,5.00,x\nDesk 3,K,T1015.A,1.00,x\n"
    run(counter, tmp_path, text + "Manager's phone,K,S1006.Y,2.00,x\n")
    assert waiting == [1, 2, 3]


def test_two_amounts_of_one_payment_go_one_after_the_other(
    counter: Counter, tmp_path: Path
) -> None:
    text = "terminal," + HEADING + f"Desk 2,K,1001,5.00,x\nDesk 3,K,{PAYMENT},6.00,x\n"
    assert outcomes(run(counter, tmp_path, text, "--json")) == ["done", "done"]
    assert len(counter.bank.ledger) == 2


def test_equal_lines_are_paid_twice_only_where_both_are_meant(
    counter: Counter, tmp_path: Path
) -> None:
    text = HEADING + "K,1001,5.00,x\n" * 2
    refused = run(counter, tmp_path, text)
    assert (refused.code, counter.bank.sent) == (2, [])
    assert outcomes(run(counter, tmp_path, text, "--again", "--json")) == ["done", "done"]
    assert outcomes(run(counter, tmp_path, text, "--again", "--json")) == ["done", "done"]
    assert len(counter.bank.ledger) == 2


# -- runs that were cut short ------------------------------------------------------------------


def first_id(counter: Counter, tmp_path: Path) -> str:
    dry = run(counter, tmp_path, TWO, "--dry-run", "--json")
    return dry.lines[0]["id"]


def test_what_a_killed_run_wrote_down_and_did_not_send_is_sent(
    counter: Counter, tmp_path: Path
) -> None:
    decided = counter.decided(id=first_id(counter, tmp_path))
    counter.clock.at = decided.lease_until
    ended = run(counter, tmp_path, TWO, "--json")
    assert outcomes(ended) == ["done", "done"]
    assert [key for key, _ in counter.bank.sent].count(decided.idempotency_reference) == 1


def test_what_is_too_old_to_be_sent_as_it_was_is_decided_anew(
    counter: Counter, tmp_path: Path
) -> None:
    decided = counter.decided(id=first_id(counter, tmp_path))
    counter.clock.wait(600)
    ended = run(counter, tmp_path, TWO, "--json")
    assert outcomes(ended) == ["done", "done"]
    assert counter.journal.get(decided.id).state is RefundState.NOT_SENT
    assert counter.journal.get(f"{decided.id}:2").state is RefundState.SUCCEEDED
    again = run(counter, tmp_path, TWO, "--json")
    assert (outcomes(again), len(counter.bank.ledger)) == (["done", "done"], 2)


def test_what_another_window_is_about_to_send_is_left_alone(
    counter: Counter, tmp_path: Path
) -> None:
    counter.decided(id=first_id(counter, tmp_path))
    ended = run(counter, tmp_path, TWO, "--json")
    assert (ended.code, outcomes(ended)) == (5, ["unknown", "done"])
    assert len(counter.bank.sent) == 1


def test_what_was_being_sent_is_looked_up_and_never_sent_twice(
    counter: Counter, tmp_path: Path
) -> None:
    counter.bank.on_send = [interrupting(counter.bank)]
    cut = run(counter, tmp_path, TWO, "--json")
    assert (cut.code, outcomes(cut)) == (130, ["unknown", "not_sent"])
    counter.clock.wait(61)
    assert outcomes(run(counter, tmp_path, TWO, "--json")) == ["done", "done"]
    assert len(counter.bank.ledger) == 2


def test_an_interrupt_while_waiting_names_every_line(tmp_path: Path) -> None:
    counter = Counter(clock=InterruptedClock())
    ended = run(counter, tmp_path, TWO, "--json")
    assert (ended.code, outcomes(ended)) == (130, ["running", "running"])
    assert "posrefund recover continues" in ended.err


def test_the_time_for_a_run_ends_the_waiting_and_the_beginning(tmp_path: Path) -> None:
    counter = Counter()
    text = HEADING + "K,1001,5.00,x\nK,T1015.A,1.00,x\n"
    ended = run(counter, tmp_path, text, "--json", "--wait-seconds", "30")
    assert (ended.code, outcomes(ended)) == (6, ["running", "not_sent"])
    counter.bank.status_after = Decides()
    assert outcomes(run(counter, tmp_path, text, "--json")) == ["done", "done"]
    assert len(counter.bank.ledger) == 2


def test_what_did_not_leave_when_the_run_ends_is_dropped(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_send = [raising(Unreachable("no route"))] * 9
    ended = run(counter, tmp_path, HEADING + "K,1001,5.00,x\n", "--json", "--wait-seconds", "3")
    assert (ended.code, outcomes(ended)) == (4, ["not_sent"])
    assert counter.journal.open_refunds() == []


def test_a_case_for_a_person_is_asked_about_once_more(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.MANUAL_INTERVENTION)]
    text = HEADING + "K,1001,5.00,x\n"
    assert outcomes(run(counter, tmp_path, text, "--json")) == ["attention"]
    counter.bank.decide("TR1", ProviderStatus.SUCCESS)
    assert outcomes(run(counter, tmp_path, text, "--json")) == ["done"]


# -- many lines --------------------------------------------------------------------------------


def payments(counter: Counter, number: int, method: str) -> str:
    """Sell so many, and return the file that gives 1.00 of each back."""
    for place in range(number):
        payment = a_payment(reference=f"M{place}", order_reference=f"o{place}", method=method)
        counter.bank.payments[payment.reference] = payment
    return HEADING + "".join(f"K,M{place},1.00,x\n" for place in range(number))


def test_with_many_unknown_no_more_are_begun(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_send = [raising(Unanswered("cut"))] * 500
    text = payments(counter, 40, "ideal")
    ended = run(counter, tmp_path, text, "--json", "--wait-seconds", "60")
    assert outcomes(ended) == ["unknown"] * MOST_UNKNOWN + ["not_sent"] * (40 - MOST_UNKNOWN)
    assert len({key for key, _ in counter.bank.sent}) == MOST_UNKNOWN


def test_only_a_few_lines_of_a_busy_terminal_are_looked_up(tmp_path: Path) -> None:
    counter = Counter()
    looked_up: list[str] = []
    find = counter.bank.payment

    def payment(reference: str):
        looked_up.append(reference)
        return find(reference)

    counter.bank.payment = payment  # type: ignore[method-assign]  # of this one
    text = payments(counter, 40, "terminal")
    run(counter, tmp_path, text, "--wait-seconds", "30")
    assert len(looked_up) == 1 + LOOKED_AHEAD


def test_many_who_wait_never_keep_the_others_from_their_turn(tmp_path: Path) -> None:
    """Each question takes longer than the gap between two, so some question is always due."""
    counter = Counter()

    def slowly(ask):
        def asked(about: object):
            counter.clock.wait(3)
            return ask(about)

        return asked

    counter.bank.status = slowly(counter.bank.status)  # type: ignore[method-assign]  # of this one
    counter.bank.payment = slowly(counter.bank.payment)  # type: ignore[method-assign]  # of this one
    run(counter, tmp_path, payments(counter, 9, "ideal"), "--wait-seconds", "100")
    assert len(counter.bank.ledger) == 9


# -- lines that come to nothing ----------------------------------------------------------------


def test_what_the_rules_refuse_is_not_done_and_the_others_go_on(
    counter: Counter, tmp_path: Path
) -> None:
    lines = ["1001,500.00", "T9.Y,1.00", "1015,1.00", "S1006.Y,6.00"]
    ended = run(counter, tmp_path, HEADING + "".join(f"K,{one},x\n" for one in lines), "--json")
    assert outcomes(ended) == ["not_done", "not_done", "not_done", "done"]
    assert (ended.code, len(counter.bank.sent)) == (1, 1)
    assert "more than can be given back" in ended.lines[0]["message"]


def test_a_payment_that_is_being_refunded_elsewhere_waits_for_another_run(
    counter: Counter, tmp_path: Path
) -> None:
    counter.refund("--no-wait", "--id", "till-7")
    text = HEADING + "K,1001,6.00,x\n"
    ended = run(counter, tmp_path, text, "--json")
    assert (ended.code, outcomes(ended)) == (4, ["not_sent"])
    counter.run("recover")
    assert outcomes(run(counter, tmp_path, text, "--json")) == ["done"]


def test_ccvs_refusal_is_not_done_and_says_why(counter: Counter, tmp_path: Path) -> None:
    failed = answering(counter.bank, ProviderStatus.FAILED, failure_code="card_refused")
    counter.bank.on_send = [failed]
    ended = run(counter, tmp_path, TWO, "--json")
    assert (ended.code, outcomes(ended)) == (1, ["not_done", "done"])
    assert "card was refused" in ended.lines[0]["message"]
    assert outcomes(run(counter, tmp_path, TWO, "--json")) == ["not_done", "done"]


def test_another_currency_is_not_done(counter: Counter, tmp_path: Path) -> None:
    pounds = a_payment(reference="GBP1", amount=eur("9.00").__class__(900, "GBP"))
    counter.bank.payments["GBP1"] = pounds
    ended = run(counter, tmp_path, HEADING + "K,GBP1,1.00,x\n", "--json")
    assert (ended.code, outcomes(ended)) == (1, ["not_done"])


def test_a_person_must_look_is_the_worst(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_send = [
        answering(counter.bank, ProviderStatus.MANUAL_INTERVENTION),
        answering(counter.bank, ProviderStatus.FAILED),
    ]
    ended = run(counter, tmp_path, TWO, "--json")
    assert (ended.code, outcomes(ended)) == (7, ["attention", "not_done"])


def test_silence_is_unknown_until_it_is_looked_up(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_send = [raising(Unanswered("cut"))]
    ended = run(counter, tmp_path, TWO, "--json", "--wait-seconds", "0")
    assert outcomes(ended) == ["not_sent", "not_sent"]
    counter.bank.on_ask = []
    assert outcomes(run(counter, tmp_path, TWO, "--json")) == ["done", "done"]
    assert len(counter.bank.ledger) == 2


def test_an_unknown_line_says_not_to_pay_it_another_way(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_send = [raising(Unanswered("cut"))] * 2
    ended = run(counter, tmp_path, HEADING + "K,1001,5.00,x\n", "--wait-seconds", "2")
    assert ended.code == 5
    assert "Do NOT pay these another way" in ended.out


def test_what_does_not_leave_is_tried_again(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_send = [raising(Unreachable("no route"))]
    assert outcomes(run(counter, tmp_path, TWO, "--json")) == ["done", "done"]


def test_what_never_leaves_is_not_sent_and_goes_with_the_next_run(
    counter: Counter, tmp_path: Path
) -> None:
    counter.bank.on_send = [raising(Unreachable("no route"))] * 200
    ended = run(counter, tmp_path, TWO, "--json")
    assert (ended.code, outcomes(ended)) == (4, ["not_sent", "not_sent"])
    counter.bank.on_send = []
    assert outcomes(run(counter, tmp_path, TWO, "--json")) == ["done", "done"]
    assert len(counter.bank.ledger) == 2


def test_a_question_without_an_answer_is_asked_again(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_ask = [NoInformation("silence")] * 3
    assert outcomes(run(counter, tmp_path, TWO, "--json")) == ["done", "done"]


def test_a_pause_that_ccv_asks_for_is_kept(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_ask = [NoInformation("429", retry_after_seconds=77)]
    run(counter, tmp_path, TWO)
    assert 77 in counter.clock.waits


def test_where_ccv_never_answers_nothing_more_is_begun(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_ask = [NoInformation("silence")] * 1000
    lines = "".join(f"K,T{number},1.00,x\n" for number in range(50))
    ended = run(counter, tmp_path, HEADING + lines, "--json")
    assert (ended.code, outcomes(ended)) == (4, ["not_sent"] * 50)
    assert counter.bank.questions < 20


def test_a_refused_key_stops_everything(counter: Counter, tmp_path: Path) -> None:
    counter.bank.on_send = [raising(KeyRefused("401"))]
    ended = run(counter, tmp_path, TWO, "--json")
    assert (ended.code, outcomes(ended)) == (3, ["not_sent", "not_sent"])
    assert len(counter.bank.sent) == 1


def test_a_refused_key_never_calls_not_sent_what_was_begun_before(
    counter: Counter, tmp_path: Path
) -> None:
    counter.bank.status_after = {}
    run(counter, tmp_path, TWO, "--wait-seconds", "5")
    counter.bank.on_ask = [KeyRefused("401")]
    ended = run(counter, tmp_path, TWO, "--json")
    assert (ended.code, outcomes(ended)) == (6, ["running", "running"])


@pytest.mark.parametrize(("writes", "first"), [(0, "not_sent"), (1, "not_sent"), (2, "unknown")])
def test_a_broken_journal_stops_everything(tmp_path: Path, writes: int, first: str) -> None:
    counter = Counter(journal=BrokenJournal(writes=writes))
    ended = run(counter, tmp_path, TWO, "--json")
    assert (ended.code, outcomes(ended)) == (8, [first, "not_sent"])
