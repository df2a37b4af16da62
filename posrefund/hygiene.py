"""Cleans the process before anything heavy is imported, and shuts it to onlookers.

Textual, ssl and httpx read their variables while they are imported, so the shells call this first.
"""

import os
import sys
from collections.abc import Mapping, MutableMapping

_NAMES = frozenset(
    {
        "SSLKEYLOGFILE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "PYTHON_KEYRING_BACKEND",
    }
)
# TEXTUAL_PRESS presses keys and TEXTUAL_DRIVER loads a class: neither may confirm a refund.
_BEGINNINGS = ("TEXTUAL", "KEYRING_")
_ENDS = ("_PROXY",)

_OF_PYTHON = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PYTHONINSPECT",
    "PYTHONBREAKPOINT",
    "PYTHONWARNINGS",
    "LD_PRELOAD",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
)

_PR_SET_DUMPABLE = 4


def clean_environment(environ: MutableMapping[str, str]) -> list[str]:
    """Remove what could press keys, swap certificates, reroute or record the traffic.

    Returns the names removed, sorted, so that a shell can say so in one line. Values are never
    returned: a proxy address may hold a password.
    """
    removed = sorted(name for name in environ if _is_unwanted(name.upper()))
    for name in removed:
        del environ[name]
    return removed


def meddling(environ: Mapping[str, str]) -> list[str]:
    """Name what changed this program before its first line ran, so that a shell can say so.

    Taking it away would come too late; `python -I` ignores Python's own, and a service manager
    starts with a clean environment.
    """
    ignored = "PYTHON" if sys.flags.ignore_environment else None
    return [
        name
        for name in _OF_PYTHON
        if environ.get(name) and not (ignored and name.startswith(ignored))
    ]


def forget_warnings(environ: Mapping[str, str]) -> None:
    """Undo PYTHONWARNINGS: a warning that became an error could end a refund half-way."""
    if environ.get("PYTHONWARNINGS") and not sys.flags.ignore_environment:
        import warnings

        warnings.simplefilter("ignore")


def _is_unwanted(name: str) -> bool:
    return name in _NAMES or name.startswith(_BEGINNINGS) or name.endswith(_ENDS)


def harden_process() -> None:
    """Make new files private, and keep the memory out of core dumps and other processes' reach.

    Best effort: what the system does not offer is left out. Call it before the API key is read;
    `--help` and `--version` need not pay for it.
    """
    os.umask(0o077)
    _forbid_core_dumps()
    if sys.platform == "linux":
        _forbid_onlookers()


def _forbid_core_dumps() -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return


def _forbid_onlookers() -> None:
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return
