"""The whole main job against the sandbox. The oracle for money is the sandbox's ledger."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from posrefund.errors import NotAllowed, NotFound
from posrefund.money import Money
from posrefund.refund.model import Payout, RefundState
from tests.support.shop import DESK_2, KEY, PHONE, Shop

REFERENCE_PAGE = {
    "reference": "T1505181754007760.Y",
    "description": "API Refund Description for Terminal Transaction",
    "details": {
        "managementSystemId": "000103030",
        "terminalId": "1234536",
        "accessProtocol": "OPI_NL",
        "operatingEnvironment": "ATTENDED",
        "merchantLanguage": "NLD",
    },
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as opened:
        yield opened


def sent_body(shop: Shop) -> dict[str, object]:
    (body,) = shop.posts()
    return json.loads(body)


def without_ours(body: dict[str, object], refund_marker: str) -> dict[str, object]:
    """The body less what we add on purpose: the amount, always, and the marker."""
    description = str(body["description"]).removesuffix(f" {refund_marker}")
    rest = {name: value for name, value in body.items() if name != "amount"}
    return rest | {"description": description}


def test_a_terminal_refund_is_the_reference_pages_example_field_by_field(shop: Shop) -> None:
    done = shop.finish(
        shop.refund(
            "T1505181754007760.Y", description="API Refund Description for Terminal Transaction"
        )
    )

    assert done.state is RefundState.SUCCEEDED
    body = sent_body(shop)
    assert body["amount"] == "5.00"
    assert without_ours(body, done.marker) == REFERENCE_PAGE


def test_a_softpos_refund_is_the_reference_pages_example_field_by_field(shop: Shop) -> None:
    shop.sell("T1505181754007761.Y", 2000, method="softpos")
    done = shop.finish(
        shop.refund(
            "T1505181754007761.Y",
            terminal=PHONE,
            description="API Refund Description for SoftPos Transaction",
        )
    )

    assert done.state is RefundState.SUCCEEDED
    assert without_ours(sent_body(shop), done.marker) == {
        "reference": "T1505181754007761.Y",
        "description": "API Refund Description for SoftPos Transaction",
        "details": {"terminalId": "1234536", "cardPresent": "false"},
    }


def test_the_header_is_ours_and_the_key_is_basic(shop: Shop) -> None:
    refund = shop.refund()

    (request,) = [seen for seen in shop.sandbox.requests if seen.method == "POST"]
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers["idempotency-reference"] == refund.idempotency_reference
    assert headers["user-agent"].startswith("posrefund/")
    assert KEY not in str(request)


LOST = [
    ("commit_then_hang_up", {}),
    ("reset", {"committed": True}),
    ("error_500_after_commit", {}),
    ("silence", {"committed": True}),
    ("half_body", {"at": 20}),
    ("html_200", {"committed": True}),
    ("wrong", {"fields": {"reference": "<not a reference>"}}),
    ("wrong", {"fields": {"amount": 5.01}}),
    ("wrong", {"fields": {"currency": "gbp"}}),
    ("wrong", {"fields": {"originalReference": "T1002.Y"}}),
    ("wrong", {"fields": {"type": "sale"}}),
]


@pytest.mark.parametrize(("fault", "args"), LOST, ids=lambda case: str(case))
def test_an_answer_lost_after_the_commit_pays_once(
    shop: Shop, fault: str, args: dict[str, object]
) -> None:
    shop.spoil(fault, args=args)

    lost = shop.refund()
    assert (lost.state, lost.money_moved) == (RefundState.UNKNOWN, "unknown")
    done = shop.finish(lost)

    assert done.state is RefundState.SUCCEEDED
    (entry,) = shop.ledger()
    assert entry["reference"] == done.provider_reference
    assert len(shop.posts()) == 1


NEVER_THERE = [
    ("hang_up", {}),
    ("reset", {"committed": False}),
    ("error_500_before_commit", {}),
    ("silence", {"committed": False}),
    ("rate_limit", {"retry_after": "7"}),
    ("status", {"code": 409}),
    ("status", {"code": 302}),
    ("status", {"code": 400, "body": "html"}),
    ("status", {"code": 404, "body": "empty"}),
    ("html_200", {"committed": False}),
]


@pytest.mark.parametrize(("fault", "args"), NEVER_THERE, ids=lambda case: str(case))
def test_a_request_that_was_not_carried_out_is_repeated_byte_for_byte(
    shop: Shop, fault: str, args: dict[str, object]
) -> None:
    shop.spoil(fault, args=args)

    lost = shop.refund()
    assert lost.state is RefundState.UNKNOWN
    done = shop.finish(lost)

    assert done.state is RefundState.SUCCEEDED
    assert len(shop.ledger()) == 1
    first, second = shop.posts()
    assert first == second


def test_a_request_carried_out_late_pays_once(shop: Shop) -> None:
    shop.spoil("late", args={"seconds": 30})

    done = shop.finish(shop.refund())

    assert done.state is RefundState.SUCCEEDED
    assert len(shop.ledger()) == 1


def test_a_list_that_lags_pays_once(shop: Shop) -> None:
    shop.spoil("list_lag", args={"seconds": 20})
    shop.spoil("commit_then_hang_up")

    done = shop.finish(shop.refund())

    assert done.state is RefundState.SUCCEEDED
    assert len(shop.ledger()) == 1


@pytest.mark.parametrize("idempotency", ["on", "off"])
def test_a_lost_answer_pays_once_whether_or_not_ccv_knows_the_header(
    shop: Shop, idempotency: str
) -> None:
    shop.sandbox.bank.settings.apply({"idempotency": idempotency})
    shop.spoil("commit_then_hang_up")

    done = shop.finish(shop.refund())

    assert done.state is RefundState.SUCCEEDED
    assert len(shop.ledger()) == 1


def test_ccvs_refusal_is_final_and_says_why(shop: Shop) -> None:
    shop.spoil("status", args={"code": 400, "failure_code": "refund_limit"})

    refused = shop.refund()

    assert (refused.state, refused.failure_code) == (RefundState.FAILED, "refund_limit")
    assert shop.ledger() == []


@pytest.mark.parametrize("code", ["card_refused", "expired", "cancelled", "brand_new_code"])
def test_a_failed_refund_is_failed_with_its_code(shop: Shop, code: str) -> None:
    shop.spoil("final", args={"status": "failed", "failure_code": code})

    failed = shop.finish(shop.refund())

    assert (failed.state, failed.failure_code) == (RefundState.FAILED, code)


def test_manual_intervention_is_for_a_person(shop: Shop) -> None:
    shop.spoil("final", args={"status": "manualintervention"})

    assert shop.finish(shop.refund()).state is RefundState.ATTENTION


def test_an_unknown_status_is_followed_for_a_day_and_then_for_a_person(shop: Shop) -> None:
    shop.spoil("final", args={"status": "partying"})

    assert shop.finish(shop.refund()).state is RefundState.ATTENTION


HOSTILE = [
    "https://evil.example/terminal/poll?reference=X",
    "http://onlinepayments.ccv.eu/terminal/poll?reference=X",
    "https://user:pw@127.0.0.1/terminal/poll?reference=X",
    "https://evil.example\\@127.0.0.1/terminal/poll?reference=X",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_pay_url_is_kept_nowhere_and_the_refund_goes_on(shop: Shop, url: str) -> None:
    shop.spoil("hostile_pay_url", args={"url": url})

    sent = shop.refund()

    assert (sent.state, sent.pay_url) == (RefundState.ACCEPTED, None)
    kept = [str(sent), *map(str, shop.journal.entries(sent.id))]
    assert not [text for text in kept if "evil" in text or "javascript" in text]
    assert shop.finish(sent).state is RefundState.SUCCEEDED


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("T1007.A", "capture"),
        ("T1011.Y", "failed"),
        ("T1012.Y", "pending"),
        ("T1005.Y", "EUR 0.00"),
        ("T1018.Y", "EUR 0.00"),
    ],
)
def test_what_cannot_be_refunded_is_refused_here(shop: Shop, text: str, word: str) -> None:
    with pytest.raises(NotAllowed, match=word):
        shop.refund(text, "1.00")
    assert shop.posts() == []


def test_a_landing_page_leads_to_its_child(shop: Shop) -> None:
    (finding,) = shop.service.find("L1010.Y")

    assert finding.payment.reference == "I1010.Y"


def test_an_unknown_reference_is_said(shop: Shop) -> None:
    with pytest.raises(NotFound):
        shop.service.find("T9999.Y")


def test_a_split_payment_is_given_back_in_parts(shop: Shop) -> None:
    payouts = (
        Payout(external_reference="M1", amount=Money(400, "EUR")),
        Payout(external_reference="M2", amount=Money(100, "EUR")),
    )

    assert shop.finish(shop.refund("C1013.Y", payouts=payouts)).state is RefundState.SUCCEEDED


def test_over_100_percent_needs_a_word_and_120_is_the_end(shop: Shop) -> None:
    with pytest.raises(NotAllowed):
        shop.refund("1002", "11.98")
    with pytest.raises(NotAllowed):
        shop.refund("1002", "11.99", above_original=True)

    done = shop.finish(shop.refund("1002", "11.98", above_original=True))

    assert done.state is RefundState.SUCCEEDED


def test_what_is_left_follows_every_outcome(shop: Shop) -> None:
    shop.sell("TEN", 1000)

    def left() -> str:
        return shop.service.find("TEN")[0].left.text

    shop.finish(shop.refund("TEN", "4.00"))
    assert left() == "6.00"
    shop.spoil("final", args={"status": "failed", "failure_code": "card_refused"})
    shop.finish(shop.refund("TEN", "3.00"))
    assert left() == "6.00"
    shop.finish(shop.refund("TEN", "6.00", terminal=DESK_2))
    assert left() == "0.00"


def test_every_documented_field_of_the_answer_is_kept(shop: Shop) -> None:
    done = shop.finish(shop.refund("1008", "3.00"))

    for name in ("created", "last_update", "status_final_date", "paidout", "method", "language"):
        assert name in done.facts


def test_after_a_restart_the_program_says_what_it_knows(shop: Shop) -> None:
    shop.spoil("commit_then_hang_up")
    lost = shop.refund()
    shop.restart()

    until = shop.clock.now().replace(year=2099)
    last = {refund.id: refund.state for refund in shop.recovery.work(until=until)}

    assert last == {lost.id: RefundState.SUCCEEDED}
    assert len(shop.ledger()) == 1
