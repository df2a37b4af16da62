"""A byte that is not UTF-8 does not end the program."""

import os
import pty
import select
import sys
import textwrap

import pytest

from posrefund.tui.stdin import forgive_stray_bytes

PROGRAM = textwrap.dedent(
    """
    import sys
    from textual.app import App
    from posrefund.tui.stdin import forgive_stray_bytes

    class Small(App):
        BINDINGS = [("q", "exit(0)", "")]
        def on_mount(self):
            self.call_after_refresh(lambda: sys.__stderr__.write("READY\\\\n"))
        def action_exit(self, _):
            self.exit(return_code=7)

    if len(sys.argv) > 1:
        assert forgive_stray_bytes()
    app = Small()
    app.run()
    sys.exit(app.return_code or 0)
    """
).replace("\\\\n", "\\n")
HEARD_THE_KEY = 7


@pytest.mark.process
@pytest.mark.parametrize(("arguments", "survives"), [(["patched"], True), ([], False)])
def test_a_mouse_report_of_an_old_terminal_is_survived(arguments, survives):
    process, master = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm"
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, *arguments])  # noqa: S606
    try:
        _read_until(master, b"READY")
        # Legacy X10 report of a click beyond column 95.
        os.write(master, b"\x1b[M \xe0!")
        _read_until(master, None, seconds=0.3)
        os.write(master, b"q")
        _read_until(master, None, seconds=10)
    finally:
        os.close(master)
    _, status = os.waitpid(process, 0)
    assert (os.waitstatus_to_exitcode(status) == HEARD_THE_KEY) is survives


def test_the_patch_knows_its_version_of_textual():
    assert forgive_stray_bytes() is (sys.platform != "win32")


def _read_until(master, words, *, seconds=20.0):
    """Read what the program draws until these words come, it ends, or the time is over."""
    seen = b""
    while words is None or words not in seen:
        ready, _, _ = select.select([master], [], [], seconds)
        if not ready:
            return
        try:
            got = os.read(master, 65536)
        except OSError:
            return
        if not got:
            return
        seen += got
