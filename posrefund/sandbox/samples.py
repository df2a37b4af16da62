"""Payments to try things on: one of every kind, and plenty of ordinary ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from posrefund.sandbox.earlier import Earlier
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
    given_back: tuple[Earlier, ...] = ()
    """Refunds of the days before."""
    habits: tuple[Mapping[str, object], ...] = ()
    """Faults that every refund of it meets, whatever else is scripted."""


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
        given_back=(
            Earlier(
                amount=1234,
                idempotency="0de5cef8-4b87-4e4f-9fc4-669a7e09c28e",
                marker="#YRTJU7QJYK",
            ),
        ),
    ),
    Sample(
        reference="T1004.Y",
        order="1004",
        amount=4000,
        shows="given back 110 %: nothing is left here; 4.00 more only by command",
        given_back=(
            Earlier(amount=4000, days_ago=2, at=time(10, 15, 33)),
            Earlier(amount=400, days_ago=2, at=time(10, 20, 9)),
        ),
    ),
    Sample(
        reference="T1005.Y",
        order="1005",
        amount=2500,
        shows="fully given back",
        given_back=(
            Earlier(
                amount=2500,
                days_ago=2,
                at=time(11, 20, 40),
                idempotency="a126a0f2-d07d-4ffb-8e4c-f77f46650cb7",
                marker="#JT3X6RTFBS",
            ),
        ),
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
        shows="an authorisation: not refundable; its capture is T1007.C",
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
        shows="split between two merchants: M1 40.00 and M2 20.00",
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
        given_back=(
            Earlier(
                amount=3000,
                status="failed",
                at=time(16, 40, 27),
                idempotency="f52c8bd8-fa5c-4dc4-ad9d-4e67a3605177",
                marker="#TVHGPI3AKF",
            ),
        ),
    ),
    Sample(
        reference="T1017.Y",
        order="1017",
        amount=6000,
        shows="CCV still looks into an earlier refund of 10.00: it counts",
        given_back=(Earlier(amount=1000, status="manualintervention", at=time(17, 20, 51)),),
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
        reference="T1020.Y",
        order="1020",
        amount=1850,
        shows="the line drops: not known, then done by itself",
        habits=(
            {"do": "commit_then_hang_up"},
            {"do": "final", "args": {"seconds": 4}},
            {"do": "list_lag", "args": {"seconds": 6}},
        ),
    ),
    Sample(
        reference="T1021.Y",
        order="1021",
        amount=2795,
        shows="a person must look: CCV says manualintervention",
        habits=({"do": "final", "args": {"status": "manualintervention", "seconds": 4}},),
    ),
    Sample(
        reference="T1022.Y",
        order="1022",
        amount=3360,
        shows="the line drops, and it stays not known",
        habits=({"do": "commit_then_hang_up"}, {"do": "list_fails"}),
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
