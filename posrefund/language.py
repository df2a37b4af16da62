"""Sentences in the language of the counter. English is the source; catalogs have the others.

The language belongs to the process: a screen, a slip and a command of one counter speak alike.
Look sentences up when they are shown and never when a module is loaded, so that the language can
change while the program runs.
"""

import gettext
from pathlib import Path

LANGUAGES = {"nld": "Nederlands", "eng": "English", "deu": "Deutsch", "fra": "Français"}
"""ISO 639-2 codes, as CCV's own fields have them, and what each language calls itself."""
SOURCE = "eng"

_CATALOGS = Path(__file__).parent / "locale"


class _Current:
    code = SOURCE
    catalog: gettext.NullTranslations = gettext.NullTranslations()


def use(code: str) -> None:
    """Speak this language from now on; English where a catalog lacks a sentence.

    Args:
        code: One of `LANGUAGES`.
    """
    _Current.code = code
    _Current.catalog = (
        gettext.NullTranslations()
        if code == SOURCE
        else gettext.translation("posrefund", _CATALOGS, languages=[code])
    )


def current() -> str:
    """The code of the language that is spoken."""
    return _Current.code


def _(text: str) -> str:
    """Return the sentence in the current language; `str.format` fills in the values after."""
    return _Current.catalog.gettext(text) if text else text


def plural(one: str, many: str, number: int) -> str:
    """Return the sentence for so many things, in the current language."""
    return _Current.catalog.ngettext(one, many, number)


def N_(text: str) -> str:  # noqa: N802 - the field's own name for it
    """Mark a sentence that is looked up later, where it is shown."""
    return text
