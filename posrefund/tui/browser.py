"""Opens the cashier's page in a browser beside the counter, never on top of it."""

import os
import subprocess
import sys
import threading
import webbrowser

_PATIENCE_SECONDS = 3.0
_OPENER = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def open_page(url: str) -> bool:
    """Start a browser on `url`; False when there is none to start. Call it from a thread.

    A process of its own opens it, with its output thrown away: a browser that talks, or one for
    text that `xdg-open` finds on a machine without a desktop, would draw over the screen.
    """
    if not _has_desktop() or not url.startswith(("https://", "http://")):
        return False
    try:
        process = subprocess.Popen(  # noqa: S603 - an argument list of our own, no shell
            [sys.executable, "-I", "-c", _OPENER, url],
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
