"""Refunds as earlier programs wrote them, spelled out, and what they mean."""

from datetime import timedelta

from posrefund.refund.model import Doubt, RefundState
from tests.support.builders import NOON, a_refund

ROW: dict[str, object] = {
    "amount_minor": 500,
    "currency": "EUR",
    "id": "CASE.A.b",
    "idempotency_reference": "0b3a6a3e-7f0e-4b8e-9d57-2f2f8f1f7a11",
    "environment": "test",
    "address": "http://127.0.0.1:1/api/v1",
    "original_reference": "T1505181754007760.Y",
    "method": "terminal",
    "terminal": "Desk 2",
    "description": "Order 1001 #ABCDEFGHIJ",
    "marker": "#ABCDEFGHIJ",
    "counter": "Desk 2",
    "body": b'{"reference":"T1505181754007760.Y","amount":"5.00"}',
    "created_at": "2026-11-20T12:00:00.000000+00:00",
    "ordinal": 0,
    "state": "intent",
    "provider_reference": None,
    "pay_url": None,
    "failure_code": None,
    "message": None,
    "attempts": 0,
    "first_sent_at": None,
    "last_sent_at": None,
    "not_before": None,
    "updated_at": "2026-11-20T12:00:00.000000+00:00",
    "facts": "{}",
    "doubt": None,
    "doubt_since": None,
    "doubt_count": 0,
    "verified": 0,
    "alarm": None,
    "closed_as": None,
    "version": 1,
    "owner": None,
    "lease_until": "2026-11-20T12:01:00.000000+00:00",
    "fence": 0,
}
"""A refund as the program of schema 1 wrote it."""
SECOND = {
    "id": "SECOND",
    "idempotency_reference": "second",
    "original_reference": "t1505É.1",
    "provider_reference": "R1.Z",
    "created_at": "2026-11-20T12:00:00.999999+00:00",
    "state": "unknown",
    "doubt": "mismatch",
    "doubt_since": "2026-11-20T12:00:05.000000+00:00",
    "doubt_count": 1,
    "facts": '{"merchant_order_reference":"2026-0001.X"}',
}
THIRD = {
    "id": ".y",
    "idempotency_reference": "third",
    "original_reference": "OTHER",
    "facts": '{"merchant_order_reference":5}',
}
NAMES = {
    "CASE.A.b": {
        "order_reference": None,
        "id_tail": "a.esac",
        "provider_tail": "",
        "original_tail": "0677004571815051t",
        "order_tail": "",
    },
    "SECOND": {
        "order_reference": "2026-0001.X",
        "id_tail": "dnoces",
        "provider_tail": "1r",
        "original_tail": "1.É5051t",
        "order_tail": "1000-6202",
    },
    ".y": {
        "order_reference": None,
        "id_tail": "y.",
        "provider_tail": "",
        "original_tail": "rehto",
        "order_tail": "",
    },
    "NEXT": {
        "order_reference": None,
        "id_tail": "txen",
        "provider_tail": "",
        "original_tail": "9t",
        "order_tail": "",
    },
}
"""What the program of schema 2 wrote besides."""
MOMENT = 1_795_176_000_000_000
"""When they were begun, as schema 3 has it; the second at the end of that second."""
MOMENTS = {"CASE.A.b": MOMENT, "SECOND": MOMENT + 999_999, ".y": MOMENT, "NEXT": MOMENT}

NEXT = {
    "id": "NEXT",
    "idempotency_reference": "next",
    "original_reference": "T9.Y",
}
"""One that nobody has begun yet."""
ROWS = {
    1: [ROW, ROW | SECOND, ROW | THIRD],
    2: [row | NAMES[str(row["id"])] for row in (ROW, ROW | SECOND, ROW | THIRD)],
    3: [
        row | NAMES[str(row["id"])] | {"moment": MOMENTS[str(row["id"])]}
        for row in (ROW, ROW | SECOND, ROW | THIRD)
    ],
}
"""By the schema: what was in the journal."""
REFUNDS = [
    a_refund(id="CASE.A.b", order_reference=None, version=1),
    a_refund(
        id="SECOND",
        idempotency_reference="second",
        original_reference="t1505É.1",
        provider_reference="R1.Z",
        order_reference="2026-0001.X",
        version=1,
        created_at=NOON + timedelta(microseconds=999_999),
        state=RefundState.UNKNOWN,
        doubt=Doubt.MISMATCH,
        doubt_since=NOON + timedelta(seconds=5),
        doubt_count=1,
        facts={"merchant_order_reference": "2026-0001.X"},
    ),
    a_refund(
        id=".y",
        idempotency_reference="third",
        original_reference="OTHER",
        order_reference=None,
        version=1,
        facts={"merchant_order_reference": 5},
    ),
]
"""What the rows mean."""
