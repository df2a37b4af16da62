"""The exit codes are a promise to scripts: each is met here by a command that ends in it."""

import pytest

from posrefund import errors
from posrefund.cli.exits import ExitCode, code_of, code_of_error
from posrefund.cli.recovering import worst
from posrefund.errors import (
    Declined,
    JournalUnavailable,
    KeyRefused,
    NoInformation,
    PosrefundError,
    Unanswered,
    Unreachable,
)
from posrefund.refund.model import Entry, ProviderStatus, Refund, RefundState
from posrefund.refund.rules import is_open
from posrefund.wording import error_words
from tests.cli.fakes import (
    BrokenJournal,
    Counter,
    InterruptedClock,
    answering,
    interrupting,
    raising,
)
from tests.support.builders import PAYMENT, a_refund
from tests.test_wording import made


def test_the_codes_are_those_of_the_manual() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "REFUSED": 1,
        "MISUSED": 2,
        "CONFIG": 3,
        "NOT_SENT": 4,
        "UNKNOWN": 5,
        "RUNNING": 6,
        "ATTENTION": 7,
        "JOURNAL": 8,
        "DEFECT": 9,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (RefundState.INTENT, 5),
        (RefundState.SENDING, 5),
        (RefundState.UNKNOWN, 5),
        (RefundState.ACCEPTED, 6),
        (RefundState.SUCCEEDED, 0),
        (RefundState.FAILED, 1),
        (RefundState.NOT_SENT, 4),
        (RefundState.ATTENTION, 7),
    ],
)
def test_every_state_has_its_code(state: RefundState, code: int) -> None:
    assert code_of(a_refund(state=state)) == code


@pytest.mark.parametrize(("closed_as", "code"), [("executed", 0), ("not executed", 1)])
def test_a_closed_refund_ends_as_the_person_decided(closed_as: str, code: int) -> None:
    assert code_of(a_refund(state=RefundState.CLOSED, closed_as=closed_as)) == code


@pytest.mark.parametrize("state", [RefundState.SUCCEEDED, RefundState.FAILED])
def test_what_ccv_contradicts_later_is_for_a_person(state: RefundState) -> None:
    assert code_of(a_refund(state=state, alarm="CCV now says otherwise.")) == 7


def test_no_state_is_without_a_code() -> None:
    for state in RefundState:
        assert isinstance(code_of(a_refund(state=state)), ExitCode)


def _all_errors() -> list[type[PosrefundError]]:
    found = [PosrefundError]
    for kind in found:
        found.extend(kind.__subclasses__())
    return [kind for kind in found if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", _all_errors(), ids=lambda kind: kind.__name__)
def test_no_error_is_without_a_code_and_a_sentence(kind: type[PosrefundError]) -> None:
    error = made(kind)

    assert isinstance(code_of_error(error), ExitCode)
    assert str(error)[1:] in error_words(error)


def test_failed_and_unknown_never_share_a_code() -> None:
    codes = {code_of(a_refund(state=state)) for state in (RefundState.FAILED, RefundState.UNKNOWN)}
    assert len(codes) == 2


# -- one command for each code -----------------------------------------------------------------


def test_0_the_refund_succeeded(counter: Counter) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.SUCCESS)]
    assert counter.refund().code == 0


def test_0_the_question_was_answered(counter: Counter) -> None:
    assert counter.run("find", "1001").code == 0


def test_1_ccv_said_no(counter: Counter) -> None:
    counter.bank.on_send = [raising(Declined("too much", failure_code="refund_limit"))]
    ended = counter.refund()
    assert (ended.code, ended.states[-1]) == (1, "failed")


def test_1_our_rules_said_no(counter: Counter) -> None:
    ended = counter.run("refund", "1001", "--amount", "50.00", "--yes")
    assert (ended.code, counter.bank.sent) == (1, [])


def test_2_wrong_use(counter: Counter) -> None:
    assert counter.run("refund").code == 2


def test_3_no_configuration(counter: Counter, empty_home) -> None:
    from posrefund.cli.main import run

    assert run(["find", "1001"]) == 3


def test_3_the_key_is_refused(counter: Counter) -> None:
    counter.bank.on_send = [raising(KeyRefused("CCV does not accept the API key"))]
    ended = counter.refund()
    assert (ended.code, ended.states) == (3, ["intent", "not_sent"])


def test_4_nothing_left_this_machine(counter: Counter) -> None:
    counter.bank.on_send = [raising(Unreachable("connection refused"))] * 100
    ended = counter.refund("--wait-seconds", "20")
    assert (ended.code, ended.states[-1]) == (4, "not_sent")


def test_4_a_question_without_an_answer(counter: Counter) -> None:
    counter.bank.on_ask = [NoInformation("no answer")]
    assert counter.run("find", "1001").code == 4


def test_5_nobody_knows_what_became_of_it(counter: Counter) -> None:
    counter.bank.on_send = [raising(Unanswered("cut"))]
    ended = counter.refund("--no-wait")
    assert (ended.code, ended.states[-1]) == (5, "unknown")


def test_6_still_running_when_the_waiting_was_over(counter: Counter) -> None:
    ended = counter.refund("--wait-seconds", "30")
    assert (ended.code, ended.states[-1]) == (6, "accepted")


def test_7_a_person_must_look(counter: Counter) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.MANUAL_INTERVENTION)]
    ended = counter.refund()
    assert (ended.code, ended.states[-1]) == (7, "attention")


def test_8_what_cannot_be_written_down_is_not_sent() -> None:
    counter = Counter(journal=BrokenJournal(writes=0))
    ended = counter.refund()
    assert (ended.code, counter.bank.sent) == (8, [])
    assert ended.err.startswith("Nothing was sent.")


def test_8_what_was_sent_and_not_written_down_is_named() -> None:
    journal = BrokenJournal(writes=2)
    counter = Counter(journal=journal)
    ended = counter.refund("--id", "till-7")
    assert (ended.code, len(counter.bank.sent)) == (8, 1)
    assert ended.err.startswith("It was sent. Refund till-7 ")


def test_8_a_journal_that_fails_later_does_not_say_that_nothing_was_sent() -> None:
    journal = BrokenJournal(writes=3)
    counter = Counter(journal=journal)
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    ended = counter.refund("--id", "till-7")
    assert ended.code == 8
    assert ended.err.splitlines()[-1].startswith("It was sent. Refund till-7 was accepted")


class DyingJournal(BrokenJournal):
    """Cannot be read any more, either, once it has failed."""

    def get(self, refund_id: str) -> Refund | None:
        if self._left == 0:
            raise JournalUnavailable("input/output error")
        return super().get(refund_id)


def test_8_what_may_still_go_later_is_not_called_not_sent() -> None:
    counter = Counter(journal=DyingJournal(writes=1))
    ended = counter.refund("--id", "till-7")
    assert (ended.code, ended.states, counter.bank.sent) == (8, ["intent", "sending"], [])
    assert ended.lines[-1]["money_moved"] == "unknown"
    assert "refund till-7 may still be sent" in ended.err
    assert "run posrefund recover" in ended.err
    assert "try again" not in ended.err


def test_8_what_could_be_dropped_after_all_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter()
    record = counter.journal.record

    def full(refund: Refund, entry: Entry | None) -> Refund:
        if refund.state is RefundState.SENDING:
            raise JournalUnavailable("the disk is full")
        return record(refund, entry)

    monkeypatch.setattr(counter.journal, "record", full)
    ended = counter.refund("--id", "till-7")
    assert (ended.code, ended.states) == (8, ["intent", "not_sent"])
    assert "Nothing was sent." in ended.err


@pytest.mark.parametrize(
    "command",
    [
        ("status", "TR1"),
        ("cancel", "TR1"),
        ("close", "TR1", "--executed", "--by", "M.", "--evidence", "4711"),
        ("recover",),
        ("watch",),
    ],
    ids=lambda command: command[0],
)
def test_8_where_the_journal_cannot_even_be_read_nothing_untrue_is_said(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    counter.in_state(ProviderStatus.PENDING)

    def gone(*_: object) -> None:
        raise JournalUnavailable("the disk is gone")

    monkeypatch.setattr(counter.journal, "get", gone)
    monkeypatch.setattr(counter.journal, "open_refunds", gone)

    ended = counter.run(*command)

    assert ended.code == 8
    assert "Nothing more was sent." in ended.err


def test_9_a_defect_is_named_without_its_values(counter: Counter) -> None:
    counter.bank.on_ask = [TypeError("t_secret")]  # type: ignore[list-item]  # on purpose
    ended = counter.run("find", "1001")
    assert ended.code == 9
    assert "TypeError" in ended.err
    assert "t_secret" not in ended.err
    assert "Traceback" not in ended.err


def test_9_a_defect_after_sending_names_the_refund(counter: Counter) -> None:
    counter.bank.on_send = [raising(RuntimeError())]
    ended = counter.refund("--id", "till-7")
    assert ended.code == 9
    assert "Refund till-7 is in the journal; do not repeat it" in ended.err


def test_130_an_interrupt_while_waiting_says_what_was_sent() -> None:
    counter = Counter(clock=InterruptedClock())
    ended = counter.refund("--id", "till-7")
    assert ended.code == 130
    assert ended.states == ["intent", "accepted"]
    assert "Refund till-7 is accepted." in ended.err
    assert "Interrupted. Refund till-7 is in the journal" in ended.err


def test_130_an_interrupt_in_the_middle_of_sending_leaves_it_in_the_journal(
    counter: Counter,
) -> None:
    counter.bank.on_send = [interrupting(counter.bank)]
    ended = counter.refund("--id", "till-7")
    assert ended.code == 130
    assert "Refund till-7 is sending." in ended.err
    assert counter.journal.get("till-7").state is RefundState.SENDING


def test_130_what_was_not_sent_yet_is_withdrawn() -> None:
    counter = Counter(clock=InterruptedClock())
    counter.bank.on_send = [raising(Unreachable("connection refused"))]
    ended = counter.refund("--id", "till-7")
    assert (ended.code, ended.states[-1]) == (130, "not_sent")
    assert counter.journal.of_payment(counter.bank.environment, PAYMENT)[0].state == "not_sent"


def test_130_an_interrupt_and_a_broken_journal_together_are_still_an_interrupt() -> None:
    counter = Counter(clock=InterruptedClock(), journal=BrokenJournal(writes=3))
    counter.bank.on_send = [raising(Unreachable("connection refused"))]
    ended = counter.refund("--id", "till-7")
    assert ended.code == 130
    assert "Refund till-7 is in the journal" in ended.err


def test_8_a_refund_that_did_not_leave_is_not_said_to_have_been_sent() -> None:
    counter = Counter(journal=BrokenJournal(writes=3))
    counter.bank.on_send = [raising(Unreachable("connection refused"))]
    ended = counter.refund("--id", "till-7")
    assert (ended.code, ended.states) == (8, ["intent"])
    assert ended.err.startswith("Nothing was sent.")


def test_a_closed_case_waits_for_nobody_even_where_ccv_contradicts_itself() -> None:
    closed = a_refund(state=RefundState.CLOSED, closed_as="not executed", alarm="CCV says success")
    assert worst([closed]) is ExitCode.OK
    assert not is_open(closed)
