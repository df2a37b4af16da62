"""Every fault of the wire that can be made on this machine: one line each.

`python -m tests.campaign faults [--only WORDS] [--every N] [--jobs 2] [--json]`

The real client, service and journal meet the fault on real sockets; where the pretend bank can
commit it by script it does, else a relay before the bank does. Waiting is bank time, deadlines are
short. Nothing is drawn but what one line says it draws, by a seed of its own, so `--only` with the
name of a line repeats it. Ends with 1 when a line is not as expected.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.campaign.crash_lane import scratch
from tests.campaign.faults_bytes import BYTES, cuts
from tests.campaign.faults_line import Line
from tests.campaign.faults_scripted import SCRIPTED
from tests.campaign.faults_time import TIME
from tests.campaign.faults_tls import TLS
from tests.campaign.faults_together import TOGETHER
from tests.campaign.faults_wire import WIRE

OK, WRONG, SKIPPED = "ok", "WRONG", "SKIPPED"


def lines(*, every: int = 1) -> list[Line]:
    """All lines; answers are cut at every n-th byte."""
    return sorted(
        [*SCRIPTED, *BYTES, *TIME, *TLS, *TOGETHER, *WIRE, *cuts(every=every)],
        key=lambda line: line.number.partition("/")[0],
    )


def main(argv: Sequence[str] = ()) -> int:
    """Play every line and print the table; 0 when all are as expected."""
    asked = _asked(argv)
    wanted = [line for line in lines(every=asked.every) if asked.only in line.name]
    started = time.monotonic()
    counts: Counter[str] = Counter()
    for line, seen in zip(wanted, _all_played(wanted, asked.jobs), strict=True):
        mark = _mark(line, seen)
        counts[mark] += 1
        if asked.json:
            told = {"name": line.name, "expected": line.expected, "seen": seen}
            print(json.dumps(told), flush=True)
        else:
            print(shown(line, seen, mark), flush=True)
    seconds = time.monotonic() - started
    print(
        f"{len(wanted)} faults, {counts[OK]} as expected, {counts[WRONG]} wrong,"
        f" {counts[SKIPPED]} skipped, {seconds:.0f} s",
        file=sys.stderr if asked.json else sys.stdout,
    )
    return 1 if counts[WRONG] else 0


def _asked(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--only", default="", help="only lines with these words in their name")
    parser.add_argument("--every", type=int, default=1, help="cut at every n-th byte only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true", help="one object for each line")
    return parser.parse_args(list(argv))


_wanted: Sequence[Line] = ()


def _all_played(wanted: Sequence[Line], jobs: int) -> Iterator[str | None]:
    """Yield what is seen of each line, in their order; a line that waits lets another one play."""
    global _wanted
    # A line is made of functions, which only a fork can hand over.
    _wanted = wanted
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        yield from pool.map(_played_here, range(len(wanted)))


def _played_here(number: int) -> str | None:
    return played(_wanted[number])


def played(line: Line) -> str | None:
    """What was seen, an exception too; None where a program that the line needs is missing."""
    if line.needs is not None and shutil.which(line.needs) is None:
        return None
    folder = scratch()
    try:
        return line.play(line, folder)
    except Exception as error:  # noqa: BLE001 - a line that cannot be played is wrong
        traceback.print_exc()
        return f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _mark(line: Line, seen: str | None) -> str:
    if seen is None:
        return SKIPPED
    return OK if seen == line.expected else WRONG


def shown(line: Line, seen: str | None, mark: str) -> str:
    """One line of the table: fault, expected, seen, ok. What is wrong tells how to repeat it."""
    told = f"{mark:7} {line.number:8} {line.fault:62} expected: {line.expected}"
    if seen is None:
        return f"{told}; {line.needs} is not on this machine"
    if mark == OK:
        return f"{told}; seen: the same"
    return f"{told}; seen: {seen}\n{'':8}{line.replay}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
