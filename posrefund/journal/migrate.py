"""Brings a journal to the newest schema: numbered `.sql` files, each applied once, in order."""

from collections.abc import Iterable
from pathlib import Path

from posrefund.errors import JournalUnavailable

# Beside this file in every install; importlib.resources would cost a third of the start-up.
_SCRIPTS = Path(__file__).parent / "sql"


def migrations() -> list[tuple[int, str]]:
    """Return (number, script) of every migration shipped, in order."""
    return [
        (int(path.name.partition("_")[0]), path.read_text("utf-8"))
        for path in sorted(_SCRIPTS.glob("*.sql"))
    ]


def pending(applied: int, available: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return what a journal of schema `applied` still needs.

    Raises:
        JournalUnavailable: If the journal is newer than this program. It is left untouched.
    """
    known = list(available)
    newest = max((number for number, _ in known), default=0)
    if applied > newest:
        raise JournalUnavailable(
            "the journal was written by a newer posrefund (schema {schema}, this one knows"
            " {newest}); install that version",
            schema=applied,
            newest=newest,
        )
    return [(number, script) for number, script in known if number > applied]
