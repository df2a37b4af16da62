import base64
from decimal import Decimal

import pytest

from posrefund.sandbox.faults import SHAPES, WIRE, Faults, read_rule, read_script
from posrefund.sandbox.misdeeds import _MISDEEDS

TRANSACTION = "/api/v1/transaction"


def test_every_fault_of_the_wire_has_its_misdeed():
    assert set(WIRE) == set(_MISDEEDS)


def test_a_hung_up_refund_is_still_in_the_ledger(ccv):
    ccv.faults.script("commit_then_hang_up")
    answer = ccv.refund(amount="5.00")
    assert answer.transport.kind == "hang_up"
    assert [line["amount"] for line in ccv.made()] == ["5.00"]


@pytest.mark.parametrize(
    ("name", "args", "kind", "made"),
    [
        ("hang_up", {}, "hang_up", 0),
        ("reset", {}, "reset", 0),
        ("reset", {"committed": True}, "reset", 1),
        ("silence", {}, "silence", 0),
        ("silence", {"committed": True, "seconds": 5}, "silence", 1),
        ("slow", {"seconds": 2}, "plain", 1),
        ("half_body", {"at": 10}, "half", 1),
        ("drip", {"seconds": 0.4}, "drip", 1),
        ("twice", {}, "twice", 1),
        ("close_idle", {}, "close_idle", 1),
        ("huge", {"bytes": 1000}, "huge", 1),
    ],
)
def test_what_is_lost_on_the_wire_is_made_or_not_as_scripted(ccv, name, args, kind, made):
    ccv.faults.script(name, **args)
    assert ccv.refund().transport.kind == kind
    assert len(ccv.made()) == made


@pytest.mark.parametrize(
    ("name", "args", "status", "made"),
    [
        ("error_500_after_commit", {}, 500, 1),
        ("error_500_before_commit", {"code": 503}, 503, 0),
        ("status", {"code": 409}, 409, 0),
        ("status", {"code": 504, "committed": True}, 504, 1),
        ("rate_limit", {}, 429, 0),
        ("html_200", {}, 200, 0),
        ("html_200", {"committed": True}, 200, 1),
        ("raw", {"text": "[]"}, 200, 0),
        ("raw", {"text": "{}", "committed": True}, 200, 1),
    ],
)
def test_an_error_answer_says_nothing_about_what_was_made(ccv, name, args, status, made):
    ccv.faults.script(name, **args)
    assert ccv.refund().status == status
    assert len(ccv.made()) == made


def test_an_error_can_have_a_json_a_html_or_no_body(ccv, json_of):
    for body in ("json", "html", "empty"):
        ccv.faults.script("error_500_before_commit", body=body)
    answers = [ccv.refund() for _ in range(3)]
    assert json_of(answers[0])["type"] == "process_error"
    assert answers[1].content_type.startswith("text/html")
    assert answers[2].body == b""


def test_a_status_can_have_any_text_and_headers(ccv):
    where = {"Location": "http://127.0.0.1:1/elsewhere"}
    ccv.faults.script("status", code=307, text="moved", headers=where)
    answer = ccv.refund()
    assert answer.body == b"moved"
    assert ("Location", where["Location"]) in answer.headers


@pytest.mark.parametrize("wait", ["7", "-1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", 7])
def test_a_retry_after_is_given_verbatim(ccv, wait):
    ccv.faults.script("rate_limit", retry_after=wait)
    assert ("Retry-After", str(wait)) in ccv.refund().headers


def test_raw_bytes_go_out_as_they_are(ccv):
    coded = base64.b64encode(b"\xff\xfe").decode()
    ccv.faults.script("raw", base64=coded, content_type="a/b", headers={"Content-Encoding": "br"})
    answer = ccv.refund()
    assert ("Content-Encoding", "br") in answer.headers
    assert (answer.body, answer.content_type) == (b"\xff\xfe", "a/b")


def test_a_late_refund_comes_without_an_answer(ccv):
    ccv.faults.script("late", seconds=60)
    assert ccv.refund(once="one").transport.kind == "silence"
    asked = ccv.bank.now()
    assert ccv.made() == []
    ccv.bank.advance(3600)
    [line] = ccv.made()
    assert line["created"] == asked + 60_000


def test_a_late_refund_and_its_resend_are_one(ccv):
    ccv.faults.script("late", seconds=60, answer="hang_up")
    ccv.refund(once="one")
    assert ccv.refund(once="one").status == 200
    ccv.bank.advance(3600)
    assert len(ccv.made()) == 1


def test_list_fails_ends_the_lists_of_its_payment_only(ccv, json_of):
    ccv.faults.script("list_fails")
    made = json_of(ccv.refund("T1001.Y", amount="5.00"))["reference"]
    for asked in ("T1001.Y", "T1003.Y,T1001.Y"):
        assert ccv.get(TRANSACTION, originalReferences=asked).status == 500
    assert ccv.get(TRANSACTION, originalReferences="T1003.Y").status == 200
    assert ccv.get(TRANSACTION, merchantOrderReference="1001").status == 200
    assert ccv.look(made)["status"] == "pending"


def test_list_lag_hides_a_new_refund_from_lists_only(ccv, json_of):
    ccv.faults.script("list_lag", seconds=30)
    made = json_of(ccv.refund())["reference"]
    assert json_of(ccv.get(TRANSACTION, originalReferences="T1001.Y")) == []
    assert ccv.look(made)["status"] == "pending"
    ccv.bank.advance(30)
    assert len(json_of(ccv.get(TRANSACTION, originalReferences="T1001.Y"))) == 1


@pytest.mark.parametrize(
    ("args", "status"),
    [
        ({}, "success"),
        ({"status": "failed", "failure_code": "expired"}, "failed"),
        ({"status": "manualintervention"}, "manualintervention"),
        ({"status": "on_hold"}, "on_hold"),
    ],
)
def test_a_final_outcome_can_be_forced_at_once(ccv, json_of, args, status):
    ccv.faults.script("final", **args)
    answer = json_of(ccv.refund())
    assert answer["status"] == status.upper()
    assert answer.get("failureCode") == args.get("failure_code")


def test_a_final_outcome_can_come_after_seconds_or_polls(ccv, json_of):
    ccv.faults.script("final", status="failed", failure_code="rejected", seconds=10)
    ccv.faults.script("final", polls=2)
    timed = json_of(ccv.refund(amount=1))["reference"]
    counted = json_of(ccv.refund(amount=2))["reference"]
    assert [ccv.look(counted)["status"] for _ in range(2)] == ["pending", "success"]
    assert ccv.look(timed)["status"] == "pending"
    ccv.bank.advance(10)
    assert ccv.look(timed)["failureCode"] == "rejected"


def test_a_batch_query_counts_as_a_poll(ccv, json_of):
    ccv.faults.script("final", polls=1)
    made = json_of(ccv.refund())["reference"]
    [item] = json_of(ccv.get(TRANSACTION, references=made))
    assert item["status"] == "success"


def test_pending_for_ever_outlives_the_customer(ccv, json_of):
    ccv.faults.script("pending_for_ever")
    made = json_of(ccv.refund())["reference"]
    query = {"reference": made, "action": "success"}
    ccv.post("/terminal/poll", query=query)
    ccv.bank.advance(7 * 24 * 3600)
    assert ccv.look(made)["status"] == "pending"


def test_a_hostile_pay_url_stays_hostile(ccv, json_of):
    ccv.faults.script("hostile_pay_url", url="https://evil.example/terminal/poll")
    made = json_of(ccv.refund())
    assert made["payUrl"] == "https://evil.example/terminal/poll"
    assert ccv.look(made["reference"])["payUrl"] == made["payUrl"]


def test_a_wrong_answer_is_wrong_and_the_ledger_is_right(ccv, json_of):
    fields = {"amount": 4.99, "currency": "usd", "originalReference": "T1002.Y", "type": "sale"}
    ccv.faults.script("wrong", fields=fields, drop=["status"])
    answer = json_of(ccv.refund(amount="5.00"))
    assert answer["amount"] == Decimal("4.99")
    assert answer["originalReference"] == "T1002.Y"
    assert "status" not in answer
    assert ccv.made()[0]["amount"] == "5.00"


def test_wrong_reaches_into_lists_and_leaves_errors_alone(ccv, json_of):
    ccv.faults.script("wrong", on="any", times="forever", fields={"status": "failed"})
    [item] = json_of(ccv.get(TRANSACTION, references="T1001.Y"))
    assert item["status"] == "failed"
    assert "status" not in json_of(ccv.refund(amount=1000))


def test_weird_answers_say_the_same_in_another_way(ccv, json_of):
    ccv.faults.script("weird")
    answer = json_of(ccv.refund(amount="5.00"))
    assert (answer["amount"], answer["currency"], answer["type"]) == ("5.00", "EUR", "REFUND")
    assert "newField" in answer
    ccv.faults.script("weird", extra=False, amount_as_text=False, capitals=False)
    assert json_of(ccv.refund(amount="5.00"))["amount"] == Decimal("5.00")


def test_faults_of_the_refund_and_of_the_wire_can_meet(ccv, json_of):
    ccv.faults.script("commit_then_hang_up")
    ccv.faults.script("final", seconds=10)
    ccv.faults.script("list_lag", seconds=20)
    ccv.refund()
    ccv.bank.advance(10)
    assert ccv.made()[0]["status"] == "success"
    assert json_of(ccv.get(TRANSACTION, originalReferences="T1001.Y")) == []


def test_a_rule_spoils_as_many_requests_as_it_says(ccv):
    ccv.faults.script("status", code=500, times=2, skip=1)
    assert [ccv.refund(amount=1).status for _ in range(4)] == [200, 500, 500, 200]
    assert ccv.faults.rules[0].used == 2


def test_for_ever_is_for_ever(ccv):
    ccv.faults.script("status", code=500, times="forever")
    assert {ccv.refund().status for _ in range(20)} == {500}
    ccv.faults.clear()
    assert ccv.refund().status == 200


@pytest.mark.parametrize(
    ("match", "spoils"),
    [
        ({"reference": "T1001.Y"}, True),
        ({"reference": "T1002.Y"}, False),
        ({"amount": 5}, True),
        ({"amount": "5.0"}, True),
        ({"amount": "5.01"}, False),
        ({"description": "x"}, False),
        ({"details.terminalId": "1234536"}, True),
        ({"idempotency-reference": "one"}, True),
        ({"reference": "T1001.Y", "amount": 6}, False),
    ],
)
def test_a_rule_can_be_for_certain_requests(ccv, match, spoils):
    ccv.faults.script("status", code=500, match=match)
    assert (ccv.refund(amount="5.00", once="one").status == 500) is spoils


def test_a_rule_can_be_for_certain_questions(ccv):
    ccv.faults.script("status", "GET /transaction", code=404, match={"reference": "T1002.Y"})
    assert ccv.get(TRANSACTION, reference="T1001.Y").status == 200
    assert ccv.get(TRANSACTION, reference="T1002.Y").status == 404


def test_a_rule_is_not_for_other_operations(ccv):
    ccv.faults.script("status", "POST /cancel", code=500)
    assert ccv.refund().status == 200
    assert ccv.post("/api/v1/cancel", query={"reference": "x"}).status == 500


def test_a_bad_key_is_refused_before_any_fault(ccv):
    ccv.headers["authorization"] = ""
    ccv.faults.script("commit_then_hang_up")
    assert ccv.refund().status == 401
    assert ccv.faults.rules[0].used == 0


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"do": "commit_then_hang_u"}, "unknown fault"),
        ({}, "unknown fault"),
        ("hang_up", "an object"),
        ({"do": "hang_up", "time": 1}, "unknown key 'time'"),
        ({"do": "hang_up", "args": {"now": True}}, "unknown argument of hang_up"),
        ({"do": "hang_up", "on": "GET /refund"}, "works on"),
        ({"do": "final", "on": "GET /transaction"}, "works on"),
        ({"do": "hang_up", "times": "often"}, "times"),
        ({"do": "hang_up", "times": -1}, "times"),
        ({"do": "hang_up", "skip": True}, "skip"),
        ({"do": "hang_up", "match": []}, "match"),
        ({"do": "status"}, "needs the argument code"),
        ({"do": "status", "args": {"code": "500"}}, "code of status must be int"),
        ({"do": "status", "args": {"code": True}}, "code of status must be int"),
        ({"do": "status", "args": {"code": 500, "body": "xml"}}, "one of json, html, empty"),
        ({"do": "slow"}, "needs the argument seconds"),
    ],
)
def test_a_rule_that_is_not_understood_is_refused_with_the_reason(rule, says):
    with pytest.raises(ValueError, match=says):
        Faults([rule])


def test_a_script_file_has_faults_and_settings():
    rules, settings = read_script(
        '{"faults": [{"do": "slow", "args": {"seconds": 0.5}}], "settings": {"cancel": "absent"}}'
    )
    assert read_rule(rules[0]).args == {"seconds": Decimal("0.5")}
    assert settings == {"cancel": "absent"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"fault": []}', '{"faults": {}}', '{"faults": [{"do": "x"}]}', '{"settings": 1}'],
)
def test_a_bad_script_file_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        read_script(text)


def test_the_names_do_not_overlap():
    assert not set(SHAPES) & set(WIRE)
