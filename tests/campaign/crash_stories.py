"""The refunds that are interrupted: what is asked, how the bank behaves, how it ends by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PAYMENT = "T1001.Y"
REFUND = ("refund", PAYMENT, "--amount", "5.00", "--yes")
CLOSE = ("--executed", "--by", "A manager", "--evidence", "CCV case 1")
RECOVER = ("recover", "--wait-seconds", "86400")
"""A day of the bank's time: whatever is still open then would be open for ever."""

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
    tls: bool = False
    has_journal: bool = True
    unplugged: Sequence[str] = ()
    needs_repair: bool = False
    """Recovery may meet the trouble first, stop, and must be started again once it is mended."""
    closes: bool = False
    """The victim closes the case a person must decide; the refund came before."""

    @property
    def script(self) -> dict[str, object]:
        """What the bank is told before."""
        return {"faults": list(self.faults), "settings": {**_PATIENT, **(self.settings or {})}}


STORIES = (
    Story(name="the first refund of a new journal", has_journal=False),
    Story(name="done at once", settings={"auto_seconds": 0}),
    Story(name="on a fresh TLS connection", tls=True, faults=[_CLOSES_BEFORE_THE_POST]),
    Story(name="the answer is lost", faults=[_spoilt("commit_then_hang_up")]),
    Story(name="the request is lost", faults=[_spoilt("hang_up")]),
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
        closes=True,
    ),
)
