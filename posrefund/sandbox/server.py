"""A pretend CCV that runs: start it in a program or a test, or serve it to a person."""

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TextIO

from posrefund.sandbox import control
from posrefund.sandbox.bank import Bank
from posrefund.sandbox.exchange import Seen
from posrefund.sandbox.faults import Faults, read_script
from posrefund.sandbox.filling import sample_bank
from posrefund.sandbox.listener import HOST, Listener
from posrefund.sandbox.routes import Routes


class SandboxServer:
    """A running pretend CCV. Use it in a `with`, or `start` and `stop` it."""

    def __init__(
        self,
        *,
        bank: Bank | None = None,
        faults: Faults | None = None,
        port: int = 0,
        log: Callable[[Seen], None] | None = None,
    ) -> None:
        """Prepare a server; nothing listens yet.

        Args:
            bank: What it serves; a bank with every sample on the real clock otherwise.
            faults: The script in force; none otherwise.
            port: On 127.0.0.1; 0 takes a free one.
            log: Told of every request that is not of the control path.
        """
        self._routes = Routes(bank=bank or sample_bank(), faults=faults or Faults(), log=log)
        self._port = port
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and answer, in threads that never keep a program alive.

        Raises:
            OSError: If the port is taken.
        """
        listener = Listener(self._port, self._routes)
        self._listener = listener
        self.bank.site = self.site
        self._thread = threading.Thread(
            target=listener.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="sandbox",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and break every connection. The bank keeps what it has."""
        if self._listener is None or self._thread is None:
            return
        self._listener.shutdown()
        self._listener.hang_up()
        self._thread.join()
        self._listener = None

    @property
    def bank(self) -> Bank:
        """The bank. Hold `lock` when it is read while requests may arrive."""
        return self._routes.bank

    @property
    def faults(self) -> Faults:
        """The script in force; rules can be added while it runs."""
        return self._routes.faults

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held by the server for each request, from routing to answer."""
        return self._routes.lock

    @property
    def requests(self) -> list[Seen]:
        """What was asked so far, oldest first; the control path is not in it."""
        with self._routes.lock:
            return list(self._routes.requests)

    @property
    def connections(self) -> int:
        """How many connections were ever accepted."""
        return 0 if self._listener is None else self._listener.accepted

    @property
    def port(self) -> int:
        """The port it listens on.

        Raises:
            RuntimeError: If it is not started.
        """
        if self._listener is None:
            raise RuntimeError("the sandbox is not started")
        return int(self._listener.server_address[1])

    @property
    def site(self) -> str:
        """Scheme, host and port: `http://127.0.0.1:8420`."""
        return f"http://{HOST}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client is configured with: `http://127.0.0.1:8420/api/v1`."""
        return f"{self.site}/api/v1"

    def ledger(self, *, origin: str | None = None) -> list[dict[str, object]]:
        """Every refund and reversal as the bank has it: the truth about the money.

        Args:
            origin: `api` leaves out the samples' earlier refunds and those made in the portal.
        """
        with self._routes.lock:
            self.bank.settle()
            return control.ledger(self.bank, origin=origin)


def serve(port: int, script_path: Path | None, announce: TextIO) -> None:
    """Run a sandbox until interrupted, telling `announce` of each request in one line.

    The line has the body of a POST /refund or /reversal, and never the API key.

    Args:
        port: On 127.0.0.1; 0 takes a free one.
        script_path: A JSON script of faults and settings, or None.
        announce: Told where it listens, then of the requests. Flushed after every line.

    Raises:
        OSError: If the port is taken or the script cannot be read.
        ValueError: If the script is not understood; the message says what is wrong with it.
    """
    bank, faults = sample_bank(), Faults()
    if script_path is not None:
        rules, settings = read_script(script_path.read_text("utf-8"))
        faults.add(rules)
        bank.settings.apply(settings)

    def say(line: str) -> None:
        announce.write(line + "\n")
        announce.flush()

    def log(seen: Seen) -> None:
        say(log_line(seen))

    with SandboxServer(bank=bank, faults=faults, port=port, log=log) as it:
        try:
            say(f"Sandbox at {it.base_url} with any key that starts with t_")
            say(f"Samples and ledger at {it.site}{control.PREFIX}/")
            # In slices: a signal that comes just before a wait is heeded after it.
            while not threading.Event().wait(1.0):
                pass
        except KeyboardInterrupt:
            say("Sandbox stopped")


def log_line(seen: Seen) -> str:
    """One request as one line of plain printable text."""
    when = datetime.fromtimestamp(seen.at / 1000, UTC)
    query = "".join(f" {name}={value}" for name, value in seen.query.items())
    how = "" if seen.transport == "plain" else f" ({seen.transport})"
    body = ""
    if seen.method == "POST" and seen.path.endswith(("/refund", "/reversal")):
        body = " " + seen.body.decode("utf-8", "replace")
    text = f"{when:%H:%M:%S} {seen.method} {seen.path}{query} -> {seen.status}{how}{body}"
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
