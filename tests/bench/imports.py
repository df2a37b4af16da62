"""Where a start goes: the time of each import, added up by package."""

import re
from collections import Counter

from tests.bench.watched import Words

_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)")


def with_import_times(command: Words) -> Words:
    """The same Python program, telling of every import on its standard error."""
    python, *rest = command
    return [python, "-X", "importtime", *rest]


def import_report(written: str, *, packages: int = 14, modules: int = 10) -> list[str]:
    """Lines that say which packages and which modules took longest to import, in ms."""
    by_module = Counter({name: int(spent) for spent, name in _LINE.findall(written)})
    by_package: Counter[str] = Counter()
    for name, spent in by_module.items():
        by_package[name.partition(".")[0]] += spent
    total = f"imports: {len(by_module)} modules, {sum(by_module.values()) / 1000:.0f} ms"
    return [
        f"{total} (slowed down by being watched; the interpreter's own are among them)",
        "by package: " + _shown(by_package.most_common(packages)),
        "single modules: " + _shown(by_module.most_common(modules)),
    ]


def _shown(found: list[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {spent / 1000:.1f}" for name, spent in found)
