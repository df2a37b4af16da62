"""`close`: a person decides with name and evidence, and never against what CCV says."""

from datetime import timedelta

import pytest

from posrefund.errors import KeyRefused, NoInformation
from posrefund.refund.model import ProviderStatus, RefundState
from tests.cli.fakes import Counter

VERDICT = ("--by", "M. de Vries", "--evidence", "helpdesk case 4711")


def stuck(counter: Counter) -> str:
    """A case in manual intervention; returns its id."""
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.decide("TR1", ProviderStatus.MANUAL_INTERVENTION)
    assert counter.run("status", refund.id).code == 7
    return refund.id


def test_a_case_closed_as_executed_exits_0(counter: Counter) -> None:
    ended = counter.run("close", stuck(counter), "--executed", *VERDICT, "--json")
    assert (ended.code, ended.states, ended.lines[0]["money_moved"]) == (0, ["closed"], "yes")


def test_a_case_closed_as_not_executed_exits_1(counter: Counter) -> None:
    case = stuck(counter)
    counter.clock.at += timedelta(minutes=40)
    ended = counter.run("close", case, "--not-executed", *VERDICT, "--json")
    assert (ended.code, ended.states, ended.lines[0]["money_moved"]) == (1, ["closed"], "no")


def test_too_early_to_say_it_was_not_executed(counter: Counter) -> None:
    ended = counter.run("close", stuck(counter), "--not-executed", *VERDICT, "--json")
    # Not 1: that is what a case closed as not executed ends with.
    assert (ended.code, ended.states) == (7, ["attention"])
    assert ended.lines[0]["money_moved"] == "unknown"
    assert ended.err.startswith("The case stays open: ")
    assert "minutes" in ended.err
    assert "Nothing was sent" not in ended.err


def test_what_ccv_has_decided_meanwhile_is_not_closed(counter: Counter) -> None:
    case = stuck(counter)
    counter.bank.decide("TR1", ProviderStatus.SUCCESS)
    ended = counter.run("close", case, "--executed", *VERDICT, "--json")
    assert (ended.code, ended.states) == (0, ["succeeded"])
    kept = counter.journal.get(case)
    assert kept is not None
    assert kept.state is RefundState.SUCCEEDED


@pytest.mark.parametrize("verdict", ["--executed", "--not-executed"])
@pytest.mark.parametrize(
    ("said", "code", "state"),
    [
        (None, 5, "unknown"),
        (ProviderStatus.PENDING, 6, "accepted"),
        (ProviderStatus.SUCCESS, 0, "succeeded"),
        (ProviderStatus.FAILED, 1, "failed"),
    ],
)
def test_what_is_not_for_a_person_is_printed_and_exits_by_its_state(
    counter: Counter, said: ProviderStatus | None, code: int, state: str, verdict: str
) -> None:
    refund = counter.in_state(said)
    ended = counter.run("close", refund.id, verdict, *VERDICT, "--json")
    assert (ended.code, ended.states) == (code, [state])
    is_open = state in {"unknown", "accepted"}
    assert ("The case stays open: " in ended.err) is is_open
    assert ("There is nothing to close: " in ended.err) is not is_open


def test_a_case_that_was_closed_is_not_closed_again(counter: Counter) -> None:
    case = stuck(counter)
    assert counter.run("close", case, "--executed", *VERDICT).code == 0
    counter.clock.at += timedelta(minutes=40)
    ended = counter.run("close", case, "--not-executed", *VERDICT, "--json")
    assert (ended.code, ended.lines[0]["money_moved"]) == (0, "yes")
    assert ended.err.startswith("There is nothing to close: ")


@pytest.mark.parametrize("error", [NoInformation("CCV gave no answer"), KeyRefused("not this key")])
def test_where_ccv_cannot_be_asked_the_case_stays_as_it_is(
    counter: Counter, error: Exception
) -> None:
    case = stuck(counter)
    counter.clock.at += timedelta(minutes=40)
    counter.bank.on_ask = [error] * 3
    ended = counter.run("close", case, "--not-executed", *VERDICT, "--json")
    assert (ended.code, ended.states) == (7, ["attention"])
    assert ended.err.startswith("The case stays open: ")


@pytest.mark.parametrize(
    "arguments",
    [
        (*VERDICT,),
        ("--executed", "--not-executed", *VERDICT),
        ("--executed", "--by", "M."),
        ("--executed", "--evidence", "x"),
        ("--executed", "--by", " ", "--evidence", "x"),
    ],
)
def test_half_a_verdict_is_wrong_use(counter: Counter, arguments: tuple[str, ...]) -> None:
    assert counter.run("close", stuck(counter), *arguments).code == 2


def test_an_unknown_case_exits_1(counter: Counter) -> None:
    assert counter.run("close", "NOBODY", "--executed", *VERDICT).code == 1
