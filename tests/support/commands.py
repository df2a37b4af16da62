"""The real command against a real sandbox, each in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, Self

KEY = "t_a_key_that_only_tests_use"
PATIENCE_SECONDS = 60

CONFIG = """
counter = "Desk 2"

[provider]
base_url = "{base_url}"
pay_url_hosts = ["127.0.0.1"]

[journal]
path = "{journal}"

[[terminals]]
name = "Desk 2"
method = "terminal"
terminal_id = "1234536"
management_system_id = "000103030"
operating_environment = "ATTENDED"
merchant_language = "NLD"

[[terminals]]
name = "Manager's phone"
method = "softpos"
terminal_id = "SP0001"
"""


class Workplace:
    """A sandbox process, a configuration and a journal. Use it in a `with`."""

    def __init__(self, folder: Path, *, settings: dict[str, object] | None = None) -> None:
        self.folder = folder
        self.journal = folder / "state" / "journal.sqlite3"
        self.config = folder / "config.toml"
        self._settings = {"customer": "auto", "auto_seconds": 0.2} | (settings or {})

    def __enter__(self) -> Self:
        script = self.folder / "script.json"
        script.write_text(json.dumps({"settings": self._settings}), "utf-8")
        self._sandbox = subprocess.Popen(
            [*COMMAND, "sandbox", "--port", "0", "--script", str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
        )
        assert self._sandbox.stdout is not None
        for line in self._sandbox.stdout:
            if "http://127.0.0.1:" in line:
                self.site = "http://127.0.0.1:" + line.split("http://127.0.0.1:")[1].split("/")[0]
                break
        # Whatever it says later must not fill the pipe.
        self._drain = subprocess.Popen(
            ["cat"], stdin=self._sandbox.stdout, stdout=subprocess.DEVNULL
        )
        self._sandbox.stdout.close()
        self.config.write_text(
            CONFIG.format(base_url=f"{self.site}/api/v1", journal=self.journal), "utf-8"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._sandbox.send_signal(signal.SIGINT)
        self._sandbox.wait(PATIENCE_SECONDS)
        self._drain.wait(PATIENCE_SECONDS)

    def start(self, *arguments: str, **extra: str) -> "subprocess.Popen[str]":
        """Start a command and return at once."""
        return subprocess.Popen(
            [*COMMAND, "--config", str(self.config), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(POSREFUND_API_KEY=KEY, **extra),
        )

    def run(self, *arguments: str, **extra: str) -> "Done":
        """Run a command to its end."""
        process = self.start(*arguments, **extra)
        out, err = process.communicate(timeout=PATIENCE_SECONDS * 5)
        return Done(process.returncode, out, err)

    def ledger(self) -> list[dict[str, Any]]:
        """What was really carried out through the API."""
        with urllib.request.urlopen(f"{self.site}/_sandbox/ledger") as answer:  # noqa: S310
            refunds = json.load(answer)["refunds"]
        return [refund for refund in refunds if refund["origin"] == "api"]

    def control(self, name: str, body: object) -> Any:
        """Call the control path."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.site}/_sandbox/{name}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)

    def spoil(self, do: str, on: str = "POST /refund", **rule: object) -> None:
        """Script a fault for the requests to come."""
        self.control("faults", {"append": True, "faults": [{"do": do, "on": on, **rule}]})


class Done:
    """A command that has ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON objects it printed."""
        return [json.loads(line) for line in self.out.splitlines()]


COMMAND = (sys.executable, "-m", "posrefund")


def environment(**extra: str) -> dict[str, str]:
    """The environment of a child: that of the test, the coverage tool's hooks included."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **extra}
