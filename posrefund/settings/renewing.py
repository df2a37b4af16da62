"""Puts answers into a configuration that is there already; everything else of it stays."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from posrefund.settings.answers import Values
from posrefund.settings.table import as_ccv_spells

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_TERMINALS = "terminals"


def renewed(text: str, answers: Values) -> str:
    """Return the text of the configuration with the answers in it, comments and all.

    The terminals that were answered come first, and none of the others is the default any more:
    who describes a terminal means to use it. Of one that was there, by its name or its ids, what
    was not asked stays.

    Raises:
        ValueError: If the text is not TOML, or cannot be changed.
    """
    # Only who sets a counter up again pays for loading it.
    from tomlkit import parse
    from tomlkit.exceptions import TOMLKitError

    try:
        document = parse(text.replace("\r\n", "\n"))
        for key, value in answers.items():
            if key == _TERMINALS:
                _put_terminals(document, value)
            elif isinstance(value, Mapping) and isinstance(document.get(key), MutableMapping):
                for inner, answer in value.items():
                    _put(document[key], inner, answer)
            else:
                _put(document, key, value)
        return document.as_string()
    except TOMLKitError as error:
        raise ValueError(str(error)) from error


def _put_terminals(document: "TOMLDocument", answered: Sequence[Values]) -> None:
    from tomlkit import aot, item
    from tomlkit.items import InlineTable

    tables = aot()
    for terminal in _in_order(list(document.get(_TERMINALS, [])), answered):
        # One out of a list in one line has to become a table of its own.
        plain = terminal.unwrap() if isinstance(terminal, InlineTable) else terminal
        tables.append(item(plain))
    document.pop(_TERMINALS, None)
    document.append(_TERMINALS, tables)


def _in_order(
    written: Sequence[MutableMapping[str, Any]], answered: Sequence[Values]
) -> list[MutableMapping[str, Any]]:
    """The terminals as they are to stand in the file."""
    others, first = list(written), []
    for answer in answered:
        before = next((one for one in others if _is_same(one, answer)), None)
        if before is not None:
            others.remove(before)
        first.append(_renewed_terminal(before, answer))
    for one in others:
        one.pop("default", None)
    return [*first, *others]


def _renewed_terminal(
    before: MutableMapping[str, Any] | None, answer: Values
) -> MutableMapping[str, Any]:
    if before is None or before.get("method") != answer["method"]:
        return answer
    if "operating_environment" in answer and "merchant_language" not in answer:
        # Nobody of the shop stands there any more.
        for key in ("merchant_language", as_ccv_spells("merchant_language")):
            before.pop(key, None)
    for key, value in answer.items():
        _put(before, key, value)
    return before


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether it is the same terminal: by its name, or by its ids at CCV."""
    if str(_get(one, "name")).casefold() == str(other["name"]).casefold():
        return True
    names = ("method", "terminal_id", "management_system_id")
    ids = [_get(one, name) for name in names]
    return ids[1] is not None and ids == [_get(other, name) for name in names]


def _get(table: Mapping[str, Any], key: str) -> object:
    return table.get(key, table.get(as_ccv_spells(key)))


def _put(table: MutableMapping[str, Any], key: str, value: object) -> None:
    """Write it where it stands, in the spelling it stands in."""
    ccv = as_ccv_spells(key)
    table[ccv if ccv in table else key] = value
