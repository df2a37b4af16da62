"""A whole shop in one process: the real client on real sockets, SQLite, and a sandbox's ledger."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from posrefund.credentials import ApiKey
from posrefund.journal.sqlite import SqliteJournal
from posrefund.money import Money
from posrefund.provider.client import HttpProvider
from posrefund.references import mint, short_id
from posrefund.refund.model import Environment, Refund, RefundOrder
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.sandbox.bank import Bank
from posrefund.sandbox.server import SandboxServer
from posrefund.terminal.model import Method, OperatingEnvironment, Terminal

DESK_2 = Terminal(
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
KEY = "t_a_key_that_only_tests_use"
TIMEOUT_SECONDS = 1.0


class BankClock:
    """The bank's own time: waiting here makes it pass there, so that nothing really waits."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._bank.now() / 1000, UTC)

    def elapsed(self) -> float:
        return self._bank.now() / 1000

    def wait(self, seconds: float) -> bool:
        self._bank.advance(seconds)
        return True

    def wake(self) -> None:
        pass


class Shop:
    """Use it in a `with`. `restart` is a new program on the same journal and sandbox."""

    def __init__(self, folder: Path, *, auto: bool = True) -> None:
        self.sandbox = SandboxServer()
        self.sandbox.bank.settings.apply({"customer": "auto" if auto else "person"})
        self._path = folder / "state" / "journal.db"

    def __enter__(self) -> Self:
        self.sandbox.start()
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self.sandbox.stop()

    def open(self) -> None:
        self.clock = BankClock(self.sandbox.bank)
        self.provider = HttpProvider(
            base_url=self.sandbox.base_url,
            key=ApiKey(KEY),
            environment=Environment.TEST,
            pay_url_hosts=("127.0.0.1",),
            clock=self.clock,
            post_seconds=TIMEOUT_SECONDS,
            get_seconds=10.0,
        )
        self.journal = SqliteJournal(self._path)
        self.service = RefundService(
            provider=self.provider,
            journal=self.journal,
            clock=self.clock,
            counter="Desk 2",
            mint=mint,
            short_id=short_id,
        )
        self.recovery = Recovery(service=self.service, journal=self.journal, clock=self.clock)

    def close(self) -> None:
        self.provider.close()
        self.journal.close()

    def restart(self) -> None:
        self.close()
        self.open()

    def sell(self, reference: str, cents: int, *, method: str = "terminal") -> None:
        """Add one more payment."""
        bank = self.sandbox.bank
        bank.add(
            reference=reference, amount=cents, method=method, order=reference, created=bank.now()
        )

    def spoil(self, do: str, on: str = "POST /refund", **rule: object) -> None:
        """Script a fault for the next request of that kind."""
        args = rule.pop("args", {})
        self.sandbox.faults.add([{"do": do, "on": on, "args": args, **rule}])

    def refund(self, text: str = "1001", amount: str = "5.00", **changes: object) -> Refund:
        (finding,) = self.service.find(text)
        currency = finding.payment.amount.currency
        terminal = DESK_2 if finding.payment.method == "terminal" else None
        order = RefundOrder(
            finding=finding, amount=Money.parse(amount, currency), terminal=terminal
        )
        return self.service.send(self.service.intend(replace(order, **changes)))

    def finish(self, refund: Refund) -> Refund:
        for news in self.service.follow(refund):
            refund = news
        return refund

    def ledger(self) -> list[dict[str, object]]:
        """What was really carried out for us."""
        return self.sandbox.ledger(origin="api")

    def posts(self) -> list[bytes]:
        """The bodies of every refund request the sandbox saw."""
        return [
            seen.body
            for seen in self.sandbox.requests
            if seen.method == "POST" and seen.path.endswith("/refund")
        ]
