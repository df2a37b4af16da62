"""Builds one package and tries it: `python -m tests.packages NAME`.

The tools are the extra `packages`: pip install -e ".[packages]". What is built is put into `dist/`.
"""

import sys
from importlib import import_module

KNOWN = ("wheel", "folder", "pyz", "constraints", "sbom")


def main(argv: list[str]) -> int:
    """Hand over to the package that was named."""
    if len(argv) != 1 or argv[0] not in KNOWN:
        print(f"{__doc__}\nPackages: {', '.join(KNOWN)}", file=sys.stderr)
        return 0 if argv in ([], ["--help"], ["-h"]) else 2
    import_module(f"tests.packages.{argv[0]}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
