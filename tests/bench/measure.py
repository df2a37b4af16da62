"""What every benchmark shares: cases taken in turn, paired ratios, one small table.

A machine is never quiet, so only ratios taken inside one run are worth quoting: the cases of a
round follow each other at once, in a new random order each round, so that drift hits all alike.
"""

import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

K = TypeVar("K")
T = TypeVar("T")


def in_turn(
    cases: Mapping[K, Callable[[], T]], rounds: int, *, warm_up: int = 2
) -> dict[K, list[T]]:
    """Take every case once a round and return its samples; the first rounds do not count."""
    samples: dict[K, list[T]] = {name: [] for name in cases}
    for number in range(-warm_up, rounds):
        for name in random.sample(list(cases), len(cases)):
            sample = cases[name]()
            if number >= 0:
                samples[name].append(sample)
    return samples


def median(values: Sequence[float]) -> float:
    """The median; not a number where there is no value."""
    return statistics.median(values) if values else math.nan


def percentile(values: Sequence[float], per_cent: float) -> float:
    """The value below which so many per cent lie."""
    ordered = sorted(values)
    return ordered[round(per_cent / 100 * (len(ordered) - 1))]


def paired_ratio(values: Sequence[float], baseline: Sequence[float]) -> float:
    """The median of the ratios, each of two samples of the same round."""
    return median([one / base for one, base in zip(values, baseline, strict=True)])


def paired_extra(values: Sequence[float], baseline: Sequence[float]) -> float:
    """The median of the differences, each of two samples of the same round."""
    return median([one - base for one, base in zip(values, baseline, strict=True)])


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. Without a budget it is there to be looked at."""

    case: str
    median: str
    ratio: str = ""
    budget: str = ""
    met: bool | None = None


@dataclass(slots=True)
class Table:
    """What a budget comes to, with remarks below it."""

    title: str
    rows: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def ratio(
        self,
        case: str,
        values: Sequence[float],
        baseline: Sequence[float],
        *,
        at_most: float | None = None,
        unit: str = "ms",
    ) -> None:
        """Add a line that is judged by its ratio to the baseline, where there is a budget."""
        found = paired_ratio(values, baseline)
        met = None if at_most is None else found <= at_most
        budget = "" if at_most is None else f"<= {at_most:g}x"
        shown = f"{median(values):.4g} {unit}"
        self.rows.append(Row(case, shown, f"{found:.2f}x", budget, met))

    def text(self) -> str:
        """The table as Markdown."""
        head = ("case", "median", "ratio", "budget", "verdict")
        cells = [head]
        for row in self.rows:
            verdict = {None: "", True: "met", False: "NOT MET"}[row.met]
            cells.append((row.case, row.median, row.ratio, row.budget, verdict))
        widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
        lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in cells]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        remarks = [f"  {remark}" for remark in self.remarks]
        return "\n".join([f"\n{self.title}\n", *lines, *remarks])
