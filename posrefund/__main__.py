"""The way in: cleans the process, then hands over to the command line."""

import os
import sys

from posrefund.hygiene import clean_environment


def main() -> int:
    """Run the program and return its exit code."""
    _occupy_standard_files()
    removed = clean_environment(os.environ)
    # Only now: what is imported from here on reads the environment.
    from posrefund.cli.main import run

    return run(sys.argv[1:], removed=removed)


def _occupy_standard_files() -> None:
    """Give closed standard files a place, so that the journal is never opened as one of them."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


if __name__ == "__main__":
    sys.exit(main())
