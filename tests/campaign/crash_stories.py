"""The refunds that are interrupted: what is asked, how the bank behaves, how it ends by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.campaign.crash_files import (
    BACKUP,
    CONFIGURATION,
    KEY_FILE,
    NEW_KEY,
    RESTORED,
    SLIP,
    TABLE,
    Written,
)

Typed = Sequence[str]
"""A command as typed after `posrefund`.

`ID` stands for the id of the refund made last, `FILE` for a new file, `SITE` for the bank."""


def _refund(payment: str, *more: str) -> Typed:
    return ("refund", payment, "--amount", "5.00", "--yes", *more)


REFUND = _refund("T1001.Y")
CLOSE = ("close", "ID", "--executed", "--by", "A manager", "--evidence", "CCV case 1")
RECOVER = ("recover", "--wait-seconds", "86400")
"""A day of the bank's time: whatever is still open then would be open for ever."""

_TODAY = datetime.now(UTC).date()  # noqa: TID251 - the bank begins its day when we do
_DAYS = (str(_TODAY - timedelta(days=1)), str(_TODAY + timedelta(days=2)))
"""Whatever the time of the day here."""

_PATIENT = {"customer": "auto", "auto_seconds": 3}


def _spoilt(do: str, on: str = "POST /refund", **more: object) -> dict[str, object]:
    args = more.pop("args", {})
    return {"do": do, "on": on, "args": args, **more}


_CLOSES_BEFORE_THE_POST = _spoilt("close_idle", "GET /transaction", skip=1)
"""The answer to the second question, after which the connection is gone: the POST needs another."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One way a refund can go."""

    name: str
    faults: Sequence[Mapping[str, object]] = ()
    settings: Mapping[str, object] | None = None
    ends: str = "succeeded"
    """Its state when nothing interrupts it."""
    may_end: Sequence[str] = ()
    """Other states that are right when something does, besides done and not sent."""
    tls: bool = False
    has_journal: bool = True
    unplugged: Sequence[str] = ()
    """See `Errand`."""
    hung_up_before: Sequence[str] = ()
    needs_repair: bool = False
    """Recovery may meet the trouble first, stop, and must be started again once it is mended."""
    before: Sequence[Typed] = ()
    """What was typed before, and nobody interrupted."""
    command: Typed = REFUND
    """What the victim does."""
    stood: str = "nothing"
    """How far the refund had come before."""
    file: Written | None = None
    """What the victim writes besides the journal."""
    piped: str = ""
    """See `Errand`."""
    own_config: bool = False
    """The victim may write its configuration, and the key file beside it."""
    loses_journal: bool = False
    """The journal is gone when the victim begins."""

    @property
    def script(self) -> dict[str, object]:
        """What the bank is told before."""
        return {"faults": list(self.faults), "settings": {**_PATIENT, **(self.settings or {})}}


STORIES = (
    Story(name="the first refund of a new journal", has_journal=False),
    Story(name="done at once", settings={"auto_seconds": 0}),
    Story(
        name="on a fresh TLS connection",
        faults=[_CLOSES_BEFORE_THE_POST],
        hung_up_before=("POST",),
        tls=True,
    ),
    Story(name="the answer is lost", faults=[_spoilt("commit_then_hang_up")]),
    Story(name="the request is lost", faults=[_spoilt("hang_up")]),
    Story(
        name="the repeat is refused",
        faults=[
            _spoilt("list_lag", args={"seconds": 20}),
            _spoilt("commit_then_hang_up"),
            _spoilt("status", args={"code": 400}),
        ],
    ),
    Story(
        name="the customer says no",
        faults=[
            _spoilt("final", args={"status": "failed", "seconds": 3, "failure_code": "expired"})
        ],
        ends="failed",
    ),
    Story(name="refused", faults=[_spoilt("status", args={"code": 400})], ends="failed"),
    Story(
        name="the first attempt does not leave",
        faults=[_CLOSES_BEFORE_THE_POST],
        hung_up_before=("POST",),
        unplugged=("POST",),
    ),
    Story(
        name="the key is refused",
        faults=[_spoilt("status", args={"code": 401})],
        ends="not_sent",
        needs_repair=True,
    ),
    Story(
        name="a person must look",
        faults=[_spoilt("final", args={"status": "manualintervention", "seconds": 3})],
        ends="attention",
    ),
    Story(
        name="a person closes the case",
        faults=[_spoilt("final", args={"status": "manualintervention"})],
        ends="closed",
        may_end=("attention",),
        before=[REFUND],
        command=CLOSE,
        stood="attention",
    ),
    Story(
        name="several are recovered, one answer is lost",
        # The third request for a refund.
        faults=[_spoilt("commit_then_hang_up", skip=2)],
        before=[_refund(f"T{number}.Y", "--no-wait") for number in (1001, 1002, 1003)],
        command=RECOVER,
        stood="found accepted",
    ),
    Story(
        name="a slip is written",
        before=[REFUND],
        command=("slip", "ID", "--file", "FILE"),
        stood="succeeded",
        file=SLIP,
    ),
    Story(
        name="an export is written",
        before=[REFUND],
        command=("export", "--from", _DAYS[0], "--to", _DAYS[1], "--output", "FILE"),
        stood="succeeded",
        file=TABLE,
    ),
    Story(
        name="a backup is made",
        before=[REFUND],
        command=("backup", "FILE"),
        stood="succeeded",
        file=BACKUP,
    ),
    Story(
        name="a backup is restored",
        before=[REFUND, ("backup", "FILE")],
        loses_journal=True,
        command=("restore", "FILE"),
        stood="succeeded",
        file=RESTORED,
    ),
    Story(
        name="the key is replaced",
        before=[REFUND],
        command=("key", "set", "--to", "file"),
        piped=NEW_KEY,
        own_config=True,
        stood="succeeded",
        file=KEY_FILE,
    ),
    Story(
        name="the configuration is replaced",
        before=[REFUND],
        command=(
            *("init", "--force", "--no-check", "--counter", "Desk 9", "--base-url", "SITE/api/v1"),
            *("--terminal-id", "1", "--management-system-id", "2", "--unattended"),
        ),
        own_config=True,
        stood="succeeded",
        file=CONFIGURATION,
    ),
)
