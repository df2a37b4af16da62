"""A list of CCV's is whole and clear, or it is no list."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from posrefund.errors import (
    KeyRefused,
    NoInformation,
    PosrefundError,
    Withheld,
)
from posrefund.money import Money
from tests.provider.answers import a_sale, a_transaction, answer, asked, pages
from tests.provider.conftest import a_client
from tests.provider.documents import document_bytes
from tests.provider.raw_server import RawServer, hangs_up, message, says
from tests.support.builders import PAYMENT

HTML = message(b"<html>404</html>", status="404 Not Found", kind="text/html")


def test_what_was_given_back_is_listed():
    listed = [
        a_transaction(status="failed"),
        a_transaction(reference="TR2.Y", type="reversal", amount="1.50"),
        {"type": "capture", "reference": "TC.1"},
        {"type": "token", "reference": "TK.1"},
        a_sale(),
    ]
    with RawServer(answer(listed)) as server, a_client(server.base_url) as client:
        found = client.given_back([PAYMENT])
    assert [(one.reference, one.type, one.amount.minor) for one in found] == [
        ("TR1.Y", "refund", 500),
        ("TR2.Y", "reversal", 150),
    ]
    assert asked(server) == ("/api/v1/transaction", {"originalReferences": [PAYMENT]})
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "listed",
    [
        [a_transaction()],
        a_transaction(),
        {"transactions": [a_transaction()]},
        {"count": 1, "items": [a_transaction()], "next": None},
    ],
    ids=["list", "object", "wrapped", "wrapped with more"],
)
def test_a_list_may_come_in_three_shapes(listed):
    with RawServer(answer(listed)) as server, a_client(server.base_url) as client:
        assert [one.reference for one in client.given_back([PAYMENT])] == ["TR1.Y"]


def test_several_payments_are_asked_for_together():
    listed = [a_transaction(), a_transaction(reference="TR2.Y", originalReference="T.2")]
    with RawServer(answer(listed)) as server, a_client(server.base_url) as client:
        found = client.given_back([PAYMENT, "T.2", PAYMENT])
    assert [one.original_reference for one in found] == [PAYMENT, "T.2"]
    assert f"?originalReferences={PAYMENT},T.2 " in server.requests[0].line


def test_a_refund_that_does_not_name_its_payment_belongs_to_the_one_asked_for():
    nameless = a_transaction(originalReference=None)
    with RawServer(answer([nameless])) as server, a_client(server.base_url) as client:
        (found,) = client.given_back([PAYMENT])
    assert found.original_reference == PAYMENT


def test_where_they_do_not_name_their_payment_each_is_asked_for_alone():
    nameless = a_transaction(originalReference=None)
    script = pages([nameless, a_transaction(reference="TR2.Y")], [nameless], [])
    with RawServer(*script) as server, a_client(server.base_url) as client:
        (found,) = client.given_back([PAYMENT, "T.2"])
    assert found.original_reference == PAYMENT
    assert [asked(server, at)[1]["originalReferences"] for at in (1, 2)] == [[PAYMENT], ["T.2"]]


def test_payments_are_listed_by_time_and_amount():
    after, before = datetime(2024, 2, 26, 13, tzinfo=UTC), datetime(2024, 2, 26, 14, tzinfo=UTC)
    with RawServer(answer([])) as server, a_client(server.base_url) as client:
        found = client.payments_made(after=after, before=before, amount=Money(4990, "EUR"))
    assert found == []
    wanted = asked(server)[1]
    assert wanted["createdAfter"] == ["1708952400000"]
    assert wanted["createdBefore"] == ["1708956000000"]
    assert wanted["amountMinimum"] == wanted["amountMaximum"] == ["49.90"]


def test_a_server_without_these_filters_is_not_believed_to_have_used_them():
    at = datetime(2024, 2, 26, 13, tzinfo=UTC)
    sale = a_sale(amount=49.9, created=1708952400000, status="success", method="terminal")
    listed = [sale, sale | {"reference": "T2.Y", "amount": 1.0}]
    hour = timedelta(hours=1)
    with RawServer(answer(listed), answer(listed)) as server, a_client(server.base_url) as client:
        found = client.payments_made(after=at - hour, before=at, amount=Money(4990, "EUR"))
        later = client.payments_made(after=at + hour, before=at + 2 * hour)
    assert [one.reference for one in found] == [sale["reference"]]
    assert later == []


def test_for_no_payment_nothing_is_asked():
    with RawServer(answer([])) as server, a_client(server.base_url) as client:
        assert client.given_back([]) == []
        assert server.connections == 0


@pytest.mark.parametrize(
    "odd",
    [
        None,
        3,
        "TR2.Y",
        [],
        {},
        {"type": "refund"},
        {"reference": "TR2.Y"},
        {"type": None, "reference": "TR2.Y"},
        a_transaction(reference="TR2.Y", amount=None),
        a_transaction(reference="TR2.Y", amount="x"),
        a_transaction(reference="TR2.Y", amount=-5),
        a_transaction(reference="TR2.Y", amount=0.001),
        a_transaction(reference="TR2.Y", currency=None),
        a_transaction(reference="TR2.Y", currency="jpy"),
        a_transaction(reference="TR2.Y", status=None),
        a_transaction(reference="TR2 Y"),
        a_transaction(reference="TR2.Y", originalReference="T.other"),
        a_transaction(reference="TR2.Y", originalReference=3),
    ],
    ids=str,
)
def test_a_list_with_one_unclear_refund_is_no_list(odd):
    with (
        RawServer(answer([a_transaction(), odd])) as server,
        a_client(server.base_url) as client,
        pytest.raises(NoInformation),
    ):
        client.given_back([PAYMENT])


@pytest.mark.parametrize(
    "value",
    [None, 3, "x", {}, {"a": [], "b": []}, {"message": "x"}, {"type": "x_error", "message": "x"}],
    ids=str,
)
def test_what_is_no_list_does_not_mean_that_there_is_nothing(value):
    with (
        RawServer(answer(value)) as server,
        a_client(server.base_url) as client,
        pytest.raises(NoInformation),
    ):
        client.given_back([PAYMENT])


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (
            says(message(document_bytes("error_refund_limit"), status="404 Not Found")),
            Withheld,
        ),
        (says(message(b"[]", status="404 Not Found")), Withheld),
        (says(message(b"[]", status="500 Oops")), NoInformation),
        (says(message(b"[]", status="302 Found")), NoInformation),
        (says(message(b"[]", kind="text/html")), NoInformation),
        (says(message(b"", status="401 Unauthorized")), KeyRefused),
        (hangs_up, NoInformation),
        (says(message(json.dumps([a_transaction()]))[:-3], then_close=True), NoInformation),
    ],
    ids=range(8),
)
def test_only_an_empty_list_means_that_there_is_nothing(step, kind):
    with RawServer(step) as server, a_client(server.base_url) as client:
        for question in (client.given_back, lambda given: client.payments_of_order(given[0])):
            with pytest.raises(PosrefundError) as caught:
                question([PAYMENT])
            assert type(caught.value) is kind


def many(first, count):
    return [a_transaction(reference=f"TR{first + at}.Y") for at in range(count)]


def test_a_long_list_is_read_to_its_end():
    with (
        RawServer(*pages(many(0, 50), many(50, 50), many(100, 3))) as server,
        a_client(server.base_url) as client,
    ):
        found = client.given_back([PAYMENT])
    assert [one.reference for one in found] == [f"TR{at}.Y" for at in range(103)]
    assert [asked(server, at)[1].get("referenceAfter") for at in range(3)] == [
        None,
        ["TR49.Y"],
        ["TR99.Y"],
    ]


@pytest.mark.parametrize("last", [[], many(0, 50)], ids=["an empty page", "the same page"])
def test_a_list_ends_where_nothing_new_comes(last):
    with RawServer(*pages(many(0, 50), last)) as server, a_client(server.base_url) as client:
        assert len(client.given_back([PAYMENT])) == 50
    assert len(server.requests) == 2


def test_a_list_that_breaks_off_is_no_list():
    with (
        RawServer(answer(many(0, 50)), hangs_up) as server,
        a_client(server.base_url) as client,
        pytest.raises(NoInformation),
    ):
        client.given_back([PAYMENT])


def test_a_list_without_end_is_no_list():
    with (
        RawServer(*pages(*(many(at * 50, 50) for at in range(25)))) as server,
        a_client(server.base_url) as client,
        pytest.raises(NoInformation, match="no end"),
    ):
        client.given_back([PAYMENT])
    assert len(server.requests) == 20


def test_the_payments_of_an_order_are_listed():
    listed = [
        a_sale(merchantOrderReference="1001"),
        a_sale(reference="TC.1", type="capture", merchantOrderReference="1001"),
        a_transaction(merchantOrderReference="1001"),
        {"type": "token", "reference": "TK.1", "merchantOrderReference": "1001"},
        a_sale(reference="T.2", merchantOrderReference="10012"),
        a_sale(reference="T.3"),
    ]
    with RawServer(answer(listed)) as server, a_client(server.base_url) as client:
        found = client.payments_of_order("1001")
    assert [one.reference for one in found] == [PAYMENT, "TC.1"]
    assert asked(server) == ("/api/v1/transaction", {"merchantOrderReference": ["1001"]})


@pytest.mark.parametrize("order", ["a&b=c#d", "50% off", "é €", "a,b", "../..", "x" * 255])
def test_any_order_reference_is_quoted(order):
    listed = [a_sale(merchantOrderReference=order)]
    with RawServer(answer(listed)) as server, a_client(server.base_url) as client:
        assert len(client.payments_of_order(order)) == 1
    assert asked(server)[1] == {"merchantOrderReference": [order]}


@pytest.mark.parametrize("order", ["", "x" * 256])
def test_what_is_no_order_reference_is_not_asked_for(order):
    with RawServer(answer([])) as server, a_client(server.base_url) as client:
        assert client.payments_of_order(order) == []
        assert server.connections == 0


def test_an_order_with_one_unclear_payment_is_no_list():
    listed = [a_sale(merchantOrderReference="1001", currency="jpy")]
    with (
        RawServer(answer(listed)) as server,
        a_client(server.base_url) as client,
        pytest.raises(NoInformation, match="JPY"),
    ):
        client.payments_of_order("1001")
