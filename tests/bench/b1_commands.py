"""B1: how long `--help`, `--version` and a usage error take, beside `python -c pass`.

Whole processes, from start to end, with the output thrown away. Budget: 4.5 times.
"""

import subprocess
from functools import partial

from tests.bench.imports import import_report, with_import_times
from tests.bench.installed import bare_environment
from tests.bench.measure import Table, in_turn
from tests.bench.setting import Setting
from tests.bench.watched import Words, timed

BUDGET = 4.5
_BASELINE = "python -c pass"
_CASES = {
    "posrefund --help": (["--help"], 0),
    "posrefund --version": (["--version"], 0),
    "posrefund refund (a usage error)": (["refund"], 2),
}


def run(setting: Setting) -> Table:
    """Measure."""
    program = setting.installed
    environment = bare_environment(setting.new_folder("home"))
    cases = {_BASELINE: partial(timed, [program.python, "-c", "pass"], environment)}
    for case, (words, code) in _CASES.items():
        command: Words = [program.posrefund, *words]
        cases[case] = partial(timed, command, environment, code=code)
    samples = in_turn(cases, setting.rounds)
    table = Table("B1: commands that only answer")
    for case, seconds in samples.items():
        table.ratio(
            case,
            [one * 1e3 for one in seconds],
            [one * 1e3 for one in samples[_BASELINE]],
            at_most=None if case == _BASELINE else BUDGET,
        )
    if setting.shows_imports:
        watched = with_import_times([program.python, program.posrefund, "--help"])
        done = subprocess.run(watched, env=environment, capture_output=True, text=True, check=True)
        table.remarks += import_report(done.stderr)
    return table
