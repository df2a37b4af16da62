"""CCV's Payment API over HTTP. Start reading in `client.py`."""

import sys

# httpx loads its own command line, and with it click, rich and pygments, whenever those are
# installed, as they are here: a third of the start of a refund. It copes with the module missing.
# This has to stand where it runs before anything in this package imports httpx.
if "httpx" not in sys.modules:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
