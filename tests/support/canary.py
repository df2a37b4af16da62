"""The whole run is searched for keys: in files left behind, and in whatever was printed.

Every key of a test is on the list, so that it is recognised wherever it turns up, plain, as a
header has it, or as an address has it. `tests/conftest.py` brings the hooks into the session; each
worker searches what it has made itself.
"""

import base64
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import quote

import pytest

CANARIES = (
    "t_c4na7yc4na7yc4na7yc4na7yc4na7yc4na7yc4na",
    "t_c4na7y_of_a_stranger",
    "t_a_key_that_only_tests_use",
    "t_a_key_of_tests",
    "t_the_key_before",
    "t_the_key_after",
    "t_only_for_benchmarks",
    "t_0123456789",  # and every longer one that begins so
    "l_0123456789",
    "l_AbCdEf0123456789",
    "t_SECRET",
    "t_secret",  # and every longer one that begins so
    "l_abcdefsecret",
    "l_SECRET",
    "t_e40a9b36f4c1fa31f512c623bb5a315696e98cea",  # printed in CCV's own documentation
)
NO_SECRETS = (
    "t_practice",
    "t_another",
    "t_another_key",
    "t_your_key",
    "t_your_key_here",
    "t_your_api_key",
)
"""Keys that are meant to be read: the sandbox prints them, or a page that explains."""

KEY_FILES = (
    "*api_key",  # what `posrefund key set` writes, and what systemd gives
    "*/KEYFILE",
    "*/secret/key",
    "*/keys/real",
    "test_c_123_*/key",
    # The wrong place for a key, and the test is about what is said of it.
    "test_a_wrong_value_is_never_re*/config.toml",
    "test_c_110_to_c_140_a_wrong_va*/config.toml",
)
"""Files, from the folder that is searched, in which a test itself has written a key."""

_PIECE = 1 << 24


def needles() -> dict[bytes, dict[bytes, str]]:
    """Every way a key may be written, and which key it is, under how all of them begin that way."""
    found: dict[bytes, dict[bytes, str]] = {}
    for key in CANARIES:
        # Without the end, which depends on what follows: a key that is longer begins the same.
        header = base64.b64encode(key.encode())[: len(key) // 3 * 4].decode()
        percent = "".join(f"%{byte:02X}" for byte in key.encode())
        for form in (key, header, quote(header, safe=""), percent):
            for spelt in {form, form.lower()} if form == percent else {form}:
                found.setdefault(spelt[:2].encode(), {})[spelt.encode()] = key
    return found


_NEEDLES = needles()


@dataclass
class Search:
    """What was looked at, and where a key was."""

    files: int = 0
    size: int = 0
    outputs: int = 0
    seconds: float = 0.0
    hits: list[str] = field(default_factory=list)

    def text(self, where: str, written: str) -> None:
        """Search something printed."""
        self.outputs += 1
        self._look(where, written.encode("utf-8", "surrogateescape"))

    def folder(self, folder: Path) -> None:
        """Search every file below, but those a key belongs in."""
        begun = time.perf_counter()
        for path in _files(folder):
            where = path.relative_to(folder).as_posix()
            if not any(fnmatch(where, pattern) for pattern in KEY_FILES):
                self._file(path, where)
        self.seconds += time.perf_counter() - begun

    def _file(self, path: Path, where: str) -> None:
        try:
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    self.size += len(piece)
                    self._look(where, piece)
        except OSError:
            return  # Taken away, or made unreadable on purpose, by the test it belongs to.
        self.files += 1

    def _look(self, where: str, content: bytes) -> None:
        for beginning, spelt in _NEEDLES.items():
            if beginning in content:
                self.hits += [f"{where}: {key}" for one, key in spelt.items() if one in content]

    def add(self, other: dict[str, object]) -> None:
        """Add what a worker reports."""
        for name, value in other.items():
            setattr(self, name, getattr(self, name) + value)

    def told(self) -> str:
        """One line, and one more for each hit."""
        line = (
            f"keys: searched {self.files} files ({self.size / 1e6:.1f} MB) and {self.outputs}"
            f" outputs in {self.seconds:.2f} s, found {len(self.hits)}"
        )
        return "\n".join([line, *(f"  a key is in {hit}" for hit in self.hits)])


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        # What a link leads to is searched where it is, and a pipe would never end.
        folders[:] = [name for name in folders if not (Path(place) / name).is_symlink()]
        for name in names:
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                yield path


# -- the session ---------------------------------------------------------------------------------

_search = Search()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Search what a test printed. Only where it ran: a worker has told nobody yet."""
    if not hasattr(report, "node"):
        for title, content in report.sections:
            _search.text(f"{title} of {report.nodeid}", content)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search the files of this worker; a key makes the whole run a failure."""
    config = session.config
    if not _search.files:
        _search.folder(config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]
    if hasattr(config, "workeroutput"):
        config.workeroutput["keys"] = vars(_search)
    elif _search.hits:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Hear what a worker has found."""
    _search.add(getattr(node, "workeroutput", {}).get("keys", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was searched."""
    terminalreporter.write_line(_search.told(), red=bool(_search.hits))
