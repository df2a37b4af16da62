"""`refund`: nothing is sent without a yes, nothing twice, and the outcome is told as it is."""

import pytest

from posrefund.errors import KeyRefused, NotAllowed, Unanswered, Unreachable
from posrefund.money import Money
from posrefund.refund.model import ProviderStatus
from tests.cli.fakes import Counter, answering, raising
from tests.support.builders import PAYMENT, a_payment

REFUND_KEYS = [
    "id",
    "state",
    "environment",
    "original_reference",
    "provider_reference",
    "amount",
    "currency",
    "method",
    "terminal",
    "pay_url",
    "failure_code",
    "message",
    "idempotency_reference",
    "attempts",
    "counter",
    "created_at",
    "updated_at",
    "final",
    "money_moved",
]
PAGE = "https://onlinepayments.ccv.eu/terminal/poll?reference=TR1"


def succeed_later(counter: Counter) -> None:
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS


# -- the answer --------------------------------------------------------------------------------


def test_text_tells_the_money_and_the_next_step_of_each_change(counter: Counter) -> None:
    succeed_later(counter)
    ended = counter.run("refund", "1001", "--amount", "5.00", "--yes", "--id", "till-7")
    assert ended.out == (
        f"Refund till-7: EUR 5.00 of {PAYMENT} on Desk 2  (TEST, no real money)\n"
        "At CCV              CCV has the refund of EUR 5.00 and has not decided yet.\n"
        "                    Follow the terminal; ask the customer to present the card when it"
        " says so.\n"
        "Done                EUR 5.00 was given back.\n"
        "                    Give the customer the slip.\n"
    )
    assert ended.err == ""


def test_json_has_one_line_for_each_change_and_the_last_is_the_outcome(counter: Counter) -> None:
    succeed_later(counter)
    ended = counter.refund()
    assert ended.states == ["intent", "accepted", "succeeded"]
    assert ended.err == ""


def test_each_json_line_has_exactly_the_keys_of_the_manual(counter: Counter) -> None:
    succeed_later(counter)
    for line in counter.refund().lines:
        assert list(line) == REFUND_KEYS


def test_the_json_of_an_outcome_field_by_field(counter: Counter) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.FAILED, failure_code="expired")]
    last = counter.refund("--id", "till-7").lines[-1]
    minted = last.pop("idempotency_reference")
    assert len(minted) == 36
    assert last == {
        "id": "till-7",
        "state": "failed",
        "environment": "test",
        "original_reference": PAYMENT,
        "provider_reference": "TR1",
        "amount": "5.00",
        "currency": "EUR",
        "method": "terminal",
        "terminal": "Desk 2",
        "pay_url": None,
        "failure_code": "expired",
        "message": "Code: expired.",
        "attempts": 1,
        "counter": "Desk 2",
        "created_at": "2026-11-20T12:00:00.000+00:00",
        "updated_at": "2026-11-20T12:00:00.000+00:00",
        "final": True,
        "money_moved": "no",
    }


def test_nothing_is_told_twice(counter: Counter) -> None:
    assert counter.refund("--wait-seconds", "300").states == ["intent", "accepted"]


def test_the_link_is_told_once_and_is_gone_from_the_outcome(counter: Counter) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.PENDING, pay_url=PAGE)]
    succeed_later(counter)
    ended = counter.run("refund", "1001", "--amount", "5.00", "--yes")
    assert ended.err == f"Follow the refund on this page: {PAGE}\n"
    counter = Counter()
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.PENDING, pay_url=PAGE)]
    succeed_later(counter)
    urls = [line["pay_url"] for line in counter.refund().lines]
    assert urls == [None, PAGE, None]


def test_a_terminal_gets_the_link_as_a_code(counter: Counter) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.PENDING, pay_url=PAGE)]
    ended = counter.refund("--no-wait", typed="")
    assert "\x1b[38;2;" in ended.err
    assert PAGE in ended.err
    assert "\x1b" not in ended.out


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours_gets_the_link_alone(
    counter: Counter, environ: dict[str, str]
) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.PENDING, pay_url=PAGE)]
    ended = counter.refund("--no-wait", typed="", environ=environ)
    assert "\x1b" not in ended.err
    assert PAGE in ended.err


# -- the amount --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "amount", ["0", "0.00", "0,00", "-0", "0.004", "-5", "-0.01", "\u22125", "(5)", "1.000", "x"]
)
def test_what_is_no_amount_is_refused_before_anything_is_asked(
    counter: Counter, amount: str
) -> None:
    ended = counter.run("refund", "1001", "--amount", amount, "--yes")
    assert (ended.code, ended.out, counter.bank.questions, counter.bank.sent) == (2, "", 0, [])
    assert ended.err.startswith("Nothing was sent.")


def test_an_amount_that_begins_with_a_minus_is_a_value_and_no_option(counter: Counter) -> None:
    ended = counter.run("refund", "1001", "--amount", "-5", "--yes")
    assert "The amount is negative" in ended.err


def test_an_empty_amount_is_not_everything(counter: Counter) -> None:
    ended = counter.run("refund", "1001", "--amount=", "--yes")
    assert (ended.code, counter.bank.sent) == (2, [])
    assert "The amount is empty" in ended.err


@pytest.mark.parametrize("amounts", [(), ("--amount", "5", "--full")])
def test_it_takes_either_an_amount_or_all(counter: Counter, amounts: tuple[str, ...]) -> None:
    ended = counter.run("refund", "1001", "--yes", *amounts)
    assert (ended.code, counter.bank.sent) == (2, [])


def test_full_is_what_is_left(counter: Counter) -> None:
    counter.refund("--no-wait")
    counter.bank.decide("TR1", ProviderStatus.SUCCESS)
    counter.run("recover")
    ended = counter.run("refund", "1001", "--full", "--yes", "--json", "--no-wait")
    assert ended.lines[-1]["amount"] == "44.90"


def test_full_of_nothing_is_refused(counter: Counter) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.SUCCESS)]
    counter.run("refund", "1001", "--full", "--yes")
    ended = counter.run("refund", "1001", "--full", "--yes")
    assert (ended.code, len(counter.bank.sent)) == (1, 1)
    assert "nothing is left" in ended.err.casefold()


def test_more_than_was_paid_needs_more_than_a_yes(counter: Counter) -> None:
    refused = counter.run("refund", "1001", "--amount", "50.00", "--yes")
    assert (refused.code, counter.bank.sent) == (1, [])
    allowed = counter.run(
        "refund", "1001", "--amount", "50.00", "--yes", "--above-original", "--no-wait"
    )
    assert allowed.code == 6


@pytest.mark.parametrize("text", ["t_secretkey12", "l_abcdefsecret", "4111111111111111"])
@pytest.mark.parametrize("command", ["find", "refund"])
def test_a_key_or_a_card_number_is_looked_up_nowhere(
    counter: Counter, command: str, text: str
) -> None:
    more = ("--full", "--yes") if command == "refund" else ()
    ended = counter.run(command, text, *more)
    assert (ended.code, counter.bank.questions) == (2, 0)
    assert text not in ended.err


def test_a_busy_terminal_is_said_though_the_yes_was_given(counter: Counter) -> None:
    counter.bank.payments["T2"] = a_payment(reference="T2", order_reference="2002")
    counter.refund("--no-wait")
    ended = counter.run("refund", "2002", "--amount", "1.00", "--yes", "--no-wait")
    assert ended.code == 6
    assert "is busy with a refund of" in ended.err


def test_an_equal_refund_needs_again(counter: Counter) -> None:
    counter.bank.on_send = [answering(counter.bank, ProviderStatus.SUCCESS)]
    counter.refund()
    refused = counter.refund()
    assert refused.code == 1
    assert "confirm it expressly" in refused.err
    assert "--again" in refused.err
    assert counter.refund("--again", "--no-wait").code == 6


# -- which payment, which terminal -------------------------------------------------------------


def test_an_order_with_several_payments_is_refused_and_they_are_listed(counter: Counter) -> None:
    ended = counter.run("refund", "1015", "--full", "--yes")
    assert (ended.code, ended.out, counter.bank.sent) == (1, "", [])
    assert "T1015.A  sale by terminal, EUR 20.00, left EUR 20.00\n" in ended.err
    assert "T1015.B  sale by terminal, EUR 30.00, left EUR 30.00\n" in ended.err


def test_a_reference_that_begins_with_a_dash_needs_the_two_dashes(counter: Counter) -> None:
    refused = counter.run("refund", "-T9.Y", "--full", "--yes")
    assert (refused.code, counter.bank.sent) == (2, [])
    taken = counter.run("refund", "--full", "--yes", "--no-wait", "--json", "--", "-T9.Y")
    assert taken.lines[-1]["original_reference"] == "-T9.Y"


def test_an_option_after_the_two_dashes_is_no_option(counter: Counter) -> None:
    ended = counter.run("refund", "1001", "--full", "--", "--yes")
    assert (ended.code, counter.bank.sent) == (2, [])


def test_the_terminal_of_the_sale_is_taken_unless_another_is_named(counter: Counter) -> None:
    assert counter.refund("--no-wait").lines[-1]["terminal"] == "Desk 2"
    counter = Counter()
    named = counter.refund("--no-wait", "--terminal", "desk 3")
    assert named.lines[-1]["terminal"] == "Desk 3"


def test_a_terminal_nobody_configured_is_wrong_use(counter: Counter) -> None:
    ended = counter.refund("--terminal", "Desk 9")
    assert (ended.code, counter.bank.sent) == (2, [])


def test_no_terminal_at_all_is_a_wrong_configuration(counter: Counter) -> None:
    counter.terminals = ()
    ended = counter.refund()
    assert (ended.code, counter.bank.sent) == (3, [])


def test_card_absent_is_for_softpos_only(counter: Counter) -> None:
    assert counter.refund("--card-absent").code == 2
    ended = counter.run("refund", "1006", "--full", "--yes", "--card-absent", "--no-wait")
    assert ended.code == 6


@pytest.mark.parametrize("payout", ["M1", "M1=", "=x", "M1=-5"])
def test_a_payout_that_cannot_be_read_is_wrong_use(counter: Counter, payout: str) -> None:
    ended = counter.refund("--payout", payout)
    assert (ended.code, counter.bank.questions) == (2, 0)


@pytest.mark.parametrize("option", ["--description", "--order"])
@pytest.mark.parametrize("text", ["x" * 256, "a\x1bb", "a\nb"])
def test_text_that_cannot_be_printed_is_wrong_use(counter: Counter, option: str, text: str) -> None:
    ended = counter.refund(option, text)
    assert (ended.code, counter.bank.questions) == (2, 0)


# -- the yes -----------------------------------------------------------------------------------


def ask(counter: Counter, typed: str) -> tuple[int, int]:
    ended = counter.run("refund", "1001", "--amount", "5.00", "--no-wait", typed=typed)
    return ended.code, len(counter.bank.sent)


@pytest.mark.parametrize("typed", ["\n", "", "n\n", "no\n", "1001\n", "5.00\n", " \n"])
def test_everything_but_yes_means_no(counter: Counter, typed: str) -> None:
    assert ask(counter, typed) == (4, 0)
    assert counter.journal.latest(limit=1) == []


@pytest.mark.parametrize("typed", ["y\n", "yes\n", "YES\n"])
def test_yes_means_yes(counter: Counter, typed: str) -> None:
    assert ask(counter, typed) == (6, 1)


def test_the_question_says_what_would_happen(counter: Counter) -> None:
    ended = counter.run("refund", "1001", "--amount", "5,00", typed="\n")
    assert ended.err == (
        f"TEST: give back EUR 5.00 of payment {PAYMENT} (EUR 49.90 paid, EUR 49.90 left)"
        " on Desk 2? [y/N] Nothing was sent.\n"
    )
    assert ended.out == ""


def test_without_a_terminal_nobody_is_asked_and_nothing_is_sent(counter: Counter) -> None:
    ended = counter.run("refund", "1001", "--amount", "5.00")
    assert (ended.code, ended.out) == (2, "")
    assert (counter.bank.questions, counter.bank.sent) == (0, [])
    assert "--yes" in ended.err


def test_what_our_rules_refuse_is_not_asked_about(counter: Counter) -> None:
    ended = counter.run("refund", "1001", "--amount", "60", typed="y\n")
    assert (ended.code, counter.bank.sent) == (1, [])
    assert "[y/N]" not in ended.err


# -- the waiting -------------------------------------------------------------------------------


def test_no_wait_reports_right_after_the_request(counter: Counter) -> None:
    assert counter.refund("--no-wait").code == 6
    assert counter.clock.waits == []


@pytest.mark.parametrize("how", [("--no-wait",), ("--wait-seconds", "0")])
def test_what_did_not_leave_is_withdrawn_when_the_waiting_is_over(
    counter: Counter, how: tuple[str, ...]
) -> None:
    counter.bank.on_send = [raising(Unreachable("connection refused"))]
    ended = counter.refund(*how)
    assert (ended.code, ended.states) == (4, ["intent", "not_sent"])
    assert counter.journal.open_refunds() == []


def test_waiting_ends_after_so_long(counter: Counter) -> None:
    begun = counter.clock.at
    assert counter.refund("--wait-seconds", "90").code == 6
    assert (counter.clock.at - begun).total_seconds() == 90


def test_without_a_limit_it_follows_to_the_end(counter: Counter) -> None:
    counter.bank.on_send = [raising(Unreachable("connection refused"))] * 100
    ended = counter.refund()
    assert (ended.code, ended.states) == (4, ["intent", "not_sent"])


@pytest.mark.parametrize("seconds", ["-1", "86401", "x", ""])
def test_the_waiting_has_bounds(counter: Counter, seconds: str) -> None:
    ended = counter.refund("--wait-seconds", seconds)
    assert (ended.code, counter.bank.questions) == (2, 0)


def test_no_wait_and_a_wait_contradict_each_other(counter: Counter) -> None:
    assert counter.refund("--no-wait", "--wait-seconds", "5").code == 2


def test_a_key_refused_while_asking_never_turns_unknown_into_not_sent(counter: Counter) -> None:
    counter.bank.on_send = [raising(Unanswered("cut"))]
    ended = counter.refund("--no-wait", "--id", "till-7")
    assert ended.code == 5
    counter.bank.on_ask = [KeyRefused("401")] * 50
    ended = counter.run("status", "till-7", "--json")
    assert (ended.code, ended.states) == (5, ["unknown"])


def test_what_goes_wrong_while_asking_never_decides_the_code(counter: Counter) -> None:
    counter.bank.on_send = [raising(Unanswered("cut"))]
    real = counter.bank.given_back

    def odd(references, *, since=None):
        if not counter.bank.sent:
            return real(references)
        raise NotAllowed("something our rules forbid")

    counter.bank.given_back = odd  # type: ignore[method-assign]  # of this one
    ended = counter.refund("--id", "till-7")
    assert (ended.code, ended.states) == (5, ["intent", "unknown"])
    assert "Something our rules forbid" in ended.err


def test_the_amount_is_in_the_currency_of_the_payment(counter: Counter) -> None:
    pounds = a_payment(reference="G1", order_reference="gb", amount=Money(2000, "GBP"))
    counter.bank.payments["G1"] = pounds
    ended = counter.run("refund", "G1", "--amount", "5", "--yes", "--json", "--no-wait")
    assert (ended.lines[-1]["amount"], ended.lines[-1]["currency"]) == ("5.00", "GBP")
