"""The crash campaign in its short form, and a few of the random runs.

Every crash point of every story is struck with KILL, every crash point with TERM, INT and HUP, and
recovery is struck, too, each time at one place that a seed draws. The long form strikes every
place: `python -m tests.campaign crash --pairs`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaign.crash_points import NOT_IN_OUR_CODE, RECOVERING, crash_point

pytestmark = pytest.mark.process


def campaign(name, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", f"tests.campaign.{name}", *arguments],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("signals", ["KILL", "TERM,INT,HUP"])
def test_struck_at_any_crash_point_it_pays_once_at_most_and_forgets_nothing(signals):
    code, said = campaign("crash", "--short", "--pairs", "--signals", signals)

    assert code == 0, said


def test_killed_at_random_on_a_bad_line_it_pays_once_at_most_and_forgets_nothing():
    code, said = campaign("random_runs", "--runs", "40")

    assert code == 0, said


@pytest.mark.parametrize(
    ("place", "number"),
    [
        ("nothing | GET payment: connected #1", 1),
        ("nothing | open: after INSERT INTO refund #1", 2),
        ("nothing | open: before COMMIT #1", 3),
        ("intent | show: before #1", 5),
        ("intent | record sending: after UPDATE #1", 7),
        ("sending | POST: about to ask #1", 9),
        ("sending | POST: half the body sent #1", 13),
        ("sending | POST: last byte sent #1", 14),
        ("sending | POST: answer believed #1", 18),
        ("sending | record accepted: before COMMIT #1", 19),
        ("unknown | wait: before #2", 25),
        ("unknown | GET list: answer believed #1", 26),
        ("unknown | record sending again: before COMMIT #1", 28),
        ("accepted | record succeeded: before COMMIT #1", 32),
        ("succeeded | show: before #1", 34),
        ("found sending | record unknown: before COMMIT #1", RECOVERING),
        ("found unknown | GET list: answer believed #1", 26),
        ("found accepted | wait: before #1", 30),
    ],
)
def test_a_point_is_known_by_its_number(place, number):
    assert crash_point(place) == number


def test_what_is_not_in_our_code_is_named():
    assert set(NOT_IN_OUR_CODE) == {4, 8, 20, 33, 36}
