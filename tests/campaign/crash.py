"""Kill the real program at every point of every way a refund can go. The bank's ledger judges.

`python -m tests.campaign crash [--signals KILL,TERM] [--pairs [all]] [--jobs 2] [--story WORDS]`

A single: the command dies at one point, then `recover` runs in a new process. A pair: `recover`
dies too, at each point it reaches, and `recover` runs once more. With TERM, INT and HUP the
command's own handling of signals takes part; in a pair the second blow then is a KILL on its way
out as well. Afterwards nothing may be double, lost, phantom or stuck, no request may have left
that was not written down, and nothing that was printed as certain may be untrue.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.util import Finalize

from tests.campaign.crash_lane import Lane, judge
from tests.campaign.crash_points import NOT_IN_OUR_CODE, crash_point
from tests.campaign.crash_stories import CLOSE, RECOVER, REFUND, STORIES, Story
from tests.campaign.victim import SIGNALS, Ended

CLEAN_CODES = {0, 1, 3, 6, 7, 130}
"""How a command may end that was told to; 2, 4, 5, 8 and 9 would need an explanation."""
Blows = Sequence[tuple[str, str]]
"""Points and signals for one process."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One run: a story, and who is struck where."""

    story: int
    command: Blows = ()
    recovery: Blows = ()

    def __str__(self) -> str:
        struck = [f"{sign} at '{place}'" for place, sign in self.command]
        struck += [f"{sign} in recovery at '{place}'" for place, sign in self.recovery]
        return f"{STORIES[self.story].name}: {', then '.join(struck) or 'nothing happens'}"


@dataclass(kw_only=True)
class Outcome:
    """What came of a run."""

    case: Case
    defects: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    """What the command reached."""
    recovery_points: list[str] = field(default_factory=list)
    """What the first recovery reached."""
    missed: int = 0
    """Blows whose point was not reached."""
    state: str | None = None


def play(case: Case, lane: Lane) -> Outcome:
    """Play one run and judge it."""
    story = STORIES[case.story]
    lane.new_day(script=story.script, has_journal=story.has_journal)
    ends = [_command(lane, story, case.command)]
    if case.recovery:
        ends.append(_recover(lane, story, case.recovery))
    last = _recover(lane, story, ())
    ends.append(last)
    if story.needs_repair and last.code not in {0, 7}:
        # Recovery was the first to meet the refused key, and stopped as it must. Now it is right.
        last = _recover(lane, story, ())
        ends[-1:] = [last]
    rows = lane.rows()
    outcome = Outcome(case=case, points=ends[0].points, recovery_points=ends[1].points)
    told = [line for end in ends for line in end.lines]
    outcome.defects = judge(rows, lane.ledger(), lane.posts(), told)
    outcome.defects += [text for end in ends for text in _bad_end(end)]
    if last.code not in {0, 7}:
        outcome.defects.append(f"stuck: recover ends with {last.code}: {last.err.strip()}")
    outcome.missed = _missed(case.command, ends[0]) + _missed(case.recovery, ends[1])
    outcome.state = rows[-1]["state"] if rows else None
    if not case.command and outcome.state != story.ends:
        outcome.defects.append(f"the story ends as {outcome.state} and not as {story.ends}")
    return outcome


def _command(lane: Lane, story: Story, blows: Blows) -> Ended:
    if story.closes:
        lane.run(lane.errand(*REFUND))
        (row,) = lane.rows()
        return lane.run(
            lane.errand("close", row["id"], *CLOSE, kills=_kills(blows), stood="attention")
        )
    how = {"kills": _kills(blows), "tls": story.tls, "unplugged": story.unplugged}
    return lane.run(lane.errand(*REFUND, **how))


def _recover(lane: Lane, story: Story, blows: Blows) -> Ended:
    return lane.run(lane.errand(*RECOVER, tls=story.tls, kills=_kills(blows), stood="found"))


def _kills(blows: Blows) -> dict[str, int]:
    return {place: SIGNALS[sign] for place, sign in blows}


def _missed(blows: Blows, end: Ended) -> int:
    return sum(place not in end.points for place, _ in blows)


def _bad_end(end: Ended) -> Iterator[str]:
    if "Traceback" in end.err or "A defect of ours" in end.err:
        yield f"defect: {end.err.strip()[-400:]}"
    if end.code not in {None, *CLEAN_CODES}:
        yield f"code {end.code}: {end.err.strip()[-200:]}"


# -- many runs, on several lanes ----------------------------------------------------------------

_lane: Lane | None = None


def _open_lane() -> None:
    global _lane
    _lane = Lane().__enter__()
    Finalize(None, _lane.__exit__, exitpriority=1)


def _play_here(case: Case) -> Outcome:
    assert _lane is not None
    return play(case, _lane)


@dataclass
class Tally:
    """The sums of a campaign."""

    runs: int = 0
    missed: int = 0
    defects: Counter[str] = field(default_factory=Counter)
    shown: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count a run, and tell of it when something is wrong with it."""
        self.runs += 1
        self.missed += outcome.missed
        for defect in outcome.defects:
            self.defects[defect.partition(":")[0]] += 1
            self.shown += 1
            if self.shown <= 40:
                print(f"  !! {defect}\n     {outcome.case}", flush=True)


class Campaign:
    """Plays cases on as many lanes as there are jobs."""

    def __init__(self, jobs: int) -> None:
        fork = multiprocessing.get_context("fork")
        self._pool = ProcessPoolExecutor(jobs, mp_context=fork, initializer=_open_lane)

    def play(self, cases: Sequence[Case], tally: Tally) -> Iterator[Outcome]:
        """Yield every outcome, counted."""
        for outcome in self._pool.map(_play_here, cases, chunksize=8):
            tally.add(outcome)
            yield outcome

    def close(self) -> None:
        """End the lanes."""
        self._pool.shutdown()


def main(argv: Sequence[str] = ()) -> int:
    """Run the campaign; 0 when nothing is wrong."""
    asked = _asked(argv)
    started = time.monotonic()
    campaign = Campaign(asked.jobs)
    try:
        stories = [n for n, story in enumerate(STORIES) if asked.story in story.name]
        calm, singles, pairs = Tally(), Tally(), Tally()
        places = {
            outcome.case.story: outcome.points
            for outcome in campaign.play([Case(story=n) for n in stories], calm)
        }
        met = _tell_points(places)
        missing = [] if asked.story else _not_met(met)
        firsts: list[Outcome] = []
        for sign in asked.signals:
            cases = [
                Case(story=n, command=[(place, sign)])
                for n in stories
                for place in _thinned(places[n], asked.every if sign != "KILL" else 1)
            ]
            begun, before = time.monotonic(), sum(singles.defects.values())
            firsts += campaign.play(cases, singles)
            wrong = sum(singles.defects.values()) - before
            took = time.monotonic() - begun
            print(f"{sign:>5}: {len(cases)} runs, {wrong} violations, {took:.0f} s", flush=True)
        if asked.pairs:
            for _ in campaign.play(list(_pairs(_chosen(firsts, asked.pairs))), pairs):
                continue
    finally:
        campaign.close()
    wrong = _report(met, asked, (calm, singles, pairs), time.monotonic() - started)
    return 1 if wrong or missing else 0


def _asked(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="crash", description=__doc__)
    parser.add_argument("--signals", default="KILL,TERM,INT,HUP", help="which blows")
    parser.add_argument(
        "--pairs",
        nargs="?",
        choices=("classes", "all"),
        const="classes",
        help="strike recovery, too: after one first blow of each class, or after all",
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--story", default="", help="only those with these words in their name")
    parser.add_argument(
        "--every", type=int, default=1, help="TERM, INT and HUP at every n-th point only"
    )
    asked = parser.parse_args(list(argv))
    asked.signals = asked.signals.split(",")
    return asked


def _thinned(places: Sequence[str], every: int) -> Sequence[str]:
    return places[::every]


def _chosen(firsts: Sequence[Outcome], how: str) -> Sequence[Outcome]:
    """All first blows, or one of each class: those after which recovery takes the same steps."""
    if how == "all":
        return firsts
    classes: dict[tuple[object, ...], Outcome] = {}
    for first in firsts:
        ((_, sign),) = first.case.command
        key = (first.case.story, sign, first.state, *first.recovery_points)
        classes.setdefault(key, first)
    print(f"{len(classes)} classes of first blows, of {len(firsts)}", flush=True)
    return list(classes.values())


def _pairs(firsts: Sequence[Outcome]) -> Iterator[Case]:
    """After each first blow: a KILL at each point the recovery reached, or on the way out."""
    for first in firsts:
        ((place, sign),) = first.case.command
        for second in first.recovery_points:
            yield Case(
                story=first.case.story, command=first.case.command, recovery=[(second, "KILL")]
            )
        if sign == "KILL" or place not in first.points:
            continue
        for second in first.points[first.points.index(place) + 1 :]:
            yield Case(story=first.case.story, command=[(place, sign), (second, "KILL")])


def _tell_points(places: dict[int, list[str]]) -> set[int]:
    met: set[int] = {41}
    for story, reached in places.items():
        numbers = {crash_point(place) for place in reached}
        met |= numbers
        named = " ".join(f"{number:02}" for number in sorted(numbers))
        print(f"{len(reached):4} points  {STORIES[story].name:38} CP {named}", flush=True)
    for number, what in NOT_IN_OUR_CODE.items():
        print(f"  CP-{number:02} not in our code yet: {what}")
    return met


def _not_met(met: set[int]) -> list[int]:
    """The points that exist in our code and that no story reaches any more: the watch is blind."""
    missing = [n for n in range(1, 43) if n not in met and n not in NOT_IN_OUR_CODE]
    if missing:
        print(f"  !! no story reaches CP {missing}")
    return missing


def _report(
    met: set[int], asked: argparse.Namespace, tallies: Sequence[Tally], seconds: float
) -> bool:
    kinds = ("double", "lost", "phantom", "stuck", "unwritten", "other bytes", "lied")
    counted = 42 - len(NOT_IN_OUR_CODE)
    print(f"\nCrash points met: {len(met)} of {counted} that exist in our code")
    head = " ".join(f"{kind:>11}" for kind in kinds)
    print(f"{'':9} {'runs':>6} {head} {'else':>6} {'missed':>6}")
    for name, tally in zip(("no crash", "singles", "pairs"), tallies, strict=True):
        rest = sum(count for kind, count in tally.defects.items() if kind not in kinds)
        row = " ".join(f"{tally.defects[kind]:>11}" for kind in kinds)
        print(f"{name:9} {tally.runs:>6} {row} {rest:>6} {tally.missed:>6}")
    print(f"Signals {', '.join(asked.signals)}; {seconds:.0f} s with {asked.jobs} lanes")
    return any(tally.defects for tally in tallies)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
