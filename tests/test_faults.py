"""Every fault of the wire as a test; answers are cut at a sample of their bytes only.

The long form is `python -m tests.campaign faults`. Here it is played once, as a whole, because its
lines wait a lot and so are played side by side.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaign.faults import lines

pytestmark = pytest.mark.process

EVERY = 37
LINES = lines(every=EVERY)


@pytest.fixture(scope="module")
def seen():
    """What was seen of each line, by its name."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaign.faults", "--json", "--every", str(EVERY)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(LINES), done.stderr
    return {one["name"]: one["seen"] for one in told}


@pytest.mark.parametrize("line", [pytest.param(line, id=line.name) for line in LINES])
def test_fault(line, seen):
    if seen[line.name] is None:
        pytest.skip(f"LOUDLY: {line.needs} is not on this machine, so this fault is not tested")

    assert seen[line.name] == line.expected, line.replay


def test_each_line_has_a_name_of_its_own():
    assert len({line.name for line in LINES}) == len(LINES)
