"""JSON read so strictly that it can mean one thing only.

Python's own reader takes `{"status": "failed", "status": "success"}` for a success, `NaN` for a
number, and half an answer never; here every doubt is an error, and an error is never good news.
"""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from posrefund.sentence import Spoken

MAX_DEPTH = 20
MAX_INTEGER_DIGITS = 19
"""Enough for epoch milliseconds; more would only be there to make a reader stumble."""
MAX_NUMBER_CHARACTERS = 40

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A string (closed or not, and always consumed whole, so that this stays linear) or a bracket.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+(?:["\\]|\Z)|[\[\]{}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class NotJson(Spoken):
    """The bytes are not one complete, unambiguous JSON value."""


def parse(body: bytes) -> Any:  # noqa: ANN401 - JSON is whatever it is; `wire.py` gives it a shape
    """Read one JSON value; numbers with a fraction or exponent become exact decimals.

    Raises:
        NotJson: If it is anything else than strict UTF-8 holding exactly one JSON value, has a
            key twice, is nested deeper than 20, or holds NaN, Infinity, an integer of more than
            19 digits or half a surrogate pair.
    """
    try:
        text = _text(body)
        _refuse_depth(text)
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
        )
        if _SURROGATE_ESCAPE.search(text):
            _refuse_surrogates(value)
    except (ValueError, ArithmeticError, RecursionError, MemoryError) as error:
        raise NotJson("not JSON: {kind}", kind=type(error).__name__) from None
    return value


def _text(body: bytes) -> str:
    if body.startswith(_BYTE_ORDER_MARK):
        raise NotJson("it starts with a byte order mark")
    return body.decode("utf-8", "strict")


def _refuse_depth(text: str) -> None:
    """Count brackets outside strings, without recursion: the parser must not see the deep ones."""
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        token = match[0]
        if token in ("[", "{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise NotJson("it is nested deeper than {depth}", depth=MAX_DEPTH)
        elif token in ("]", "}"):
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("it has a key twice")
    return found


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_INTEGER_DIGITS:
        raise NotJson("it has an integer of more than {digits} digits", digits=MAX_INTEGER_DIGITS)
    return int(digits)


def _decimal(number: str) -> Decimal:
    if len(number) > MAX_NUMBER_CHARACTERS:
        raise NotJson("it has a number that is too long")
    return Decimal(number)


def _constant(name: str) -> NoReturn:
    raise NotJson("it holds {what}", what=name)


def _refuse_surrogates(value: object) -> None:
    """Refuse half a surrogate pair, which no encoder would let out again. Depth is bounded."""
    if isinstance(value, str):
        value.encode("utf-8", "strict")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_surrogates(key)
            _refuse_surrogates(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_surrogates(inner)
