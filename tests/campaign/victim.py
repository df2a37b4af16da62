"""The real command in a process of its own, which can be killed at any named point.

Nothing of the program is replaced by something simpler: its journal, its provider, its clock and
its output are derived from, and every statement, every piece of a message on the wire, every call
of a port and every wait becomes a point with a name such as

    `sending | POST: headers sent #1`

that is, how far the refund had come on disk, what was done, and the how-many-th time. At a chosen
point the process sends itself a signal. Waiting makes the pretend bank's time pass instead.
"""

import gc
import json
import os
import pkgutil
import random
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import posrefund
from posrefund.cli import main
from posrefund.provider import wire
from tests.campaign.victim_files import watch_files
from tests.campaign.victim_watch import HurriedClock, Watch, use_bank_time, watch_everything

KEY = "t_a_key_that_only_tests_use"
_NOT_FOR_VICTIMS = ("posrefund.tui", "posrefund.__main__")
PATIENCE = 60
"""Seconds, really passed, after which a victim is struck down: it would go on for ever."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What a victim is to do."""

    arguments: Sequence[str]
    """As typed after `posrefund`."""
    site: str
    """The sandbox, `http://127.0.0.1:1234`."""
    kills: Mapping[str, int] = field(default_factory=dict)
    """The points at which it is struck, and the signals."""
    unplugged: Sequence[str] = ()
    """Questions whose first connection meets a port where nobody listens."""
    hung_up_before: Sequence[str] = ()
    """Questions before which the bank hangs up; they are asked when that has arrived."""
    stood: str = "nothing"
    """How far the refund has come, as far as the caller knows."""
    seed: int = 1
    """Of the jitter of the questions: the same points in every run."""
    deadline: float = 10.0
    """Seconds a request may take: no silence is scripted, and the machine may be busy."""
    files: str = ""
    """What it writes besides the journal; every step of writing a file is a point then."""
    piped: str = ""
    """What is handed over on standard input."""
    is_alone: bool = True
    """Nobody else makes the bank's time pass meanwhile."""
    hurries: bool = True
    """Waiting is bank time. Without it the victim lives in real time."""
    is_mute: bool = False
    """What it reaches and says is not kept: for one that may not write."""
    prepare: Callable[[], None] = lambda: None
    """Called first in the victim: takes rights and room away from it."""


def carry_out(errand: Errand, watch: Watch) -> int:
    """Do what the errand says in this process, and return the exit code."""
    os.environ["POSREFUND_API_KEY"] = KEY
    errand.prepare()
    random.seed(errand.seed)
    if errand.hurries:
        use_bank_time(HurriedClock(errand.site, watch, is_shared=not errand.is_alone))
    watch_everything(watch)
    if errand.files:
        watch_files(watch, errand.files)
    return main.run(list(errand.arguments))


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A victim that is no more."""

    code: int | None
    """Its exit code; None when a signal ended it."""
    points: list[str]
    """What it reached, the last one being where it was struck if it was."""
    out: str
    err: str
    hung: bool = False
    """It did not end by itself."""

    @property
    def stands(self) -> str:
        """How far the refund had come on disk, as far as this victim knew."""
        if not self.points:
            return "nothing"
        return self.points[-1].partition(" | ")[0].removeprefix("found ")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON objects it printed, a last half line left out."""
        return [json.loads(line) for line in self.out.splitlines(keepends=True) if line[-1] == "\n"]


def warm_up() -> None:
    """Load what a command loads when it runs, so that forked victims need not."""
    for found in pkgutil.walk_packages(posrefund.__path__, "posrefund."):
        if not found.name.startswith(_NOT_FOR_VICTIMS):
            import_module(found.name)
    for name in ("ctypes", "getpass", "resource", "encodings.idna", "encodings.utf_8_sig"):
        import_module(name)
    wire.read_error({"type": "x", "message": "x"})
    for build in (wire.read_transaction, wire.terminal_details, wire.refund_request):
        with suppress(wire.NotUnderstood):
            build({})
    gc.collect()
    gc.freeze()


def start(errand: Errand, folder: Path) -> int:
    """Fork a victim, and return its process id. The caller must have no thread but this one."""
    for name in ("points", "out", "err"):
        # Made before, so that one killed at once does not leave its predecessor's behind.
        (folder / name).write_text("")
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # and not what a lane does
        signal.alarm(PATIENCE)
        log = None if errand.is_mute else _opened(folder / "points")
        for descriptor, name in ((1, "out"), (2, "err")):
            os.dup2(_opened(Path(os.devnull) if errand.is_mute else folder / name), descriptor)
        if errand.piped:
            (folder / "in").write_text(f"{errand.piped}\n", "utf-8")
            sys.stdin = (folder / "in").open(encoding="utf-8")
        watch = Watch(
            kills=errand.kills,
            log=log,
            stood=errand.stood,
            unplugged=errand.unplugged,
            hung_up_before=errand.hung_up_before,
            deadline=errand.deadline,
        )
        code = carry_out(errand, watch)
    except BaseException:  # noqa: BLE001 - whatever it is, the lane must be told
        traceback.print_exc()
    finally:
        os._exit(code)
    return 0


def ended(child: int, folder: Path) -> Ended:
    """Wait until a victim is no more."""
    _, status = os.waitpid(child, 0)
    return Ended(
        code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        points=(folder / "points").read_text("utf-8").splitlines(),
        out=(folder / "out").read_text("utf-8"),
        err=(folder / "err").read_text("utf-8"),
        hung=os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM,
    )


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND)


SIGNALS = {
    "KILL": signal.SIGKILL,
    "TERM": signal.SIGTERM,
    "INT": signal.SIGINT,
    "HUP": signal.SIGHUP,
}
