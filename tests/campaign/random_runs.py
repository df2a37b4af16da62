"""Real processes, a bad network and kills at random times. The bank's ledger judges.

`python -m tests.campaign random_runs [--runs 1000] [--seed S] [--jobs 2] [--only NUMBER]`

Each run draws its own share of failing requests (10 to 45 in 100), faults for the requests to
come, and the moments at which the command and up to two recoveries are killed. At the end the
line is good again and `recover` runs to its end: nothing may be double, lost, phantom or stuck.

A run is told by its seed and number alone, but for the moments of the kills, which depend on the
machine. So a wrong run is printed with the points at which its processes died, and the command
that kills them there again.
"""

import argparse
import os
import random
import shlex
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.campaign import victim
from tests.campaign.crash_judge import hollow_words, judge
from tests.campaign.crash_lane import Lane, Lanes
from tests.campaign.crash_stories import RECOVER, REFUND
from tests.campaign.victim import Ended

REQUESTS = 40
"""Requests whose fate is drawn beforehand; later ones are treated well."""
LIFE = (0.02, 0.3)
"""Seconds, from before the first question to long after the last on a good line."""
DEADLINE = 0.5
"""Seconds of a request: long for loopback, short for silence."""
WORST = ("double", "lost", "phantom", "stuck")
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
    ("status", {"code": 400}),
    ("status", {"code": 422}),
    ("status", {"code": 401}),
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


@dataclass(frozen=True, kw_only=True)
class Case:
    """One run."""

    seed: int
    number: int
    strikes: Sequence[str] | None = None
    """Where each process is killed, one after the other; None is at random times."""


@dataclass(kw_only=True)
class Outcome:
    """What came of a run."""

    case: Case
    defects: list[str]
    state: str
    died: list[str] = field(default_factory=list)
    """Where each process died; empty for one that ended before."""

    @property
    def replay(self) -> str:
        """The command that plays it again, with the same deaths."""
        words = ["--seed", str(self.case.seed), "--only", str(self.case.number)]
        for place in self.died:
            words += ["--strike", place]
        return f"python -m tests.campaign random_runs {shlex.join(words)}"


def play(case: Case, lane: Lane) -> Outcome:
    """Play one run and judge it."""
    dice = random.Random(f"{case.seed}/{case.number}")  # noqa: S311 - to repeat a run
    settings = {"customer": "auto", "auto_seconds": dice.choice([0, 1, 5])}
    lane.new_day(script={"faults": _fates(dice), "settings": settings})
    ends: list[Ended] = []
    for number in range(1 + dice.choice([0, 1, 1, 2])):
        ends.append(_struck(lane, dice, case, number))
    died = [end.points[-1] if end.code is None and end.points else "" for end in ends]
    lane.control("faults", {"faults": []})
    last = lane.errand(*RECOVER, stood="found", deadline=DEADLINE, seed=case.number)
    ends.append(lane.run(last))
    told = [line for end in ends for line in end.lines]
    rows, ledger = lane.rows(), lane.ledger()
    defects = judge(rows, ledger, lane.posts(), told) + hollow_words(ends[0], ledger)
    for end in ends:
        if "Traceback" in end.err or end.code == 9:
            defects.append(f"defect: {end.err[-300:]}")
        if end.hung:
            defects.append(f"stuck: it hung at '{(end.points or ['the start'])[-1]}'")
    if ends[-1].code not in {0, 7}:
        defects.append(f"stuck: recover ends with {ends[-1].code}: {ends[-1].err[-200:]}")
    state = str(rows[-1]["state"]) if rows else "nothing"
    return Outcome(case=case, defects=defects, state=state, died=died)


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


def _struck(lane: Lane, dice: random.Random, case: Case, number: int) -> Ended:
    """Run a command that is killed at a random moment, or ends before."""
    arguments, stood = (RECOVER, "found") if number else (REFUND, "nothing")
    how = {"stood": stood, "deadline": DEADLINE, "seed": case.number}
    life = dice.uniform(*LIFE)
    if case.strikes is not None:
        kills = dict.fromkeys(case.strikes[number : number + 1], signal.SIGKILL)
        return lane.run(lane.errand(*arguments, **how, kills=kills))
    child, folder = lane.start(lane.errand(*arguments, **how))
    _kill_after(child, life)
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


def main(argv: Sequence[str] = ()) -> int:
    """Run the campaign; 0 when nothing is wrong."""
    asked = _asked(argv)
    numbers = range(asked.runs) if asked.only is None else [asked.only]
    cases = [Case(seed=asked.seed, number=number, strikes=asked.strike) for number in numbers]
    started = time.monotonic()
    kinds: Counter[str] = Counter()
    states: Counter[str] = Counter()
    kills = 0
    with Lanes(asked.jobs) as lanes:
        for outcome in lanes.play(play, cases):
            states[outcome.state] += 1
            kills += sum(place != "" for place in outcome.died)
            for defect in outcome.defects:
                kinds[defect.partition(":")[0]] += 1
                print(
                    f"  !! run {outcome.case.number}: {defect}\n     {outcome.replay}", flush=True
                )
    seconds = time.monotonic() - started
    wrong = ", ".join(f"{kinds[kind]} {kind}" for kind in WORST)
    others = sum(count for kind, count in kinds.items() if kind not in WORST)
    named = ", ".join(f"{count} {state}" for state, count in states.most_common())
    print(f"{len(cases)} runs with {kills} kills, seed {asked.seed}: {wrong}, {others} else")
    print(f"The refunds ended as: {named}; {seconds:.0f} s with {asked.jobs} lanes")
    return 1 if kinds else 0


def _asked(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="random_runs", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="play this run alone")
    parser.add_argument(
        "--strike", action="append", metavar="PLACE", help="kill the next process of it there"
    )
    return parser.parse_args(list(argv))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
