"""Measures the program against its budgets: `python -m tests.bench [B1 B3 ...] [--rounds N]`.

Each budget prints one table of cases taken in turn; the ratios are of samples of the same round.
B1 commands, B2 (with B11) the counter's first frame and memory, B3 a refund up to its QR code, B4
the journal, B5 from the yes to the wire, B6 how soon an outcome is noticed, B7 from a key to its
echo, B8 lists and searches in a large journal, B9 many refunds followed, B10 the start after a bad
day. What each measures, and against what, is said at the top of its module.

B1 to B3 and B7 measure an installed program: an environment is made for them and thrown away, or
name one that has posrefund with --python. B3 needs curl, jq and qrencode, and says so if one is
missing. Only Linux has all it takes to watch a process. Let nothing else run meanwhile. A timing is
never a test, so the exit code says nothing of the verdicts.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from tests.bench.installed import machine
from tests.bench.measure import Table
from tests.bench.setting import Setting

_MODULES = {
    "B1": "b1_commands",
    "B2": "b2_counter",
    "B3": "b3_refund",
    "B4": "b4_journal",
    "B5": "b5_confirm",
    "B6": "b6_detection",
    "B7": "b7_echo",
    "B8": "b8_history",
    "B9": "b9_following",
    "B10": "b10_start",
}
_ALSO = {"B11": "B2"}
"""Measured along with another one."""


def main() -> int:
    """Measure what was asked for."""
    asked = _parser().parse_args()
    names = sorted(set(asked.budgets or _MODULES))
    print(machine())
    with ExitStack() as at_end:
        made = tempfile.TemporaryDirectory(prefix="posrefund-bench-", dir=asked.folder)
        setting = Setting(
            rounds=asked.rounds,
            shows_imports=asked.imports,
            folder=Path(at_end.enter_context(made)),
            python=asked.python,
            at_end=at_end,
            rows=asked.rows,
        )
        for name in names:
            run: Callable[[Setting], Table] = import_module(f"tests.bench.{_MODULES[name]}").run
            print(run(setting).text(), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = ", ".join([*_MODULES, *_ALSO])
    parser.add_argument("budgets", nargs="*", metavar="BUDGET", type=_budget, help=f"of {known}")
    parser.add_argument("--rounds", type=_rounds, default=15, help="15 by default")
    parser.add_argument("--rows", type=_rounds, default=1_000_000, help="refunds of B8; a million")
    parser.add_argument("--python", type=Path, help="of an environment that has posrefund")
    parser.add_argument("--folder", type=Path, help="on the disk to judge; the temporary one else")
    parser.add_argument(
        "--imports", action="store_true", help="say what B1 to B3 import, and how long"
    )
    return parser


def _budget(text: str) -> str:
    name = _ALSO.get(text.upper(), text.upper())
    if name not in _MODULES:
        raise argparse.ArgumentTypeError(f"{text} is not measured here")
    return name


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("at least one round")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
