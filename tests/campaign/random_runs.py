"""Real processes, a bad network and kills at random times. The bank's ledger judges.

`python -m tests.campaign random_runs [--runs 1000] [--seed S] [--jobs 2] [--only NUMBER]`

Each run draws its own share of failing requests (10 to 45 in 100), faults for the requests to
come, and the moments at which the command and up to two recoveries are killed. At the end the
line is good again and `recover` runs to its end: nothing may be double, lost, phantom or stuck. A
run is told by its seed and number alone; only the moments of the kills depend on the machine.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.util import Finalize

from tests.campaign import victim
from tests.campaign.crash_lane import Lane, judge
from tests.campaign.crash_stories import RECOVER, REFUND
from tests.campaign.victim import Ended

REQUESTS = 40
"""Requests whose fate is drawn beforehand; later ones are treated well."""
LIFE = (0.02, 0.3)
"""Seconds, from before the first question to long after the last on a good line."""
POST_FATES: Sequence[tuple[str, Mapping[str, object]]] = (
    ("silence", {"committed": True}),
    ("silence", {"committed": False}),
    ("commit_then_hang_up", {}),
    ("hang_up", {}),
    ("reset", {"committed": True}),
    ("reset", {"committed": False}),
    ("error_500_after_commit", {"code": 502, "body": "html"}),
    ("error_500_before_commit", {"code": 503}),
    ("status", {"code": 409, "committed": True}),
    ("status", {"code": 409}),
    ("status", {"code": 307, "headers": {"Location": "/elsewhere"}}),
    ("rate_limit", {"retry_after": 7}),
    ("half_body", {"at": 50}),
    ("html_200", {"committed": True}),
    ("late", {"seconds": 20}),
    ("late", {"seconds": 200}),
    ("wrong", {"fields": {"amount": 6}}),
    ("twice", {}),
)
GET_FATES: Sequence[tuple[str, Mapping[str, object]]] = (
    ("silence", {"committed": False}),
    ("hang_up", {}),
    ("reset", {"committed": False}),
    ("status", {"code": 500}),
    ("rate_limit", {"retry_after": 3}),
    ("half_body", {"at": 50}),
    ("html_200", {"committed": False}),
    ("status", {"code": 404, "failure_code": "unknown_reference"}),
    ("close_idle", {}),
)
SHAPES: Sequence[tuple[str, Mapping[str, object]]] = (
    ("list_lag", {"seconds": 30}),
    ("final", {"status": "failed", "seconds": 4, "failure_code": "card_refused"}),
    ("final", {"seconds": 40}),
    ("final", {"polls": 3}),
)


def play(seed: int, number: int, lane: Lane) -> tuple[list[str], str]:
    """Play one run; return its defects and the state in which the refund ended."""
    dice = random.Random(f"{seed}/{number}")  # noqa: S311 - to repeat a run
    settings = {"customer": "auto", "auto_seconds": dice.choice([0, 1, 5])}
    lane.new_day(script={"faults": _fates(dice), "settings": settings})
    ends = [_struck(lane, dice, "nothing", *REFUND)]
    for _ in range(dice.choice([0, 1, 1, 2])):
        ends.append(_struck(lane, dice, "found", *RECOVER))
    lane.control("faults", {"faults": []})
    ends.append(lane.run(lane.errand(*RECOVER, stood="found")))
    told = [line for end in ends for line in end.lines]
    rows = lane.rows()
    defects = judge(rows, lane.ledger(), lane.posts(), told)
    defects += [f"defect: {end.err[-300:]}" for end in ends if "Traceback" in end.err]
    defects += [f"defect: {end.err[-300:]}" for end in ends if end.code == 9]
    if ends[-1].code not in {0, 7}:
        defects.append(f"stuck: recover ends with {ends[-1].code}: {ends[-1].err[-200:]}")
    return defects, str(rows[-1]["state"]) if rows else "nothing"


def _fates(dice: random.Random) -> list[Mapping[str, object]]:
    """Rules for the requests to come, each meeting one request, in the order of the requests."""
    share = dice.uniform(0.10, 0.45)
    rules: list[Mapping[str, object]] = []
    for on, fates in (("POST /refund", POST_FATES), ("GET /transaction", GET_FATES)):
        # A rule counts what reaches it: those before it in the list take their requests first.
        passed = 2 if on.startswith("GET") and dice.random() < 0.9 else 0
        for _ in range(REQUESTS):
            if dice.random() >= share:
                passed += 1
                continue
            do, args = dice.choice(fates)
            rules.append({"do": do, "on": on, "skip": passed, "args": args})
    if dice.random() < 0.5:
        do, args = dice.choice(SHAPES)
        rules.append({"do": do, "on": "POST /refund", "args": args})
    return rules


def _struck(lane: Lane, dice: random.Random, stood: str, *arguments: str) -> Ended:
    """Run a command that is killed at a random moment, or ends before."""
    child, folder = lane.start(lane.errand(*arguments, stood=stood))
    _kill_after(child, dice.uniform(*LIFE))
    return victim.ended(child, folder)


def _kill_after(child: int, seconds: float) -> None:
    over = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < over:
        # Not waited for yet, so the number cannot be somebody else's.
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        pause.wait(0.001)
    os.kill(child, signal.SIGKILL)


_lane: Lane | None = None


def _open_lane() -> None:
    global _lane
    _lane = Lane().__enter__()
    Finalize(None, _lane.__exit__, exitpriority=1)


def _play_here(asked: tuple[int, int]) -> tuple[int, list[str], str]:
    assert _lane is not None
    return asked[1], *play(*asked, _lane)


def main(argv: Sequence[str] = ()) -> int:
    """Run the campaign; 0 when nothing is wrong."""
    parser = argparse.ArgumentParser(prog="random_runs", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="play this run alone")
    asked = parser.parse_args(list(argv))
    numbers = range(asked.runs) if asked.only is None else [asked.only]
    started = time.monotonic()
    kinds: Counter[str] = Counter()
    states: Counter[str] = Counter()
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(asked.jobs, mp_context=fork, initializer=_open_lane) as pool:
        cases = [(asked.seed, number) for number in numbers]
        for number, defects, state in pool.map(_play_here, cases, chunksize=4):
            states[state] += 1
            for defect in defects:
                kinds[defect.partition(":")[0]] += 1
                print(f"  !! seed {asked.seed} run {number}: {defect}", flush=True)
    seconds = time.monotonic() - started
    named = ", ".join(f"{count} {state}" for state, count in states.most_common())
    wrong = ", ".join(f"{kinds[kind]} {kind}" for kind in ("double", "lost", "phantom", "stuck"))
    others = sum(kinds.values()) - sum(kinds[k] for k in ("double", "lost", "phantom", "stuck"))
    print(f"{len(numbers)} runs, seed {asked.seed}: {wrong}, {others} else; {seconds:.0f} s")
    print(f"The refunds ended as: {named}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
