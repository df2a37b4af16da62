"""Trouble that only real processes can have; `tests/journal/test_trouble.py` asks for it by name.

`python -m tests.campaign.victim_trouble NAME` prints one line of JSON per case: what it was, what
the journal and the ledger say at the end, and what may never be and is.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.campaign import victim
from tests.campaign.crash_judge import judge
from tests.campaign.crash_lane import Lane
from tests.campaign.crash_stories import RECOVER, REFUND
from tests.campaign.victim import Ended

PATIENT = {"settings": {"customer": "auto", "auto_seconds": 3}}
NOBODY = 65534
LEASE_IS_OVER = 61
A_DAY_AND_MORE = 30 * 3600
ROUNDS = 6
AT_ONCE = {"settings": {"customer": "auto", "auto_seconds": 0.1}}

Told = dict[str, Any]


def _told(case: str, lane: Lane, *ends: Ended, **more: Any) -> Told:
    rows = lane.rows()
    lines = [line for end in ends for line in end.lines]
    return {
        "case": case,
        "codes": [end.code for end in ends],
        "states": [row["state"] for row in rows],
        "ledger": len(lane.ledger()),
        "posts": len(lane.posts()),
        "defects": judge(rows, lane.ledger(), lane.posts(), lines),
        "err": [end.err for end in ends],
        **more,
    }


def together(lane: Lane) -> Iterator[Told]:
    """Two processes give the same payment back at the same moment."""
    for number in range(ROUNDS):
        lane.new_day(script=AT_ONCE)
        errand = lane.errand(*REFUND, hurries=False)
        started = [lane.start(errand, name=name) for name in ("one", "other")]
        ends = [victim.ended(*one) for one in started]
        ends.append(lane.run(lane.errand(*RECOVER, stood="found")))
        yield _told(f"round {number}", lane, *ends)


def together_by_id(lane: Lane) -> Iterator[Told]:
    """Two processes are given the same id, as a script that is started twice does."""
    for number in range(ROUNDS):
        lane.new_day(script=AT_ONCE)
        errand = lane.errand(*REFUND, "--id", "kiosk-7", hurries=False)
        started = [lane.start(errand, name=name) for name in ("one", "other")]
        ends = [victim.ended(*one) for one in started]
        ends.append(lane.run(lane.errand(*RECOVER, stood="found")))
        yield _told(f"round {number}", lane, *ends)


def stopped(lane: Lane, *, seconds: int = LEASE_IS_OVER) -> Iterator[Told]:
    """A process is stopped anywhere, another takes over after the lease, the first one wakes."""
    lane.new_day(script=PATIENT)
    points = lane.run(lane.errand(*REFUND, is_alone=False)).points
    # With a lock of the database in its hand it stops everybody, and they say so.
    wanted = [place for place in points if not place.startswith("nothing") and _is_free(place)]
    for place in wanted:
        lane.new_day(script=PATIENT)
        errand = lane.errand(*REFUND, kills={place: signal.SIGSTOP}, is_alone=False)
        child, folder = lane.start(errand, name="stopped")
        _, status = os.waitpid(child, os.WUNTRACED)
        assert os.WIFSTOPPED(status), place
        lane.control("time", {"seconds": seconds})
        taken = lane.run(lane.errand(*RECOVER, stood="found", is_alone=False))
        (before,) = lane.rows()
        posts = len(lane.posts())
        os.kill(child, signal.SIGCONT)
        woken = victim.ended(child, folder)
        (after,) = lane.rows()
        yield _told(
            place,
            lane,
            taken,
            woken,
            changed=[key for key in before if before[key] != after[key]],
            was=before["state"],
            posts_by_the_woken=len(lane.posts()) - posts,
        )


def _is_free(place: str) -> bool:
    return "BEGIN" not in place.partition("after ")[2] and not any(
        word in place for word in ("SELECT", "INSERT", "UPDATE", "before COMMIT", "claim: ")
    )


def full(lane: Lane) -> Iterator[Told]:
    """No file may grow beyond so many bytes: the disk is full, at each size up to the journal's."""
    lane.new_day(script=PATIENT)
    largest = lane.journal.stat().st_size + 16_384
    for size in range(0, largest, 1024):
        lane.new_day(script=PATIENT)
        errand = lane.errand(*REFUND, prepare=partial(_no_more_than, size), is_mute=True)
        ends = [lane.run(errand), lane.run(lane.errand(*RECOVER, stood="found"))]
        yield _told(f"at {size} bytes", lane, *ends)


def _no_more_than(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def torn(lane: Lane) -> Iterator[Told]:
    """The same, and the process dies in the middle of that write."""
    lane.new_day(script=PATIENT)
    largest = lane.journal.stat().st_size + 16_384
    for size in range(512, largest, 512):
        lane.new_day(script=PATIENT)
        errand = lane.errand(*REFUND, prepare=partial(_dies_at, size), is_mute=True)
        ends = [lane.run(errand), lane.run(lane.errand(*RECOVER, stood="found"))]
        yield _told(f"at {size} bytes", lane, *ends)


def _dies_at(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def forbidden(lane: Lane) -> Iterator[Told]:
    """The journal, or its folder, may not be written."""
    lane.folder.chmod(0o755)
    for name, file_mode, folder_mode in (("file", 0o400, 0o700), ("folder", 0o600, 0o500)):
        lane.new_day(script=PATIENT)
        lane.journal.chmod(file_mode)
        lane.journal.parent.chmod(folder_mode)
        owner = NOBODY if os.getuid() == 0 else os.getuid()
        os.chown(lane.journal.parent, owner, -1)
        os.chown(lane.journal, owner, -1)
        ends = [lane.run(lane.errand(*REFUND, prepare=_as_nobody))]
        yield _told(name, lane, *ends)


def _as_nobody() -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


TROUBLE: dict[str, Callable[[Lane], Iterator[Told]]] = {
    "together": together,
    "together_by_id": together_by_id,
    "stopped": stopped,
    "stopped_for_a_day": partial(stopped, seconds=A_DAY_AND_MORE),
    "full": full,
    "torn": torn,
    "forbidden": forbidden,
}

if __name__ == "__main__":
    with Lane() as the_lane:
        for told in TROUBLE[sys.argv[1]](the_lane):
            print(json.dumps(told), flush=True)
