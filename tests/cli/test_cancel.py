"""`cancel`: CCV is asked, its answer is said, and only its status decides."""

import pytest

from posrefund.errors import JournalUnavailable, KeyRefused, NoInformation
from posrefund.refund.model import ProviderStatus
from tests.cli.fakes import Counter


def test_a_request_that_ccv_took_is_followed_to_its_state(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.FAILED

    ended = counter.run("cancel", refund.id, "--json")

    assert counter.bank.cancels == ["TR1"]
    assert "took the request" in ended.err
    assert (ended.states[-1], ended.code) == ("failed", 1)


def test_ccv_is_asked_at_once_what_became_of_it(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.FAILED

    assert counter.run("cancel", refund.id, "--wait-seconds", "0").code == 1


def test_a_request_that_ccv_took_may_come_too_late(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS

    ended = counter.run("cancel", refund.id, "--json")

    assert (ended.states[-1], ended.code) == ("succeeded", 0)


def test_a_no_of_ccv_is_said_and_the_refund_goes_on(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.takes_cancels = False

    ended = counter.run("cancel", refund.id, "--wait-seconds", "1", "--json")

    assert "said no to cancelling" in ended.err
    assert (ended.states[-1], ended.code) == ("accepted", 6)


def test_silence_is_no_answer_and_the_refund_is_followed(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.on_ask = [NoInformation("CCV did not answer")]

    ended = counter.run("cancel", refund.id, "--wait-seconds", "0", "--json")

    assert "may be cancelled all the same" in ended.err
    assert ended.code == 6


@pytest.mark.parametrize(
    ("state", "code"), [(ProviderStatus.SUCCESS, 0), (ProviderStatus.FAILED, 1), (None, 5)]
)
def test_what_ccv_does_not_have_or_has_decided_is_not_asked_about(
    counter: Counter, state: ProviderStatus | None, code: int
) -> None:
    refund = counter.in_state(state)

    ended = counter.run("cancel", refund.id, "--json")

    assert counter.bank.cancels == []
    assert ended.code == code
    assert ended.err


def test_a_refused_key_does_not_say_that_nothing_was_sent(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.on_ask = [KeyRefused("CCV does not accept the key")]

    ended = counter.run("cancel", refund.id, "--json")

    assert "does not accept the key" in ended.err
    assert "othing was sent" not in ended.err
    assert (ended.states[-1], ended.code) == ("accepted", 6)


def test_a_journal_that_fails_meanwhile_does_not_say_that_nothing_was_sent(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.on_ask = [NoInformation("CCV did not answer"), JournalUnavailable("disk full")]

    ended = counter.run("cancel", refund.id)

    assert ended.code == 8
    assert "Nothing was sent" not in ended.err


def test_where_the_journal_fails_before_ccv_is_asked_nothing_untrue_is_said(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)

    def full(*_: object) -> None:
        raise JournalUnavailable("the disk is full")

    monkeypatch.setattr(counter.journal, "append", full)

    ended = counter.run("cancel", refund.id)

    assert (ended.code, counter.bank.cancels) == (8, [])
    assert "Nothing was sent" not in ended.err


def test_why_ccv_is_not_asked_does_not_say_that_nothing_was_sent(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)

    ended = counter.run("cancel", refund.id)

    assert ended.code == 0
    assert "It was not asked" in ended.err
    assert "Nothing was sent" not in ended.err


def test_an_unknown_id_is_refused(counter: Counter) -> None:
    assert counter.run("cancel", "ABCDEFGHIJ").code == 1
