"""Foreign text: shown, and nothing else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrefund.safe_text import ELLIPSIS, MARK, MAX_MARKS_IN_A_ROW, safe_text

ESC = "\x1b"
HOSTILE = [
    f"{ESC}[2J",
    f"{ESC}[31mred",
    f"{ESC}[8mhidden",
    f"{ESC}[1A{ESC}[2K",
    f"{ESC}]0;title\x07",
    f"{ESC}]2;title{ESC}\\",
    f"{ESC}]8;;https://evil.example{ESC}\\link",
    f"{ESC}]52;c;ZXZpbA==\x07",
    f"{ESC}]0;never ended",
    f"{ESC}P1$r{ESC}\\",
    f"{ESC}_application{ESC}\\",
    f"{ESC}^privacy{ESC}\\",
    f"{ESC}Xstring{ESC}\\",
    f"{ESC}c",
    f"{ESC}#8",
    "\x9b2J",
    "\x9d0;title\x9c",
    "\x90q\x9c",
    "\x98sos\x9c",
    "\x85",
    "EUR 5.00\rEUR 9.00",
    "one\ntwo",
    "one\x0btwo\x0cthree",
    "a\tb",
    "a\bb",
    "a\x00b",
    "a\x7fb",
    "\x07",
    "\x0e\x0f",
    "\u202egnp.exe",
    "\u202d",
    "\u2066a\u2069",
    "\u200e\u200f\u061c",
    "zero\u200bwidth",
    "join\u200d\u200cer",
    "\ufeffbom",
    "soft\u00adhyphen",
    "word\u2060joiner",
    "\u180e",
    "\u2028line",
    "\u2029paragraph",
    "\ud800lone",
    "\udfff",
    "\ue000private",
    "\U000f0000",
    "\ufdd0",
    "\uffff",
    "\U000e0041tag",
    "\ufff9annotation",
    "\u0378unassigned",
    "".join(map(chr, range(0x20))),
    "".join(map(chr, range(0x7F, 0xA0))),
]
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def forbidden_in(text):
    return [character for character in text if unicodedata.category(character) in FORBIDDEN]


def longest_run_of_marks(text):
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character).startswith("M") else 0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_nothing_hostile_comes_through_and_its_place_is_marked(hostile):
    shown = safe_text(hostile)
    assert forbidden_in(shown) == []
    assert MARK in shown
    assert len(shown) == len(hostile)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Desk 2",
        "Café Zürich",
        "Größe – “groß” €",
        "日本語",
        "[red]markup[/red]",
        "[@click=app.quit]x",
        "\\[x]",
        "😀",
    ],
)
def test_honest_text_is_left_as_it_is(text):
    assert safe_text(text) == text


def test_text_is_composed_so_that_equal_looks_equal():
    assert safe_text("Cafe\u0301") == "Caf\u00e9"


def test_marks_cannot_climb_into_other_lines():
    shown = safe_text("Z" + "\u0335\u0336\u0337\u0338" * 30 + "x")
    assert shown == "Z\u0335\u0336\u0337x"


def test_a_mark_at_the_start_does_not_change_what_stands_before():
    assert safe_text("\u0338 5.00") == f"{MARK} 5.00"


def test_long_text_is_cut_and_says_so():
    assert safe_text("a" * 200) == "a" * 200
    assert safe_text("a" * 201) == "a" * 199 + ELLIPSIS
    assert safe_text("é" * 201) == "é" * 199 + ELLIPSIS
    assert safe_text("abcdef", limit=4) == "abc" + ELLIPSIS
    assert safe_text("abcdef", limit=1) == ELLIPSIS


def test_a_megabyte_of_marks_is_cut_like_any_long_text():
    shown = safe_text("a" + "\u0338" * 1_000_000, limit=40)
    assert len(shown) <= 40
    assert shown.endswith(ELLIPSIS)


@given(st.text(alphabet=st.characters(exclude_categories=())), st.integers(1, 60))
def test_any_text_becomes_one_harmless_line_and_stays_it(text, limit):
    shown = safe_text(text, limit=limit)
    assert len(shown) <= limit
    assert forbidden_in(shown) == []
    assert longest_run_of_marks(shown) <= MAX_MARKS_IN_A_ROW
    assert safe_text(shown, limit=limit) == shown
