"""The catalogue of bad input, row by row: reliability.md 4.6 (commands) and 4.7 (environment)."""

import os
import subprocess
import sys

import pytest

from posrefund.cli import counter
from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.hygiene import meddling
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import RefundState
from tests.cli.fakes import TerminalText
from tests.settings.catalogue import KEY, NOBODY
from tests.support.builders import a_refund, an_entry
from tests.support.commands import environment

pytestmark = pytest.mark.process
posix_only = pytest.mark.skipif(os.name != "posix", reason="links and devices as POSIX has them")


# -- 4.6 command line ------------------------------------------------------------------------------


@pytest.mark.parametrize("option", [f"--api-key={KEY}", f"--key={KEY}", f"--token={KEY}"])
def test_the_key_is_no_argument(ask, option):
    ended = ask(NOBODY, "find", "1001", option)
    assert ended.returncode == 2
    assert "every user of the machine can read those" in ended.stderr
    assert KEY not in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("refund", "1001", "--amount", "-5", "--yes"),
        ("refund", "1001", "--amount=", "--yes"),
        ("refund", "1001", "--nothing"),
        ("refund", "1001", "--amount", "5", "--amount", "6", "--yes"),
        ("refund", "--", "--amount", "5"),
        ("refund", "-x", "--full", "--yes"),
        ("refund", "1001", "--full", "--amount", "5", "--yes"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_2(ask, arguments):
    ended = ask(NOBODY, *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Nothing was sent." in ended.stderr


def test_without_a_terminal_nothing_is_sent_without_a_yes(ask):
    ended = ask(NOBODY, "refund", "1001", "--full")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--yes" in ended.stderr


@posix_only
@pytest.mark.parametrize("kind", ["existing", "link", "device", "folder", "long name", "no folder"])
def test_an_export_goes_into_a_new_file_of_its_own(ask, tmp_path, kind):
    path = tmp_path / "day.csv"
    if kind == "existing":
        path.write_text("mine")
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        path.mkdir()
    path = {
        "device": "/dev/null",
        "long name": tmp_path / ("x" * 5000),
        "no folder": tmp_path / "no" / "day.csv",
    }.get(kind, path)
    config = f"[journal]\npath = '{tmp_path}/j'\n"
    ended = ask(config, "export", "--from", "today", "--to", "today", "--output", str(path))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert not (tmp_path / "elsewhere").exists()


MAKING_A_FILE = {
    "export": ("export", "--day", "today", "--output"),
    "backup": ("backup",),
    "slip": ("slip", "R1", "--file"),
    "watch": ("watch", "--log-file"),
}


@pytest.mark.parametrize("command", MAKING_A_FILE)
@pytest.mark.parametrize(
    "name", ["CON", "NUL.csv", "com1", "a.csv:ads", "a.csv.", "a.csv ", "a\nb", "x" * 5000]
)
def test_a_name_that_means_something_else_elsewhere_is_refused_everywhere(
    ask, tmp_path, command, name
):
    config = f"{NOBODY}[journal]\npath = '{tmp_path}/j'\n"
    ended = ask(config, *MAKING_A_FILE[command], str(tmp_path / name))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "use another name" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


@posix_only
@pytest.mark.parametrize("command", ["export", "backup", "slip"])
def test_the_folder_of_a_kiosk_is_not_left(ask, tmp_path, command):
    home, outside = tmp_path / "export", tmp_path / "outside"
    home.mkdir()
    outside.mkdir()
    (home / "link").symlink_to(outside)
    journal = SqliteJournal(tmp_path / "j")
    journal.open_case(a_refund(id="R1", state=RefundState.SUCCEEDED), an_entry())
    journal.close()
    config = f"export_folder = '{home}'\n[journal]\npath = '{tmp_path}/j'\n"
    for name in ("../day", str(outside / "day"), "link/day", f"{home}/../outside/day"):
        ended = ask(config, *MAKING_A_FILE[command], name)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert f"only be made in {home}" in ended.stderr
    assert list(outside.iterdir()) == []
    for name in ("day", str(home / "day2")):
        assert ask(config, *MAKING_A_FILE[command], name).returncode == 0
    assert sorted(path.name for path in home.iterdir()) == ["day", "day2", "link"]
    assert oct((home / "day").stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("extra", [{"LC_ALL": "C"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_plain_surroundings_are_no_accident(ask, tmp_path, extra):
    config = f"counter = 'Käsebrot €'\n[journal]\npath = '{tmp_path}/j'\n"
    for command in (("list",), ("terminals",), ("config", "show"), ("doctor", "--offline")):
        assert ask(config, *command, **extra).returncode == 0


# -- 4.7 environment -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extra",
    [
        {"TEXTUAL_PRESS": "y,enter", "TEXTUAL_DRIVER": "os:system", "TEXTUAL_DEBUG": "1"},
        {"SSLKEYLOGFILE": "/nowhere/keys", "SSL_CERT_FILE": "/nowhere", "SSL_CERT_DIR": "/nowhere"},
        {"HTTPS_PROXY": "http://u:SECRET@127.0.0.1:1", "ALL_PROXY": "x", "NO_PROXY": "*"},
        {"KEYRING_PROPERTY_X": "1", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_what_could_change_what_is_sent_is_left_out(ask, tmp_path, extra):
    SqliteJournal(tmp_path / "j").close()
    config = f"[journal]\npath = '{tmp_path}/j'\n"
    quiet = ask(config, "list", **extra)
    assert (quiet.returncode, quiet.stderr) == (0, "There are no such refunds.\n")
    told = ask(config, "doctor", "--offline", **extra)
    assert all(name in told.stdout for name in extra)
    assert "SECRET" not in told.stdout + told.stderr


@pytest.mark.parametrize(
    "extra",
    [
        {"TZ": "Nowhere/Else"},
        {"LANG": "C", "LC_ALL": ""},
        {"COLUMNS": "0", "LINES": "0"},
        {"TMPDIR": "/tmp"},  # noqa: S108 - the one where everybody may write
        {"XDG_STATE_HOME": "relative"},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_odd_surroundings_have_fallbacks(ask, extra):
    ended = ask("", "doctor", "--offline", "--json", **extra)
    assert ended.returncode == 0, ended.stdout
    assert '"path": "/tmp/journal' not in ended.stdout


def test_pythons_own_variables_and_a_preloaded_library_are_named(ask, tmp_path):
    extra = {"PYTHONSTARTUP": "/nowhere", "PYTHONWARNINGS": "error", "LD_PRELOAD": "/nowhere.so"}
    told = ask(f"[journal]\npath = '{tmp_path}/j'\n", "doctor", "--offline", **extra)
    assert told.returncode == 0
    # The tests themselves run with the first one.
    assert all(name in told.stdout for name in ("PYTHONPATH", *extra))


def test_python_itself_can_be_told_to_ignore_its_variables():
    program = (
        "import os; from posrefund.hygiene import meddling;"
        "print(meddling({'PYTHONPATH': 'x', 'PYTHONWARNINGS': 'error', 'LD_PRELOAD': 'y'}))"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout == "['LD_PRELOAD']\n"
    assert meddling({"HOME": "/", "PYTHONPATH": ""}) == []


def test_a_warning_never_becomes_an_error():
    program = (
        "import os, warnings; from posrefund.hygiene import forget_warnings;"
        "forget_warnings(os.environ); warnings.warn('old'); print('fine')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=environment(PYTHONWARNINGS="error"),
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "fine\n", "")


def test_nobody_is_left_at_a_prompt_beside_the_key(tmp_path):
    SqliteJournal(tmp_path / "j").close()
    (tmp_path / "config.toml").write_text(f"[journal]\npath = '{tmp_path}/j'\n")
    ended = subprocess.run(
        [
            sys.executable,
            "-i",
            "-m",
            "posrefund",
            "list",
            "--config",
            str(tmp_path / "config.toml"),
        ],
        input="print('a prompt')\n",
        capture_output=True,
        text=True,
        check=False,
        env=environment(POSREFUND_API_KEY=KEY),
    )
    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr == "There are no such refunds.\n"


@pytest.mark.parametrize(
    ("kiosk", "removed", "environ", "opens"),
    [
        (True, ["TEXTUAL_PRESS"], {}, False),
        (True, [], {"PYTHONPATH": "/x"}, False),
        (True, [], {"LD_PRELOAD": "/x.so"}, False),
        (True, ["HTTPS_PROXY"], {}, True),
        (True, [], {}, True),
        (False, ["TEXTUAL_PRESS"], {"PYTHONPATH": "/x"}, True),
    ],
)
def test_a_kiosk_does_not_start_where_the_environment_could_press_keys(
    tmp_path, monkeypatch, kiosk, removed, environ, opens
):
    path = tmp_path / "config.toml"
    path.write_text(f"kiosk = {str(kiosk).lower()}\n[journal]\npath = '{tmp_path}/j'\n")
    opened = []
    monkeypatch.setattr(counter, "run_counter", lambda program: opened.append(program) or 0)
    out, err = TerminalText(), TerminalText()
    session = Session(
        environ={"TERM": "xterm", "POSREFUND_API_KEY": KEY, **environ},
        removed=removed,
        stdin=TerminalText(),
        stdout=out,
        stderr=err,
    )
    code = run(("--config", str(path)), session=session)
    assert (code, bool(opened)) == (0 if opens else 3, opens)
    named = [*removed, *environ] if not opens else []
    assert all(name in err.getvalue() for name in named)
