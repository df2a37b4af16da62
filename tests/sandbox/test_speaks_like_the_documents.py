"""Answers against CCV's two reference pages: the refund reference and the refund guide."""

import json
import re
from decimal import Decimal

GUIDE_ANSWER = {
    "originalReference": "I240226130441921CB87E195.Y",
    "lastUpdate": 1708952963599,
    "created": 1708952963599,
    "merchantOrderReference": "123456",
    "details": {},
    "amount": Decimal("9.99"),
    "reference": "I240226130923535CB87E19A.Y",
    "description": "Refund of Order 123456",
    "status": "success",
    "method": "ideal",
    "type": "refund",
    "language": "eng",
    "currency": "eur",
}
GUIDE_TOO_HIGH = {
    "type": "process_error",
    "message": "Refund request limit check: Original Amount: 9.99, Amount Already Refunded: 0.00, "
    "Current Refund Request: 11.99, Maximum Refundable Amount: 11.98",
    "reference": "2d951ad9",
    "failureCode": "refund_limit",
}
GUIDE_BALANCE = {
    "type": "process_error",
    "message": "Refund request with amount 9.99 DENIED for originalReferenceId "
    "B1009.Y due to insufficient open amount",
    "reference": "5c0a0487",
    "failureCode": "unsufficient_balance",
    "balance": {
        "creditAmount": Decimal("0.35"),
        "debitAmount": Decimal("1.70"),
        "total": Decimal("1.35"),
    },
}
REFERENCE_ANSWER = {
    "type": "refund",
    "amount": Decimal("316.35"),
    "currency": "eur",
    "status": "PENDING",
    "merchantOrderReference": "8cdbb73f-6537-4b7f-a6de-6ddab6c283e1",
    "description": "API Refund Description",
    "language": "eng",
    "method": "card",
    "metadata": "my custom metadata",
    "reference": "C1505181613078800.1",
    "brand": "visa",
    "created": 1431958387914,
    "lastUpdate": 1431958387914,
    "statusFinalDate": 1431958387914,
}
REFUND_OBJECT = frozenset(
    {
        "type",
        "amount",
        "currency",
        "status",
        "paidout",
        "paidoutDate",
        "merchantOrderReference",
        "description",
        "language",
        "method",
        "brand",
        "metadata",
        "reference",
        "originalReference",
        "unstructuredReference",
        "paidoutReference",
        "created",
        "lastUpdate",
        "statusFinalDate",
        "failureCode",
        "payUrl",
        "returnUrl",
        "payoutInstructions",
    }
)
"""Every field of the table "Refund object"."""
SEEN_ELSEWHERE = frozenset({"details", "entryMode", "cancelUrl", "childReferenceId"})
"""In CCV's other examples: refund guide, payment status, landing page."""
VARYING = {"reference", "created", "lastUpdate", "statusFinalDate"}


def alike(answer, document):
    """Every documented field is there, of the same kind, and equal unless it varies by nature."""
    for name, value in document.items():
        assert type(answer[name]) is type(value), name
        if name not in VARYING:
            assert answer[name] == value, name


def test_the_guides_request_gets_the_guides_answer(ccv, json_of):
    ccv.bank.settings.apply({"capitals": False})
    body = {"reference": "I240226130441921CB87E195.Y", "description": "Refund of Order 123456"}
    answer = ccv.post("/api/v1/refund", body)
    assert answer.status == 200
    assert answer.content_type == "application/json"
    alike(json_of(answer), GUIDE_ANSWER)
    assert re.fullmatch(r"I[0-9]{15}[0-9A-F]{8}\.[A-Z]", json_of(answer)["reference"])


def test_too_high_a_refund_gets_the_guides_error(ccv, json_of):
    answer = json_of(ccv.refund("T1002.Y", amount="11.99"))
    assert set(answer) == set(GUIDE_TOO_HIGH)
    alike(answer, GUIDE_TOO_HIGH)
    assert re.fullmatch(r"[0-9a-f]{8}", answer["reference"])


def test_too_small_a_balance_gets_the_guides_error(ccv, json_of):
    answer = json_of(ccv.refund("B1009.Y", amount=9.99))
    assert set(answer) == set(GUIDE_BALANCE)
    alike(answer, GUIDE_BALANCE)


def test_the_most_the_guide_allows_is_allowed(ccv):
    assert ccv.refund("T1002.Y", amount="11.98").status == 200


def test_the_references_request_gets_the_references_answer(ccv, json_of):
    ccv.faults.script("pending_for_ever")
    body = {"reference": "C1505181754007360.1", "description": "API Refund Description"}
    answer = json_of(ccv.post("/api/v1/refund", body))
    alike(answer, REFERENCE_ANSWER)
    assert answer["statusFinalDate"] == answer["created"]


def test_the_references_terminal_example_gets_a_page_to_open(ccv, json_of):
    body = json.loads("""{
      "reference": "T1505181754007760.Y",
      "description": "API Refund Description for Terminal Transaction",
      "details" : {
        "managementSystemId" : "000103030",
        "terminalId" : "1234536",
        "accessProtocol" : "OPI_NL",
        "operatingEnvironment" : "ATTENDED",
        "merchantLanguage" : "NLD"
      }
    }""")
    answer = json_of(ccv.post("/api/v1/refund", {**body, "returnUrl": "till://back"}))
    site = ccv.bank.site
    assert answer["payUrl"] == f"{site}/terminal/poll?reference={answer['reference']}"
    assert answer["returnUrl"] == "till://back"
    assert answer["originalReference"] == "T1505181754007760.Y"
    assert answer["details"]["merchantLanguage"] == "nld"
    assert answer["details"]["wakeUpType"] == "CLOUD_CONNECT"


def test_the_references_softpos_example_is_understood(ccv, json_of):
    details = {"terminalId": "1234536", "cardPresent": "false"}
    answer = json_of(ccv.refund("S1006.Y", details=details))
    assert answer["details"] == details
    assert "payUrl" not in answer


def test_pay_url_and_return_url_are_the_terminals_alone(ccv, json_of):
    for reference in ("S1006.Y", "I1008.Y"):
        answer = json_of(ccv.refund(reference, details={}, returnUrl="till://back"))
        assert not {"payUrl", "returnUrl"} & set(answer)


def test_no_answer_has_a_field_that_ccv_does_not_have(ccv, json_of):
    ccv.faults.script("final", status="failed", failure_code="expired")
    made = [ccv.refund(), ccv.refund(returnUrl="a://b"), ccv.refund("I1008.Y")]
    instructions = [{"externalReference": "M1", "amount": 5.00}]
    made.append(ccv.refund("C1013.Y", amount="5.00", payoutInstructions=instructions))
    ccv.bank.advance(48 * 3600)
    for answer in made:
        facts = ccv.look(json_of(answer)["reference"])
        assert set(facts) <= REFUND_OBJECT | SEEN_ELSEWHERE
        assert {"type", "amount", "currency", "status", "reference", "created"} <= set(facts)


def test_what_a_request_leaves_out_is_echoed_from_the_payment(ccv, json_of):
    answer = json_of(ccv.refund())
    payment = ccv.look("T1001.Y")
    for name in ("currency", "merchantOrderReference", "description", "language", "method"):
        assert answer[name] == payment[name]
    assert answer["amount"] == payment["amount"]


def test_what_a_request_says_wins(ccv, json_of):
    said = {"description": "Broken on arrival", "merchantOrderReference": "R-7"}
    answer = json_of(ccv.refund(**said))
    assert {name: answer[name] for name in said} == said


def test_amounts_are_numbers_with_two_decimals(ccv):
    assert b'"amount":5.00,' in ccv.refund(amount="5").body
    assert b'"amount":1000.00,' in ccv.get("/api/v1/transaction", reference="T3002.Y").body


def test_only_the_post_answer_has_capitals(ccv, json_of):
    made = json_of(ccv.refund())
    assert made["status"] == "PENDING"
    looked = ccv.look(made["reference"])
    assert looked["status"] == "pending"
    assert "statusFinalDate" not in looked


def test_receipts_are_texts_that_hold_a_list_of_lines(ccv, json_of):
    made = json_of(ccv.refund(amount="5.00"))["reference"]
    ccv.bank.present_card(made)
    details = ccv.look(made)["details"]
    for name in ("customerReceipt", "merchantReceipt", "journalReceipt"):
        lines = json.loads(details[name])
        assert all(isinstance(line, str) for line in lines)
    assert "" in json.loads(details["customerReceipt"])
    assert any("5,00" in line for line in json.loads(details["customerReceipt"]))
    assert isinstance(details["eJournal"], str)
    for name in ("printCustomerReceipt", "askCustomerSignature", "askCustomerIdentification"):
        assert isinstance(details[name], bool)


def test_a_failed_refund_says_why(ccv, json_of):
    made = json_of(ccv.refund())["reference"]
    ccv.bank.act(made, "failed", "cancelled")
    facts = ccv.look(made)
    assert (facts["status"], facts["failureCode"]) == ("failed", "cancelled")
    assert facts["statusFinalDate"] == facts["lastUpdate"]
