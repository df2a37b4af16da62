"""CCV's messages in our words: nothing undocumented, nothing dangerous, nothing lost."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from posrefund.money import Money
from posrefund.provider import translate, wire
from posrefund.provider.translate import NOT_ON_THE_ALLOWED_HOST, PayUrlRule
from posrefund.provider.wire import NotUnderstood, read_transaction
from posrefund.refund.model import Payout, ProviderStatus
from posrefund.safe_text import safe_text
from tests.provider.documents import document

RULE = PayUrlRule(hosts=("onlinepayments.ccv.eu",), loopback_ok=False)
CARD = "4111111111111111"
GOOD_URL = "https://onlinepayments.ccv.eu/terminal/poll?reference=I240226130923535CB87E19A.Y"


def a_refund_said(**changes):
    value = document("refund_success") | changes
    return translate.given_back(read_transaction(value), RULE)


def a_payment_said(**changes):
    value = document("refund_success") | {"type": "sale", "originalReference": None} | changes
    return translate.payment(read_transaction(value))


def test_ccvs_successful_refund():
    said = a_refund_said()
    assert said.reference == "I240226130923535CB87E19A.Y"
    assert said.original_reference == "I240226130441921CB87E195.Y"
    assert said.type == "refund"
    assert said.status is ProviderStatus.SUCCESS
    assert said.amount == Money(999, "EUR")
    assert said.created_at == datetime(2024, 2, 26, 13, 9, 23, 599000, tzinfo=UTC)
    assert said.last_update == said.created_at
    assert said.pay_url is None
    assert said.message is None
    assert said.facts == {
        "type": "refund",
        "reference": "I240226130923535CB87E19A.Y",
        "original_reference": "I240226130441921CB87E195.Y",
        "amount": "9.99",
        "currency": "EUR",
        "status": "success",
        "created": "2024-02-26T13:09:23.599Z",
        "last_update": "2024-02-26T13:09:23.599Z",
        "method": "ideal",
        "language": "eng",
        "merchant_order_reference": "123456",
        "description": "Refund of Order 123456",
    }


def test_ccvs_pending_refund():
    said = translate.given_back(read_transaction(document("refund_pending")), RULE)
    assert said.status is ProviderStatus.PENDING
    assert said.status_text == "PENDING"
    assert said.original_reference is None
    assert said.facts["status_final_date"] == "2015-05-18T14:13:07.914Z"
    assert said.facts["brand"] == "visa"
    assert said.facts["metadata"] == "my custom metadata"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("pending", ProviderStatus.PENDING),
        ("Success", ProviderStatus.SUCCESS),
        ("FAILED", ProviderStatus.FAILED),
        ("manualintervention", ProviderStatus.MANUAL_INTERVENTION),
        ("MANUALINTERVENTION", ProviderStatus.MANUAL_INTERVENTION),
    ],
)
def test_a_status_is_read_whatever_its_case(text, status):
    assert a_refund_said(status=text).status is status


@pytest.mark.parametrize(
    "text",
    [
        "",
        "succeeded",
        "success ",
        "succ\u0435ss",
        "unrecognised",
        "paid",
        "manual_intervention",
        "\x1b[2J",
    ],
)
def test_any_other_status_is_unrecognised_and_shown_safely(text):
    said = a_refund_said(status=text)
    assert said.status is ProviderStatus.UNRECOGNISED
    assert said.status_text == safe_text(text)


def test_the_page_of_a_terminal_refund_is_kept():
    said = a_refund_said(payUrl=GOOD_URL)
    assert said.pay_url == GOOD_URL
    assert said.message is None
    assert GOOD_URL not in json.dumps(said.facts)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/terminal/poll?reference=I240226130923535CB87E19A.Y",
        GOOD_URL + "x",
        "evil",
    ],
)
def test_a_refused_page_is_spoken_of_and_kept_nowhere_and_the_refund_stands(url):
    said = a_refund_said(payUrl=url, status="pending")
    assert said.status is ProviderStatus.PENDING
    assert said.pay_url is None
    assert said.message == NOT_ON_THE_ALLOWED_HOST
    assert "evil" not in repr(said)


@pytest.mark.parametrize("url", [None, "", 3])
def test_a_refund_without_a_page_is_nothing_to_speak_of(url):
    assert a_refund_said(payUrl=url).message is None


def test_every_documented_field_is_a_fact():
    said = a_refund_said(
        paidout="yes",
        paidoutDate=1605258439475,
        paidoutReference="579fd569",
        unstructuredReference="AFREK.",
        statusFinalDate=1708952963599,
        failureCode="refund_limit",
        returnUrl="https://till.example/back",
        brand="visa",
        metadata="m",
        entryMode="ecom",
        methodTransactionId="42",
        cancelUrl="https://onlinepayments.ccv.eu/card/cancel/merchant?reference=X",
        payoutInstructions=[document("payout_instruction_refund")],
    )
    assert said.failure_code == "refund_limit"
    assert said.facts["failure_code"] == "refund_limit"
    assert said.facts["paidout"] == "yes"
    assert said.facts["paidout_date"] == "2020-11-13T09:07:19.475Z"
    assert said.facts["return_url"] == "https://till.example/back"
    assert said.facts["cancel_offered"] is True
    assert "card/cancel" not in json.dumps(said.facts)
    assert said.facts["payout_instructions"] == [
        {
            "external_reference": "0001606469162213",
            "amount": "5.00",
            "paidout": "yes",
            "paidout_date": "2020-11-13T09:07:19.475Z",
            "unstructured_reference": "579fd569 AFREK. CCV PAY DAT. 20201113/0318 AANT. 3"
            " MREF. Lamp Shop",
            "paidout_reference": "579fd569",
        }
    ]
    left_out = {"pay_url", "cancel_url", "details", "child_reference_id"}
    assert wire.Transaction.model_fields.keys() - said.facts.keys() == left_out


def test_facts_are_json_values():
    said = a_refund_said(
        payoutInstructions=[document("payout_instruction_refund")],
        details={"customerReceipt": '["a"]', "askCustomerSignature": True},
    )
    assert json.loads(json.dumps(said.facts)) == said.facts


def test_nothing_undocumented_comes_through():
    secrets = {
        "cardholderName": "J. Doe",
        "pan": CARD,
        "track2": f";{CARD}=29121015432112345678?",
        "cvv": "987",
        "iban": "NL91ABNA0417164300",
    }
    said = a_refund_said(**secrets, details={**secrets, "consumer": secrets, "maskedPan": CARD})
    told = repr(said) + repr(a_payment_said(**secrets, details=secrets))
    for secret in [*secrets.values(), "Doe", CARD]:
        assert secret not in told
    assert said.facts["card_last_four"] == "1111"


@pytest.mark.parametrize("masked", ["************1111", "411111******1111", "1111", "x1111"])
def test_of_a_card_number_only_the_last_four_digits_are_kept(masked):
    said = a_refund_said(details={"maskedPan": masked})
    assert said.facts["card_last_four"] == "1111"
    assert "411111" not in repr(said)


@pytest.mark.parametrize("masked", ["411111******", "****", "111", "", None, 1111, ["1111"]])
def test_what_does_not_end_in_four_digits_is_no_card(masked):
    assert "card_last_four" not in a_refund_said(details={"maskedPan": masked}).facts


@pytest.mark.parametrize("field", ["description", "metadata"])
@pytest.mark.parametrize(
    "number", [CARD, "4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005"]
)
def test_a_card_number_typed_into_a_text_is_cut_to_its_end(field, number):
    said = a_refund_said(**{field: f"card {number} #ABCDEFGHIJ"})
    assert number not in repr(said)
    assert said.facts[field] == f"card **** {number[-4:]} #ABCDEFGHIJ"


@pytest.mark.parametrize(
    "text",
    [
        "Order 123456",
        "I240226130441921CB87E195.Y",
        "4111111111111112",
        "0001606469162213",
        "x4111111111111111",
    ],
)
def test_other_numbers_are_left_alone(text):
    assert a_refund_said(description=text).description == text


def test_text_of_ccvs_is_safe_to_show():
    evil = "\x1b]0;owned\x07\u202etxt\r\n"
    said = a_refund_said(
        description=evil, failureCode=evil, method=evil, brand=evil, metadata=evil, status=evil
    )
    paid = a_payment_said(description=evil, method=evil, brand=evil, type="sale" + evil)
    for character in "\x1b\x07\u202e\r\n":
        assert character not in json.dumps(said.facts, ensure_ascii=False)
        for text in (said.description, said.failure_code, said.status_text):
            assert character not in text
        for text in (paid.description, paid.method, paid.brand, paid.type):
            assert character not in text


def test_the_marker_survives_at_the_end_of_the_longest_description():
    description = "x" * 244 + " #ABCDEFGHIJ"
    assert a_refund_said(description=description[:255]).description == description[:255]


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ('["LINE 1", "", "  LINE 3  ", ""]', ["LINE 1", "", "  LINE 3  ", ""]),
        ("[]", []),
        (["a", "", "b"], ["a", "", "b"]),
        ("LINE 1\n\n  LINE 3  ", ["LINE 1", "", "  LINE 3  "]),
        ("LINE 1\r\nLINE 2\r\n", ["LINE 1", "LINE 2", ""]),
        ("one \u2028 line \x0b still", ["one \u2028 line \x0b still"]),
        ('{"formattedTextLines":[{"text":"A","height":1},{"text":""}]}', ["A", ""]),
        ({"formattedTextLines": [{"text": "A"}]}, ["A"]),
        ('{"other": 1}', ['{"other": 1}']),
        ("[1, 2]", ["[1, 2]"]),
        ("12345", ["12345"]),
        ('["a", "b"', ['["a", "b"']),
        ("[" * 1000, ["[" * 1000]),
        ("\x1bm raw", ["\x1bm raw"]),
    ],
    ids=str,
)
def test_the_lines_of_a_receipt_are_kept_as_they_are(written, lines):
    facts = a_refund_said(details={"customerReceipt": written}).facts
    assert facts["customer_receipt"] == lines


@pytest.mark.parametrize("written", [None, "", 3, {"a": 1}, [1], True])
def test_what_is_no_receipt_is_left_out(written):
    assert "merchant_receipt" not in a_refund_said(details={"merchantReceipt": written}).facts


def test_receipts_journal_and_questions_are_found_in_the_details():
    facts = a_refund_said(
        details={
            "customerReceipt": '["c"]',
            "merchantReceipt": '["m"]',
            "journalReceipt": '["j"]',
            "eJournal": '{"raw": "\\u001b untouched"}',
            "printCustomerReceipt": True,
            "askCustomerSignature": False,
            "askCustomerIdentification": "true",
            "askMerchantSignature": "no",
        }
    ).facts
    assert facts["customer_receipt"] == ["c"]
    assert facts["merchant_receipt"] == ["m"]
    assert facts["journal_receipt"] == ["j"]
    assert facts["e_journal"] == '{"raw": "\\u001b untouched"}'
    assert facts["print_customer_receipt"] is True
    assert facts["ask_customer_signature"] is False
    assert facts["ask_customer_identification"] is True
    assert facts["ask_merchant_signature"] is False


@pytest.mark.parametrize("odd", ["maybe", 1, None, [], {}])
def test_a_question_that_is_neither_yes_nor_no_is_not_answered(odd):
    assert (
        "ask_merchant_signature" not in a_refund_said(details={"askMerchantSignature": odd}).facts
    )


def test_a_payment():
    paid = a_payment_said(
        method="TERMINAL",
        type="SALE",
        brand="visa",
        details={"terminalId": "1234567"},
        childReferenceId="C1505181754007360.1",
        payoutInstructions=[{"externalReference": "a", "amount": "9.99"}],
    )
    assert paid.reference == "I240226130923535CB87E19A.Y"
    assert (paid.type, paid.method, paid.brand) == ("sale", "terminal", "visa")
    assert paid.status is ProviderStatus.SUCCESS
    assert paid.amount == Money(999, "EUR")
    assert paid.order_reference == "123456"
    assert paid.terminal_id == "1234567"
    assert paid.child_reference == "C1505181754007360.1"
    assert paid.payouts == (Payout(external_reference="a", amount=Money(999, "EUR")),)


def test_a_payment_with_nothing_but_what_it_must_have():
    paid = translate.payment(
        read_transaction(
            {
                "type": "sale",
                "amount": 5,
                "currency": "EUR",
                "status": "success",
                "reference": "T.1",
            }
        )
    )
    assert paid.amount == Money(500, "EUR")
    assert paid.method == ""
    assert paid.created_at is None
    assert paid.terminal_id is None
    assert paid.payouts == ()


@pytest.mark.parametrize("child", ["", "a b", "x" * 256, None, 3])
def test_a_child_that_is_no_reference_is_none(child):
    assert a_payment_said(childReferenceId=child).child_reference is None


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal("9.999")},
        {"amount": Decimal("0.001")},
        {"amount": "99999999999.99"},
        {"currency": "jpy"},
        {"currency": "kwd"},
        {"currency": "e"},
        {"currency": ""},
        {"currency": "\u20ac\u20ac\u20ac"},
        {"reference": ""},
        {"reference": "a b"},
    ],
    ids=str,
)
@pytest.mark.parametrize("said", [a_refund_said, a_payment_said])
def test_an_amount_or_reference_that_cannot_be_used_is_not_guessed_at(said, changes):
    with pytest.raises(NotUnderstood):
        said(**changes)


@pytest.mark.parametrize("moment", [-1, 253_402_300_800_000, 10**18, "soon", None])
def test_a_time_no_calendar_has_is_no_time(moment):
    said = a_refund_said(created=moment)
    assert said.created_at is None
    assert "created" not in said.facts
