"""JSON that can mean one thing only."""

import contextlib
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrefund.provider.strict_json import NotJson, parse

GOOD = b'{"type":"refund","amount":316.35,"currency":"eur","details":{"lines":["a",null,true]}}'

REFUSED = {
    "nothing": b"",
    "a space": b" ",
    "HTML": b"<html><body>502 Bad Gateway</body></html>",
    "a key twice": b'{"status":"failed","status":"success"}',
    "a key twice, deeper": b'{"a":[{"b":1,"b":2}]}',
    "a key twice, spelled differently": b'{"a":1,"\\u0061":2}',
    "NaN": b'{"amount":NaN}',
    "Infinity": b'{"amount":Infinity}',
    "minus Infinity": b'{"amount":-Infinity}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "broken UTF-8": b'{"a":"\xff"}',
    "overlong UTF-8": b'{"a":"\xc0\xaf"}',
    "half a surrogate pair": b'{"a":"\\ud800"}',
    "half a surrogate pair as a key": b'{"\\uDFFF":1}',
    "half a surrogate pair in a list": b'{"a":["x",["\\ud83d"]]}',
    "20 digits": b'{"a":10000000000000000000}',
    "minus 20 digits": b'{"a":-10000000000000000000}',
    "5,000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "a very long fraction": b'{"a":0.' + b"1" * 5000 + b"}",
    "an exponent beyond decimals": b'{"a":1e99999999999999999999}',
    "21 levels": b"[" * 21 + b"]" * 21,
    "100,000 levels": b"[" * 100_000,
    "100,000 levels of objects": b'{"a":' * 100_000,
    "text after it": b"{} x",
    "two values": b"{}{}",
    "a comment": b"{}//",
    "a comma too many": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "a raw control character": b'{"a":"\x01"}',
    "a raw line break": b'{"a":"\n"}',
    "a string without end": b'{"a":"',
    "a string ending in a backslash": b'{"a":"\\',
    "a NUL": b"{}\x00",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_in_doubt_is_refused(body):
    with pytest.raises(NotJson):
        parse(body)


@pytest.mark.parametrize("end", range(len(GOOD)))
def test_no_part_of_an_answer_is_taken_for_the_whole(end):
    with pytest.raises(NotJson):
        parse(GOOD[:end])


def test_a_number_with_a_fraction_is_exact():
    assert parse(b"[0.1,9.99,1e2,-0.5]") == [
        Decimal("0.1"),
        Decimal("9.99"),
        Decimal("1e2"),
        Decimal("-0.5"),
    ]
    assert all(type(number) is Decimal for number in parse(b"[0.1,9.99,1e2]"))


def test_what_is_right_is_read():
    assert parse(GOOD)["details"] == {"lines": ["a", None, True]}
    assert parse(b"[" * 20 + b"]" * 20)
    assert parse(b' {"a" : 9223372036854775807 }\r\n') == {"a": 9223372036854775807}
    assert parse(b'{"a":"\\ud83d\\ude00 [[[ {{{ \\" \\\\"}') == {"a": '\U0001f600 [[[ {{{ " \\'}
    assert parse('"€"'.encode()) == "€"


def test_brackets_in_a_string_are_not_depth():
    assert parse(b'{"a":"' + b"[" * 1000 + b'"}')["a"] == "[" * 1000


@pytest.mark.parametrize(
    "body",
    [b'"' + b'\\"' * 131_000, b'["' * 87_000, b"\\" * 262_144, b'"\\' * 131_000, b'""' * 131_000],
    ids=["escaped quotes", "open strings", "backslashes", "quote and backslash", "quotes"],
)
def test_a_hostile_quarter_of_a_megabyte_is_refused_soon(body):
    started = time.perf_counter()
    with pytest.raises(NotJson):
        parse(body)
    assert time.perf_counter() - started < 2


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_refused(body):
    with contextlib.suppress(NotJson):
        parse(body)
