"""What a person may call a new file: a name that is the same file on every system, in its place."""

import re
from pathlib import Path

from posrefund.errors import Misused

_LONGEST_NAME = 200
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\..*)?", re.IGNORECASE
)
"""Windows takes these for machines, whatever they end in: what is written there is gone."""
_MEANS_MORE = frozenset('<>:"/\\|?*')
"""To Windows; `a.csv:ads` is a file hidden in another one."""


def named_file(text: str, *, folder: Path | None = None) -> Path:
    """Return the path of a new file, as a person named it.

    Args:
        text: The name, with or without folders before it.
        folder: Where it has to lie, and where a relative name begins. None: anywhere.

    Raises:
        Misused: If the name would be lost or be another one on some system, or the file would lie
            outside of the folder. Nothing was made.
    """
    path = Path(text)
    if not _is_usable(text, path.name):
        raise Misused(
            "a file of this name would be lost, or be another one, on some system; use another name"
        )
    if folder is None:
        return path
    try:
        home = folder.resolve()
        found = (home / path).parent.resolve() / path.name
    except (OSError, RuntimeError):
        # A ring of links leads nowhere.
        found = None
    if found is None or ".." in path.parts or not found.is_relative_to(home):
        raise Misused("files may only be made in {folder} here", folder=folder)
    return found


def _is_usable(text: str, name: str) -> bool:
    # Path() leaves a last `/.` out, and with it what was meant to be a folder.
    is_whole = name != "" and text.endswith(name)
    is_shown = name.isprintable() and not any(map(_is_control, text))
    is_same = not (name.endswith((".", " ")) or _MEANS_MORE & set(name) or _DEVICE.fullmatch(name))
    return is_whole and is_shown and is_same and len(name) <= _LONGEST_NAME


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f"
