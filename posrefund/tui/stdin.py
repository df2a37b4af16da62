"""Keeps a stray byte on standard input from ending the program.

Textual decodes input as strict UTF-8, so one byte that is not (a mouse report of an old terminal,
a reconnecting SSH or tmux) raises and the app dies (Textualize/textual issue 6668).
"""

import codecs
import functools
import sys
from collections.abc import Callable
from importlib import import_module

PATCHED_MAJOR = 8
"""The patch knows the inside of this version of Textual and leaves others alone."""


def forgive_stray_bytes() -> bool:
    """Make the terminal driver leave out what is not UTF-8; return whether that was possible."""
    # Loaded here: it takes longer than the whole first frame has to spare.
    from importlib import metadata

    major = int(metadata.version("textual").split(".")[0])
    if sys.platform == "win32" or major != PATCHED_MAJOR:
        return False
    driver = import_module("textual.drivers.linux_driver")
    if not hasattr(driver, "getincrementaldecoder"):
        return False
    driver.__dict__["getincrementaldecoder"] = _forgiving
    return True


def _forgiving(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return functools.partial(codecs.getincrementaldecoder(encoding), errors="ignore")
