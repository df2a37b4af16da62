"""One run of the crash campaign: a story, who is struck where, and what came of it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from tests.campaign.crash_files import KEY_FILE, OLD_KEY
from tests.campaign.crash_judge import hollow_words, judge
from tests.campaign.crash_lane import Lane
from tests.campaign.crash_stories import RECOVER, STORIES, Story, Typed
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
    _begin(lane, story, case)
    ends = [_command(lane, story, case, case.command)]
    torn = list(_torn(lane, story, case)) if story.file is not None else []
    if case.recovery:
        ends.append(_recover(lane, story, case, after=ends[-1], blows=case.recovery))
    ends.append(_recover(lane, story, case, after=ends[-1]))
    if story.needs_repair and ends[-1].code in KEY_REFUSED_CODES:
        # Recovery was the first to meet the refused key, and stopped as it must. Now it is right.
        ends.append(_recover(lane, story, case, after=ends[-1]))
    rows, ledger = lane.rows(), lane.ledger()
    outcome = Outcome(case=case, ends=ends, states={str(row["state"]) for row in rows})
    told = [line for end in ends for line in end.lines if "idempotency_reference" in line]
    outcome.defects = judge(rows, ledger, lane.posts(), told) + torn
    outcome.defects += [text for end in ends for text in _bad_end(end, story)]
    outcome.defects += _bad_outcome(outcome, story, ledger)
    outcome.struck = [*_struck(case.command, ends[0]), *_struck(case.recovery, ends[1])]
    return outcome


def _begin(lane: Lane, story: Story, case: Case) -> None:
    """Do what was done before the victim begins."""
    lane.new_day(script=story.script, has_journal=story.has_journal)
    for words in story.before:
        done = lane.run(lane.errand(*_typed(words, lane), seed=case.seed))
        if done.code not in BEGUN_CODES:
            raise RuntimeError(f"the story cannot begin: {done.code} {done.err}")
    if story.file is KEY_FILE:
        path = lane.own_config.with_name(KEY_FILE.name)
        path.write_text(OLD_KEY, "utf-8")
        path.chmod(0o600)
    if story.loses_journal:
        lane.journal.unlink()


def _typed(words: Typed, lane: Lane) -> list[str]:
    stands_for = {"FILE": str(lane.journal.with_name("out"))}
    if "ID" in words:
        stands_for["ID"] = str(lane.rows()[-1]["id"])
    return [stands_for.get(word, word).replace("SITE", lane.site) for word in words]


def _command(lane: Lane, story: Story, case: Case, blows: Blows) -> Ended:
    return lane.run(
        lane.errand(
            *_typed(story.command, lane),
            kills=_kills(blows),
            tls=story.tls,
            config=lane.own_config if story.own_config else None,
            unplugged=story.unplugged,
            hung_up_before=story.hung_up_before,
            files=story.file.what if story.file is not None else "",
            piped=story.piped,
            stood=story.stood,
            seed=case.seed,
        )
    )


def _torn(lane: Lane, story: Story, case: Case) -> Iterator[str]:
    """Look at the file that was written, and type the command again."""
    assert story.file is not None
    folder = lane.journal.parent
    yield from story.file.after_a_blow(folder)
    again = _command(lane, story, case, ())
    # A new file is not written again when it is there.
    if again.code not in {0, 2}:
        yield f"code {again.code}, typed again: {again.err.strip()[-200:]}"
    yield from story.file.after_all(folder)


def _recover(lane: Lane, story: Story, case: Case, *, after: Ended, blows: Blows = ()) -> Ended:
    return lane.run(
        lane.errand(
            *RECOVER,
            kills=_kills(blows),
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
