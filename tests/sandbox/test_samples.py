"""What the samples promise: earlier days, and payments whose refunds always go wrong."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from posrefund.sandbox.control import ledger
from posrefund.sandbox.earlier import Earlier
from posrefund.sandbox.filling import fill
from posrefund.sandbox.pages import play

TRANSACTION = "/api/v1/transaction"
AMSTERDAM = "CET-1CEST,M3.5.0,M10.5.0/3"
TOKYO = "JST-9"
HONOLULU = "HST10"
MOMENTS = [
    "2026-11-21T12:00:00",
    "2026-11-21T00:00:01",
    "2026-11-21T23:59:59",
    # The 25 hours of this day, and the 23 of that one, begin and end at midnight all the same.
    "2026-10-25T23:30:00",
    "2026-10-26T00:10:00",
    "2026-03-29T23:59:00",
    "2026-03-30T00:01:00",
]


@pytest.fixture(params=[AMSTERDAM, TOKYO, HONOLULU])
def zone(request, monkeypatch):
    if not hasattr(time, "tzset"):
        pytest.skip("LOUDLY: the zone cannot be set here")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("days_ago", [1, 2])
def test_yesterday_is_what_the_clock_on_the_wall_calls_so(zone, moment, days_ago):
    now = datetime.fromisoformat(moment).astimezone()
    made = Earlier(amount=1, days_ago=days_ago).created(int(now.timestamp() * 1000))
    at = datetime.fromtimestamp(made / 1000, UTC).astimezone()
    assert at.date() == now.date() - timedelta(days=days_ago)
    assert (at.hour, at.minute) == (14, 5)


def test_the_books_are_in_the_order_in_which_things_happened(bank):
    times = [item.created for item in bank.all()]
    assert times == sorted(times)
    for item in bank.refunds(origin="sample"):
        assert bank.get(item.original).created < item.created <= item.final_at < bank.now()


def test_a_tills_refund_says_so_and_has_its_receipts(bank):
    made = bank.get("T1003.Y-R1")
    assert made.description == "Order 1003 #YRTJU7QJYK"
    assert made.idempotency == "0de5cef8-4b87-4e4f-9fc4-669a7e09c28e"
    assert "REFUND" in json.loads(made.details["customerReceipt"])
    assert "customerReceipt" not in bank.get("T1016.Y-R1").details
    assert bank.get("T1004.Y-R1").description == "Earlier refund"


def test_earlier_receipts_are_in_the_language_asked_for(bank):
    bank.clear()
    fill(bank, language="fra")
    made = bank.get("T1003.Y-R1")
    assert "REMBOURSEMENT" in json.loads(made.details["customerReceipt"])


def test_the_line_drops_and_the_refund_is_made(ccv, clock):
    assert ccv.refund("T1020.Y", once="one").transport.kind == "hang_up"
    assert [line["status"] for line in ccv.made()] == ["pending"]
    assert listed(ccv, "T1020.Y") == []
    clock.pass_seconds(6)
    assert [item["status"] for item in listed(ccv, "T1020.Y")] == ["success"]
    assert ccv.refund("T1020.Y", once="one").transport.kind == "hang_up"
    assert len(ccv.made()) == 1


@pytest.mark.parametrize("presents", [False, True])
def test_a_person_must_look_whether_the_customer_comes_or_not(ccv, json_of, clock, presents):
    made = json_of(ccv.refund("T1021.Y"))["reference"]
    assert ccv.look(made)["status"] == "pending"
    if presents:
        play(ccv.bank, ccv.bank.get(made), "success")
    else:
        clock.pass_seconds(4)
    assert ccv.look(made)["status"] == "manualintervention"


def test_ccv_cannot_say_what_became_of_it_and_of_nothing_else(ccv, clock):
    assert listed(ccv, "T1022.Y") == []
    assert ccv.refund("T1022.Y").transport.kind == "hang_up"
    for _ in range(3):
        clock.pass_seconds(24 * 3600)
        assert ccv.get(TRANSACTION, originalReferences="T1022.Y").status == 500
    assert len(ccv.made()) == 1
    assert ccv.look("T1022.Y")["status"] == "success"
    assert listed(ccv, "T1003.Y")
    assert listed(ccv, "T1001.Y") == []
    assert ccv.refund("T1001.Y").status == 200


def test_a_script_comes_before_the_habits_and_no_script_ends_them(ccv, json_of):
    ccv.faults.script("rate_limit")
    assert ccv.refund("T1020.Y").status == 429
    ccv.faults.script("final", status="failed", match={"reference": "T1021.Y"})
    assert json_of(ccv.refund("T1021.Y"))["status"] == "FAILED"
    ccv.faults.clear()
    assert json_of(ccv.get("/_sandbox/faults")) == []
    assert ccv.refund("T1020.Y").transport.kind == "hang_up"


def test_a_reset_keeps_what_the_samples_do(ccv):
    before = ledger(ccv.bank)
    ccv.refund("T1022.Y")
    ccv.post("/_sandbox/reset", {})
    assert ledger(ccv.bank) == before
    assert listed(ccv, "T1022.Y") == []
    assert ccv.refund("T1020.Y").transport.kind == "hang_up"
    assert ccv.refund("T1022.Y").transport.kind == "hang_up"


def test_what_is_over_cannot_be_played(ccv, json_of):
    made = json_of(ccv.refund())["reference"]
    ccv.post("/_sandbox/act", {"reference": made, "action": "manualintervention"})
    for action in ("success", "declined", "cancelled"):
        play(ccv.bank, ccv.bank.get(made), action)
        assert ccv.look(made)["status"] == "manualintervention"


def listed(ccv, payment):
    """CCV's list of what was given back of the payment."""
    answer = ccv.get(TRANSACTION, originalReferences=payment)
    assert answer.status == 200
    return json.loads(answer.body)
