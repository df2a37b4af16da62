"""Tries a built program as a stranger has it: an empty home, nothing of our environment."""

import fcntl
import json
import os
import pty
import select
import statistics
import struct
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

SECONDS = 60.0
SHOWN = b"OEFENEN"
"""Of the first screen of the demo in Dutch: the catalogues are there, too."""
CTRL_Q = b"\x11"


def smoke(command: Sequence[str | Path]) -> None:
    """Try the version, a guide, a refund in the sandbox and the demo; print the figures.

    Raises:
        AssertionError: If one of them is not as it should be.
    """
    with TemporaryDirectory(prefix="posrefund-smoke-") as made:
        home = Path(made)
        environ = bare(home)
        first = _version(command, environ)
        later = statistics.median(_version(command, environ) for _ in range(5))
        said = _run(command, environ, "help", "states")
        assert "## unknown" in said, said
        assert '"title"' in _run(command, environ, "schema", "refund")
        refund_in_the_sandbox(command, environ, home)
        frame = first_frame([*command, "demo", "--language", "nld"], environ)
    print(
        f"  --version {first * 1000:.0f} ms the first time, {later * 1000:.0f} ms then;"
        f" first frame of the demo {frame * 1000:.0f} ms; a refund in the sandbox: 0"
    )


def bare(home: Path) -> dict[str, str]:
    """What is left of an environment after `env -i`."""
    return {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color"}


def _run(command: Sequence[str | Path], environ: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*command, *arguments],
        env=environ,
        cwd=environ["HOME"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}: {done.stderr}"
    return done.stdout


def _version(command: Sequence[str | Path], environ: dict[str, str]) -> float:
    begun = monotonic()
    assert _run(command, environ, "--version").startswith("posrefund ")
    return monotonic() - begun


def refund_in_the_sandbox(
    command: Sequence[str | Path], environ: dict[str, str], home: Path
) -> None:
    """Start the sandbox, give 5.00 back, and look into the sandbox's own ledger."""
    script = home / "script.json"
    script.write_text('{"settings": {"customer": "auto", "auto_seconds": 0.2}}', "utf-8")
    with subprocess.Popen(
        [*command, "sandbox", "--port", "0", "--script", script, "--json"],
        env=environ,
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as sandbox:
        try:
            assert sandbox.stdout is not None
            told = json.loads(sandbox.stdout.readline())
            config = home / "config.toml"
            config.write_text(told["config"], "utf-8")
            typed = ("refund", "T1001.Y", "--amount", "5.00", "--yes", "--json")
            out = _run(
                command,
                {**environ, "POSREFUND_API_KEY": told["api_key"]},
                *("--config", str(config)),
                *typed,
            )
        finally:
            sandbox.terminate()
    last = json.loads(out.splitlines()[-1])
    assert (last["state"], last["amount"]) == ("succeeded", "5.00"), last


def first_frame(command: Sequence[str | Path], environ: dict[str, str]) -> float:
    """Open the counter in a terminal of 80x24, quit it, and return how long it took to be drawn."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    begun = monotonic()
    process = subprocess.Popen(
        command,
        env=environ,
        cwd=environ["HOME"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        _read_until(ours, SHOWN, begun + SECONDS)
        took = monotonic() - begun
        os.write(ours, CTRL_Q)
        _read_until(ours, None, begun + SECONDS)
        assert process.wait(SECONDS) == 0, process.returncode
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return took


def _read_until(terminal: int, wanted: bytes | None, deadline: float) -> None:
    """Read until `wanted` was drawn; until the other end is closed where it is None."""
    seen = b""
    while wanted is None or wanted not in seen:
        left = deadline - monotonic()
        assert left > 0, f"nothing of the kind was drawn: {seen[-2000:]!r}"
        if not select.select([terminal], [], [], left)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:
            part = b""
        if not part:
            assert wanted is None, f"it ended: {seen[-2000:]!r}"
            return
        seen += part
