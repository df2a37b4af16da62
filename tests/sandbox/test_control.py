import pytest


def test_the_ledger_adds_up_what_each_payment_gave_back(ccv, json_of):
    done = json_of(ccv.refund(amount="5.00"))["reference"]
    ccv.refund(amount="6.00")
    ccv.post("/_sandbox/act", {"reference": done, "action": "success"})
    payments = json_of(ccv.get("/_sandbox/ledger"))["payments"]
    assert payments["T1001.Y"] == {"given_back": "5.00", "under_way": "6.00"}
    assert payments["T1016.Y"] == {"given_back": "0.00", "under_way": "0.00"}


@pytest.mark.parametrize(
    ("body", "status", "failure_code"),
    [
        ({"action": "success"}, "success", None),
        ({"action": "declined"}, "failed", "card_refused"),
        ({"action": "cancelled"}, "failed", "cancelled"),
        ({"action": "failed"}, "failed", "processing_error"),
        ({"action": "failed", "failure_code": "brand_new_code"}, "failed", "brand_new_code"),
        ({"action": "manualintervention"}, "manualintervention", None),
        ({"action": "unknown"}, "in_review", None),
        ({"action": "unknown", "status": "odd"}, "odd", None),
    ],
)
def test_a_test_can_end_a_refund_in_any_way(ccv, json_of, body, status, failure_code):
    made = json_of(ccv.refund())["reference"]
    entry = json_of(ccv.post("/_sandbox/act", {"reference": made, **body}))
    assert (entry["status"], entry["failure_code"]) == (status, failure_code)
    assert ccv.look(made)["status"] == status


def test_a_final_refund_flips_only_by_force(ccv, json_of):
    made = json_of(ccv.refund())["reference"]
    ccv.post("/_sandbox/act", {"reference": made, "action": "success"})
    flip = {"reference": made, "action": "declined"}
    assert ccv.post("/_sandbox/act", flip).status == 400
    assert ccv.post("/_sandbox/act", {**flip, "force": True}).status == 200
    assert ccv.look(made)["status"] == "failed"


def test_time_moves_on_and_never_back(ccv, json_of, clock):
    assert json_of(ccv.post("/_sandbox/time", {"seconds": 90}))["now"] == clock.at + 90_000
    assert ccv.post("/_sandbox/time", {"seconds": -1}).status == 400
    assert ccv.post("/_sandbox/time", {"seconds": "soon"}).status == 400


def test_faults_are_replaced_or_appended_and_settings_set(ccv, json_of):
    ccv.post("/_sandbox/faults", {"faults": [{"do": "hang_up"}]})
    ccv.post("/_sandbox/faults", {"faults": [{"do": "reset"}], "append": True})
    assert [rule["do"] for rule in json_of(ccv.get("/_sandbox/faults"))] == ["hang_up", "reset"]
    body = {"faults": [{"do": "silence"}], "settings": {"cancel": "absent"}}
    told = json_of(ccv.post("/_sandbox/faults", body))
    assert (told["faults"][0]["do"], told["settings"]["cancel"]) == ("silence", "absent")
    assert [rule["do"] for rule in json_of(ccv.get("/_sandbox/faults"))] == ["silence"]
    assert json_of(ccv.get("/_sandbox/settings"))["cancel"] == "absent"


def test_a_script_that_is_refused_leaves_the_one_in_force(ccv, json_of):
    ccv.faults.script("hang_up")
    for body in (
        {"faults": [], "setings": {}},
        {"faults": [{"do": "x"}]},
        {"faults": [], "settings": {"x": 1}},
        {"faults": {}},
    ):
        answer = ccv.post("/_sandbox/faults", body)
        assert answer.status == 400
        assert json_of(answer)["error"]
    assert [rule.do for rule in ccv.faults.rules] == ["hang_up"]


def test_the_portal_can_refund_beside_the_till(ccv, json_of):
    body = {"original_reference": "T1001.Y", "amount": "10.00", "description": "by phone"}
    assert json_of(ccv.post("/_sandbox/refund_elsewhere", body))["origin"] == "portal"
    listed = json_of(ccv.get("/api/v1/transaction", originalReferences="T1001.Y"))
    assert [item["description"] for item in listed] == ["by phone"]


def test_a_test_can_enter_payments_of_its_own(ccv, json_of):
    body = {"reference": "T9001.Y", "amount": "7.00", "order": "9001"}
    assert ccv.post("/_sandbox/payment", body).status == 200
    assert ccv.post("/_sandbox/payment", body).status == 400
    assert ccv.refund("T9001.Y").status == 200
    assert ccv.look("T9001.Y")["details"]["terminalId"] == "1234536"


def test_reset_starts_over(ccv, json_of):
    ccv.refund()
    ccv.faults.script("hang_up")
    ccv.post("/_sandbox/settings", {"customer": "auto"})
    assert ccv.post("/_sandbox/reset", {}).status == 200
    assert ccv.made() == []
    assert json_of(ccv.get("/_sandbox/faults")) == []
    assert json_of(ccv.get("/_sandbox/requests")) == []
    assert json_of(ccv.get("/_sandbox/settings"))["customer"] == "person"


def test_requests_can_be_read_and_the_control_path_is_not_among_them(ccv, json_of):
    ccv.refund(once="one")
    ccv.get("/_sandbox/ledger")
    [seen] = json_of(ccv.get("/_sandbox/requests"))
    assert seen["path"] == "/api/v1/refund"
    assert "t_practice" not in str(seen)


def test_the_samples_are_described(ccv, json_of):
    samples = {item["reference"]: item for item in json_of(ccv.get("/_sandbox/samples"))}
    assert samples["T1001.Y"]["amount"] == "49.90"
    assert all(item["shows"] for item in samples.values())


@pytest.mark.parametrize("path", ["act", "time", "faults", "settings", "payment", "reset"])
def test_what_is_not_understood_is_said(ccv, json_of, path):
    answer = ccv.post(f"/_sandbox/{path}", {"nonsense": 1})
    assert answer.status == 400
    assert "nonsense" in json_of(answer)["error"]


def test_an_unknown_control_names_the_known_ones(ccv, json_of):
    answer = ccv.post("/_sandbox/explode", {})
    assert answer.status == 404
    assert "POST refund_elsewhere" in json_of(answer)["error"]


def test_the_control_path_needs_no_key(ccv):
    ccv.headers.clear()
    assert ccv.get("/_sandbox/ledger").status == 200
