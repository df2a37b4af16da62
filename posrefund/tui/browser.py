"""Opens the cashier's page in a browser beside the counter, never on top of it."""

import os
import subprocess
import sys
import threading
import webbrowser

_PATIENCE_SECONDS = 3.0
_OPENER = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"
_OPENERS = {"darwin": ["open"], "win32": ["rundll32", "url.dll,FileProtocolHandler"]}
_IS_PACKED = bool(getattr(sys, "frozen", False))
"""Is this the folder for machines without Python? Then no interpreter can be started again."""


def open_page(url: str) -> bool:
    """Start a browser on `url`; False when there is none to start. Call it from a thread.

    A process of its own opens it, with its output thrown away: a browser that talks, or one for
    text that `xdg-open` finds on a machine without a desktop, would draw over the screen.
    """
    if not _has_desktop() or not url.startswith(("https://", "http://")):
        return False
    try:
        process = subprocess.Popen(  # noqa: S603 - an argument list of our own, no shell
            _command(url),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return process.wait(timeout=_PATIENCE_SECONDS) == 0
    except subprocess.TimeoutExpired:
        # Some browsers stay with whoever started them. Somebody must still wait for their end.
        threading.Thread(target=process.wait, name="browser", daemon=True).start()
        return True


def _command(url: str) -> list[str]:
    if _IS_PACKED:
        return [*_OPENERS.get(sys.platform, ["xdg-open"]), url]
    return [sys.executable, "-I", "-c", _OPENER, url]


def _environment() -> dict[str, str]:
    """Ours without the API key, and without the libraries that a packed program puts first."""
    from posrefund.credentials import KEY_VARIABLE  # Not before somebody wants a page.

    environment = dict(os.environ)
    environment.pop(KEY_VARIABLE, None)
    if _IS_PACKED:
        environment.pop("LD_LIBRARY_PATH", None)
        theirs = environment.pop("LD_LIBRARY_PATH_ORIG", None)
        if theirs is not None:
            environment["LD_LIBRARY_PATH"] = theirs
    return environment


def _has_desktop() -> bool:
    if sys.platform in {"win32", "darwin"}:
        return True
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
