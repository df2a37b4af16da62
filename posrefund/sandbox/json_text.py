"""JSON as CCV writes it: amounts are exact numbers with two decimals, never binary fractions."""

import json
from collections.abc import Mapping
from decimal import Decimal


def write(value: object) -> str:
    """Write a value as JSON text; a `Decimal` becomes a number with the digits it has."""
    if isinstance(value, Mapping):
        inside = ",".join(f"{json.dumps(str(key))}:{write(item)}" for key, item in value.items())
        return "{" + inside + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(write(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value)


def read(body: bytes | str) -> object:
    """Read JSON; fractions become `Decimal`.

    Raises:
        ValueError: If it is not JSON, or not JSON a sane peer would send.
    """
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_object(body: bytes | str) -> dict[str, object]:
    """Read JSON that must be an object.

    Raises:
        ValueError: If it is anything else.
    """
    value = read(body)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one kind of error for a bad body
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
