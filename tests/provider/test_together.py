"""Several refunds in one answer: which is which, and which is beyond doubt."""

from decimal import Decimal

import pytest

from posrefund.provider.together import told_apart
from posrefund.provider.translate import PayUrlRule
from posrefund.refund.model import ProviderStatus, RefundState
from tests.support.builders import a_sent_refund
from tests.support.shop import Shop

PAY_URLS = PayUrlRule(hosts=("onlinepayments.ccv.eu",), loopback_ok=False)


def ours(number):
    return a_sent_refund(RefundState.ACCEPTED, id=f"r{number}", provider_reference=f"TR{number}.Y")


def said(number, **changes):
    refund = ours(number)
    return {
        "reference": f"TR{number}.Y",
        "type": "refund",
        "status": "pending",
        "amount": Decimal(refund.amount.text),
        "currency": "eur",
        "method": "terminal",
        "created": 1_700_000_000_000,
        "originalReference": refund.original_reference,
        **changes,
    }


def told(*listed, refunds=(1, 2, 3)):
    return told_apart(listed, [ours(number) for number in refunds], PAY_URLS)


def test_the_order_of_the_answer_does_not_matter():
    found = told(said(3), said(1), said(2, status="success"))

    assert {name: one.reference for name, one in found.items()} == {
        "r1": "TR1.Y",
        "r2": "TR2.Y",
        "r3": "TR3.Y",
    }
    assert found["r2"].status is ProviderStatus.SUCCESS


@pytest.mark.parametrize(
    "odd",
    [
        said(2, amount=Decimal("9.99")),
        said(2, currency="usd"),
        said(2, type="sale"),
        said(2, originalReference="T9.Y"),
        said(2, reference="TR9.Y"),
        said(2, amount=None),
        {"reference": "TR2.Y"},
        "TR2.Y",
        None,
    ],
)
def test_what_does_not_fit_is_left_out_and_the_rest_is_believed(odd):
    assert set(told(said(1), odd, said(3))) == {"r1", "r3"}


def test_what_is_said_twice_is_not_believed():
    assert set(told(said(1), said(2), said(2, status="failed"), said(3))) == {"r1", "r3"}


def test_real_refunds_are_read_together(tmp_path):
    with Shop(tmp_path, auto=False) as shop:
        refunds = [shop.refund(original) for original in ("1001", "1002", "1010")]

        found = shop.provider.statuses(refunds)

        assert {name: one.reference for name, one in found.items()} == {
            refund.id: refund.provider_reference for refund in refunds
        }
