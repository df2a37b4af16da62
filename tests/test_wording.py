"""Every state and every error has words: what happened to the money, and what to do next."""

import pytest

from posrefund import errors, language
from posrefund.refund.model import RefundState
from posrefund.sentence import Sentence
from posrefund.speech import failure, method_text
from posrefund.wording import Outcome, error_words, words
from tests.support.builders import a_sent_refund


def leaves(kind: type[Exception]) -> list[type[Exception]]:
    below = kind.__subclasses__()
    return [kind, *(leaf for child in below for leaf in leaves(child))]


def test_a_sentence_begins_with_a_capital_and_a_name_as_it_is_written() -> None:
    said = error_words(errors.Misused("{file} exists already", file="jcopy.db"))
    assert "jcopy.db exists already." in said
    assert "It is late." in error_words(errors.Misused("it is late"))


def made(kind: type[Exception]) -> Exception:
    if kind is errors.AlreadyOpen:
        return errors.AlreadyOpen("refund R is open", refund_id="R")
    if kind is errors.NotConfirmed:
        return errors.NotConfirmed("why it came", missing="again")
    return kind("why it came")


ERRORS = leaves(errors.PosrefundError)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_says_what_happened_to_the_money_why_and_what_to_do(
    kind: type[Exception],
) -> None:
    sentences = [one for one in error_words(made(kind)).split(". ") if one]

    assert len(sentences) == 3


@pytest.mark.parametrize("state", list(RefundState))
def test_every_state_has_words(state: RefundState) -> None:
    closed_as = "executed" if state is RefundState.CLOSED else None

    said = words(a_sent_refund(state, closed_as=closed_as))

    for sentence in (said.money, said.next):
        assert sentence.endswith(".")
        assert "{" not in sentence
    assert said.title


@pytest.mark.parametrize("state", list(RefundState))
def test_words_never_say_more_than_is_known(state: RefundState) -> None:
    refund = a_sent_refund(state)
    said = words(refund)

    if refund.money_moved == "unknown" and state is not RefundState.CLOSED:
        assert said.outcome not in {Outcome.DONE, Outcome.NOT_DONE, Outcome.NOT_SENT}


def test_a_contradiction_is_for_a_person_whatever_the_state() -> None:
    said = words(a_sent_refund(RefundState.SUCCEEDED, alarm="CCV now says failed."))

    assert said.outcome is Outcome.PERSON
    assert "contradicts" in said.money


def test_a_code_nobody_knows_is_shown_as_it_came() -> None:
    assert "brand_new" in failure(a_sent_refund(RefundState.FAILED, failure_code="brand_new"))


def test_without_a_code_the_message_tells() -> None:
    refund = a_sent_refund(RefundState.FAILED, message="CCV said no")
    assert failure(refund) == "CCV said no"
    assert failure(a_sent_refund(RefundState.FAILED)) == "CCV gave no reason"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("eng", ["terminal", "iDEAL", "bank transfer", "newpay"]),
        ("nld", ["automaat", "iDEAL", "overschrijving", "newpay"]),
    ],
)
def test_a_method_of_paying_has_the_name_people_know(code: str, expected: list[str]) -> None:
    language.use(code)
    try:
        methods = ("terminal", "ideal", "banktransfer", "newpay")
        assert [method_text(method) for method in methods] == expected
    finally:
        language.use("eng")


def test_a_closed_case_says_the_verdict_in_its_title() -> None:
    titles = {
        verdict: words(a_sent_refund(RefundState.CLOSED, closed_as=verdict)).title
        for verdict in ("executed", "not executed")
    }
    assert titles == {"executed": "Closed: given back", "not executed": "Closed: not given back"}


def test_a_reason_within_a_sentence_begins_with_a_capital_too() -> None:
    cause = Sentence("the connection was cut")
    outer = Sentence("{what}: {reason}", what=cause, reason="odd")
    assert ". The connection was cut: odd." in error_words(errors.NoInformation(outer))
    inner = errors.NoInformation(Sentence("{why}", why=errors.NoInformation(cause)))
    assert ". The connection was cut." in error_words(inner)
