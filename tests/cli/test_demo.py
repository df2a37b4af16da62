"""The demo: its earlier days, its printer, its pages, and how the customer is played."""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from posrefund.cli.counter import Practice, printing
from posrefund.cli.practice import _KEY, _demo_settings, practice_on
from posrefund.cli.practice_history import write_earlier_days
from posrefund.credentials import ApiKey
from posrefund.language import SOURCE
from posrefund.language import use as speak
from posrefund.money import Money
from posrefund.refund.model import Refund, RefundOrder, RefundState
from posrefund.sandbox.filling import sample_bank
from posrefund.sandbox.page_words import words_of
from posrefund.sandbox.samples import SAMPLES
from posrefund.sandbox.server import SandboxServer
from posrefund.terminal.choice import choose
from posrefund.tui.narrowing import narrowed
from posrefund.tui.playing import Part
from posrefund.wiring import Program, build

COPY = "*** COPY ***"


@dataclass
class Demo:
    """What `posrefund demo` opens the counter on."""

    program: Program
    server: SandboxServer
    practice: Practice
    folder: Path

    def refund(self, text: str, amount: str, *, card_absent: bool = False) -> Refund:
        """Give something back, up to where CCV has it."""
        (finding,) = self.program.service.find(text)
        payment = finding.payment
        order = RefundOrder(
            finding=finding,
            amount=Money.parse(amount, payment.amount.currency),
            terminal=choose(
                self.program.settings.terminals,
                method=payment.method,
                wanted=None,
                used_before=payment.terminal_id,
            ),
            card_absent=card_absent,
        )
        return self.program.service.send(self.program.service.intend(order))

    def given_back(self) -> Refund:
        """A refund whose customer presented the card."""
        refund = self.refund("T1001.Y", "5.00")
        self.practice.play(refund, Part.PRESENTS)
        return self.program.service.check(refund)

    def yesterdays(self, payment: str) -> Refund:
        """The refund of an earlier day."""
        (refund,) = self.program.journal.of_payment(self.program.provider.environment, payment)
        return refund

    def print(self, refund: Refund, *, merchant: bool = False) -> str:
        """Print a slip and return what came out now."""
        print_slip = printing(self.program)
        assert print_slip is not None
        paper = self.folder / "slips.txt"
        before = paper.read_text("utf-8") if paper.exists() else ""
        assert print_slip(refund, merchant) is None
        return paper.read_text("utf-8").removeprefix(before)


@contextmanager
def a_demo(folder: Path, language: str = "eng") -> Iterator[Demo]:
    with SandboxServer(bank=sample_bank(language)) as server:
        settings = _demo_settings(server.base_url, folder, language)
        with build(settings, ApiKey(_KEY)) as program:
            write_earlier_days(program)
            yield Demo(program, server, practice_on(server), folder)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with a_demo(tmp_path) as opened:
        yield opened


def test_the_earlier_days_of_the_journal_are_those_of_the_ledger(demo: Demo) -> None:
    states = {"success": RefundState.SUCCEEDED, "failed": RefundState.FAILED}
    kept = {
        (
            one.provider_reference,
            one.original_reference,
            one.amount.text,
            one.idempotency_reference,
            one.description,
            one.state,
            one.failure_code,
        )
        for one in demo.program.journal.latest(limit=100)
    }
    listed = {
        (
            line["reference"],
            line["original_reference"],
            line["amount"],
            line["idempotency_reference"],
            line["description"],
            states[str(line["status"])],
            line["failure_code"],
        )
        for line in demo.server.ledger(origin="sample")
        if line["idempotency_reference"] is not None
    }
    assert kept == listed
    tills = [one for sample in SAMPLES for one in sample.given_back if one.idempotency]
    assert len(kept) == len(tills) >= 3


def test_yesterday_is_found_as_people_call_it(demo: Demo) -> None:
    def found(line: str) -> set[str]:
        today = demo.program.clock.now().astimezone().date()
        (wanted,) = narrowed(line, today=today, terminals=[]).wanted
        return {one.original_reference for one in demo.program.journal.latest(limit=9, **wanted)}

    assert found("yesterday") == {"T1003.Y", "T1016.Y"}
    assert found("yesterday not done") == {"T1016.Y"}
    assert found("the day before yesterday done") == {"T1005.Y"}
    assert found("today") == set()


def test_what_is_left_of_their_payments_is_what_it_was(demo: Demo) -> None:
    left = {
        name: demo.program.service.find(name)[0].left.text
        for name in ("T1003.Y", "T1005.Y", "T1016.Y")
    }
    assert left == {"T1003.Y": "87.66", "T1005.Y": "0.00", "T1016.Y": "30.00"}


def test_nothing_is_left_to_do_about_them(demo: Demo) -> None:
    before = demo.program.journal.latest(limit=100)
    asked = len(demo.server.requests)
    assert demo.program.recovery.take_over() == []
    assert demo.program.recovery.unsettled() == []
    until = demo.program.clock.now() + timedelta(days=1)
    assert list(demo.program.recovery.work(until=until)) == []
    assert demo.program.journal.latest(limit=100) == before
    assert len(demo.server.requests) == asked


def test_they_are_written_down_as_a_refund_of_now_is(demo: Demo) -> None:
    journal = demo.program.journal
    now, then = demo.given_back(), demo.yesterdays("T1003.Y")
    steps = [
        [(entry.rule, entry.state, set(entry.facts)) for entry in journal.entries(refund.id)]
        for refund in (now, then)
    ]
    # The last step of the earlier one is its slip.
    assert steps[0] == steps[1][:-1]
    assert set(now.facts) == set(then.facts)
    named = ("id", "marker", "owner", "attempts", "counter", "terminal", "method", "pay_url")
    assert [getattr(then, name) for name in named[2:]] == [getattr(now, name) for name in named[2:]]
    for refund in (now, then):
        assert refund.marker == f"#{refund.id}"
        assert refund.description.endswith(f" {refund.marker}")
        assert refund.order_reference in refund.description
        assert refund.body.decode().count(refund.marker) == 1


def test_their_steps_are_in_order_and_over_within_a_minute(demo: Demo) -> None:
    for refund in demo.program.journal.latest(limit=100):
        times = [entry.at for entry in demo.program.journal.entries(refund.id)]
        assert times == sorted(times)
        assert times[0] == refund.created_at == refund.first_sent_at
        assert times[-1] - times[0] < timedelta(minutes=1)


def test_of_two_slips_of_one_refund_the_second_says_copy(demo: Demo) -> None:
    refund = demo.given_back()
    assert refund.state is RefundState.SUCCEEDED
    assert [COPY in demo.print(refund) for _ in range(3)] == [False, True, True]
    assert [COPY in demo.print(refund, merchant=True) for _ in range(2)] == [False, True]


def test_a_slip_of_yesterday_is_a_copy_only_where_one_was_printed(demo: Demo) -> None:
    assert COPY in demo.print(demo.yesterdays("T1003.Y"))
    assert [COPY in demo.print(demo.yesterdays("T1005.Y")) for _ in range(2)] == [False, True]
    assert "NOT REFUNDED" in demo.print(demo.yesterdays("T1016.Y"))


@pytest.mark.parametrize("language", ["nld", "eng", "deu", "fra"])
def test_the_terminals_and_their_pages_speak_the_demos_language(
    tmp_path: Path, language: str
) -> None:
    with a_demo(tmp_path, language) as demo:
        refund = demo.refund("T1001.Y", "5.00")
        assert refund.pay_url is not None
        with urllib.request.urlopen(refund.pay_url) as answer:  # noqa: S310 - on loopback
            page = answer.read().decode("utf-8")
        words = words_of(language)
        assert (words.title in page, words.present in page) == (True, True)
        demo.practice.play(refund, Part.PRESENTS)
        phone = demo.refund("S1006.Y", "6.78")
        demo.practice.play(phone, Part.PRESENTS)
        papers = [
            (demo.program.service.check(refund), "5.00"),
            (demo.program.service.check(phone), "6.78"),
            (demo.yesterdays("T1003.Y"), "12.34"),
        ]
    first = {
        "nld": "KLANTBON",
        "eng": "CUSTOMER COPY",
        "deu": "KUNDENBELEG",
        "fra": "TICKET CLIENT",
    }
    for given, digits in papers:
        receipt = given.facts["customer_receipt"]
        assert isinstance(receipt, list)
        assert receipt[0] == first[language]
        (amount,) = (line for line in receipt if "EUR" in line)
        shown = digits if language == "eng" else digits.replace(".", ",")
        assert amount.endswith(f" EUR {shown}")


def test_a_counter_that_speaks_another_language_changes_no_terminal(tmp_path: Path) -> None:
    with a_demo(tmp_path, "nld") as demo:
        speak("fra")
        try:
            papers = [demo.given_back(), demo.yesterdays("T1003.Y")]
        finally:
            speak(SOURCE)
    for refund in papers:
        receipt = refund.facts["customer_receipt"]
        assert isinstance(receipt, list)
        assert receipt[0] == "KLANTBON"


@pytest.mark.parametrize("payment", ["T1001.Y", "S1006.Y"])
@pytest.mark.parametrize(
    ("part", "state", "code"),
    [
        (Part.PRESENTS, RefundState.SUCCEEDED, None),
        (Part.IS_DECLINED, RefundState.FAILED, "card_refused"),
        (Part.CANCELS, RefundState.FAILED, "cancelled"),
    ],
)
def test_the_customer_is_played_without_a_browser(
    demo: Demo, payment: str, part: Part, state: RefundState, code: str | None
) -> None:
    refund = demo.refund(payment, "5.00")
    assert refund.state is RefundState.ACCEPTED
    demo.practice.play(refund, part)
    ended = demo.program.service.check(refund)
    assert (ended.state, ended.failure_code) == (state, code)


def test_what_is_over_or_not_at_the_bank_cannot_be_played(demo: Demo) -> None:
    refund = demo.refund("T1001.Y", "5.00")
    demo.practice.play(refund, Part.CANCELS)
    before = demo.server.ledger()
    for part in Part:
        demo.practice.play(refund, part)
        demo.practice.play(demo.yesterdays("T1016.Y"), part)
    lost = demo.refund("T1022.Y", "5.00")
    assert (lost.state, lost.provider_reference) == (RefundState.UNKNOWN, None)
    for part in Part:
        demo.practice.play(lost, part)
    after = demo.server.ledger()
    assert after[:-1] == before
    assert after[-1]["status"] == "pending"


def test_softpos_without_the_card_ends_by_itself(demo: Demo) -> None:
    refund = demo.refund("S1006.Y", "5.00", card_absent=True)
    with demo.server.lock:
        demo.server.bank.advance(2)
    assert demo.program.service.check(refund).state is RefundState.SUCCEEDED
