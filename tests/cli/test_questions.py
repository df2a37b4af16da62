"""`find`, `status`, `list` and `show`: they answer, and move no money."""

import subprocess
from pathlib import Path

import pytest

from posrefund.errors import JournalUnavailable, KeyRefused, LostLease, NoInformation
from posrefund.refund.model import Environment, Payout, ProviderStatus, RefundState
from tests.cli.fakes import ClosedPipe, Counter, FullDisk, PlainAscii
from tests.cli.test_refund import REFUND_KEYS
from tests.support.builders import PAYMENT, a_payment, a_refund, an_entry, eur
from tests.support.commands import COMMAND, KEY, Workplace, environment

FIND_KEYS = [
    "reference",
    "order_reference",
    "description",
    "type",
    "status",
    "method",
    "brand",
    "terminal",
    "terminal_id",
    "created_at",
    "currency",
    "amount",
    "given_back",
    "open",
    "left",
    "not_refundable",
    "payouts",
    "refunds",
    "at_ccv",
]


# -- find --------------------------------------------------------------------------------------


def test_find_tells_what_is_left(counter: Counter) -> None:
    ended = counter.run("find", "1001")
    assert ended.out == (
        f"Payment       {PAYMENT}\n"
        "Order         1001\n"
        "Text          Order 1001\n"
        "Made          2026-11-19 12:00:00 UTC\n"
        "Method        terminal\n"
        "Terminal      Desk 2\n"
        "Status        sale, success\n"
        "Paid          EUR 49.90\n"
        "Given back    EUR 0.00\n"
        "Open          EUR 0.00\n"
        "Left          EUR 49.90\n"
    )
    assert (ended.code, ended.err) == (0, "")


def test_find_in_json_counts_what_was_given_back(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)
    (found,) = counter.run("find", "1001", "--json").lines
    assert list(found) == FIND_KEYS
    assert [found[key] for key in ("amount", "given_back", "open", "left")] == [
        "49.90",
        "5.00",
        "0.00",
        "44.90",
    ]
    assert [one["id"] for one in found["refunds"]] == [refund.id]
    assert list(found["refunds"][0]) == REFUND_KEYS
    assert found["at_ccv"] == [
        {
            "reference": "TR1",
            "type": "refund",
            "status": "success",
            "amount": "5.00",
            "currency": "EUR",
            "failure_code": None,
            "created_at": "2026-11-20T12:00:00.000+00:00",
        }
    ]


def test_find_names_the_terminal_as_the_configuration_does(counter: Counter) -> None:
    (found,) = counter.run("find", "1001", "--json").lines
    assert (found["terminal"], found["terminal_id"]) == ("Desk 2", "1234536")
    counter.terminals = ()
    (found,) = counter.run("find", "1001", "--json").lines
    assert (found["terminal"], found["terminal_id"]) == (None, "1234536")


def test_find_says_why_a_payment_cannot_be_refunded(counter: Counter) -> None:
    counter.bank.payments["A1"] = a_payment(
        reference="A1", order_reference="7", type="authorise", payouts=(one_part(),)
    )
    (found,) = counter.run("find", "A1", "--json").lines
    assert "authorisation" in found["not_refundable"]
    text = counter.run("find", "A1").out
    assert "Not possible  this is an authorisation" in text
    assert "Part          EUR 40.00 M1\n" in text


def one_part() -> Payout:
    return Payout(external_reference="M1", amount=eur("40.00"))


def test_find_lists_every_payment_of_an_order(counter: Counter) -> None:
    found = counter.run("find", "1015", "--json").lines
    assert [one["reference"] for one in found] == ["T1015.A", "T1015.B"]


def test_find_of_something_nobody_knows_is_refused(counter: Counter) -> None:
    ended = counter.run("find", "nothing")
    assert (ended.code, ended.out) == (1, "")


@pytest.mark.parametrize("text", ["", " ", "a\x1bb", "x" * 256])
def test_find_of_what_cannot_be_a_reference_is_wrong_use(counter: Counter, text: str) -> None:
    assert counter.run("find", text).code == 2


# -- status ------------------------------------------------------------------------------------


def test_status_of_an_id_the_journal_does_not_have_exits_1(counter: Counter) -> None:
    ended = counter.run("status", "ABCDEFGHIJ", "--json")
    assert (ended.code, ended.out) == (1, "")


def test_status_asks_ccv_and_tells_where_it_stands(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.decide("TR1", ProviderStatus.SUCCESS)
    ended = counter.run("status", refund.id, "--json")
    assert (ended.code, ended.states) == (0, ["succeeded"])
    assert list(ended.lines[0]) == REFUND_KEYS


def test_status_knows_a_refund_by_ccvs_reference_too(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    ended = counter.run("status", "TR1")
    assert ended.code == 6
    assert ended.out.startswith(f"Refund        {refund.id}  (TEST, no real money)\n")


@pytest.mark.parametrize("error", [NoInformation("no answer"), KeyRefused("401"), LostLease("x")])
def test_where_ccv_cannot_be_asked_the_journal_answers(counter: Counter, error: Exception) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.on_ask = [error]
    ended = counter.run("status", refund.id, "--json")
    assert (ended.code, ended.states) == (6, ["accepted"])
    assert "This is what the journal knows." in ended.err


def test_status_never_sends_what_was_only_decided(counter: Counter) -> None:
    refund = counter.decided()
    ended = counter.run("status", refund.id, "--json")
    assert (ended.code, ended.states, counter.bank.sent) == (5, ["intent"], [])


def test_where_the_journal_fails_status_does_not_say_that_nothing_was_sent(
    counter: Counter,
) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.on_ask = [JournalUnavailable("the disk is full")]
    ended = counter.run("status", refund.id)
    assert ended.code == 8
    assert "Nothing more was sent." in ended.err
    assert "Nothing was sent" not in ended.err


def test_status_takes_the_reference_of_the_payment_too(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)
    (line,) = counter.run("status", refund.original_reference, "--json").lines
    assert line["id"] == refund.id


def test_status_of_another_configuration_is_not_asked(counter: Counter) -> None:
    foreign = a_refund(id="live-1", environment=Environment.LIVE, state=RefundState.UNKNOWN)
    counter.journal.open_case(foreign, an_entry())
    ended = counter.run("status", "live-1", "--json")
    assert (ended.code, ended.states, counter.bank.questions) == (5, ["unknown"], 0)
    assert "use that configuration" in ended.err


def test_status_of_an_unknown_id_is_refused_and_of_a_malformed_one_wrong_use(
    counter: Counter,
) -> None:
    assert counter.run("status", "ABCDEFGHIJ").code == 1
    assert counter.run("status", "not an id").code == 2


# -- list --------------------------------------------------------------------------------------


def three_refunds(counter: Counter) -> None:
    for number, state in enumerate(
        (RefundState.SUCCEEDED, RefundState.FAILED, RefundState.ACCEPTED), start=1
    ):
        refund = a_refund(id=f"till-{number}", original_reference=f"P{number}", state=state)
        counter.journal.open_case(refund, an_entry())


def listed(counter: Counter, *arguments: str) -> list[str]:
    return [one["id"] for one in counter.run("list", "--json", *arguments).lines]


def test_list_is_aligned(counter: Counter) -> None:
    three_refunds(counter)
    assert counter.run("list").out == (
        "Begun                 Refund    Amount  State     Payment  Terminal\n"
        "2026-11-20 12:00 UTC  till-3  EUR 5.00  At CCV    P3       Desk 2\n"
        "2026-11-20 12:00 UTC  till-2  EUR 5.00  Not done  P2       Desk 2\n"
        "2026-11-20 12:00 UTC  till-1  EUR 5.00  Done      P1       Desk 2\n"
    )


def test_list_has_a_refund_a_line_in_json(counter: Counter) -> None:
    three_refunds(counter)
    ended = counter.run("list", "--json")
    assert [one["id"] for one in ended.lines] == ["till-3", "till-2", "till-1"]
    assert all(list(one) == REFUND_KEYS for one in ended.lines)


def test_list_can_be_narrowed(counter: Counter) -> None:
    three_refunds(counter)
    assert listed(counter, "--open") == ["till-3"]
    assert listed(counter, "--open", "--state", "unknown") == []
    assert listed(counter, "--state", "failed") == ["till-2"]
    assert listed(counter, "--day", "today") == ["till-3", "till-2", "till-1"]
    assert listed(counter, "--day", "2026-11-20", "--open") == ["till-3"]
    assert listed(counter, "--day", "2026-11-19") == []


def test_list_finds_by_text_amount_and_terminal(counter: Counter) -> None:
    three_refunds(counter)
    assert listed(counter, "--text", "ll-2") == ["till-2"]
    assert listed(counter, "--amount", "5,00", "--state", "failed") == ["till-2"]
    assert listed(counter, "--amount", "5.01") == []
    assert listed(counter, "--terminal", "desk 2", "--limit", "1") == ["till-3"]
    assert listed(counter, "--terminal", "Door") == []
    assert counter.run("list", "--text", "ll-2", "--open").code == 2
    assert counter.run("list", "--amount", "1.000").code == 2


def test_what_ccv_contradicts_is_open_although_it_was_final(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)
    counter.bank.decide("TR1", ProviderStatus.FAILED)
    counter.run("status", refund.id)
    assert listed(counter, "--open") == [refund.id]


def test_list_says_when_there_are_more(counter: Counter) -> None:
    three_refunds(counter)
    ended = counter.run("list", "--limit", "2", "--json")
    assert (len(ended.lines), ended.code) == (2, 0)
    assert "--limit" in ended.err


def test_an_empty_list_is_an_answer(counter: Counter) -> None:
    ended = counter.run("list")
    assert (ended.code, ended.out) == (0, "")


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "20261120", "2026-W47-5", ""])
def test_a_day_that_does_not_exist_is_wrong_use(counter: Counter, day: str) -> None:
    assert counter.run("list", "--day", day).code == 2


def test_list_and_show_need_no_key_and_no_network(counter: Counter) -> None:
    three_refunds(counter)
    counter.run("list")
    counter.run("show", "till-1")
    assert counter.bank.questions == 0


# -- show --------------------------------------------------------------------------------------


def test_show_tells_everything_that_happened(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS, facts={"status": "success", "brand": "visa"})
    (shown,) = counter.run("show", refund.id, "--json").lines
    assert list(shown) == [*REFUND_KEYS, "entries", "facts"]
    assert [entry["rule"] for entry in shown["entries"]] == ["T1", "T3", "T5a"]
    assert list(shown["entries"][0]) == ["at", "rule", "state", "text", "facts"]
    assert shown["facts"] == {"status": "success", "brand": "visa"}


def test_show_in_words(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS, facts={"brand": "visa"})
    lines = counter.run("show", refund.id).out.splitlines()
    assert "State         Done" in lines
    assert "  2026-11-20 12:00:00 UTC  The request is about to leave." in lines
    assert "  brand  visa" in lines


def test_show_reads_what_ccv_said_out_in_words(counter: Counter) -> None:
    facts = {
        "ask_merchant_signature": True,
        "created": "2026-11-20T11:59:58.000Z",
        "customer_receipt": ["REFUND", "EUR 5,00"],
        "payout_instructions": [{"external_reference": "shop", "amount": "5.00"}],
    }
    refund = counter.in_state(ProviderStatus.SUCCESS, facts=facts)

    shown = counter.run("show", refund.id).out

    told = shown.partition("What CCV said\n")[2].splitlines()
    assert [line.strip().replace("  ", "|").split("|")[-1].strip() for line in told] == [
        "yes",
        "2026-11-20 11:59:58 UTC",
        "REFUND",
        "EUR 5,00",
        "external reference shop, amount 5.00",
    ]


def test_show_finds_it_by_ccvs_reference(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)
    assert counter.run("show", "TR1", "--json").lines[0]["id"] == refund.id


def test_show_of_an_unknown_id_is_refused_and_of_a_malformed_one_wrong_use(
    counter: Counter,
) -> None:
    assert counter.run("show", "ABCDEFGHIJ").code == 1
    assert counter.run("show", "\x1b[31m").code == 2


# -- where it is written -----------------------------------------------------------------------


def test_foreign_text_cannot_move_the_cursor(counter: Counter) -> None:
    evil = "\x1b[31m\u202e\nPaid"
    counter.bank.payments["E1"] = a_payment(reference="E1", description=evil)
    text = counter.run("find", "E1").out
    assert "\x1b" not in text
    assert "\u202e" not in text
    data = counter.run("find", "E1", "--json")
    assert data.out.isascii()
    assert "\x1b" not in data.out
    assert data.lines[0]["description"] == evil


def test_a_reader_that_went_away_ends_nothing(counter: Counter) -> None:
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    ended = counter.refund(stdout=ClosedPipe())
    assert (ended.code, ended.err) == (0, "")
    assert len(counter.bank.sent) == 1


def test_a_reader_of_stderr_that_went_away_ends_nothing(counter: Counter) -> None:
    assert counter.run("find", "nothing", stderr=ClosedPipe()).code == 1


def test_an_answer_lost_on_a_full_disk_is_no_answer(counter: Counter) -> None:
    for command in (("find", "1001"), ("list",), ("status",), ("show", counter.in_state(None).id)):
        ended = counter.run(*command, stdout=FullDisk())
        assert ended.code == (5 if command == ("status",) else 4)
        assert ("could not be written" in ended.err) is (ended.code == 4)


@pytest.mark.process
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
@pytest.mark.parametrize(
    "command",
    [("find", "1001"), ("list",), ("show", "R1"), ("export", "--day", "today"), ("terminals",),
     ("--version",), ("help", "faults"), ("find", "--help")],
    ids=" ".join,
)  # fmt: skip
def test_a_real_full_disk_ends_no_question_as_if_it_were_answered_or_refused(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    with Workplace(tmp_path) as workplace:
        assert workplace.run("refund", "1001", "--full", "--yes", "--id", "R1").code == 0
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [*COMMAND, "--config", str(workplace.config), *command],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                env=environment(POSREFUND_API_KEY=KEY),
            )
    assert done.returncode == 4
    assert "The answer could not be written." in done.stderr


def test_a_full_disk_does_not_change_what_became_of_a_refund(counter: Counter) -> None:
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    assert counter.refund(stdout=FullDisk()).code == 0


def test_a_stream_that_knows_few_characters_is_no_obstacle(counter: Counter) -> None:
    counter.bank.payments["C1"] = a_payment(reference="C1", description="Caf\u00e9 \u2603")
    ended = counter.run("find", "C1", stdout=PlainAscii())
    assert "Text          Caf? ?\n" in ended.out
