"""`HttpProvider` keeps the promises of the `Provider` port."""

import json
from dataclasses import replace

import pytest

from posrefund.errors import (
    KeyRefused,
    Mismatched,
    Misused,
    NoInformation,
    NotAllowed,
    NotFound,
    PosrefundError,
    Unanswered,
    Withheld,
)
from posrefund.money import Money
from posrefund.refund.model import Environment, Payment, ProviderRefund, ProviderStatus
from posrefund.refund.ports import Provider
from tests.provider.answers import a_sale, a_transaction, answer, asked
from tests.provider.conftest import a_client, assert_no_canary, everything_about
from tests.provider.documents import document_bytes
from tests.provider.raw_server import RawServer, hangs_up, message, resets, says, stays_silent
from tests.support.builders import PAYMENT, a_refund, an_order

HTML = message(b"<html>404</html>", status="404 Not Found", kind="text/html")


def test_it_is_a_provider():
    with a_client("http://127.0.0.1:1/api/v1") as client:
        provider: Provider = client
        assert provider.address == "http://127.0.0.1:1/api/v1"
        assert provider.environment is Environment.TEST


# -- send ------------------------------------------------------------------------------------------


def test_a_refund_is_sent_byte_for_byte_with_its_idempotency_reference():
    body = '{"reference": "T.1",  "odd": "é"}'.encode()
    with RawServer(answer(a_transaction())) as server, a_client(server.base_url) as client:
        said = client.send(a_refund(address=client.address, body=body))
    (request,) = server.requests
    assert request.line == "POST /api/v1/refund HTTP/1.1"
    assert request.body == body
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-reference"] == a_refund().idempotency_reference
    assert isinstance(said, ProviderRefund)
    assert said.reference == "TR1.Y"
    assert said.amount == Money(500, "EUR")


def test_a_second_attempt_is_the_same_request():
    with RawServer(resets, answer(a_transaction())) as server, a_client(server.base_url) as client:
        refund = a_refund(address=client.address)
        with pytest.raises(Unanswered):
            client.send(refund)
        client.send(refund)
    first, second = server.requests
    assert (first.head, first.body) == (second.head, second.body)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted"])
@pytest.mark.parametrize("word", ["pending", "PENDING", "success", "failed", "manualintervention"])
def test_a_refund_may_be_final_at_once_or_not(status, word):
    step = answer(a_transaction(status=word), status=status)
    with RawServer(step) as server, a_client(server.base_url) as client:
        said = client.send(a_refund(address=client.address))
    assert said.status is ProviderStatus(word.lower())


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "http://127.0.0.1:2/api/v1"},
        {"environment": Environment.LIVE},
        {"address": "https://api.psp.ccv.eu/api/v1", "environment": Environment.LIVE},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["send", "status", "cancel"])
def test_a_refund_of_another_environment_is_left_alone(method, changes):
    with RawServer(answer(a_transaction())) as server, a_client(server.base_url) as client:
        refund = a_refund(address=client.address, provider_reference="TR1.Y")
        with pytest.raises(NotAllowed, match="nothing was sent"):
            getattr(client, method)(replace(refund, **changes))
        assert server.connections == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reference": "TR2.Y"}, "TR2.Y"),
        ({"amount": 5.01}, "amount"),
        ({"currency": "usd"}, "currency"),
        ({"originalReference": "T.2"}, "payment"),
        ({"type": "sale"}, "refund"),
        ({"amount": None}, "amount"),
        ({"status": None}, "status"),
    ],
    ids=str,
)
def test_an_answer_about_something_else_says_what_differed(changes, words):
    said = a_transaction(**changes)
    with RawServer(answer(said)) as server, a_client(server.base_url) as client:
        refund = a_refund(address=client.address, provider_reference="TR1.Y")
        with pytest.raises(Unanswered, match=words):
            client.send(refund)
        with pytest.raises(NoInformation):
            client.status(refund)


def test_the_page_on_the_allowed_host_is_handed_on():
    url = "https://onlinepayments.ccv.eu/terminal/poll?reference=TR1.Y"
    with (
        RawServer(answer(a_transaction(payUrl=url))) as server,
        a_client(server.base_url) as client,
    ):
        assert client.send(a_refund(address=client.address)).pay_url == url


def test_a_page_elsewhere_is_dropped_and_the_refund_is_kept():
    url = "https://onlinepayments.ccv.eu.evil.example/terminal/poll?reference=TR1.Y"
    with (
        RawServer(answer(a_transaction(payUrl=url))) as server,
        a_client(server.base_url) as client,
    ):
        said = client.send(a_refund(address=client.address))
    assert said.reference == "TR1.Y"
    assert said.pay_url is None
    assert "allowed host" in said.message
    assert "evil" not in repr(said)


def test_the_sandboxs_own_page_is_allowed_on_this_machine():
    url = "http://127.0.0.1:8099/terminal/poll?reference=TR1.Y"
    with (
        RawServer(answer(a_transaction(payUrl=url))) as server,
        a_client(server.base_url) as client,
    ):
        assert client.send(a_refund(address=client.address)).pay_url == url


def test_compose_uses_what_is_configured():
    given = {
        "webhook_url": "https://till.example/hook",
        "notification_requests": ({"a": 1},),
    }
    with a_client("http://127.0.0.1:1/api/v1", **given) as client:
        order = an_order(finding=an_order().finding)
        order = replace(
            order,
            finding=replace(order.finding, payment=replace(order.finding.payment, method="card")),
        )
        sent = json.loads(client.compose(order, description="x #ABCDEFGHIJ"))
        with pytest.raises(Misused):
            client.compose(order, description="x" * 256)
    assert sent == {
        "reference": PAYMENT,
        "description": "x #ABCDEFGHIJ",
        "amount": "5.00",
        "webhookUrl": "https://till.example/hook",
        "notificationRequests": [{"a": 1}],
    }


# -- status ----------------------------------------------------------------------------------------


def test_a_refund_is_read_by_ccvs_reference():
    with (
        RawServer(answer(a_transaction(status="success"))) as server,
        a_client(server.base_url) as client,
    ):
        refund = a_refund(address=client.address, provider_reference="TR1.Y")
        said = client.status(refund)
    assert said.status is ProviderStatus.SUCCESS
    assert asked(server) == ("/api/v1/transaction", {"reference": ["TR1.Y"]})
    assert "idempotency-reference" not in server.requests[0].headers


def test_a_refund_is_read_from_a_list_of_one_too():
    with RawServer(answer([a_transaction()])) as server, a_client(server.base_url) as client:
        assert (
            client.status(a_refund(address=client.address, provider_reference="TR1.Y")).reference
            == "TR1.Y"
        )


def test_a_refund_without_ccvs_reference_cannot_be_read():
    with a_client("http://127.0.0.1:1/api/v1") as client, pytest.raises(NoInformation):
        client.status(a_refund(address=client.address))


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (says(message(b'{"type":"x_error","message":"no"}', status="404 Not Found")), NotFound),
        (says(message(b"{}", status="404 Not Found")), NotFound),
        (says(HTML), Withheld),
        (says(message(b"", status="404 Not Found")), Withheld),
        (says(message(b"", status="403 Forbidden")), Withheld),
        (says(message(b"", status="401 Unauthorized")), KeyRefused),
        (says(message(b"", status="500 Oops")), NoInformation),
        (says(message(b"", status="429 Busy", headers=["Retry-After: 7"])), NoInformation),
        (says(message(b"<html>", kind="text/html")), NoInformation),
        (says(message(json.dumps(a_transaction()), kind="text/html")), NoInformation),
        (says(message(b"{}")), NoInformation),
        (says(message(b"[]")), NoInformation),
        (says(message(b"null")), NoInformation),
        (answer([a_transaction(), a_transaction()]), NoInformation),
        (answer(a_transaction(reference="TR2.Y")), Mismatched),
        (answer(a_transaction(reference="tr1.y")), Mismatched),
        (answer(a_transaction(amount=5.01)), Mismatched),
        (answer(a_transaction(originalReference="T.2")), Mismatched),
        (answer(a_transaction(currency="usd")), Mismatched),
        (answer(a_transaction(type="sale")), Mismatched),
        (answer(a_transaction(amount="x")), NoInformation),
        (hangs_up, NoInformation),
        (resets, NoInformation),
        (stays_silent, NoInformation),
    ],
    ids=range(24),
)
def test_a_question_without_a_usable_answer_learns_nothing(step, kind):
    with RawServer(step) as server, a_client(server.base_url, get_seconds=0.3) as client:
        with pytest.raises(PosrefundError) as caught:
            client.status(a_refund(address=client.address, provider_reference="TR1.Y"))
        assert type(caught.value) is kind
        assert_no_canary(everything_about(caught.value))
        assert "TR1.Y" not in str(caught.value)


# -- payment ---------------------------------------------------------------------------------------


def test_a_payment_is_read():
    with (
        RawServer(answer(a_sale(method="terminal"))) as server,
        a_client(server.base_url) as client,
    ):
        found = client.payment(PAYMENT)
    assert isinstance(found, Payment)
    assert found.method == "terminal"
    assert asked(server) == ("/api/v1/transaction", {"reference": [PAYMENT]})


@pytest.mark.parametrize("kind", ["refund", "REFUND", "reversal"])
def test_a_refund_found_where_a_payment_was_looked_for_says_so(kind):
    with RawServer(answer(a_transaction(type=kind))) as server, a_client(server.base_url) as client:
        found = client.payment("TR1.Y")
    assert isinstance(found, ProviderRefund)
    assert found.original_reference == PAYMENT


@pytest.mark.parametrize("text", ["", "a b", "a&b=c", "x" * 256, "../x", "é", "a\nb", "a%20b", "#"])
def test_what_is_no_reference_is_not_asked_for(text):
    with RawServer(answer(a_sale())) as server:
        with a_client(server.base_url) as client, pytest.raises(NotFound):
            client.payment(text)
        assert server.connections == 0


def test_a_reference_is_quoted():
    reference = "T+1:2=3~4_5-6"
    with (
        RawServer(answer(a_sale(reference=reference))) as server,
        a_client(server.base_url) as client,
    ):
        assert client.payment(reference).reference == reference
    assert asked(server)[1] == {"reference": [reference]}


def test_a_payment_in_a_currency_without_cents_cannot_be_used():
    with (
        RawServer(answer(a_sale(currency="jpy"))) as server,
        a_client(server.base_url) as client,
        pytest.raises(NoInformation, match="JPY"),
    ):
        client.payment(PAYMENT)


# -- cancel ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "taken"),
    [
        (says(message(b"", status="204 No Content")), True),
        (says(message(b"")), True),
        (says(message(b"{}")), True),
        (says(message(document_bytes("error_refund_limit"), status="400 Bad Request")), False),
        (says(message(document_bytes("error_refund_limit"), status="500 Oops")), False),
    ],
)
def test_cancel_says_what_ccv_answered(step, taken):
    with RawServer(step) as server, a_client(server.base_url) as client:
        refund = a_refund(address=client.address, provider_reference="TR1.Y")
        assert client.cancel(refund) is taken
    (request,) = server.requests
    assert request.line == "POST /api/v1/cancel?reference=TR1.Y HTTP/1.1"
    assert request.headers["content-length"] == "0"
    assert request.body == b""


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (says(HTML), Withheld),
        (says(message(b"", status="400 Bad Request")), Withheld),
        (says(message(b"", status="302 Found")), NoInformation),
        (says(message(b"", status="503 Busy")), NoInformation),
        (says(message(document_bytes("error_refund_limit"), status="401 No")), KeyRefused),
        (hangs_up, NoInformation),
        (stays_silent, NoInformation),
    ],
    ids=range(7),
)
def test_a_cancel_without_a_usable_answer_decides_nothing(step, kind):
    with RawServer(step) as server, a_client(server.base_url, get_seconds=0.3) as client:
        with pytest.raises(PosrefundError) as caught:
            client.cancel(a_refund(address=client.address, provider_reference="TR1.Y"))
        assert type(caught.value) is kind
        assert len(server.requests) == 1


def test_a_refund_ccv_never_named_cannot_be_cancelled():
    with a_client("http://127.0.0.1:1/api/v1") as client, pytest.raises(NoInformation):
        client.cancel(a_refund(address=client.address))
