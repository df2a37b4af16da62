"""Keeps the catalogs in step with the code: `python -m tests.language`.

Finds every sentence in the code, puts new ones into each catalog without a translation, drops
those that are gone, and compiles. Then fill in what it names, and run it again.
"""

import inspect
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import posrefund
from posrefund import errors
from posrefund.language import LANGUAGES

PACKAGE = Path(posrefund.__file__).parent
LOCALES = {"nld": "nl", "deu": "de", "fra": "fr"}
"""Our codes, and what Babel calls them: it knows their plurals."""
ERRORS = [name for name, kind in vars(errors).items() if inspect.isclass(kind)]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "plural": (1, 2),
    "Sentence": None,
    "Binding": (3,),
    "_rule": (5,),
    "_alarm": (4,),
    "wrong": (2,),
    "missing": (2,),
    "Unusable": None,
    "NotUnderstood": None,
    "NotJson": None,
    "Unacceptable": None,
    **dict.fromkeys(ERRORS),
}
"""What is called with a sentence, and which argument it is where it is not the first."""
_METHODS = [("sandbox/**", "ignore"), ("**.py", "python")]
_SOME_DAY = datetime(2026, 11, 21, tzinfo=UTC)
"""In the header of the catalogs, so that they change only when a sentence does."""


def in_code() -> Catalog:
    """Every sentence in the code, with the files it is in."""
    catalog = Catalog(project="posrefund", creation_date=_SOME_DAY)
    found = extract_from_dir(PACKAGE, _METHODS, keywords=KEYWORDS)
    for name, _, text, _, _ in sorted(found, key=lambda one: (one[0], one[1])):
        if text and not (isinstance(text, str) and not any(map(str.isalpha, text))):
            catalog.add(text, locations=[(f"posrefund/{name}", 0)])
    return catalog


def po_file(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "posrefund.po"


def read(language: str) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file, locale=LOCALES[language], abort_invalid=True)


def compiled(catalog: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    return all(texts)


def update(language: str, template: Catalog) -> list[Message]:
    """Bring one catalog up to date and return what is not translated yet."""
    path = po_file(language)
    catalog = read(language) if path.exists() else Catalog(locale=LOCALES[language])
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.project, catalog.version = "posrefund", posrefund.__version__
    catalog.creation_date = catalog.revision_date = _SOME_DAY
    catalog.fuzzy = False
    catalog.header_comment = f"# {LANGUAGES[language]}"
    catalog.last_translator = catalog.language_team = "posrefund"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, include_lineno=False, sort_by_file=True)
    path.with_suffix(".mo").write_bytes(compiled(read(language)))
    return [message for message in catalog if message.id and not is_translated(message)]


def main() -> int:
    template = in_code()
    missing = {language: update(language, template) for language in LOCALES}
    for language, messages in missing.items():
        print(f"{language}: {len(template)} sentences, {len(messages)} not translated")
        for message in messages:
            print(f"  {message.id!r}")
    return int(any(missing.values()))


if __name__ == "__main__":
    sys.exit(main())
