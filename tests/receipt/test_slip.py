"""The slip: a paper that says REFUND only when the money went back."""

import dataclasses
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrefund import language
from posrefund.errors import Misused
from posrefund.money import Money
from posrefund.receipt.slip import slip_lines
from posrefund.refund.model import Environment, Refund, RefundState

AT = datetime(2025, 11, 21, 14, 3, 9, tzinfo=UTC)
DONE = Refund(
    id="KZBGMFAXIA",
    idempotency_reference="123e4567-e89b-42d3-a456-426614174000",
    environment=Environment.LIVE,
    address="https://api.psp.ccv.eu/api/v1",
    original_reference="T1505181754007760.Y",
    amount=Money(500, "EUR"),
    method="terminal",
    terminal="Desk 2",
    description="Returned shoes #KZBGMFAXIA",
    marker="#KZBGMFAXIA",
    counter="Desk 2",
    body=b"{}",
    created_at=AT,
    updated_at=AT,
    state=RefundState.SUCCEEDED,
    provider_reference="R251121140309001.Y",
    facts={"brand": "VISA"},
)
OPEN = {RefundState.SENDING, RefundState.UNKNOWN, RefundState.ATTENTION}
NOT_REFUNDED = {RefundState.INTENT, RefundState.FAILED, RefundState.NOT_SENT}


def slip(refund=DONE, *, copy=False, merchant=False, width=40, **changes):
    return slip_lines(
        dataclasses.replace(refund, **changes), copy=copy, merchant=merchant, width=width
    )


def test_the_customers_slip_reads_like_this():
    assert slip() == [
        "                 REFUND",
        "----------------------------------------",
        "Counter   Desk 2",
        "Date      21/11/2025 14:03 UTC",
        "Amount    EUR 5.00",
        "Payment   T1505181754007760.Y",
        "CCV ref   R251121140309001.Y",
        "Method    terminal",
        "Brand     VISA",
        "Terminal  Desk 2",
        "Our id    KZBGMFAXIA",
        "----------------------------------------",
        "            CUSTOMER'S SLIP",
    ]


def test_the_merchants_slip_on_narrow_paper_reads_like_this():
    assert slip(copy=True, merchant=True, width=32, environment=Environment.TEST) == [
        "          *** COPY ***",
        "  *** TEST - NO REAL MONEY ***",
        "             REFUND",
        "--------------------------------",
        "Counter   Desk 2",
        "Date      21/11/2025 14:03 UTC",
        "Amount    EUR 5.00",
        "Payment   T1505181754007760.Y",
        "CCV ref   R251121140309001.Y",
        "Method    terminal",
        "Brand     VISA",
        "Terminal  Desk 2",
        "Our id    KZBGMFAXIA",
        "Text      Returned shoes #KZBGMF",
        "          AXIA",
        "Request   123e4567-e89b-42d3-a45",
        "          6-426614174000",
        "--------------------------------",
        "        MERCHANT'S SLIP",
        "  *** TEST - NO REAL MONEY ***",
        "          *** COPY ***",
    ]


@pytest.mark.parametrize("state", [state for state in RefundState if state != "succeeded"])
@pytest.mark.parametrize("merchant", [True, False])
def test_only_success_gives_a_slip(state, merchant):
    lines = slip(state=state, merchant=merchant, copy=True)
    assert "REFUND" not in [line.strip() for line in lines]
    assert "SLIP" not in "\n".join(lines)
    assert "Amount" not in "\n".join(lines)
    assert "COPY" not in "\n".join(lines)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_an_open_refund_says_so_and_warns(state):
    lines = slip(state=state)
    assert lines[0].strip() == "OPEN - NOT KNOWN YET"
    assert "Do not repeat it." in " ".join(lines)


def test_a_refund_on_its_way_says_so_and_that_it_proves_nothing():
    lines = slip(state=RefundState.ACCEPTED)
    assert lines[0].strip() == "REFUND IN PROGRESS"
    assert "no proof of money given back" in " ".join(lines)


def test_what_ccv_contradicts_is_no_proof_any_more():
    lines = slip(alarm="CCV now says failed, after it said success.")
    assert lines[0].strip() == "OPEN - NOT KNOWN YET"
    assert "SLIP" not in "".join(lines)


RECEIPT = ["   CCV SANDBOX", "", "RETOURBETALING  ", "BEDRAG      EUR 5.00", "\x1b[2J\u202eend", ""]


def test_ccvs_receipt_stands_as_it_came():
    facts = {"customer_receipt": RECEIPT, "merchant_receipt": ["WINKELBON"]}
    lines = slip(facts=facts, copy=True, environment=Environment.TEST)
    assert lines == [
        "              *** COPY ***",
        "      *** TEST - NO REAL MONEY ***",
        *RECEIPT[:4],
        "\u00b7[2J\u00b7end",
        "",
        "-" * 40,
        "Our id    KZBGMFAXIA",
        "      *** TEST - NO REAL MONEY ***",
        "              *** COPY ***",
    ]
    assert slip(facts=facts, merchant=True)[0] == "WINKELBON"


def test_ccvs_receipt_is_no_slip_unless_the_refund_succeeded():
    facts = {"customer_receipt": RECEIPT}
    assert "RETOURBETALING  " not in slip(facts=facts, state=RefundState.FAILED)
    assert "RETOURBETALING  " not in slip(facts=facts, alarm="CCV contradicts itself.")


def test_a_receipt_of_no_known_form_gives_our_own_slip():
    for odd in ("text", [1], []):
        assert slip(facts={"customer_receipt": odd})[0].strip() == "REFUND"


def test_the_order_and_the_card_are_on_it():
    text = "\n".join(slip(order_reference="2026-0001", facts={"card_last_four": "1234"}))
    assert "Order     2026-0001" in text
    assert "Card      **** 1234" in text


@pytest.mark.parametrize("state", sorted(NOT_REFUNDED))
def test_a_refund_that_moved_no_money_says_so(state):
    assert slip(state=state)[0].strip() == "NOT REFUNDED"


def test_a_closed_refund_says_what_a_person_decided():
    closed = RefundState.CLOSED
    assert slip(state=closed, closed_as="not executed")[0].strip() == "NOT REFUNDED"
    executed = slip(state=closed, closed_as="executed")
    assert executed[0].strip() == "CLOSED BY A PERSON"
    assert "CCV did not confirm it." in " ".join(executed)


def test_the_reason_is_said():
    lines = slip(state=RefundState.FAILED, message="CCV: refund_limit")
    assert "Reason    CCV: refund_limit" in lines


@pytest.fixture
def dutch():
    language.use("nld")
    yield
    language.use("eng")


def test_the_reason_is_said_in_the_language_of_the_counter(dutch):
    lines = slip(
        state=RefundState.FAILED, failure_code="card_refused", message="Card refused by issuer"
    )
    assert "Reden     de kaart is geweigerd" in lines
    assert "Methode   automaat" in lines


def test_a_contradiction_is_the_reason_before_any_code():
    alarm = "CCV now says success, after it said failed."
    lines = slip(state=RefundState.FAILED, failure_code="card_refused", alarm=alarm)
    assert "Reason    CCV now says success" in "\n".join(lines)


def test_a_test_key_says_test_at_both_ends_whatever_the_state():
    for state in RefundState:
        lines = slip(state=state, environment=Environment.TEST, closed_as=None)
        assert "TEST" in lines[0]
        assert "TEST" in lines[-1]
    assert not any("TEST" in line for line in slip())


def test_the_first_slip_is_no_copy():
    assert not any("COPY" in line for line in slip(copy=False))
    assert "COPY" in slip(copy=True)[0]


def test_the_time_is_utc_whatever_the_clock_on_the_wall_says():
    there = AT.astimezone(timezone(timedelta(hours=2)))
    assert slip(created_at=there) == slip()


def test_what_is_not_known_has_no_line():
    text = "\n".join(slip(provider_reference=None, terminal=None, facts={"brand": 5}))
    assert not any(label in text for label in ("CCV ref", "Terminal", "Brand"))


@pytest.mark.parametrize("minor", [1, 100_000, 999_999_999_999])
@pytest.mark.parametrize("width", [32, 40, 80])
def test_an_amount_is_never_broken_and_has_no_separator(minor, width):
    amount = Money(minor, "EUR")
    assert f"Amount    EUR {amount.text}" in slip(amount=amount, width=width)


def test_a_reference_is_never_cut():
    reference = "T" + "0123456789" * 25
    for width in (32, 40):
        lines = slip(original_reference=reference, width=width)
        start = next(n for n, line in enumerate(lines) if line.startswith("Payment"))
        shown = "".join(line[10:] for line in lines[start : start + 12])
        assert shown.startswith(reference)


def test_foreign_text_carries_no_printer_commands():
    hostile = "\x1b@\x1dV\x00cut\nTotal\u202e"
    lines = slip(
        counter=hostile,
        original_reference=hostile,
        provider_reference=hostile,
        terminal=hostile,
        method=hostile,
        id=hostile,
        description=hostile,
        message=hostile,
        facts={"brand": hostile},
        merchant=True,
        state=RefundState.FAILED,
    )
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("width", [0, -1, 31])
def test_paper_that_would_break_amounts_apart_is_refused(width):
    with pytest.raises(Misused):
        slip(width=width)


@given(
    st.sampled_from(RefundState),
    st.text(max_size=300),
    st.integers(32, 80),
    st.booleans(),
)
def test_no_line_is_wider_than_the_paper(state, text, width, merchant):
    lines = slip(
        state=state, counter=text, message=text, description=text, width=width, merchant=merchant
    )
    assert max(map(len, lines)) <= width
    assert not any(unicodedata.category(char).startswith("C") for line in lines for char in line)


def test_the_customers_paper_of_a_closed_case_names_nobody_and_no_evidence():
    changes = {"state": RefundState.CLOSED, "message": "Jan de Vries: no idea", "alarm": "Odd."}
    for verdict in ("executed", "not executed"):
        customers = "\n".join(slip(closed_as=verdict, **changes))
        assert "Jan" not in customers
        assert "Reason" not in customers
        assert "Reason    Jan de Vries: no idea" in slip(
            closed_as=verdict, merchant=True, **changes
        )


@pytest.mark.parametrize("state", [*sorted(OPEN), RefundState.ACCEPTED])
def test_whoever_waits_has_the_reference_on_paper_and_reads_that_it_is_no_receipt(state):
    lines = slip(state=state)
    assert "This is no receipt. Please keep it" in " ".join(map(str.strip, lines))
    assert "CCV ref   R251121140309001.Y" in lines
    assert "Our id    KZBGMFAXIA" in lines


def test_every_paper_but_a_receipt_says_that_it_is_none():
    for state in RefundState:
        for merchant in (True, False):
            text = " ".join(slip(state=state, merchant=merchant))
            assert ("This is no receipt." in text) is (state is not RefundState.SUCCEEDED)
