"""A lane: one pretend bank in a process of its own, one folder, one victim after the other."""

import contextlib
import ctypes
import http.client
import json
import multiprocessing
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, Self, TypeVar
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
        # A victim that was struck down with us may still be writing.
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def journal(self) -> Path:
        return self.folder / "state" / "journal.sqlite3"

    @property
    def own_config(self) -> Path:
        """A configuration in the folder of the journal, which a command may write."""
        path = self.journal.with_name("config.toml")
        if not path.exists():
            shutil.copy(self.plain_config, path)
            path.chmod(0o600)
        return path

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

    def errand(
        self, *arguments: str, tls: bool = False, config: Path | None = None, **more: Any
    ) -> Errand:
        """A command with the lane's configuration, or with this one."""
        config = config or (self.tls_config if tls else self.plain_config)
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


# -- many runs, on several lanes ----------------------------------------------------------------

_C = TypeVar("_C")
_O = TypeVar("_O")
_lane: Lane | None = None
_PR_SET_PDEATHSIG = 1


class Lanes:
    """As many lanes as there are jobs, each in a process of its own. Use it in a `with`."""

    def __init__(self, jobs: int) -> None:
        signal.signal(signal.SIGTERM, _leave)
        fork = multiprocessing.get_context("fork")
        self._pool = ProcessPoolExecutor(jobs, mp_context=fork, initializer=_open_lane)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def play(self, play: Callable[[_C, Lane], _O], cases: Sequence[_C]) -> Iterator[_O]:
        """Play every case on some lane, and yield what came of it, in the order of the cases."""
        return self._pool.map(partial(_on_this_lane, play), cases, chunksize=8)


def _open_lane() -> None:
    global _lane
    _lane = Lane().__enter__()
    Finalize(None, _lane.__exit__, exitpriority=1)
    # Also one that is told to end, or whose campaign was killed, leaves nothing behind.
    signal.signal(signal.SIGTERM, _leave_lane)
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _leave_lane(number: int, _frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it may be told twice
    if _lane is not None:
        _lane.__exit__()
    os._exit(128 + number)


def _leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _on_this_lane(play: Callable[[Any, Lane], Any], case: object) -> Any:
    assert _lane is not None
    return play(case, _lane)


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
