"""`batch` on a journal that fails: what could not leave is dropped, what is in doubt says so."""

from pathlib import Path

import pytest

from posrefund.errors import JournalUnavailable, Unreachable
from posrefund.journal.memory import MemoryJournal
from posrefund.refund.model import Entry, Refund, RefundState
from tests.cli.batches import HEADING, TWO, generous, outcomes, run
from tests.cli.fakes import BrokenJournal, Counter, raising

ONE = HEADING + "K,1001,5.00,x\n"


class ForgetfulJournal(MemoryJournal):
    """Keeps SENDING, says that it did not, and cannot be read right after; or not for long."""

    is_forgetful = True

    def __init__(self, *, fails_to_read: int) -> None:
        super().__init__()
        self._fails_to_read = fails_to_read
        self._left = 0

    def record(self, refund: Refund, entry: Entry | None) -> Refund:
        kept = super().record(refund, entry)
        if refund.state is RefundState.SENDING and self.is_forgetful:
            self._left = self._fails_to_read
            raise JournalUnavailable("input/output error")
        return kept

    def get(self, refund_id: str) -> Refund | None:
        if self._left:
            self._left -= 1
            raise JournalUnavailable("input/output error")
        return super().get(refund_id)


class HalfOpenJournal(MemoryJournal):
    """Keeps a decision and says that it did not."""

    def open_case(self, refund: Refund, entry: Entry) -> Refund:
        super().open_case(refund, entry)
        raise JournalUnavailable("input/output error")


def counter_on(journal: MemoryJournal) -> Counter:
    counter = generous()
    counter.journal = journal
    return counter


def test_what_could_not_be_written_down_before_it_left_is_dropped(tmp_path: Path) -> None:
    """The journal has it as SENDING; only this run knows that nothing left."""
    counter = counter_on(ForgetfulJournal(fails_to_read=1))
    ended = run(counter, tmp_path, ONE, "--json")
    assert (ended.code, outcomes(ended), counter.bank.sent) == (8, ["not_sent"], [])
    assert ended.lines[0]["refund"]["state"] == "not_sent"
    assert counter.journal.open_refunds() == []


def test_what_could_not_be_tried_again_is_dropped_too(tmp_path: Path) -> None:
    journal = ForgetfulJournal(fails_to_read=1)
    journal.is_forgetful = False
    counter = counter_on(journal)

    def unreachable(refund: Refund) -> None:
        journal.is_forgetful = True
        raise Unreachable("no route")

    counter.bank.on_send = [unreachable]  # type: ignore[list-item]  # it answers nothing
    ended = run(counter, tmp_path, ONE, "--json")
    assert (ended.code, outcomes(ended), len(counter.bank.sent)) == (8, ["not_sent"], 1)
    assert counter.journal.open_refunds() == []


def test_what_stays_a_decision_is_not_sent_and_never_goes_by_itself(tmp_path: Path) -> None:
    journal = BrokenJournal(writes=1)
    counter = counter_on(journal)
    ended = run(counter, tmp_path, ONE, "--json")
    assert (ended.code, outcomes(ended)) == (8, ["not_sent"])
    told = ended.lines[0]
    assert (told["refund"]["state"], told["refund"]["money_moved"]) == ("intent", "no")
    assert told["message"] == "The journal failed before it left, and it does not go by itself."
    journal._left = -1  # it can be written again
    counter.clock.wait(61)
    assert counter.run("recover", "--json").states == ["not_sent"]
    assert counter.bank.sent == []


def test_the_same_file_sends_it_once_the_journal_is_back(tmp_path: Path) -> None:
    journal = BrokenJournal(writes=1)
    counter = counter_on(journal)
    run(counter, tmp_path, TWO)
    journal._left = -1
    counter.clock.wait(61)
    assert outcomes(run(counter, tmp_path, TWO, "--json")) == ["done", "done"]
    assert len(counter.bank.ledger) == 2


@pytest.mark.parametrize("fails_to_read", [2, 9])
def test_what_cannot_be_read_any_more_is_unknown(tmp_path: Path, fails_to_read: int) -> None:
    counter = counter_on(ForgetfulJournal(fails_to_read=fails_to_read))
    ended = run(counter, tmp_path, ONE, "--json")
    assert (ended.code, outcomes(ended), counter.bank.sent) == (8, ["unknown"], [])
    told = ended.lines[0]
    assert (told["refund"]["state"], told["refund"]["money_moved"]) == ("sending", "unknown")
    assert "Do not hand over cash" in told["message"]
    assert "Another window" not in told["message"]


def test_what_did_not_leave_and_cannot_be_dropped_either_is_not_called_not_sent(
    tmp_path: Path,
) -> None:
    """It ends because the time is over, not by the journal: then nobody saw why it cannot."""
    journal = BrokenJournal(writes=3)
    counter = counter_on(journal)
    counter.bank.on_send = [raising(Unreachable("no route"))] * 9
    ended = run(counter, tmp_path, ONE, "--json", "--wait-seconds", "1")
    assert outcomes(ended) == ["unknown"]
    assert ended.code == 5


def test_a_decision_that_was_kept_after_all_is_told_in_true_words(tmp_path: Path) -> None:
    """Nobody is about to send it; only this run knows that, and not that it is its own."""
    counter = counter_on(HalfOpenJournal())
    ended = run(counter, tmp_path, ONE, "--json")
    assert (ended.code, outcomes(ended), counter.bank.sent) == (8, ["unknown"], [])
    told = ended.lines[0]["message"]
    assert told == "This run did not send it; another window or command may be about to."
    counter.clock.wait(61)
    assert counter.run("recover", "--json").states == ["not_sent"]
    assert counter.bank.sent == []
