"""Brings a journal to the newest schema: numbered `.sql` files, each applied once, in order."""

from collections.abc import Callable, Iterable
from importlib.resources import files
from pathlib import PurePath

from posrefund.errors import JournalUnavailable

Run = Callable[[str], object]


def migrations() -> list[tuple[int, str]]:
    """Return (number, script) of every migration shipped, in order."""
    folder = files("posrefund.journal") / "sql"
    scripts = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".sql")),
        key=lambda entry: entry.name,
    )
    return [
        (int(PurePath(entry.name).name.split("_")[0]), entry.read_text("utf-8"))
        for entry in scripts
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
            f"the journal was written by a newer posrefund (schema {applied}, this one knows"
            f" {newest}); install that version"
        )
    return [(number, script) for number, script in known if number > applied]
