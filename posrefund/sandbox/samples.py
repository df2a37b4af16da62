"""Payments to try things on: one of every kind, and plenty of ordinary ones."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from posrefund.sandbox.bank import Bank
from posrefund.sandbox.limits import Balance
from posrefund.sandbox.transaction import Payout

TERMINAL = {
    "terminalId": "1234536",
    "managementSystemId": "000103030",
    "accessProtocol": "OPI_NL",
    "operatingEnvironment": "ATTENDED",
    "merchantLanguage": "nld",
    "wakeUpType": "CLOUD_CONNECT",
}
"""Details of a payment at the counter, with the identities of CCV's own example."""
SOFTPOS = {"terminalId": "SP0001"}

_HOUR_MS = 60 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A payment that shows something."""

    reference: str
    order: str
    amount: int
    """In cents."""
    shows: str
    """What a newcomer learns from it, in one line."""
    method: str = "terminal"
    more: Mapping[str, object] = field(default_factory=dict)
    """Other fields of the transaction."""
    given_back: tuple[tuple[int, str], ...] = ()
    """Earlier refunds: cents and status."""


SAMPLES = (
    Sample(reference="T1001.Y", order="1001", amount=4990, shows="a sale at the counter terminal"),
    Sample(
        reference="T1002.Y",
        order="1002",
        amount=999,
        shows="CCV's own limit example: 11.98 is the most, 11.99 is refused",
    ),
    Sample(
        reference="T1003.Y",
        order="1003",
        amount=10000,
        shows="12.34 was given back before; 87.66 is left",
        given_back=((1234, "success"),),
    ),
    Sample(
        reference="T1004.Y",
        order="1004",
        amount=4000,
        shows="given back 110 % already; only CCV's 120 % limit leaves 4.00",
        given_back=((4000, "success"), (400, "success")),
    ),
    Sample(
        reference="T1005.Y",
        order="1005",
        amount=2500,
        shows="fully given back",
        given_back=((2500, "success"),),
    ),
    Sample(
        reference="S1006.Y",
        order="1006",
        amount=1995,
        method="softpos",
        shows="a SoftPOS sale, with or without the customer's card",
        more={"details": SOFTPOS},
    ),
    Sample(
        reference="T1007.C",
        order="1007",
        amount=7500,
        shows="the capture of T1007.A: this is what can be refunded",
        more={"type": "capture", "original": "T1007.A"},
    ),
    Sample(
        reference="T1007.A",
        order="1007",
        amount=8000,
        shows="an authorisation: it is reversed, not refunded; its capture is T1007.C",
        more={"type": "authorise"},
    ),
    Sample(
        reference="I1008.Y",
        order="1008",
        amount=2750,
        method="ideal",
        shows="an iDEAL payment: no terminal, success at once",
    ),
    Sample(
        reference="B1009.Y",
        order="1009",
        amount=999,
        method="banktransfer",
        shows="the shop's balance at CCV is too small: unsufficient_balance",
    ),
    Sample(
        reference="I1010.Y",
        order="1010",
        amount=3300,
        method="ideal",
        shows="the child of L1010.Y: where the money really went",
    ),
    Sample(
        reference="L1010.Y",
        order="1010",
        amount=3300,
        method="landingpage",
        shows="a landing page: refund its child I1010.Y instead",
        more={"child": "I1010.Y"},
    ),
    Sample(
        reference="T1011.Y",
        order="1011",
        amount=1250,
        shows="a payment that failed: nothing to give back",
        more={"status": "failed", "failure_code": "card_refused"},
    ),
    Sample(
        reference="T1012.Y",
        order="1012",
        amount=1250,
        shows="a payment that is still pending",
        more={"status": "pending"},
    ),
    Sample(
        reference="C1013.Y",
        order="1013",
        amount=6000,
        method="card",
        shows="split between two merchants: needs payout instructions M1 40.00 and M2 20.00",
        more={
            "brand": "visa",
            "payouts": (
                Payout(external_reference="M1", amount=4000),
                Payout(external_reference="M2", amount=2000),
            ),
        },
    ),
    Sample(
        reference="T1014.Y",
        order="1014",
        amount=3500,
        shows="a payment in pounds",
        more={"currency": "gbp"},
    ),
    Sample(reference="T1015.A", order="1015", amount=2000, shows="one of two under order 1015"),
    Sample(
        reference="T1015.B", order="1015", amount=3000, shows="the other of two under order 1015"
    ),
    Sample(
        reference="T1016.Y",
        order="1016",
        amount=3000,
        shows="a refund failed before: it does not count, all 30.00 is left",
        given_back=((3000, "failed"),),
    ),
    Sample(
        reference="T1017.Y",
        order="1017",
        amount=6000,
        shows="CCV has an earlier refund of 10.00 in manual intervention: it counts",
        given_back=((1000, "manualintervention"),),
    ),
    Sample(
        reference="T1018.Y",
        order="1018",
        amount=1500,
        shows="reversed at the terminal: a reversal counts as given back",
        more={"reversed": True},
    ),
    Sample(
        reference="T1019.Y",
        order="1019",
        amount=2222,
        shows="text to be careful with: markup and a bell",
        more={"description": "[red]50% korting[/red] <b>gratis</b> \u202e\x1b[31m\x07 caf\u00e9"},
    ),
    Sample(
        reference="T1505181754007760.Y",
        order="8cdbb73f-6537-4b7f-a6de-6ddab6c283e1",
        amount=31635,
        shows="the payment of CCV's terminal example",
    ),
    Sample(
        reference="C1505181754007360.1",
        order="8cdbb73f-6537-4b7f-a6de-6ddab6c283e1",
        amount=31635,
        method="card",
        shows="the payment of CCV's first example",
        more={"brand": "visa", "metadata": "my custom metadata"},
    ),
    Sample(
        reference="I240226130441921CB87E195.Y",
        order="123456",
        amount=999,
        method="ideal",
        shows="the payment of CCV's refund guide",
        more={"description": "Order 123456"},
    ),
)

_TEST_BOOK = {
    "T3001.Y": (1000, "test book: an ordinary amount"),
    "T3002.Y": (100000, "test book: no thousands separator"),
    "T3003.Y": (2000, "test book: full and partial refund"),
    "T3004.Y": (3000, "test book: journal and receipts are kept unaltered"),
    "T3005.Y": (1600, "test book: the printer is out of paper"),
    "T3006.Y": (2100, "test book: the result comes late"),
    "T3007.Y": (5001, "test book: asks for the customer's signature"),
    "T3008.Y": (5002, "test book: asks for identification"),
    "T3009.Y": (5003, "test book: asks for both"),
    "T3010.Y": (5005, "test book: the card is declined"),
}
_ORDINARY = 40


def all_samples() -> list[Sample]:
    """Every sample: those that show something, the test book's, and T2001.Y to T2040.Y."""
    book = [
        Sample(reference=reference, order=reference[1:5], amount=amount, shows=shows)
        for reference, (amount, shows) in _TEST_BOOK.items()
    ]
    ordinary = [
        Sample(
            reference=f"T{2000 + number}.Y",
            order=str(2000 + number),
            amount=500 + (number * 737) % 9500,
            shows="an ordinary sale at the counter",
        )
        for number in range(1, _ORDINARY + 1)
    ]
    return [*SAMPLES, *book, *ordinary]


def fill(bank: Bank) -> None:
    """Enter every sample, made in the days before the bank's present."""
    for place, sample in enumerate(reversed(all_samples())):
        _enter(bank, sample, bank.now() - (len(all_samples()) - place + 1) * _HOUR_MS)
    bank.softpos.add_installed("SP0001")
    bank.balances.update(
        ideal=Balance(credit=12000, debit=500000),
        card=Balance(credit=0, debit=900000),
        # CCV's own figures, refund guide.
        banktransfer=Balance(credit=35, debit=170),
    )


def sample_bank() -> Bank:
    """A bank on the real clock, with every sample in it."""
    return Bank(
        now=lambda: time.time_ns() // 1_000_000,
        mint=lambda: secrets.token_hex(4).upper(),
        seed=fill,
    )


def _enter(bank: Bank, sample: Sample, created: int) -> None:
    more = dict(sample.more)
    is_reversed = more.pop("reversed", False)
    details = dict(TERMINAL) if sample.method == "terminal" else {}
    common: dict[str, object] = {
        "method": sample.method,
        "order": sample.order,
        "description": f"Order {sample.order}",
        "origin": "sample",
        "details": details,
        **more,
    }
    payment = bank.add(
        reference=sample.reference,
        amount=sample.amount,
        created=created,
        shows=sample.shows,
        **common,
    )
    earlier = [("reversal", sample.amount, "success")] if is_reversed else []
    earlier += [("refund", amount, status) for amount, status in sample.given_back]
    for number, (kind, amount, status) in enumerate(earlier, start=1):
        bank.add(
            reference=f"{sample.reference}-R{number}",
            amount=amount,
            created=created + number * _HOUR_MS // 10,
            type=kind,
            original=payment.reference,
            status=status,
            failure_code="card_refused" if status == "failed" else None,
            **{**common, "description": "Earlier refund", "details": {}},
        )
