"""The way in: cleans the process, then hands over to the command line."""

import contextlib
import gc
import os
import sys
from typing import NoReturn

from posrefund.hygiene import clean_environment, forget_warnings


def main() -> int:
    """Run the program and return its exit code."""
    # Starting makes next to no garbage, and looking for it takes a tenth of the time of `--help`.
    # A command that is carried out switches it on again.
    gc.disable()
    _occupy_standard_files()
    removed = clean_environment(os.environ)
    forget_warnings(os.environ)
    # Only now: what is imported from here on reads the environment.
    from posrefund.cli.main import run

    code = run(sys.argv[1:], removed=removed)
    if not gc.isenabled():
        # Nothing was carried out, so nothing need be taken apart before the process ends.
        gc.freeze()
    if sys.flags.inspect:
        _end_without_a_prompt(code)
    return code


def _end_without_a_prompt(code: int) -> NoReturn:
    """End at once: PYTHONINSPECT would leave somebody at a prompt, beside the API key."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _occupy_standard_files() -> None:
    """Give closed standard files a place, so that the journal is never opened as one of them."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    sys.exit(main())
