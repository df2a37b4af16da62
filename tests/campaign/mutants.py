"""Breaks the rules one at a time and sees whether anybody notices.

`python -m tests.campaign mutants --runs 10000 --jobs 2` plays simulated runs against each mutant
until a promise is broken that the shipped program keeps. A mutant nobody catches in so many runs is
handed to the tests named beside it; one that passes those as well has survived, and the exit code
is 1.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context

from tests.campaign.mutants_list import MUTANTS, Mutant
from tests.campaign.simulate import OPEN_DEFECTS
from tests.campaign.simulate_run import run
from tests.campaign.world import World

SEED = 7


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant."""

    name: str
    killed: bool
    by: str
    run: int
    seconds: float

    def line(self) -> str:
        """One line of the table."""
        verdict = "killed  " if self.killed else "SURVIVED"
        where = f"run {self.run:>5}" if self.run >= 0 else " " * 9
        return f"{verdict} {self.name:<38} {where}  {self.seconds:>5.1f} s  {self.by}"


def hunt(mutant: Mutant, *, seed: int = SEED, runs: int) -> Fate:
    """Play runs against a mutant until one breaks a promise, then try the tests named beside it."""
    World.tolerated = frozenset(OPEN_DEFECTS)
    began = time.perf_counter()
    with mutant.applied():
        for number in range(runs):
            violations = run(seed, number).violations
            if violations:
                return Fate(mutant.name, True, violations[0], number, time.perf_counter() - began)
    failed = bool(mutant.tests) and _tests_fail(mutant)
    by = f"tests: {mutant.tests}" if failed else "nobody"
    return Fate(mutant.name, failed, by, -1, time.perf_counter() - began)


def _tests_fail(mutant: Mutant) -> bool:
    """Do the named tests pass on the program and fail on the mutant? In processes of their own."""
    return _code_of_tests(mutant, applied=False) == 0 and _code_of_tests(mutant, applied=True) == 1


def _code_of_tests(mutant: Mutant, *, applied: bool) -> int:
    command = (
        "import contextlib, sys, pytest\n"
        "from tests.campaign.mutants_list import MUTANTS\n"
        "ignore = ['-W', 'ignore::pytest.PytestAssertRewriteWarning']\n"
        "(mutant,) = [one for one in MUTANTS if one.name == sys.argv[1]]\n"
        "with mutant.applied() if sys.argv[2] == 'True' else contextlib.nullcontext():\n"
        "    sys.exit(pytest.main(['-qx', '-pno:cacheprovider', *ignore, *sys.argv[3:]]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, mutant.name, str(applied), *mutant.tests.split()],
        capture_output=True,
        check=False,
        timeout=300,
    )
    return done.returncode


def _hunt(job: tuple[int, int, int]) -> Fate:
    index, seed, runs = job
    return hunt(MUTANTS[index], seed=seed, runs=runs)


def main(argv: Sequence[str]) -> int:
    """Hunt every mutant and print the table."""
    asked = _parser().parse_args(argv)
    chosen = [
        (index, asked.seed, asked.runs)
        for index, mutant in enumerate(MUTANTS)
        if asked.only in mutant.name
    ]
    began = time.perf_counter()
    print(f"seed {asked.seed}, at most {asked.runs} runs for each of {len(chosen)} mutants")
    fates: list[Fate] = []
    with get_context("fork").Pool(asked.jobs, maxtasksperchild=1) as pool:
        for fate in pool.imap(_hunt, chosen, chunksize=1):
            print(fate.line(), flush=True)
            fates.append(fate)
    survivors = [fate.name for fate in fates if not fate.killed]
    seconds = time.perf_counter() - began
    print(f"{len(fates) - len(survivors)} of {len(fates)} killed in {seconds:.0f} s")
    return 1 if survivors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign mutants", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="at most, for each mutant")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--only", default="", help="mutants whose names hold this")
    return parser
