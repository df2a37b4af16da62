import base64

import pytest

from posrefund.sandbox.exchange import Request

REFUND = "/api/v1/refund"
TRANSACTION = "/api/v1/transaction"


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("prefix", ["/api/v1", "/vpos/api/v1"])
def test_both_prefixes_lead_to_the_same_api(ccv, prefix):
    assert ccv.get(f"{prefix}/transaction", reference="T1001.Y").status == 200


@pytest.mark.parametrize("path", ["/", "/refund", "/api/v2/refund", "/api/v1"])
def test_other_paths_are_not_the_api(ccv, path):
    assert ccv.get(path).status == 404


def test_without_a_user_agent_a_page_blocks(ccv):
    del ccv.headers["user-agent"]
    answer = ccv.get(TRANSACTION, reference="T1001.Y")
    assert answer.status == 403
    assert answer.content_type.startswith("text/html")


def test_a_post_without_a_length_is_blocked(ccv):
    request = Request(method="POST", path=REFUND, headers=ccv.headers, body=b"{}")
    assert ccv.routes.answer(request).status == 403


def test_a_chunked_post_needs_no_length(ccv):
    headers = {**ccv.headers, "transfer-encoding": "chunked"}
    request = Request(method="POST", path=REFUND, headers=headers, body=b"{}")
    assert ccv.routes.answer(request).status == 400


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !!!", "Bearer t_practice", basic("l_live:"), basic("t_practice:secret"),
     basic("t_practice"), basic(":"), "Basic /w=="],
)  # fmt: skip
def test_a_key_that_is_not_a_test_key_is_401(ccv, json_of, header):
    ccv.headers["authorization"] = header
    answer = ccv.refund()
    assert answer.status == 401
    assert json_of(answer)["failureCode"] == "bad_credentials"
    assert ccv.made() == []


def test_the_accepted_keys_can_be_listed(ccv):
    ccv.bank.settings.apply({"api_keys": ["l_one"]})
    assert ccv.get(TRANSACTION, reference="T1001.Y").status == 401
    ccv.headers["authorization"] = basic("l_one:")
    assert ccv.get(TRANSACTION, reference="T1001.Y").status == 200


@pytest.mark.parametrize(
    ("method", "resource"), [("GET", "refund"), ("POST", "transaction"), ("PUT", "refund")]
)
def test_the_wrong_method_is_refused(ccv, method, resource):
    headers = {**ccv.headers, "content-length": "0"}
    request = Request(method=method, path=f"/api/v1/{resource}", headers=headers)
    assert ccv.routes.answer(request).status == 405


def without(details, name):
    return {key: value for key, value in details.items() if key != name}


@pytest.mark.parametrize(
    "name", ["terminalId", "managementSystemId", "accessProtocol", "merchantLanguage"]
)
def test_an_attended_terminal_needs_all_its_details(ccv, json_of, details, name):
    answer = ccv.refund(details=without(details, name))
    assert answer.status == 400
    assert json_of(answer)["field"] == f"details.{name}"
    assert ccv.made() == []


def test_semi_unattended_is_the_default_and_needs_no_language(ccv, json_of, details):
    short = without(without(details, "operatingEnvironment"), "merchantLanguage")
    answer = json_of(ccv.refund(details=short))
    assert answer["details"]["operatingEnvironment"] == "SEMI_UNATTENDED"
    assert "merchantLanguage" not in answer["details"]


@pytest.mark.parametrize(
    "changed",
    [{"terminalId": "1" * 51}, {"managementSystemId": "1" * 51}, {"accessProtocol": "O" * 21},
     {"merchantLanguage": "NLDD"}, {"operatingEnvironment": "UNATTENDED"}, {"terminalId": 7}],
)  # fmt: skip
def test_details_out_of_bounds_are_refused(ccv, details, changed):
    assert ccv.refund(details={**details, **changed}).status == 400


def test_softpos_takes_a_shorter_terminal_id(ccv):
    assert ccv.refund("S1006.Y", details={"terminalId": "S" * 21}).status == 400
    assert ccv.refund("S1006.Y", details={"terminalId": "S" * 20}).status == 200


@pytest.mark.parametrize("present", [True, False, "true", "false"])
def test_card_present_may_be_a_text_or_a_boolean(ccv, json_of, present):
    answer = json_of(ccv.refund("S1006.Y", details={"cardPresent": present}))
    assert answer["details"]["cardPresent"] == str(present).lower()


@pytest.mark.parametrize("present", ["yes", 1, 0, "", []])
def test_card_present_is_nothing_else(ccv, present):
    assert ccv.refund("S1006.Y", details={"cardPresent": present}).status == 400


@pytest.mark.parametrize(
    ("amount", "cents"), [("12.5", "12.50"), ("12.50", "12.50"), (12.5, "12.50"), (12, "12.00")]
)
def test_an_amount_may_be_a_number_or_a_text(ccv, amount, cents):
    assert ccv.refund(amount=amount).status == 200
    assert ccv.made()[0]["amount"] == cents


@pytest.mark.parametrize(
    "amount",
    ["12,50", "1,000.00", "1.005", "-1.00", "0", "0.00", "", " 1", "1e1", True, [], {}, 1.005, -1,
     0, "1234567890123", "\u0661"],
)  # fmt: skip
def test_an_amount_in_another_form_is_refused(ccv, json_of, amount):
    answer = ccv.refund(amount=amount)
    assert answer.status == 400
    assert json_of(answer)["field"] == "amount"
    assert ccv.made() == []


@pytest.mark.parametrize(
    "fields",
    [{"description": "d" * 256}, {"merchantOrderReference": "m" * 256}, {"returnUrl": "r" * 2001},
     {"webhookUrl": "w" * 2001}, {"description": 5}, {"details": []}, {"details": {"x": {}}},
     {"payoutInstructions": {}}, {"payoutInstructions": [1]},
     {"payoutInstructions": [{"externalReference": "M1"}]},
     {"payoutInstructions": [{"externalReference": 1, "amount": 1}]}, {"reference": ""},
     {"reference": None}],
)  # fmt: skip
def test_fields_of_the_wrong_kind_or_length_are_refused(ccv, fields):
    assert ccv.refund(**fields).status == 400
    assert ccv.made() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(ccv, body):
    headers = {**ccv.headers, "content-length": "1"}
    request = Request(method="POST", path=REFUND, headers=headers, body=body)
    assert ccv.routes.answer(request).status == 400


def test_the_status_of_refusals_is_a_setting(ccv):
    ccv.bank.settings.apply({"error_status": 422})
    assert ccv.refund(amount=1000).status == 422
    assert ccv.refund("T9.X").status == 404


def test_the_same_header_and_body_answer_the_refund_as_it_is_now(ccv, json_of):
    first = json_of(ccv.refund(amount="5.00", once="one"))
    ccv.bank.present_card(first["reference"])
    again = json_of(ccv.refund(amount=5, once="one"))
    assert again["reference"] == first["reference"]
    assert again["status"] == "SUCCESS"
    assert len(ccv.made()) == 1
    assert ccv.made()[0]["idempotency_reference"] == "one"


def test_another_key_or_another_operation_is_another_request(ccv):
    ccv.refund(amount="5.00", once="one")
    ccv.headers["authorization"] = basic("t_other:")
    ccv.refund(amount="5.00", once="one")
    ccv.post("/api/v1/reversal", {"reference": "T1001.Y"}, idempotency_reference="one")
    assert [line["type"] for line in ccv.made()] == ["refund", "refund", "reversal"]


@pytest.mark.parametrize(("mode", "status", "made"), [("new", 200, 2), ("error", 400, 1)])
def test_the_same_header_with_another_body_follows_the_setting(ccv, mode, status, made):
    ccv.bank.settings.apply({"idempotency_mismatch": mode})
    ccv.refund(amount="5.00", once="one")
    assert ccv.refund(amount="6.00", once="one").status == status
    assert len(ccv.made()) == made


def test_idempotency_can_be_off(ccv):
    ccv.bank.settings.apply({"idempotency": "off"})
    ccv.refund(amount="5.00", once="one")
    ccv.refund(amount="5.00", once="one")
    assert len(ccv.made()) == 2


@pytest.mark.parametrize("header", ["", "x" * 51])
def test_an_idempotency_reference_has_1_to_50_characters(ccv, header):
    assert ccv.refund(once=header).status == 400


def references(json_of, answer):
    return [item["reference"] for item in json_of(answer)]


def test_one_reference_answers_one_object_and_several_a_list(ccv, json_of):
    assert json_of(ccv.get(TRANSACTION, reference="T1001.Y"))["reference"] == "T1001.Y"
    answer = ccv.get(TRANSACTION, references="T1001.Y,T9.X,T1002.Y")
    assert sorted(references(json_of, answer)) == ["T1001.Y", "T1002.Y"]


def test_refunds_are_listed_by_their_payment(ccv, json_of):
    answer = ccv.get(TRANSACTION, originalReferences="T1004.Y,T1018.Y", type="refund")
    assert references(json_of, answer) == ["T1004.Y-R1", "T1004.Y-R2"]
    answer = ccv.get(TRANSACTION, originalReferences="T1018.Y")
    assert references(json_of, answer) == ["T1018.Y-R1"]


def test_an_order_may_have_two_payments(ccv, json_of):
    answer = ccv.get(TRANSACTION, merchantOrderReference="1015")
    assert sorted(references(json_of, answer)) == ["T1015.A", "T1015.B"]


def test_list_filters_narrow(ccv, json_of):
    made = ccv.bank.get("T1003.Y-R1").created
    listed = {"originalReferences": "T1003.Y"}
    for query, count in [
        ({"createdAfter": str(made)}, 0),
        ({"createdAfter": str(made - 1)}, 1),
        ({"createdBefore": str(made)}, 0),
        ({"amountMinimum": "12.34", "amountMaximum": "12.34"}, 1),
        ({"amountMinimum": "12.35"}, 0),
        ({"method": "Terminal", "status": "SUCCESS", "type": "REFUND"}, 1),
        ({"method": "ideal"}, 0),
        ({"paidout": "never"}, 1),
    ]:
        assert len(json_of(ccv.get(TRANSACTION, **listed, **query))) == count


@pytest.mark.parametrize("query", [{"createdAfter": "now"}, {"amountMinimum": "x"}, {}, {"a": "b"}])
def test_a_list_query_that_makes_no_sense_is_refused(ccv, query):
    assert ccv.get(TRANSACTION, **query).status == 400


def test_pages_are_turned_by_reference(ccv, json_of):
    ccv.bank.settings.apply({"page_size": 2})
    pages = [references(json_of, ccv.get(TRANSACTION, type="sale"))]
    while pages[-1]:
        answer = ccv.get(TRANSACTION, type="sale", referenceAfter=pages[-1][-1])
        pages.append(references(json_of, answer))
    listed = [reference for page in pages for reference in page]
    assert max(map(len, pages)) == 2
    assert len(set(listed)) == len(listed) == sum(i.type == "sale" for i in ccv.bank.all())
    back = ccv.get(TRANSACTION, type="sale", referenceBefore=listed[2])
    assert references(json_of, back) == listed[:2]


def test_a_list_can_come_wrapped(ccv, json_of):
    ccv.bank.settings.apply({"list_shape": "object"})
    answer = json_of(ccv.get(TRANSACTION, originalReferences="T1003.Y"))
    assert [item["reference"] for item in answer["transactions"]] == ["T1003.Y-R1"]


@pytest.mark.parametrize(
    ("mode", "status", "offered"),
    [("accept", 200, True), ("reject", 400, True), ("absent", 400, False)],
)
def test_cancel_follows_the_setting(ccv, json_of, mode, status, offered):
    ccv.bank.settings.apply({"cancel": mode})
    made = json_of(ccv.refund())
    assert ("cancelUrl" in made) is offered
    answer = ccv.post("/api/v1/cancel", query={"reference": made["reference"]})
    assert answer.status == status
    assert ccv.look(made["reference"])["status"] == ("failed" if status == 200 else "pending")


def test_cancel_and_void_need_a_reference_that_exists(ccv):
    assert ccv.post("/api/v1/cancel").status == 400
    assert ccv.post("/api/v1/void", query={"reference": "T9.X"}).status == 404


def test_a_pending_softpos_refund_can_be_voided_and_a_terminals_cannot(ccv, json_of):
    softpos = json_of(ccv.refund("S1006.Y", details={}))["reference"]
    answer = ccv.post("/api/v1/void", query={"reference": softpos})
    assert (answer.status, answer.body) == (204, b"")
    terminal = json_of(ccv.refund())["reference"]
    assert ccv.post("/api/v1/void", query={"reference": terminal}).status == 400


def test_the_balance_is_told_by_method(ccv, json_of):
    [balance] = json_of(ccv.get("/api/v1/balance", methods="banktransfer,terminal"))
    assert balance["method"] == "banktransfer"
    assert str(balance["balances"][0]["total"]) == "1.35"
    assert len(json_of(ccv.get("/api/v1/balance"))) == 3


def test_a_softpos_terminal_is_installed_in_order(ccv, json_of):
    device = "/api/v1/softpos/terminal/SP0009"
    assert ccv.get(device).status == 400
    assert ccv.post(f"{device}/install-completed").status == 400
    assert json_of(ccv.post(f"{device}/install"))["installationPayload"]
    assert ccv.post(f"{device}/uninstall").status == 400
    assert json_of(ccv.post(f"{device}/install-completed"))["installationStatus"] == "installed"
    assert json_of(ccv.get(device))["installationStatus"] == "installed"
    assert json_of(ccv.post(f"{device}/uninstall"))["installationStatus"] == "not_installed"
    assert ccv.get(device).status == 400
    assert ccv.post(f"{device}/explode").status == 404


def test_the_log_has_the_request_and_never_the_key(ccv):
    ccv.refund(amount="5.00", once="one")
    [seen] = ccv.routes.requests
    assert (seen.method, seen.path, seen.status) == ("POST", REFUND, 200)
    assert seen.headers["idempotency-reference"] == "one"
    assert seen.headers["authorization"] == "***"
    assert b'"amount": "5.00"' in seen.body


def test_answers_carry_the_banks_date(ccv):
    ccv.bank.advance(3600)
    answer = ccv.get(TRANSACTION, reference="T1001.Y")
    assert dict(answer.headers)["Date"] == "Mon, 21 Sep 2026 15:13:20 GMT"


@pytest.mark.parametrize("amount", ["1e999999999", "1e-999999999", "-0", "1e3", "NaN", "9" * 5000])
def test_a_number_nobody_could_write_out_is_refused_at_once(ccv, amount):
    body = f'{{"reference": "I1008.Y", "amount": {amount}}}'.encode()
    headers = {**ccv.headers, "content-length": "1"}
    answer = ccv.routes.answer(Request(method="POST", path=REFUND, headers=headers, body=body))
    assert answer.status == 400
