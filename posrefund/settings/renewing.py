"""Puts answers into a configuration that is there already; everything else of it stays."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from posrefund.settings.addresses import is_loopback
from posrefund.settings.answers import Values
from posrefund.settings.table import as_ccv_spells

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_TERMINALS = "terminals"

Table = MutableMapping[str, Any]


def renewed(text: str, answers: Values, *, added: Sequence[Values] = ()) -> str:
    """Return the text of the configuration with the answers in it, comments and all.

    The terminals that were answered come first, and none of the others of their method is the
    default any more: who describes a terminal means to use it. Those that are only added come last,
    or stand where they stood. Of one that was there, by its name or its ids, what was not asked
    stays.

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
                _put_terminals(document, partial(_in_front, answered=value))
            elif isinstance(value, Mapping) and isinstance(document.get(key), MutableMapping):
                for inner, answer in value.items():
                    _put(document[key], inner, answer)
            else:
                _put(document, key, value)
        if added:
            _put_terminals(document, partial(_behind, added=added))
        _leave_practice(document.get("provider", {}))
        return document.as_string()
    except TOMLKitError as error:
        raise ValueError(str(error)) from error


def _leave_practice(provider: Table) -> None:
    """Keep no page hosts of this machine where CCV is not on it: no page would ever be shown."""
    host = urlsplit(str(_get(provider, "base_url") or "")).hostname
    for key in ("pay_url_hosts", as_ccv_spells("pay_url_hosts")):
        pages = [str(page) for page in provider.get(key, [])]
        if host and not is_loopback(host) and pages and all(map(is_loopback, pages)):
            provider.pop(key)


def _put_terminals(document: "TOMLDocument", ordered: Callable[[list[Table]], list[Table]]) -> None:
    from tomlkit import aot, item
    from tomlkit.items import InlineTable

    tables = aot()
    for terminal in ordered(list(document.get(_TERMINALS, []))):
        # One out of a list in one line has to become a table of its own.
        plain = terminal.unwrap() if isinstance(terminal, InlineTable) else terminal
        tables.append(item(plain))
    document.pop(_TERMINALS, None)
    document.append(_TERMINALS, tables)


def _in_front(there: list[Table], answered: Sequence[Values]) -> list[Table]:
    """The terminals as they are to stand in the file, those that were answered first."""
    first: list[Table] = []
    for answer in answered:
        before = _known(there, answer)
        if before is not None:
            there.remove(before)
        first.append(_renewed_terminal(before, answer))
    methods = {answer["method"] for answer in answered}
    for one in there:
        if one.get("method") in methods:
            one.pop("default", None)
    return [*first, *there]


def _behind(there: list[Table], added: Sequence[Values]) -> list[Table]:
    """The terminals as they are to stand in the file, those that are new last."""
    for answer in added:
        before = _known(there, answer)
        if before is None:
            there.append(answer)
            continue
        kept = {"default": before["default"]} if "default" in before else {}
        there[there.index(before)] = _renewed_terminal(before, {**answer, **kept})
    return there


def _known(there: Sequence[Table], answer: Values) -> Table | None:
    """The terminal that is there already, if it is: by its name, else by its ids at CCV."""
    named = (one for one in there if _has_name(one, answer))
    return next(named, None) or next((one for one in there if _has_ids(one, answer)), None)


def _renewed_terminal(before: Table | None, answer: Values) -> Table:
    if before is None or before.get("method") != answer["method"]:
        return answer
    if "operating_environment" in answer and "merchant_language" not in answer:
        # Nobody of the shop stands there any more.
        for key in ("merchant_language", as_ccv_spells("merchant_language")):
            before.pop(key, None)
    for key, value in answer.items():
        _put(before, key, value)
    return before


def _has_name(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return str(_get(one, "name")).casefold() == str(other["name"]).casefold()


def _has_ids(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    names = ("method", "terminal_id", "management_system_id")
    ids = [_get(one, name) for name in names]
    return ids[1] is not None and ids == [_get(other, name) for name in names]


def _get(table: Mapping[str, Any], key: str) -> object:
    return table.get(key, table.get(as_ccv_spells(key)))


def _put(table: MutableMapping[str, Any], key: str, value: object) -> None:
    """Write it where it stands, in the spelling it stands in."""
    ccv = as_ccv_spells(key)
    table[ccv if ccv in table else key] = value
