"""Runs one campaign: `python -m tests.campaign NAME [options]`, with `--help` for each.

A campaign is a module of this folder with `main(argv) -> int`. Only the one asked for is imported,
so that none can break another.
"""

import sys
from importlib import import_module
from pathlib import Path

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Every campaign there is, found by its `main`."""
    return sorted(
        path.stem
        for path in FOLDER.glob("*.py")
        if not path.stem.startswith("_") and "\ndef main(" in path.read_text("utf-8")
    )


def main(argv: list[str]) -> int:
    """Hand over to the campaign that was named."""
    known = names()
    if not argv or argv[0] not in known:
        print(f"{__doc__}\nCampaigns: {', '.join(known)}", file=sys.stderr)
        return 0 if argv[:1] in ([], ["--help"], ["-h"]) else 2
    return int(import_module(f"tests.campaign.{argv[0]}").main(argv[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
