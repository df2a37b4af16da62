"""The pretend CCV in a process of its own, so that its work is not counted as the program's.

It notes when each request arrived, on the clock that all processes of a machine share.
"""

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self

from posrefund.sandbox.exchange import Answer, Request
from posrefund.sandbox.samples import TERMINAL
from posrefund.sandbox.server import SandboxServer


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request of the API."""

    what: str
    """`GET /transaction` or `POST /refund`."""
    at: float
    """When it had been read to its end: `time.monotonic()`."""
    answered: float
    """When its answer was ready to be written."""


class PretendCcv:
    """Use it in a `with`. Its customer is a person who never comes: every refund stays pending."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._sold = 0
        self.base_url = ""

    def __enter__(self) -> Self:
        self._process.start()
        self.base_url = self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.send(("stop", None))
        self._process.join(10)
        self._process.kill()

    def sell(self) -> str:
        """Make one more payment, by card at a terminal, and return its reference."""
        self._sold += 1
        reference = f"TB{self._sold:06d}.Y"
        self._ask("sell", reference)
        return reference

    def arrivals(self) -> list[Arrival]:
        """What was asked since the last time this was called, oldest first."""
        return self._ask("arrivals")

    def connections(self) -> int:
        """How many connections were ever accepted."""
        return self._ask("connections")

    def last_page(self) -> str:
        """The payUrl of the last refund."""
        return self._ask("last_page")

    def _ask(self, question: str, argument: object = None) -> Any:
        self._pipe.send((question, argument))
        return self._pipe.recv()


def _serve(pipe: Connection) -> None:
    server = SandboxServer()
    server.bank.settings.apply({"customer": "person"})
    arrivals = _stamped(server)

    def sell(reference: str) -> None:
        bank = server.bank
        with server.lock:
            bank.add(
                reference=reference,
                amount=4990,
                created=bank.now(),
                method="terminal",
                order=reference,
                description="Order 1001",
                details=dict(TERMINAL),
            )

    def taken(_: object) -> list[Arrival]:
        with server.lock:
            found = list(arrivals)
            arrivals.clear()
        return found

    answers = {
        "sell": sell,
        "arrivals": taken,
        "connections": lambda _: server.connections,
        "last_page": lambda _: server.bank.refunds(origin="api")[-1].pay_url,
    }
    with server:
        pipe.send(server.base_url)
        while (asked := pipe.recv())[0] != "stop":
            pipe.send(answers[asked[0]](asked[1]))


def _stamped(server: SandboxServer) -> list[Arrival]:
    """Note the time of every request from now on, in the list that is returned."""
    arrivals: list[Arrival] = []
    routes = server._routes
    answer = routes.answer

    def stamped(request: Request) -> Answer:
        at = time.monotonic()
        said = answer(request)
        what = f"{request.method} /{request.path.rpartition('/')[2]}"
        arrivals.append(Arrival(what, at, time.monotonic()))
        return said

    routes.answer = stamped
    return arrivals
