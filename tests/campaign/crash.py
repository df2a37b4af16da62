"""Kill the real program at every point of every way a refund can go. The bank's ledger judges.

`python -m tests.campaign crash [--signals KILL,TERM] [--pairs [all]] [--short] [--jobs 2]`

A single: the command is struck at one point, then `recover` runs in a new process. A pair:
`recover` is killed too, at each point it reaches, and `recover` runs once more. With TERM, INT and
HUP the command's own handling of signals takes part; in a pair the second blow then is a KILL on
its way out as well. Afterwards nothing may be double, lost, phantom or stuck, no request may have
left that was not written down, and nothing that was printed as certain may be untrue. Each wrong
run is printed with the command that plays it again and tells all about it.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.campaign.crash_files import REPORTED, reported
from tests.campaign.crash_lane import Lane, Lanes
from tests.campaign.crash_play import Case, Outcome, play
from tests.campaign.crash_points import NOT_IN_OUR_CODE, crash_point
from tests.campaign.crash_stories import STORIES
from tests.campaign.victim import SIGNALS

KINDS = ("double", "lost", "phantom", "stuck", "unwritten", "other bytes", "lied")
SHOWN = 40
"""So many defects are printed; all are counted."""
PROGRESS = 2000
MANY = 3
"""So many processes that do not end are enough: each of them takes a minute."""
Places = Mapping[int, Sequence[str]]
"""The points that each story reaches."""


class TooManyHang(Exception):
    """The campaign is given up."""


@dataclass
class Tally:
    """The sums of a part of the campaign."""

    runs: int = 0
    missed: int = 0
    hung: int = 0
    defects: Counter[str] = field(default_factory=Counter)
    reported: Counter[str] = field(default_factory=Counter)
    """Known defects."""
    shown: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count a run, and tell of it when something is wrong with it."""
        self.runs += 1
        self.missed += outcome.missed
        self.hung += outcome.hung
        if outcome.missed:
            print(f"  .. not reached: {outcome.case}", flush=True)
        for defect in outcome.defects:
            known = reported(defect)
            if known is not None:
                self.reported[known] += 1
                continue
            self.defects[defect.partition(":")[0]] += 1
            self.shown += 1
            if self.shown <= SHOWN:
                print(f"  !! {defect}\n     {outcome.case}\n     {outcome.case.replay}", flush=True)


class Campaign:
    """One campaign, from the calm runs that find the points to the sums."""

    def __init__(self, asked: argparse.Namespace, lanes: Lanes) -> None:
        self._asked = asked
        self._lanes = lanes
        self._dice = random.Random(asked.seed)  # noqa: S311 - to repeat a campaign
        self._stories = _named(asked.story)
        self.tallies = {name: Tally() for name in ("no blow", "one blow", "two blows")}
        self.struck: set[int] = set()
        """The crash points that were struck."""
        self.pairs: set[tuple[int, int]] = set()
        """The crash points that were struck one after the other."""

    def run(self) -> None:
        """Do all that was asked for."""
        calm = self._play([self._case(story) for story in self._stories], "no blow")
        places = {outcome.case.story: outcome.points for outcome in calm}
        _tell_points(places)
        firsts: list[Outcome] = []
        for sign in self._asked.signals:
            firsts += self._one_blow_each(places, sign)
        if self._asked.pairs:
            self._two_blows_each(firsts)

    def _case(self, story: int, *command: tuple[str, str], recovery: str | None = None) -> Case:
        again = ((recovery, "KILL"),) if recovery is not None else ()
        return Case(story=story, command=command, recovery=again, seed=self._asked.seed)

    def _play(self, cases: Sequence[Case], part: str) -> list[Outcome]:
        begun, tally = time.monotonic(), self.tallies[part]
        wrong = sum(tally.defects.values())
        outcomes: list[Outcome] = []
        for outcome in self._lanes.play(play, cases):
            tally.add(outcome)
            outcomes.append(outcome)
            self._note(outcome)
            if tally.hung >= MANY:
                raise TooManyHang
            if len(outcomes) % PROGRESS == 0:
                print(f"{part}: {len(outcomes)} of {len(cases)}", file=sys.stderr, flush=True)
        wrong = sum(tally.defects.values()) - wrong
        signs = "+".join(sorted({blow[1] for case in cases for blow in case.command}))
        seconds = time.monotonic() - begun
        print(f"{part}, {signs or '-'}: {len(cases)} runs, {wrong} defects, {seconds:.0f} s")
        sys.stdout.flush()
        return outcomes

    def _note(self, outcome: Outcome) -> None:
        """Remember which crash points were really struck."""
        numbers = [crash_point(place) for place in outcome.struck]
        self.struck.update(numbers)
        self.pairs.update(pairwise(numbers))

    def _one_blow_each(self, places: Places, sign: str) -> list[Outcome]:
        chosen = self._some(places, sign) if self._asked.short else places
        cases = [self._case(story, (place, sign)) for story in chosen for place in chosen[story]]
        return self._play(cases, "one blow")

    def _some(self, places: Places, sign: str) -> Places:
        """Of each crash point of each story one place; of a signal to end, one of all stories."""
        chosen: dict[int, list[str]] = {}
        seen: set[int] = set()
        for story in self._dice.sample(self._stories, len(self._stories)):
            by_number: dict[int, list[str]] = {}
            for place in places[story]:
                by_number.setdefault(crash_point(place), []).append(place)
            if sign != "KILL":
                by_number = {n: by_number[n] for n in by_number if n not in seen}
            seen |= by_number.keys()
            chosen[story] = [self._dice.choice(some) for some in by_number.values()]
        return chosen

    def _two_blows_each(self, firsts: Sequence[Outcome]) -> None:
        begun = firsts
        if self._asked.pairs != "all":
            begun = _classes(firsts, each_number=not self._asked.short)
        cases = [case for first in begun for case in self._second_blows(first)]
        for sign in self._asked.signals:
            self._play([case for case in cases if case.command[0][1] == sign], "two blows")

    def _second_blows(self, first: Outcome) -> Iterator[Case]:
        """A KILL at each point the recovery reached, or on the way out."""
        ((place, sign),) = first.case.command
        again = first.recovery_points
        if self._asked.short:
            again = self._dice.sample(again, min(1, len(again)))
        for second in again:
            yield self._case(first.case.story, (place, sign), recovery=second)
        if sign == "KILL" or place not in first.points or self._asked.short:
            return
        for second in first.points[first.points.index(place) + 1 :]:
            yield self._case(first.case.story, (place, sign), (second, "KILL"))

    @property
    def missing(self) -> list[int]:
        """The crash points of our code that nothing struck: the watch has become blind."""
        if self._asked.story:
            return []
        return sorted(set(range(1, 43)) - self.struck - NOT_IN_OUR_CODE.keys())


def _named(words: str) -> list[int]:
    """The stories with this name, or else with these words in their name."""
    same = [n for n, story in enumerate(STORIES) if story.name == words]
    return same or [n for n, story in enumerate(STORIES) if words in story.name]


def _classes(firsts: Sequence[Outcome], *, each_number: bool) -> list[Outcome]:
    """One first blow of each class: those after which recovery takes the same steps.

    Args:
        firsts: All of them.
        each_number: A KILL at another crash point is a class of its own, so that no pair of crash
            points is left out.
    """
    classes: dict[tuple[object, ...], Outcome] = {}
    for first in firsts:
        ((place, sign),) = first.case.command
        number = crash_point(place) if each_number and sign == "KILL" else None
        key = (first.case.story, sign, number, frozenset(first.states), *first.recovery_points)
        classes.setdefault(key, first)
    print(f"{len(classes)} classes of first blows, of {len(firsts)}", flush=True)
    return list(classes.values())


def _tell_points(places: Places) -> None:
    for story, reached in places.items():
        numbers = sorted({crash_point(place) for place in reached})
        named = " ".join(f"{number:02}" for number in numbers)
        print(f"{len(reached):4} points  {STORIES[story].name:38} CP {named}", flush=True)


def main(argv: Sequence[str] = ()) -> int:
    """Run the campaign; 0 when nothing is wrong."""
    asked = _asked(argv)
    if asked.strike or asked.strike_recovery:
        return _replay(asked)
    started = time.monotonic()
    with Lanes(asked.jobs) as lanes:
        campaign = Campaign(asked, lanes)
        try:
            campaign.run()
        except TooManyHang:
            print("  !! given up: too many processes do not end")
    return _report(campaign, asked, time.monotonic() - started)


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
    parser.add_argument(
        "--short", action="store_true", help="draw one place of each crash point, by the seed"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1, help="of the jitter and of --short")
    parser.add_argument("--story", default="", help="only those with these words in their name")
    for option in ("--strike", "--strike-recovery"):
        parser.add_argument(
            option, action="append", default=[], metavar="'KILL at PLACE'", help="play one run only"
        )
    asked = parser.parse_args(list(argv))
    asked.signals = asked.signals.split(",")
    unknown = [sign for sign in asked.signals if sign not in SIGNALS]
    if unknown or not _named(asked.story):
        parser.error(f"there is no such {'signal' if unknown else 'story'}")
    return asked


def _replay(asked: argparse.Namespace) -> int:
    """Play one run and tell everything about it."""
    blows = [
        tuple((place, sign) for sign, _, place in (text.partition(" at ") for text in texts))
        for texts in (asked.strike, asked.strike_recovery)
    ]
    story = _named(asked.story)[0]
    case = Case(story=story, command=blows[0], recovery=blows[1], seed=asked.seed)
    with Lane() as lane:
        outcome = play(case, lane)
        print(case)
        for end in outcome.ends:
            print(f"\n== code {end.code}")
            print("\n".join(["   " + place for place in end.points]))
            print(f"-- printed\n{end.out}-- complained\n{end.err}", end="")
        shown = ("id", "state", "attempts", "provider_reference", "message")
        print("\n== journal")
        for row in lane.rows():
            print(json.dumps({name: row[name] for name in shown}))
        print("== ledger")
        for paid in lane.ledger():
            print(json.dumps(paid))
    print("\n".join(f"!! {defect}" for defect in outcome.defects) or "nothing is wrong")
    return 1 if outcome.defects else 0


def _report(campaign: Campaign, asked: argparse.Namespace, seconds: float) -> int:
    for number, what in NOT_IN_OUR_CODE.items():
        print(f"CP-{number:02} not in our code yet: {what}")
    print(f"Crash points struck: {len(campaign.struck)} of {42 - len(NOT_IN_OUR_CODE)} in our code")
    if asked.pairs:
        print(f"Ordered pairs of crash points struck: {len(campaign.pairs)}")
    head = " ".join(f"{kind:>11}" for kind in KINDS)
    print(f"{'':9} {'runs':>6} {head} {'else':>6} {'missed':>6}")
    wrong = bool(campaign.missing)
    for name, tally in campaign.tallies.items():
        rest = sum(count for kind, count in tally.defects.items() if kind not in KINDS)
        row = " ".join(f"{tally.defects[kind]:>11}" for kind in KINDS)
        print(f"{name:9} {tally.runs:>6} {row} {rest:>6} {tally.missed:>6}")
        wrong = wrong or bool(tally.defects)
    known = sum((tally.reported for tally in campaign.tallies.values()), Counter())
    for defect, count in sorted(known.items()):
        print(f"  reported before, {count} times: {defect} ({REPORTED[defect]})")
    if campaign.missing:
        print(f"  !! nothing struck CP {campaign.missing}")
    print(
        f"Signals {', '.join(asked.signals)}; seed {asked.seed};"
        f" {seconds:.0f} s with {asked.jobs} lanes"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
