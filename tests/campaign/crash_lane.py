"""A lane: one pretend bank in a process of its own, one folder, one victim after the other."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from posrefund.journal.sqlite import SqliteJournal
from posrefund.sandbox.server import SandboxServer
from tests.campaign import victim
from tests.campaign.victim import Ended, Errand
from tests.provider.certificates import make_authority, make_certificate, server_context
from tests.support.commands import CONFIG

Control = Mapping[str, object]


def scratch() -> Path:
    """A folder in memory where there is one: what is tested is the order of writes, not a disk."""
    memory = Path("/dev/shm")  # noqa: S108 - made with mkdtemp
    return Path(tempfile.mkdtemp(prefix="posrefund-", dir=memory if memory.is_dir() else None))


class Lane:
    """Use it in a `with`. The process that uses it must have no other thread."""

    def __init__(self) -> None:
        victim.warm_up()
        self.folder = scratch()
        self._template = self.folder / "template.sqlite3"
        SqliteJournal(self._template).close()
        make_authority(self.folder)
        make_certificate(self.folder, "good")

    def __enter__(self) -> Self:
        self._fork_bank()
        self.plain_config = self._write_config("plain.toml", self.site)
        self.tls_config = self._write_config("tls.toml", self.tls_site, ca_file="ca.pem")
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self._bank, signal.SIGKILL)
        os.waitpid(self._bank, 0)
        self._line.close()
        shutil.rmtree(self.folder)

    @property
    def journal(self) -> Path:
        return self.folder / "state" / "journal.sqlite3"

    def new_day(self, *, script: Control, has_journal: bool = True) -> None:
        """A bank in which nothing has happened, behaving as scripted, and a journal."""
        self.control("reset", {})
        self.control("faults", script)
        shutil.rmtree(self.journal.parent, ignore_errors=True)
        self.journal.parent.mkdir(mode=0o700)
        if has_journal:
            shutil.copy(self._template, self.journal)

    def start(self, errand: Errand, *, name: str = "victim") -> tuple[int, Path]:
        """Start a victim and return at once."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return victim.start(errand, folder), folder

    def run(self, errand: Errand) -> Ended:
        """Run a victim to its end."""
        return victim.ended(*self.start(errand))

    def errand(self, *arguments: str, tls: bool = False, **more: Any) -> Errand:
        """A command with the lane's configuration."""
        config = self.tls_config if tls else self.plain_config
        return Errand(
            arguments=("--config", str(config), "--json", *arguments), site=self.site, **more
        )

    def control(self, name: str, body: Control | None = None) -> Any:
        """Call the bank's control path."""
        headers = {"Content-Type": "application/json"}
        method, data = ("GET", None) if body is None else ("POST", json.dumps(body))
        self._line.request(method, f"/_sandbox/{name}", data, headers if data else {})
        answer = self._line.getresponse()
        told = json.load(answer)
        if answer.status != 200:
            raise ValueError(told)
        return told

    def ledger(self) -> list[dict[str, Any]]:
        """What was really carried out through the API."""
        return [one for one in self.control("ledger")["refunds"] if one["origin"] == "api"]

    def posts(self) -> list[dict[str, Any]]:
        """Every refund request the bank saw whole, treated well or badly."""
        seen = self.control("requests")
        return [one for one in seen if one["method"] == "POST" and one["path"].endswith("/refund")]

    def rows(self) -> list[dict[str, Any]]:
        """The refunds of the journal, read by nothing of the program."""
        if not self.journal.exists():
            return []
        with contextlib.closing(sqlite3.connect(self.journal)) as connection:
            connection.row_factory = sqlite3.Row
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            found = connection.execute("SELECT * FROM refund").fetchall() if tables else []
            (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok":
            raise AssertionError(f"the journal is broken: {sound}")
        return [dict(row) for row in found]

    def _fork_bank(self) -> None:
        reading, writing = os.pipe()
        alive, keep_alive = os.pipe()
        self._bank = os.fork()
        if not self._bank:
            try:
                os.close(reading)
                os.close(keep_alive)
                _serve(writing, alive, self.folder)
            finally:
                os._exit(0)
        os.close(writing)
        os.close(alive)
        with os.fdopen(reading) as told:
            self.site, tls_port = told.readline().split()
        self.tls_site = f"https://127.0.0.1:{tls_port}"
        self._line = http.client.HTTPConnection(urlsplit(self.site).netloc, timeout=30)

    def _write_config(self, name: str, site: str, ca_file: str | None = None) -> Path:
        path = self.folder / name
        text = CONFIG.format(base_url=f"{site}/api/v1", journal=self.journal)
        if ca_file is not None:
            line = f'[provider]\nca_file = "{self.folder / ca_file}"'
            text = text.replace("[provider]", line)
        path.write_text(text, "utf-8")
        return path


def _serve(told: int, alive: int, folder: Path) -> None:
    """Be the bank until the lane is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with SandboxServer() as bank:
        relay = TlsRelay(bank.port, server_context(folder, "good"))
        os.write(told, f"{bank.site} {relay.port}\n".encode())
        os.close(told)
        os.read(alive, 1)


class TlsRelay:
    """Speaks TLS with a client and plainly with a port of this machine."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self._target = port
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._relay, args=(connection,), daemon=True).start()

    def _relay(self, raw: socket.socket) -> None:
        with contextlib.suppress(OSError), raw:
            client = self._context.wrap_socket(raw, server_side=True)
            bank = socket.create_connection(("127.0.0.1", self._target))
            with client, bank:
                back = threading.Thread(target=self._pump, args=(bank, client), daemon=True)
                back.start()
                self._pump(client, bank)
                back.join()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


def judge(
    rows: Sequence[Mapping[str, Any]],
    ledger: Sequence[Mapping[str, Any]],
    posts: Sequence[Mapping[str, Any]],
    told: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """Compare what the journal says at the end with what the bank did; every line is a defect.

    Args:
        rows: The journal.
        ledger: The bank's refunds.
        posts: The refund requests the bank saw.
        told: Every line any command printed about a refund.
    """
    by_key = {row["idempotency_reference"]: row for row in rows}
    ledger = [_with_key(paid, rows) for paid in ledger]
    found: list[str] = []
    for paid in ledger:
        row = by_key.get(paid["idempotency_reference"])
        twins = [one for one in ledger if one["original_reference"] == paid["original_reference"]]
        if len(twins) > 1:
            found.append(f"double: {len(twins)} refunds of {paid['original_reference']}")
        if row is None:
            found.append(f"lost: {paid['reference']} is not in the journal")
        else:
            found += _compare(row, paid)
    paid_keys = {paid["idempotency_reference"] for paid in ledger}
    for row in rows:
        if row["state"] == "succeeded" and row["idempotency_reference"] not in paid_keys:
            found.append(f"phantom: {row['id']} succeeded, and the bank knows nothing")
        if row["state"] in {"intent", "sending", "unknown", "accepted"}:
            found.append(f"stuck: {row['id']} is {row['state']}")
    return found + _requests(by_key, posts) + _promises(told, ledger)


def _with_key(paid: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A bank that does not know the header did not keep it: the marker tells then."""
    if paid["idempotency_reference"] is not None:
        return paid
    for row in rows:
        if str(paid["description"]).endswith(row["marker"]):
            return {**paid, "idempotency_reference": row["idempotency_reference"]}
    return paid


def _compare(row: Mapping[str, Any], paid: Mapping[str, Any]) -> list[str]:
    if row["state"] == "succeeded" and paid["status"] != "success":
        return [f"phantom: {row['id']} succeeded, at the bank it is {paid['status']}"]
    if row["state"] in {"not_sent", "failed"} and paid["status"] != "failed":
        return [f"lost: {row['id']} is {row['state']}, at the bank it is {paid['status']}"]
    if row["provider_reference"] not in {None, paid["reference"]}:
        return [f"lost: {row['id']} has the reference of another refund"]
    return []


def _requests(
    by_key: Mapping[str, Mapping[str, Any]], posts: Sequence[Mapping[str, Any]]
) -> list[str]:
    """One refund, one key, the same bytes each time, and no attempt that was not written down."""
    found: list[str] = []
    sent: dict[str, list[str]] = {}
    for post in posts:
        sent.setdefault(post["headers"]["idempotency-reference"], []).append(post["body"])
    for key, bodies in sent.items():
        row = by_key.get(key)
        if row is None:
            found.append(f"unwritten: a request with {key} is not in the journal")
            continue
        if set(bodies) != {row["body"].decode()}:
            found.append(f"other bytes: {row['id']} was sent as something else")
        if row["state"] != "not_sent" and len(bodies) > row["attempts"]:
            found.append(f"unwritten: {row['id']} left {len(bodies)} times")
    return found


def _promises(told: Sequence[Mapping[str, Any]], ledger: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was printed as certain must have come true."""
    found: list[str] = []
    fate = {paid["idempotency_reference"]: paid["status"] for paid in ledger}
    for line in told:
        status = fate.get(line["idempotency_reference"])
        if line["final"] and line["money_moved"] == "no" and status not in {None, "failed"}:
            found.append(f"lied: {line['state']} was printed, and it is {status}")
        # What a closed case says is a person's word.
        is_ours = line["state"] != "closed"
        if is_ours and line["money_moved"] == "yes" and status != "success":
            found.append(f"lied: {line['state']} was printed, and it is {status}")
    return found
