"""`close`: a person decides with name and evidence, and never against what CCV says."""

from datetime import timedelta

import pytest

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
    ended = counter.run("close", stuck(counter), "--not-executed", *VERDICT)
    assert ended.code == 1
    assert ended.err.startswith("The case stays open: ")
    assert "minutes" in ended.err
    assert "Nothing was sent" not in ended.err


def test_what_ccv_has_decided_meanwhile_is_not_closed(counter: Counter) -> None:
    case = stuck(counter)
    counter.bank.decide("TR1", ProviderStatus.SUCCESS)
    assert counter.run("close", case, "--executed", *VERDICT).code == 1
    kept = counter.journal.get(case)
    assert kept is not None
    assert kept.state is RefundState.SUCCEEDED


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
