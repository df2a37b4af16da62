"""A pretend CCV on a clock that only moves when a test says so."""

import base64
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from posrefund.sandbox.bank import Bank
from posrefund.sandbox.exchange import Answer, Request
from posrefund.sandbox.faults import Faults
from posrefund.sandbox.filling import fill
from posrefund.sandbox.json_text import read
from posrefund.sandbox.routes import Routes

KEY = "Basic " + base64.b64encode(b"t_practice:").decode()
DETAILS = {
    "terminalId": "1234536",
    "managementSystemId": "000103030",
    "accessProtocol": "OPI_NL",
    "operatingEnvironment": "ATTENDED",
    "merchantLanguage": "NLD",
}


@dataclass
class HandClock:
    """Epoch milliseconds, moved by hand."""

    at: int = 1_790_000_000_000

    def __call__(self) -> int:
        return self.at

    def pass_seconds(self, seconds: float) -> None:
        self.at += int(seconds * 1000)


@dataclass
class Caller:
    """Asks the routes as a client would, without sockets."""

    routes: Routes
    headers: dict[str, str] = field(
        default_factory=lambda: {"user-agent": "till/1", "authorization": KEY}
    )

    @property
    def bank(self) -> Bank:
        return self.routes.bank

    @property
    def faults(self) -> Faults:
        return self.routes.faults

    def get(self, path: str, **query: str) -> Answer:
        return self.routes.answer(
            Request(method="GET", path=path, query=query, headers=self.headers)
        )

    def post(
        self, path: str, value: object = None, query: dict[str, str] | None = None, **headers: str
    ) -> Answer:
        body = b"" if value is None else json.dumps(value).encode()
        sent = {**self.headers, "content-length": str(len(body))}
        sent.update({name.replace("_", "-"): text for name, text in headers.items()})
        return self.routes.answer(
            Request(method="POST", path=path, query=query or {}, headers=sent, body=body)
        )

    def refund(
        self, reference: str = "T1001.Y", once: str | None = None, **fields: object
    ) -> Answer:
        body = {"reference": reference, "details": DETAILS, **fields}
        headers = {} if once is None else {"idempotency_reference": once}
        return self.post("/api/v1/refund", body, **headers)

    def look(self, reference: object) -> dict:
        answer = self.get("/api/v1/transaction", reference=str(reference))
        assert answer.status == 200
        return said(answer)

    def made(self) -> list[dict]:
        """What the ledger has that came over the API."""
        ledger = said(self.get("/_sandbox/ledger"))["refunds"]
        return [line for line in ledger if line["origin"] == "api"]


def said(answer: Answer) -> dict:
    """The JSON of an answer."""
    return read(answer.body)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def bank(clock: HandClock) -> Bank:
    numbers = itertools.count(0xCB87E190)
    return Bank(now=clock, mint=lambda: f"{next(numbers):08X}", seed=fill)


@pytest.fixture
def ccv(bank: Bank) -> Caller:
    return Caller(Routes(bank=bank, faults=Faults()))


@pytest.fixture
def json_of() -> Callable[[Answer], dict]:
    return said


@pytest.fixture
def details() -> dict[str, str]:
    return dict(DETAILS)
