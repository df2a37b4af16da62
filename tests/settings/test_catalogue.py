"""The catalogue of bad input, row by row: reliability.md 4.1, 4.6 and 4.7, by the real command.

Each is one sentence that says what is wrong and where, and an exit code; nothing is sent. What an
unknown home does is in `tests/test_locations.py`, certificates in `tests/provider`.
"""

import os
import subprocess

import pytest

from tests.support.commands import COMMAND, environment

KEY = "t_0123456789abcdef"
LIVE_KEY = "l_0123456789abcdef"
NOBODY = "[provider]\nbase_url = 'http://127.0.0.1:9/api/v1'\n"
"""Where nobody listens: what is not refused as it should be must not reach CCV either."""

pytestmark = pytest.mark.process
posix_only = pytest.mark.skipif(os.name != "posix", reason="modes and pipes are a POSIX matter")


@pytest.fixture
def ask(tmp_path):
    """Write a configuration, and run a command with it. Without one it only reads the journal."""

    def ask(config="", *arguments, key=KEY, **extra):
        path = tmp_path / "config.toml"
        if config is not None:
            path.write_bytes(config if isinstance(config, bytes) else config.encode())
        if key is not None:
            extra["POSREFUND_API_KEY"] = key
        ended = subprocess.run(
            [*COMMAND, *(arguments or ("list",)), "--config", str(path)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
            env=environment(**extra),
        )
        assert "Traceback" not in ended.stderr
        assert "\x1b" not in ended.stdout + ended.stderr
        return ended

    return ask


def refused(ended, code, why):
    assert ended.returncode == code, ended.stderr
    assert why in ended.stderr
    assert ended.stderr.startswith("Nothing was sent.")
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""


# -- 4.1 configuration -----------------------------------------------------------------------------

NO_FILE = {
    "missing": "there is no such file",
    "folder": "is a folder",
    "pipe": "is not a regular file",
    "huge": "is larger than 1 MiB",
    "not UTF-8": "is not UTF-8 text",
    "not TOML": "(at line 2, column 9)",
}


@posix_only
@pytest.mark.parametrize("kind", NO_FILE)
def test_c_101_what_is_no_configuration_file(ask, tmp_path, kind):
    path = tmp_path / "config.toml"
    {
        "missing": lambda: None,
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "huge": lambda: path.write_bytes(b"#" * 100 * 1024 * 1024),
        "not UTF-8": lambda: path.write_bytes(b"counter = '\xff'"),
        "not TOML": lambda: path.write_text("\ncounter 5\n"),
    }[kind]()
    refused(ask(None), 3, NO_FILE[kind])


def test_c_101_an_empty_file_is_the_defaults(ask, tmp_path):
    ended = ask(f'[journal]\npath = "{tmp_path}/j"\n', "list")
    assert ended.returncode == 0


WRONG = {
    # C-110: unknown, wrong type, duplicate
    'conter = "x"': "conter: is not a known key; the nearest one is counter",
    "counter = 30": "counter: must be text in quotes",
    'counter = "a"\ncounter = "b"': "is not TOML",
    "kiosk = 'yes'": "kiosk: must be true or false",
    # C-111: out of bounds, with the bounds
    'counter = "' + "x" * 41 + '"': "counter: is longer than 40 characters",
    "[printer]\nkind='file'\naddress='/x'\ncolumns = -1": "columns: must be one of: 32, 42, 48",
    "[printer]\nkind='file'\naddress='/x'\ncolumns = nan": "columns: must be one of: 32, 42, 48",
    "[printer]\nkind='file'\naddress='/x'\ncolumns = 1e400": "columns: must be one of: 32, 42, 48",
    # C-120: addresses
    "[provider]\nbase_url='http://api.psp.ccv.eu/api/v1'": "plain http is only for this machine",
    "[provider]\nbase_url='https://user:pass@x.example/'": "must not contain a user name",
    "[provider]\nbase_url='https://x.example/a/../b'": "must have a plain path",
    "[provider]\nbase_url='https://x.example./a'": "must have a host name",
    "[provider]\nbase_url='https://xn--\u00e9.example/a'": "printable ASCII",
    "[provider]\nbase_url='https://x.example:99999/a'": "must have a host name",
    "[provider]\nbase_url='http://10.0.0.1/a'": "plain http is only for this machine",
    # C-130: safeguards
    "[provider]\nidempotency = false": "this cannot be switched off",
    "[provider]\nverify_tls = false": "this cannot be switched off",
    "[journal]\nsynchronous = 'off'": "this cannot be switched off",
    # C-140, C-146, C-150: the journal, and what there is not yet
    "[journal]\npath = 'journal.sqlite3'": "must be an absolute path",
    "[journal]\ndsn = 'postgres://u:SECRET@db/x'": "dsn: is not a known key",
    "[people]\npin = '$argon2id$SECRET'": "people: is not a known key",
    # S02: a secret in the file
    "[provider]\napi_key = 't_SECRET'": "api_key: does not belong in this file",
}


@pytest.mark.parametrize("config", WRONG, ids=ascii)
def test_c_110_to_c_150_a_wrong_value_is_named_and_not_repeated(ask, config):
    ended = ask(config)
    refused(ended, 3, WRONG[config])
    assert "SECRET" not in ended.stderr


def test_c_121_a_live_key_and_an_address_without_tls_do_not_agree(ask):
    ended = ask(NOBODY, "find", "1001", key=LIVE_KEY)
    refused(ended, 3, "plain http, which is only for a test key")


KEYS = {
    "": "POSREFUND_API_KEY is empty",
    "t_01 23": "contains a space",
    "t_01\n23": "contains a space or a line break",
    "t_01:23": "contains a character that no API key has",
    "t_01\u00e923": "contains a character that no API key has",
    "t_": "is not an API key of CCV",
    "SECRET0123456789": "is not an API key of CCV",
    "t_" + "a" * 300: "longer than 200 characters",
    "t_your_key_here": "is a placeholder",
    "t_e40a9b36f4c1fa31f512c623bb5a315696e98cea": "is the sample from CCV's documentation",
}


@pytest.mark.parametrize("key", KEYS, ids=lambda key: ascii(key)[:24])
def test_c_122_what_is_no_key(ask, key):
    ended = ask(NOBODY, "find", "1001", key=key)
    refused(ended, 3, KEYS[key])
    assert len(key) < 3 or key not in ended.stderr


@posix_only
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("group", "has mode 0640, so others can reach it; run: chmod 600"),
        ("others", "has mode 0604, so others can reach it; run: chmod 600"),
        ("open folder", "is in a folder everybody can write to; run: chmod o-w"),
        ("link", "is a symbolic link"),
    ],
)
def test_c_123_a_key_file_others_can_reach(ask, tmp_path, kind, why):
    folder = tmp_path / "keys"
    folder.mkdir()
    file = folder / "key"
    file.write_text(KEY)
    file.chmod({"group": 0o640, "others": 0o604}.get(kind, 0o600))
    if kind == "open folder":
        folder.chmod(0o777)
    if kind == "link":
        file.rename(folder / "real")
        file.symlink_to(folder / "real")
    refused(ask(f"{NOBODY}api_key_file = '{file}'\n", "find", "1001", key=None), 3, why)


@posix_only
@pytest.mark.parametrize("who", ["file", "folder"])
def test_c_124_a_configuration_others_can_write(ask, tmp_path, who):
    folder = tmp_path / "open"
    folder.mkdir()
    config = folder / "config.toml"
    config.write_text("")
    (config if who == "file" else folder).chmod(0o777)
    ended = subprocess.run(
        [*COMMAND, "list"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(POSREFUND_CONFIG=str(config)),
    )
    refused(ended, 3, "can be written by everybody")


def test_c_125_no_safe_store_for_the_key(ask):
    ended = subprocess.run(
        [*COMMAND, "key", "set", "--to", "keyring"],
        input=KEY,
        capture_output=True,
        text=True,
        check=False,
        env=environment(PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring"),
    )
    refused(ended, 3, "no safe store for keys")


@posix_only
@pytest.mark.parametrize("kind", ["below a file", "folder", "another program", "not ours to write"])
def test_c_141_to_c_144_a_journal_that_cannot_be(ask, tmp_path, kind):
    path = tmp_path / "journal"
    if kind == "below a file":
        path.write_text("")
        path = path / "journal"
    elif kind == "folder":
        path.mkdir()
    elif kind == "another program":
        path.write_text("This is no journal.")
    else:
        path = "/proc/journal"
    refused(ask(f"[journal]\npath = '{path}'\n", "list"), 8, "journal")


def test_c_143_a_journal_in_a_folder_that_is_not_there_yet_is_made(ask, tmp_path):
    ended = ask(f"[journal]\npath = '{tmp_path}/a/b/journal'\n", "list")
    assert ended.returncode == 0
    assert oct((tmp_path / "a/b/journal").stat().st_mode & 0o777) == "0o600"


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
