"""What we send is what CCV's reference pages show, and what they show can be read."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from posrefund.errors import Misused
from posrefund.money import Money
from posrefund.provider import wire
from posrefund.provider.compose import Extras, compose
from posrefund.provider.wire import NotUnderstood, read_error, read_transaction
from posrefund.refund.model import Payout
from posrefund.terminal.model import Method, OperatingEnvironment, Terminal
from tests.provider.documents import document
from tests.support.builders import a_finding, a_payment, an_order, eur

DESK = Terminal(
    name="Desk 2",
    method=Method.TERMINAL,
    terminal_id="1234536",
    management_system_id="000103030",
    access_protocol="OPI_NL",
    operating_environment=OperatingEnvironment.ATTENDED,
    merchant_language="NLD",
)
PHONE = Terminal(
    name="Manager's phone", method=Method.SOFTPOS, terminal_id="1234536", card_present=False
)
TERMINAL_TEXT = "API Refund Description for Terminal Transaction"
SOFTPOS_TEXT = "API Refund Description for SoftPos Transaction"


def an_order_by(method, **changes):
    finding = a_finding(a_payment(method=method))
    return replace(an_order(finding=finding), **changes)


def body_of(order, *, description="", extras=None):
    composed = compose(order, description=description, extras=extras or Extras())
    assert (
        composed
        == json.dumps(json.loads(composed), separators=(",", ":"), ensure_ascii=False).encode()
    ), "it is not compact"
    return json.loads(composed)


def test_a_terminal_refund_is_ccvs_example_and_the_amount():
    sent = body_of(an_order_by("terminal", terminal=DESK), description=TERMINAL_TEXT)
    assert sent == document("refund_request_terminal") | {"amount": "5.00"}
    assert list(sent) == ["reference", "description", "amount", "details"]
    assert list(sent["details"]) == list(document("refund_request_terminal")["details"])


def test_a_softpos_refund_without_the_card_is_ccvs_example_and_the_amount():
    sent = body_of(an_order_by("softpos", terminal=PHONE), description=SOFTPOS_TEXT)
    assert sent == document("refund_request_softpos") | {"amount": "5.00"}
    assert list(sent["details"]) == ["terminalId", "cardPresent"]


def test_a_refund_by_another_method_is_ccvs_example_and_the_amount():
    finding = a_finding(a_payment(method="card", reference="C1505181754007360.1"))
    sent = body_of(an_order(finding=finding), description="API Refund Description")
    assert sent == document("refund_request") | {"amount": "5.00"}


def test_another_method_has_no_details_whatever_the_counters_terminal_is():
    assert "details" not in body_of(an_order_by("ideal", terminal=DESK))


def test_the_merchant_language_is_sent_exactly_when_the_terminal_is_attended():
    unattended = replace(DESK, operating_environment=OperatingEnvironment.SEMI_UNATTENDED)
    details = body_of(an_order_by("terminal", terminal=unattended))["details"]
    assert details["operatingEnvironment"] == "SEMI_UNATTENDED"
    assert "merchantLanguage" not in details

    default = replace(DESK, operating_environment=None)
    details = body_of(an_order_by("terminal", terminal=default))["details"]
    assert details.keys() == {"managementSystemId", "terminalId", "accessProtocol"}


@pytest.mark.parametrize(
    ("card_present", "card_absent", "sent"),
    [(True, False, None), (False, False, "false"), (True, True, "false"), (False, True, "false")],
)
def test_card_present_is_the_word_false_or_nothing(card_present, card_absent, sent):
    phone = replace(PHONE, card_present=card_present)
    order = an_order_by("softpos", terminal=phone, card_absent=card_absent)
    assert body_of(order)["details"].get("cardPresent") == sent


def test_the_terminal_of_a_softpos_refund_is_optional():
    assert body_of(an_order_by("softpos"))["details"] == {}
    nameless = replace(PHONE, terminal_id=None)
    details = body_of(an_order_by("softpos", terminal=nameless))["details"]
    assert details == {"cardPresent": "false"}


def test_every_field_stands_in_the_order_of_ccvs_table():
    order = an_order_by(
        "terminal",
        terminal=DESK,
        order_reference="order 7",
        payouts=(
            Payout(external_reference="0001606469162213", amount=eur("3.00")),
            Payout(external_reference=None, amount=eur("2.00")),
        ),
    )
    extras = Extras(
        webhook_url="https://till.example/hook",
        return_url="till://back",
        notification_requests=({"event": "StatusChanged", "inner": {"a": [1]}},),
    )
    sent = body_of(order, description="x", extras=extras)
    assert list(sent) == [
        "reference",
        "description",
        "amount",
        "webhookUrl",
        "returnUrl",
        "notificationRequests",
        "payoutInstructions",
        "details",
        "merchantOrderReference",
    ]
    assert sent["webhookUrl"] == "https://till.example/hook"
    assert sent["returnUrl"] == "till://back"
    assert sent["notificationRequests"] == [{"event": "StatusChanged", "inner": {"a": [1]}}]
    assert sent["merchantOrderReference"] == "order 7"
    assert sent["payoutInstructions"] == [
        {"externalReference": "0001606469162213", "amount": "3.00"},
        {"amount": "2.00"},
    ]
    assert sent["payoutInstructions"][0].keys() == document("payout_instruction_request").keys()


def test_the_return_url_is_only_for_terminals():
    extras = Extras(return_url="https://till.example/back")
    assert "returnUrl" not in body_of(an_order_by("softpos", terminal=PHONE), extras=extras)
    assert "returnUrl" not in body_of(an_order_by("card"), extras=extras)


@pytest.mark.parametrize(
    ("amount", "sent"),
    [("0.01", "0.01"), ("1000.00", "1000.00"), ("9999999999.99", "9999999999.99"), ("7", "7.00")],
)
def test_the_amount_is_a_string_with_two_decimals_and_no_separator(amount, sent):
    order = an_order_by("card", amount=eur(amount))
    assert f'"amount":"{sent}"'.encode() in compose(order, description="", extras=Extras())


def test_text_goes_as_utf8_and_not_as_escapes():
    composed = compose(an_order_by("card"), description="crème €", extras=Extras())
    assert "crème €".encode() in composed


def test_the_same_order_is_the_same_bytes():
    order = an_order_by("terminal", terminal=DESK)
    one, two = (compose(order, description="x", extras=Extras()) for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"description": "x" * 256}, "description"),
        ({"order_reference": "x" * 256}, "merchantOrderReference"),
        ({"reference": "x" * 256}, "reference"),
        ({"terminal_id": "x" * 51}, "terminalId"),
        ({"terminal_id": None}, "terminalId"),
        ({"terminal_id": ""}, "terminalId"),
        ({"management_system_id": "x" * 51}, "managementSystemId"),
        ({"management_system_id": None}, "managementSystemId"),
        ({"access_protocol": "x" * 21}, "accessProtocol"),
        ({"access_protocol": None}, "accessProtocol"),
        ({"merchant_language": "NLDX"}, "merchantLanguage"),
        ({"merchant_language": None}, "merchant_language"),
        ({"softpos": True, "terminal_id": "x" * 21}, "terminalId"),
        ({"webhook_url": "https://" + "x" * 2000}, "webhookUrl"),
        ({"return_url": "https://" + "x" * 2000}, "returnUrl"),
        ({"amount": Money(10**12, "EUR")}, "amount"),
        ({"amount": Money(0, "EUR")}, "amount"),
        ({"amount": Money(-500, "EUR")}, "amount"),
        ({"amount": Money(500, "GBP")}, "currency"),
        ({"description": "half \ud83d pair"}, "description"),
    ],
    ids=str,
)
def test_what_ccv_would_not_take_is_not_composed(changes, field):
    given = dict(changes)
    softpos = given.pop("softpos", False)
    description = given.pop("description", "")
    extras = Extras(
        webhook_url=given.pop("webhook_url", None), return_url=given.pop("return_url", None)
    )
    payment = a_payment(method="softpos" if softpos else "terminal")
    payment = replace(payment, reference=given.pop("reference", payment.reference))
    order_changes = {
        name: given.pop(name) for name in ("order_reference", "amount") if name in given
    }
    terminal = replace(PHONE if softpos else DESK, **given)
    order = replace(an_order(finding=a_finding(payment), terminal=terminal), **order_changes)
    with pytest.raises(Misused, match=field):
        compose(order, description=description, extras=extras)


@pytest.mark.parametrize("length", [255])
def test_what_is_just_short_enough_is_sent(length):
    order = an_order_by("terminal", terminal=DESK, order_reference="y" * length)
    sent = body_of(order, description="x" * length)
    assert sent["description"] == "x" * length
    assert sent["merchantOrderReference"] == "y" * length


@pytest.mark.parametrize(
    ("method", "terminal"), [("terminal", None), ("terminal", PHONE), ("softpos", DESK)]
)
def test_a_terminal_that_does_not_fit_the_payment_is_refused(method, terminal):
    with pytest.raises(Misused, match=r"terminal|SoftPOS"):
        compose(an_order_by(method, terminal=terminal), description="", extras=Extras())


def test_payouts_that_do_not_add_up_are_refused():
    payouts = (Payout(external_reference="a", amount=eur("4.99")),)
    with pytest.raises(Misused, match="add up"):
        compose(an_order_by("card", payouts=payouts), description="", extras=Extras())


def test_ccvs_pending_refund_is_read():
    read = read_transaction(document("refund_pending"))
    assert read.amount == Decimal("316.35")
    assert read.status == "PENDING"
    assert read.original_reference is None
    assert read.created == read.last_update == read.status_final_date == 1431958387914
    assert (read.method, read.brand, read.metadata) == ("card", "visa", "my custom metadata")


def test_ccvs_successful_refund_is_read():
    read = read_transaction(document("refund_success"))
    assert read.original_reference == "I240226130441921CB87E195.Y"
    assert read.details == {}
    assert read.amount == Decimal("9.99")


def test_ccvs_payout_instruction_is_read():
    value = document("refund_success") | {
        "payoutInstructions": [document("payout_instruction_refund")]
    }
    (payout,) = read_transaction(value).payout_instructions
    assert payout.external_reference == "0001606469162213"
    assert payout.amount == Decimal("5.00")
    assert payout.paidout_date == 1605258439475


@pytest.mark.parametrize("name", ["error_refund_limit", "error_unsufficient_balance"])
def test_ccvs_errors_are_read(name):
    error = read_error(document(name))
    assert error.type == "process_error"
    assert error.failure_code in {"refund_limit", "unsufficient_balance"}
    assert error.message
    if name == "error_unsufficient_balance":
        assert error.balance["total"] == Decimal("1.35")


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "error",
        3,
        {},
        {"message": "no type"},
        {"type": "process_error"},
        {"type": 3, "message": "x"},
        {"type": None, "message": "x"},
        {"type": "process_error", "message": 3},
        {"type": "about:blank", "title": "Forbidden", "status": 403},
        {"message": "Forbidden"},
        {"type": "refund", "message": "x", "failureCode": "y"},
        {"type": "REFUND", "message": "x"},
        {"type": "sale", "failureCode": "cancelled"},
    ],
    ids=str,
)
def test_nothing_else_is_ccvs_error_object(value):
    assert read_error(value) is None


@pytest.mark.parametrize(
    "name", ["field", "fields", "reference", "balance", "transactionReference"]
)
def test_an_odd_extra_does_not_hide_an_error(name):
    error = read_error({"type": "x_error", "failureCode": "refund_limit", name: {"odd": [1]}})
    assert error.failure_code == "refund_limit"


@pytest.mark.parametrize("name", ["type", "amount", "currency", "status", "reference"])
@pytest.mark.parametrize("value", [None, {}, [], True, "", "missing"])
def test_what_identifies_a_transaction_must_be_there_and_right(name, value):
    if isinstance(value, str) and name != "amount" and value == "":
        return
    changed = document("refund_success")
    if value == "missing":
        del changed[name]
    else:
        changed[name] = value
    with pytest.raises(NotUnderstood, match=name):
        read_transaction(changed)


@pytest.mark.parametrize("value", [3, {}, [], True])
def test_an_original_reference_that_is_not_text_is_not_passed_over(value):
    with pytest.raises(NotUnderstood, match="originalReference"):
        read_transaction(document("refund_success") | {"originalReference": value})


OPTIONAL = [
    field.alias or name
    for name, field in wire.Transaction.model_fields.items()
    if not field.is_required() and name != "original_reference"
]


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("value", [None, {"a": 1}, [1], True, "x\x1b[31m", Decimal("1.5"), -1])
def test_a_surprise_in_an_optional_field_does_not_cost_the_answer(name, value):
    read = read_transaction(document("refund_success") | {name: value, "brandNew": {"x": [value]}})
    assert read.reference == "I240226130923535CB87E19A.Y"


@pytest.mark.parametrize(
    "amount",
    [
        "9,99",
        " 9.99",
        "9.99 EUR",
        "1e3",
        "+1",
        "-1.00",
        "Infinity",
        "NaN",
        "1_000",
        "\u0661",
        ".5",
        "5.",
        -1,
        Decimal("-0.01"),
        Decimal("-0"),
        Decimal("NaN"),
        Decimal("1E+999999999"),
        Decimal("1E-999999999"),
        Decimal("5." + "0" * 30 + "1"),
        5.0,
    ],
    ids=str,
)
def test_what_is_not_plainly_an_amount_is_none(amount):
    with pytest.raises(NotUnderstood, match="amount"):
        read_transaction(document("refund_success") | {"amount": amount})


def test_what_was_wrong_is_named_and_not_quoted():
    with pytest.raises(NotUnderstood) as caught:
        read_transaction(document("refund_success") | {"amount": "\x1b[31mevil"})
    assert "evil" not in str(caught.value)
