"""B2 and B11: how soon the counter can be used, and how much memory it has then.

A real terminal of 120 x 40. The time runs from the start of the process to the search box on the
screen, and on until a key pressed then is seen in it. The baseline is an empty Textual app that is
treated alike. The sandbox the counter is configured for runs in another process. Budget: 1.25
times for both, 1.3 times for the resident memory at the first frame.
"""

from functools import partial
from pathlib import Path

from tests.bench.imports import import_report, with_import_times
from tests.bench.installed import counter_environment
from tests.bench.measure import Table, in_turn
from tests.bench.pretend import PretendCcv
from tests.bench.setting import Setting
from tests.bench.watched import InTerminal, Words

BUDGET, MEMORY_BUDGET = 1.25, 1.3
_EMPTY, _COUNTER = "empty Textual app", "posrefund"
_MARK = {_EMPTY: "it is there", _COUNTER: "Scan or type"}
_KEY = "~"
"""Nothing else on either screen looks like it."""

Sample = tuple[float, float, float]
"""Milliseconds to the first frame, to the key seen on it, and MiB at the first frame."""


def run(setting: Setting) -> Table:
    """Measure."""
    program = setting.installed
    commands: dict[str, Words] = {
        _EMPTY: [program.python, "-P", Path(__file__).with_name("empty_app.py")],
        _COUNTER: [program.posrefund],
    }
    with PretendCcv() as ccv:
        environment = counter_environment(setting.new_folder("home"), ccv.base_url)
        cases = {
            name: partial(_sample, command, environment, _MARK[name])
            for name, command in commands.items()
        }
        table = _table(in_turn(cases, setting.rounds))
        if setting.shows_imports:
            watched = with_import_times([program.python, program.posrefund])
            with InTerminal(watched, environment) as counter:
                counter.seconds_until(_MARK[_COUNTER])
                table.remarks += import_report(counter.text)
    return table


def _sample(command: Words, environment: dict[str, str], mark: str) -> Sample:
    with InTerminal(command, environment) as app:
        there = app.seconds_until(mark)
        memory = app.resident_mib()
        app.press(_KEY)
        usable = app.seconds_until(_KEY)
    return there * 1e3, usable * 1e3, memory


def _table(samples: dict[str, list[Sample]]) -> Table:
    table = Table("B2, B11: the counter, from the start to a key seen in the search box")
    for number, (what, unit, budget) in enumerate(
        (
            ("first frame", "ms", BUDGET),
            ("first key seen", "ms", BUDGET),
            ("memory", "MiB", MEMORY_BUDGET),
        )
    ):
        for name, taken in samples.items():
            table.ratio(
                f"{what}, {name}",
                [one[number] for one in taken],
                [one[number] for one in samples[_EMPTY]],
                at_most=None if name == _EMPTY else budget,
                unit=unit,
            )
    return table
