"""The files that commands write beside the journal: whole or not there, whenever they are struck.

A file is described by what makes it whole. After a blow it is whole, as it was before, or not
there; after the same command is typed again it is whole, and nothing else is left beside it.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from posrefund.errors import ConfigWrong
from posrefund.settings import load_settings

OLD_KEY, NEW_KEY = "t_the_key_before", "t_the_key_after"
_LEFT_OVER = (".part", ".new", ".restoring", ".restored")

REPORTED = {
    "left: a .part of the export": "killed between link and unlink; the next run refuses first",
    "left: a .part of the slip": "the same",
    "left: a .part of the backup": "the same",
    "left: a .part of the restore": "the same",
    "left: a .restored of the restore": "the next run goes another way and does not look for it",
    "left: a .new of the key": "its name is another one each time; it holds the API key",
    "left: a .new of the configuration": "its name is another one each time",
    "cannot rollback - no transaction is active": "interrupted right after the COMMIT of restore",
}
"""Words of known defects, and why: counted and told of apart. What is mended must leave it."""


def reported(defect: str) -> str | None:
    """The words by which it is known, if it is."""
    return next((words for words in REPORTED if words in defect), None)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file that a command writes."""

    what: str
    """What the points of writing it are called after."""
    name: str = "out"
    """In the folder of the journal."""
    is_whole: Callable[[Path], bool]
    was_there: bool = False
    """There is one before, which must not be lost."""

    def after_a_blow(self, folder: Path) -> Iterator[str]:
        """Tell of half a file, and of one that others can read."""
        path = folder / self.name
        if not path.exists():
            if self.was_there:
                yield f"torn: the {self.what} that was there is gone"
        elif not self.is_whole(path):
            yield f"torn: half a {self.what}"
        elif path.stat().st_mode & 0o077:
            yield f"torn: others can read the {self.what}"

    def after_all(self, folder: Path) -> Iterator[str]:
        """Tell of what is not whole after the command was typed again."""
        path = folder / self.name
        if not path.exists() or not self.is_whole(path):
            yield f"torn: no whole {self.what}, though it was typed again"
        for left in folder.iterdir():
            if left.name.endswith(_LEFT_OVER):
                yield f"left: a {left.suffix} of the {self.what}"


def is_slip(path: Path) -> bool:
    """A paper with the amount on it, to the end of its last line."""
    text = path.read_text("utf-8")
    return "5.00" in text.replace(",", ".") and text.endswith("\n")


def is_table(path: Path) -> bool:
    """One row, to the end of its line."""
    try:
        row = json.loads(path.read_text("utf-8"))
    except ValueError:
        return False
    return bool(row["amount"])


def is_journal(path: Path) -> bool:
    """A sound database with the one refund."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
            (refunds,) = connection.execute("SELECT count(*) FROM refund").fetchone()
    except sqlite3.DatabaseError:
        return False
    return (sound, refunds) == ("ok", 1)


def is_key(path: Path) -> bool:
    """The old or the new one."""
    return path.read_text("utf-8").strip() in {OLD_KEY, NEW_KEY}


def is_configuration(path: Path) -> bool:
    """One that the program would start with."""
    try:
        return bool(load_settings(path).counter)
    except ConfigWrong:
        return False


SLIP = Written(what="slip", is_whole=is_slip)
TABLE = Written(what="export", is_whole=is_table)
BACKUP = Written(what="backup", is_whole=is_journal)
RESTORED = Written(what="restore", name="journal.sqlite3", is_whole=is_journal)
KEY_FILE = Written(what="key", name="api_key", is_whole=is_key, was_there=True)
CONFIGURATION = Written(
    what="configuration", name="config.toml", is_whole=is_configuration, was_there=True
)
