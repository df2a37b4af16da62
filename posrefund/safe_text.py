"""The one way by which foreign text reaches a screen, a printer or a log."""

import unicodedata

MARK = "\u00b7"
"""Stands where a character was that must not be shown."""

ELLIPSIS = "\u2026"
"""The last character of a text that was cut."""

MAX_MARKS_IN_A_ROW = 3
"""More combining marks than any language needs would climb into the neighbouring lines."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COMBINING = frozenset({"Mn", "Mc", "Me"})


def safe_text(text: str, *, limit: int = 200) -> str:
    """Return one line of `text` that cannot move the cursor, hide itself or pretend to be another.

    Controls (escape, newline, tab, C1), invisible and direction-changing characters, surrogates
    and unassigned ones become `MARK`; the result has at most `limit` characters, and ends with an
    ellipsis where it was cut. Doing it twice changes nothing. Markup is left as it is: a widget
    that reads markup must not be given foreign text at all.
    """
    if text.isascii() and text.isprintable():
        return _cut(text, limit)
    # A megabyte of marks must not cost a megabyte of work.
    longest = limit * (MAX_MARKS_IN_A_ROW + 1) + 1
    shown: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text[:longest]):
        category = unicodedata.category(character)
        if category in _COMBINING:
            marks += 1
            if marks > MAX_MARKS_IN_A_ROW:
                continue
            # At the very start there is nothing of ours it may attach itself to.
            shown.append(character if shown else MARK)
            continue
        marks = 0
        shown.append(MARK if category in _HIDDEN else character)
    result = "".join(shown)
    if len(text) > longest:
        return f"{result[: limit - 1]}{ELLIPSIS}"
    return _cut(result, limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}{ELLIPSIS}"
