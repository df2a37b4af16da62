"""SIGKILL at random moments of a refund, a restart after each. The ledger is the judge."""

import contextlib
import random
import subprocess
from pathlib import Path

import pytest

from tests.support.commands import Workplace

pytestmark = pytest.mark.process

MOMENTS = 20
LANES = 4
SEED = 20261121


def moments(lane: int) -> list[tuple[int, float]]:
    """(number, seconds after the start) of the kills of one lane."""
    dice = random.Random(SEED)  # noqa: S311 - to repeat a run, not to keep a secret
    drawn = [(number, dice.uniform(0.05, 1.4)) for number in range(1, MOMENTS + 1)]
    return drawn[lane::LANES]


@pytest.mark.parametrize("lane", range(LANES))
def test_killed_at_any_moment_it_pays_once_at_most_and_forgets_nothing(
    tmp_path: Path, lane: int
) -> None:
    with Workplace(tmp_path) as workplace:
        # Slow enough for kills to meet the request on its way.
        workplace.spoil("slow", times="forever", args={"seconds": 0.3})
        for number, seconds in moments(lane):
            payment = f"T{2000 + number}.Y"
            process = workplace.start("refund", payment, "--amount", "1.00", "--yes")
            _let_pass(process, seconds)
            process.kill()
            process.communicate()
            recovered = workplace.run("recover", "--json")

            assert recovered.code == 0, (number, seconds, recovered.out, recovered.err)
            assert workplace.run("list", "--open", "--json").out == ""
        journal = {
            line["provider_reference"]: line
            for line in workplace.run("list", "--json").lines
            if line["provider_reference"]
        }
        ledger = workplace.ledger()

    by_payment = [paid["original_reference"] for paid in ledger]
    assert len(by_payment) == len(set(by_payment))
    for paid in ledger:
        assert journal[paid["reference"]]["state"] == "succeeded"
    assert len(journal) == len(ledger)


def _let_pass(process: "subprocess.Popen[str]", seconds: float) -> None:
    """Wait so long, or until the process has ended by itself."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
