"""One run of the crash campaign: a story, who is struck where, and what came of it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from tests.campaign.crash_judge import hollow_words, judge
from tests.campaign.crash_lane import Lane
from tests.campaign.crash_stories import RECOVER, STORIES, Story
from tests.campaign.victim import SIGNALS, Ended

CLEAN_CODES = {None, 0, 1, 6, 7, 130}
"""How a command may end; None is by a signal. 2, 4, 8 and 9 would need an explanation."""
BEGUN_CODES = {0, 5, 6, 7}
"""How what comes before may end; none of them means that nothing was sent."""
KEY_REFUSED_CODES = {3, 5}
Blows = Sequence[tuple[str, str]]
"""Points and signals for one process."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One run."""

    story: int
    command: Blows = ()
    recovery: Blows = ()
    seed: int = 1

    def __str__(self) -> str:
        struck = [f"{sign} at '{place}'" for place, sign in self.command]
        struck += [f"{sign} in recovery at '{place}'" for place, sign in self.recovery]
        return f"{STORIES[self.story].name}: {', then '.join(struck) or 'nothing happens'}"

    @property
    def replay(self) -> str:
        """The command that plays it again."""
        words = ["--story", STORIES[self.story].name, "--seed", str(self.seed)]
        for option, blows in (("--strike", self.command), ("--strike-recovery", self.recovery)):
            for place, sign in blows:
                words += [option, f"{sign} at {place}"]
        return f"python -m tests.campaign crash {shlex.join(words)}"


@dataclass(kw_only=True)
class Outcome:
    """What came of a run."""

    case: Case
    ends: Sequence[Ended]
    """The command, the first recovery, and those after it."""
    defects: list[str] = field(default_factory=list)
    struck: Sequence[str] = ()
    """The points that were reached and struck."""
    states: Set[str] = frozenset()
    """Of every refund, at the end."""

    @property
    def missed(self) -> int:
        """Blows whose point was not reached."""
        return len(self.case.command) + len(self.case.recovery) - len(self.struck)

    @property
    def hung(self) -> bool:
        """A process did not end by itself."""
        return any(end.hung for end in self.ends)

    @property
    def points(self) -> Sequence[str]:
        """What the command reached."""
        return self.ends[0].points

    @property
    def recovery_points(self) -> Sequence[str]:
        """What the first recovery reached."""
        return self.ends[1].points


def play(case: Case, lane: Lane) -> Outcome:
    """Play one run and judge it."""
    story = STORIES[case.story]
    lane.new_day(script=story.script, has_journal=story.has_journal)
    ends = [_command(lane, story, case)]
    if case.recovery:
        ends.append(_recover(lane, story, case, after=ends[-1]))
    ends.append(_recover(lane, story, case, after=ends[-1], is_calm=True))
    if story.needs_repair and ends[-1].code in KEY_REFUSED_CODES:
        # Recovery was the first to meet the refused key, and stopped as it must. Now it is right.
        ends.append(_recover(lane, story, case, after=ends[-1], is_calm=True))
    rows, ledger = lane.rows(), lane.ledger()
    outcome = Outcome(case=case, ends=ends, states={str(row["state"]) for row in rows})
    told = [line for end in ends for line in end.lines]
    outcome.defects = judge(rows, ledger, lane.posts(), told)
    outcome.defects += [text for end in ends for text in _bad_end(end, story)]
    outcome.defects += _bad_outcome(outcome, story, ledger)
    outcome.struck = [*_struck(case.command, ends[0]), *_struck(case.recovery, ends[1])]
    return outcome


def _command(lane: Lane, story: Story, case: Case) -> Ended:
    for words in story.before:
        done = lane.run(lane.errand(*words, seed=case.seed))
        if done.code not in BEGUN_CODES:
            raise RuntimeError(f"the story cannot begin: {done.code} {done.err}")
    rows = lane.rows()
    words = [str(rows[-1]["id"]) if word == "ID" else word for word in story.command]
    return lane.run(
        lane.errand(
            *words,
            kills=_kills(case.command),
            tls=story.tls,
            unplugged=story.unplugged,
            hung_up_before=story.hung_up_before,
            stood=story.stood,
            seed=case.seed,
        )
    )


def _recover(lane: Lane, story: Story, case: Case, *, after: Ended, is_calm: bool = False) -> Ended:
    return lane.run(
        lane.errand(
            *RECOVER,
            kills=_kills(() if is_calm else case.recovery),
            stood=f"found {after.stands}",
            tls=story.tls,
            seed=case.seed,
        )
    )


def _kills(blows: Blows) -> dict[str, int]:
    return {place: SIGNALS[sign] for place, sign in blows}


def _struck(blows: Blows, end: Ended) -> list[str]:
    return [place for place, _ in blows if place in end.points]


def _bad_end(end: Ended, story: Story) -> Iterator[str]:
    if end.hung:
        yield f"stuck: it hung at '{(end.points or ['the start'])[-1]}'"
    if "Traceback" in end.err or "A defect of ours" in end.err:
        yield f"defect: {end.err.strip()[-400:]}"
    expected = CLEAN_CODES | KEY_REFUSED_CODES if story.needs_repair else CLEAN_CODES
    if end.code not in expected:
        yield f"code {end.code}: {end.err.strip()[-200:]}"


def _bad_outcome(
    outcome: Outcome, story: Story, ledger: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """What no ledger tells: a wrong exit code, a recovery that ends too early, a needless case."""
    if story.command[0] == "refund":
        yield from hollow_words(outcome.ends[0], ledger)
    last = outcome.ends[-1]
    if last.code not in {0, 7}:
        yield f"stuck: recover ends with {last.code}: {last.err.strip()}"
    right = {story.ends, *story.may_end, "not_sent", "succeeded"}
    if not outcome.case.command:
        right = {story.ends}
    if not outcome.states <= right or not (outcome.states or outcome.case.command):
        yield f"strange: it ends as {', '.join(outcome.states) or 'nothing'}"
