"""Everything that is wrong with a configuration at once, with its lines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from posrefund.errors import ConfigWrong
from posrefund.settings.lines import Lines
from posrefund.settings.loading import settings_of
from posrefund.settings.table import SettingWrong, as_ccv_spells, read_file, read_text

_MOST = 100
_CARD = {"management_system_id", "access_protocol", "operating_environment", "merchant_language"}


def problems(path: Path) -> list[tuple[ConfigWrong, int | None]]:
    """Return each complaint about the file, and its line where one can be told."""
    try:
        values = read_file(path)
    except ConfigWrong as error:
        return [(error, None)]  # the parser names the line itself
    lines = Lines(read_text(path))
    found: list[tuple[ConfigWrong, int | None]] = []
    for number in range(_MOST):
        try:
            settings_of(values, path)
        except SettingWrong as error:
            found.append((error, lines.of(error.name)))
            if not _set_aside(values, error, number):
                break
        else:
            break
    return sorted(found, key=lambda one: one[1] or 0)


def _set_aside(values: dict[str, Any], error: SettingWrong, number: int) -> bool:
    """Take what was complained about out of the way. False where that cannot be done."""
    table = _table(values, error.where)
    if table is None:
        return False
    written = {error.key, as_ccv_spells(error.key)} & table.keys()
    for name in written:
        del table[name]
    stand_in = _stand_in(table, error, number)
    table.update(stand_in)
    return bool(written or stand_in)


def _stand_in(table: dict[str, Any], error: SettingWrong, number: int) -> dict[str, Any]:
    """What is put where something is missing, so that the rest can be looked at."""
    if error.where == "printer" and error.key in {"kind", "address"}:
        return {"kind": "network", "address": "localhost"}
    if not error.where.startswith("terminals["):
        return {}
    has_card_key = any(key in table or as_ccv_spells(key) in table for key in _CARD)
    if error.key in _CARD and table.get("method") == "softpos":
        return {}
    stand_ins = {
        "name": f"a terminal without a name {number}",
        "method": "terminal" if has_card_key else "softpos",
        "terminal_id": "1",
        "management_system_id": "1",
        "merchant_language": "NLD",
    }
    return {error.key: stand_ins[error.key]} if error.key in stand_ins else {}


def _table(values: Mapping[str, Any], where: str) -> dict[str, Any] | None:
    name, _, number = where.removesuffix("]").partition("[")
    table: Any = values[name] if name else values
    if number:
        table = table[int(number) - 1]
    return table if isinstance(table, dict) else None
