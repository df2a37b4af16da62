"""On which line of the file a key is written. Only complaints and `config show` need to know."""

import tomllib
from collections.abc import Iterator, Mapping

from posrefund.settings.table import as_ccv_spells

_LONGEST_VALUE = 200
"""Lines of one value. Whoever writes more does without the numbers of the lines after it."""


class Lines:
    """The lines of one file that is TOML. Keys are named as in complaints: `terminals[2].name`."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, int] = {}
        self._entries: dict[str, int] = {}
        self._note(text.replace("\r\n", "\n").split("\n"))

    def of(self, name: str) -> int | None:
        """The line where the key, or else the nearest table around it, is written."""
        while name:
            # A list of tables, written for what is something else, begins at its first one.
            found = self.written(name) or self._lines.get(f"{name}[1]")
            if found is not None:
                return found
            # Of an entry in a list, the list is what is around it.
            name = name[: name.rindex("[")] if name.endswith("]") else name.rpartition(".")[0]
        return None

    def written(self, name: str) -> int | None:
        """The line where exactly this key is written, in one of its spellings."""
        table, dot, key = name.rpartition(".")
        return self._lines.get(name) or self._lines.get(f"{table}{dot}{as_ccv_spells(key)}")

    def _note(self, lines: list[str]) -> None:
        table = ""
        first = 0
        while first < len(lines):
            last, values = _statement(lines, first)
            begins = lines[first].lstrip()
            if begins.startswith("["):
                table = self._table(values)
                self._lines.setdefault(table, first + 1)
            else:
                for name in _names(values):
                    self._lines[f"{table}.{name}" if table else name] = first + 1
            first = last + 1

    def _table(self, values: Mapping[str, object]) -> str:
        name = ""
        inner: object = values
        while isinstance(inner, dict) and inner:
            ((key, inner),) = inner.items()
            name = f"{name}.{key}" if name else key
            if isinstance(inner, list):
                self._entries[name] = self._entries.get(name, 0) + 1
                name = f"{name}[{self._entries[name]}]"
        return name


def _statement(lines: list[str], first: int) -> tuple[int, dict[str, object]]:
    """The value that begins in this line: where it ends, and what it says."""
    for last in range(first, min(first + _LONGEST_VALUE, len(lines))):
        try:
            return last, tomllib.loads("\n".join(lines[first : last + 1]))
        except ValueError:
            continue  # a list or a text that goes on in the next line
    return len(lines), {}


def _names(values: Mapping[str, object]) -> Iterator[str]:
    for key, value in values.items():
        yield key
        if isinstance(value, dict):
            yield from (f"{key}.{name}" for name in _names(value))
