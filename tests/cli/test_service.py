"""`watch` under a service manager, and what a monitor asks. Real sockets, the unit as it is."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from posrefund import __version__
from posrefund.cli.exits import ExitCode
from posrefund.cli.service_manager import ServiceManager
from posrefund.credentials import CREDENTIAL_NAME
from posrefund.errors import JournalUnavailable
from posrefund.journal.memory import MemoryJournal
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.refund.recovery import LOOK_SECONDS
from tests.cli.fakes import Counter
from tests.cli.test_refund import REFUND_KEYS
from tests.refund.test_staying import Day
from tests.support.builders import a_refund, an_entry
from tests.support.commands import Workplace

UNIT = Path(__file__).parent.parent.parent / "assets" / "service" / "posrefund-watch.service"
SECONDS = 30.0


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self._socket.settimeout(SECONDS)

    def next(self) -> list[str]:
        """The next message, line by line."""
        return self._socket.recv(4096).decode().split("\n")

    def rest(self) -> list[list[str]]:
        """Every message that is there already."""
        self._socket.setblocking(False)
        found = []
        while True:
            try:
                found.append(self.next())
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    name = tmp_path / "notify"
    if request.param == "abstract" and sys.platform != "linux":
        pytest.skip("only Linux has sockets without a file")
    opened = Manager(str(name) if request.param == "path" else f"@{name}")
    yield opened
    opened.close()


def watched(counter: Counter, manager: Manager) -> tuple[int, list[list[str]]]:
    ended = counter.run("watch", environ={"NOTIFY_SOCKET": manager.address})
    return ended.code, manager.rest()


# -- sd_notify ---------------------------------------------------------------------------------


def test_it_is_ready_once_the_journal_was_read_and_alive_in_every_turn(manager: Manager) -> None:
    counter = Counter(clock=Day(seconds=4 * LOOK_SECONDS))
    code, said = watched(counter, manager)
    assert code == 130
    assert said[0] == ["READY=1", "STATUS=0 open, 0 for a person", "WATCHDOG=1"]
    assert said[1:-1] == [["WATCHDOG=1"]] * (len(counter.clock.waits) - 1)
    assert said[-1] == ["STOPPING=1"]


def test_it_says_how_much_is_open_when_that_changes(manager: Manager) -> None:
    counter = Counter(clock=Day(seconds=10))
    counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.MANUAL_INTERVENTION
    _, said = watched(counter, manager)
    told = [line for lines in said for line in lines if line.startswith("STATUS=")]
    assert told == ["STATUS=1 open, 0 for a person", "STATUS=1 open, 1 for a person"]


class Unreadable(MemoryJournal):
    """Cannot be read."""

    def open_refunds(self):
        raise JournalUnavailable("the disk is gone")


def test_where_the_journal_cannot_be_read_it_is_never_ready(manager: Manager) -> None:
    counter = Counter(clock=Day(seconds=10), journal=Unreadable())
    assert watched(counter, manager) == (8, [["STOPPING=1"]])


class Stuck(Day):
    """A wait that never ends. It looks round for who else could speak meanwhile."""

    def __init__(self, manager: Manager) -> None:
        super().__init__()
        self._manager = manager
        self._threads = set(threading.enumerate())

    def wait(self, seconds: float) -> bool:
        self.said_before = self._manager.rest()
        self.others = set(threading.enumerate()) - self._threads
        raise KeyboardInterrupt


def test_a_loop_that_stands_still_gives_no_sign_of_life(manager: Manager) -> None:
    clock = Stuck(manager)
    watched(Counter(clock=clock), manager)
    assert len(clock.said_before) == 1
    assert clock.others == set(), "only the loop itself may say that it goes on"


def test_without_a_manager_or_with_one_that_went_away_it_watches_all_the_same(
    tmp_path: Path,
) -> None:
    for environ in ({}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": str(tmp_path / "nobody")}):
        assert Counter(clock=Day(seconds=10)).run("watch", environ=environ).code == 130


def test_no_child_can_speak_for_it() -> None:
    environ = {"NOTIFY_SOCKET": "/run/somewhere"}
    ServiceManager(environ)
    assert environ == {}


@pytest.mark.process
def test_the_real_command_tells_a_real_manager(tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "notify"))
    with Workplace(tmp_path) as workplace:
        process = workplace.start("watch", "--json", NOTIFY_SOCKET=manager.address)
        assert manager.next()[0] == "READY=1"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)
        assert process.returncode == 130
        assert manager.rest()[-1] == ["STOPPING=1"]
    manager.close()


# -- the unit ----------------------------------------------------------------------------------


@pytest.mark.process
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze on this machine")
    unit = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8")
    unit.write_text(text.replace("/opt/posrefund/bin/python", "/bin/true"), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_unit_and_the_program_mean_the_same() -> None:
    settings = [
        line.split("=", 1) for line in UNIT.read_text("utf-8").splitlines() if line[:1].isupper()
    ]
    unit = {name: value for name, value in settings if name != "SystemCallFilter"}
    assert unit["Type"] == "notify"
    assert unit["LoadCredential"].startswith(f"{CREDENTIAL_NAME}:")
    assert unit["SuccessExitStatus"] == str(ExitCode.INTERRUPTED.value)
    assert unit["RestartPreventExitStatus"].split() == [
        str(code.value) for code in (ExitCode.MISUSED, ExitCode.CONFIG)
    ]
    # A question to CCV takes 10 s at the most and a request 30, the journal 5.
    assert int(unit["WatchdogSec"]) > 2 * (LOOK_SECONDS + 10 + 30 + 5)
    for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "MemoryDenyWriteExecute"):
        assert unit[name] == "yes"
    assert unit["ProtectSystem"] == "strict"


@pytest.mark.process
def test_no_variable_of_pythons_own_counts_for_the_service(tmp_path: Path) -> None:
    (start,) = re.findall(r"^ExecStart=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)
    python, *arguments = start.split()
    assert python == "/opt/posrefund/bin/python"
    assert arguments[:3] == ["-I", "-m", "posrefund"]
    # A module that would be found first, if they counted.
    (tmp_path / "posrefund").mkdir()
    (tmp_path / "posrefund" / "__main__.py").write_text("print('a stranger')")
    for more, says in (("--version", f"posrefund {__version__}\n"), ("--help", "posrefund watch")):
        # The rest of its line is a command line of ours.
        done = subprocess.run(
            [sys.executable, *arguments, more],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nowhere"},
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert says in done.stdout


def test_the_note_for_windows_starts_it_like_that_too() -> None:
    note = UNIT.with_name("windows.md").read_text("utf-8")
    assert "posrefund.exe" not in note
    assert note.count("python.exe") == note.count("-I -m posrefund watch") == 2


# -- the monitor -------------------------------------------------------------------------------


def test_a_monitor_hears_what_is_open_and_nobody_is_asked(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.PENDING)
    questions = counter.bank.questions
    ended = counter.run("status", "--json")
    assert ended.code == 6
    assert [line["id"] for line in ended.lines] == [refund.id]
    assert list(ended.lines[0]) == REFUND_KEYS
    assert counter.bank.questions == questions


def test_where_nothing_is_open_all_is_well(counter: Counter) -> None:
    counter.in_state(ProviderStatus.SUCCESS)
    ended = counter.run("status", "--json")
    assert (ended.code, ended.out, ended.err) == (0, "", "Nothing is open.\n")


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([RefundState.ACCEPTED], 6),
        ([RefundState.ACCEPTED, RefundState.UNKNOWN], 5),
        ([RefundState.INTENT], 5),
        ([RefundState.ATTENTION, RefundState.UNKNOWN, RefundState.ACCEPTED], 7),
        ([RefundState.SUCCEEDED, RefundState.FAILED], 0),
    ],
)
def test_the_exit_code_is_that_of_the_worst(states: list[RefundState], code: int) -> None:
    counter = Counter()
    for number, state in enumerate(states):
        name = f"R{number}"
        refund = a_refund(id=name, idempotency_reference=name, original_reference=name, state=state)
        counter.journal.open_case(refund, an_entry())
    assert counter.run("status").code == code


def test_a_contradiction_is_for_a_person_although_it_is_final(counter: Counter) -> None:
    refund = a_refund(state=RefundState.SUCCEEDED, alarm="CCV now says failed.")
    counter.journal.open_case(refund, an_entry())
    assert counter.run("status").code == 7


def test_a_monitor_needs_no_key(tmp_path: Path) -> None:
    config, journal = tmp_path / "config.toml", tmp_path / "journal.sqlite3"
    config.write_text(f'[journal]\npath = "{journal}"\n')
    from posrefund.cli.main import run

    status = ["status", "--json", "--config", str(config)]
    assert run(status) == 8
    assert run(["list", "--config", str(config)]) == 0
    assert run(status) == 8, "whoever only looks must not hide from it that the journal is lost"
    SqliteJournal(journal).close()
    assert run(status) == 0
