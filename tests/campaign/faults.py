"""Every fault of the wire that can be made on this machine: one line each.

`python -m tests.campaign faults [--only WORDS] [--every N]`

The real client, service and journal meet the fault on real sockets; where the pretend bank can
commit it by script it does, else a relay before the bank does. Waiting is bank time, deadlines are
short. Ends with 1 when a line is not as expected.
"""

import argparse
import shutil
import sys
import time
import traceback
from collections.abc import Sequence

from tests.campaign.crash_lane import scratch
from tests.campaign.faults_bytes import BYTES, cuts
from tests.campaign.faults_line import Line
from tests.campaign.faults_scripted import SCRIPTED
from tests.campaign.faults_time import TIME
from tests.campaign.faults_wire import WIRE


def lines(*, every: int = 1) -> list[Line]:
    """All lines; answers are cut at every n-th byte."""
    return sorted(
        [*SCRIPTED, *BYTES, *TIME, *WIRE, *cuts(every=every)],
        key=lambda line: line.number.partition("/")[0],
    )


def main(argv: Sequence[str] = ()) -> int:
    """Play every line and print the table; 0 when all are as expected."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--only", default="", help="only lines with these words in their name")
    parser.add_argument("--every", type=int, default=1, help="cut at every n-th byte only")
    asked = parser.parse_args(list(argv))
    wanted = [line for line in lines(every=asked.every) if asked.only in line.name]
    started = time.monotonic()
    wrong = skipped = 0
    for line in wanted:
        if line.needs is not None and shutil.which(line.needs) is None:
            skipped += 1
            print(f"!! SKIPPED, {line.needs} is not on this machine: {line.name}", flush=True)
            continue
        seen = played(line)
        wrong += seen != line.expected
        print(shown(line, seen), flush=True)
    seconds = time.monotonic() - started
    print(
        f"{len(wanted)} faults, {len(wanted) - wrong - skipped} as expected, {wrong} wrong,"
        f" {skipped} skipped, {seconds:.0f} s"
    )
    return 1 if wrong else 0


def played(line: Line) -> str:
    """What was seen; an exception is seen, too."""
    folder = scratch()
    try:
        return line.play(line, folder)
    except Exception as error:  # noqa: BLE001 - a line that cannot be played is wrong
        traceback.print_exc()
        return f"{type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shown(line: Line, seen: str) -> str:
    """One line of the table."""
    if seen == line.expected:
        return f"ok    {line.number:8} {line.fault:62} {seen}"
    return (
        f"WRONG {line.number:8} {line.fault}\n      expected {line.expected}\n      seen     {seen}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
