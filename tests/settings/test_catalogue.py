"""The catalogue of bad input, row by row: reliability.md 4.1, the configuration and the key.

Each is one sentence that says what is wrong and where, with its number, and an exit code; nothing
is sent. `test_catalogue_rows.py` knows every row.
"""

import contextlib
import inspect
import io
import os
import sqlite3
import subprocess

import pytest

from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.journal.sqlite import SqliteJournal
from posrefund.settings import load_settings
from tests.settings.catalogue import KEY, LIVE_KEY, NOBODY, refused
from tests.support.commands import COMMAND, environment

pytestmark = pytest.mark.process
posix_only = pytest.mark.skipif(os.name != "posix", reason="modes and pipes are a POSIX matter")


# -- 4.1 configuration -----------------------------------------------------------------------------

NO_FILE = {
    "missing": ("there is no such file", "C-101"),
    "folder": ("is a folder", "C-102"),
    "pipe": ("is not a regular file", "C-103"),
    "huge": ("is larger than 1 MiB", "C-104"),
    "not UTF-8": ("is not UTF-8 text", "C-105"),
    "not TOML": ("(at line 2, column 9)", "C-106"),
}


@posix_only
@pytest.mark.parametrize("kind", NO_FILE)
def test_c_101_to_c_106_what_is_no_configuration_file(ask, tmp_path, kind):
    path = tmp_path / "config.toml"
    {
        "missing": lambda: None,
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "huge": lambda: path.write_bytes(b"#" * 100 * 1024 * 1024),
        "not UTF-8": lambda: path.write_bytes(b"counter = '\xff'"),
        "not TOML": lambda: path.write_text("\ncounter 5\n"),
    }[kind]()
    refused(ask(None), 3, *NO_FILE[kind])


def test_c_101_an_empty_file_is_the_defaults(ask, tmp_path):
    ended = ask(f'[journal]\npath = "{tmp_path}/j"\n', "list")
    assert ended.returncode == 0


WRONG = {
    # C-110: unknown, wrong type, duplicate
    'conter = "x"': ("conter: is not a known key; the nearest one is counter", "C-110"),
    "counter = 30": ("counter: must be text in quotes", "C-110"),
    'counter = "a"\ncounter = "b"': ("is not TOML", "C-106"),
    "kiosk = 'yes'": ("kiosk: must be true or false", "C-110"),
    # C-111: out of bounds, with the bounds
    'counter = "' + "x" * 41 + '"': ("counter: is longer than 40 characters", "C-111"),
    "[printer]\nkind='file'\naddress='/x'\ncolumns = -1": (
        "columns: must be one of: 32, 42, 48",
        "C-111",
    ),
    "[printer]\nkind='file'\naddress='/x'\ncolumns = nan": (
        "columns: must be one of: 32, 42, 48",
        "C-111",
    ),
    "[printer]\nkind='file'\naddress='/x'\ncolumns = 1e400": (
        "columns: must be one of: 32, 42, 48",
        "C-111",
    ),
    # C-120: addresses
    "[provider]\nbase_url='http://api.psp.ccv.eu/api/v1'": (
        "plain http is only for this machine",
        "C-120",
    ),
    "[provider]\nbase_url='https://user:pass@x.example/'": (
        "must not contain a user name",
        "C-120",
    ),
    "[provider]\nbase_url='https://x.example/a/../b'": ("must have a plain path", "C-120"),
    "[provider]\nbase_url='https://x.example./a'": ("must have a host name", "C-120"),
    "[provider]\nbase_url='https://xn--\u00e9.example/a'": ("printable ASCII", "C-120"),
    "[provider]\nbase_url='https://x.example:99999/a'": ("must have a host name", "C-120"),
    "[provider]\nbase_url='http://10.0.0.1/a'": ("plain http is only for this machine", "C-120"),
    # C-130: safeguards
    "[provider]\nidempotency = false": ("this cannot be switched off", "C-130"),
    "[provider]\nverify_tls = false": ("this cannot be switched off", "C-130"),
    "[journal]\nsynchronous = 'off'": ("this cannot be switched off", "C-130"),
    # C-140: the journal
    "[journal]\npath = 'journal.sqlite3'": ("must be an absolute path", "C-140"),
    # S02: a secret in the file
    "[provider]\napi_key = 't_SECRET'": ("api_key: does not belong in this file", "C-110"),
}


@pytest.mark.parametrize("config", WRONG, ids=ascii)
def test_c_110_to_c_140_a_wrong_value_is_named_and_not_repeated(ask, config):
    ended = ask(config)
    refused(ended, 3, *WRONG[config])
    assert "SECRET" not in ended.stderr


SERVERS = {
    "path = 'postgres://u:SECRET@db.example/x'": "path",
    "path = 'PostgreSQL+psycopg://u:SECRET@db.example/x?sslmode=disable'": "path",
    "path = 'host=db.example user=u password=SECRET'": "path",
    "dsn = 'postgresql://u:SECRET@db.example/x'": "dsn",
    "url = 'SECRET'": "url",
    "password = 'SECRET'": "password",
    "sslmode = 'require'": "sslmode",
    "store = 'postgres://u:SECRET@db.example/x'": "store",
}


@pytest.mark.parametrize("config", SERVERS)
def test_c_146_a_database_server_is_no_journal_yet(ask, config):
    ended = ask(f"[journal]\n{config}\n")
    refused(ended, 3, f"journal.{SERVERS[config]}: a journal in PostgreSQL does not exist", "C-146")
    assert "SECRET" not in ended.stderr
    assert "db.example" not in ended.stderr


@pytest.mark.parametrize(
    "config",
    [
        "[people]\n'SECRET' = 'Ann'",
        "[[people]]\nname = 'SECRET'\npin = '1234'",
        "pin = 'SECRET'",
        "manager_pin = 123456",
        "managerPin = 'SECRET'",
        "pin_hash = 'SECRET'",
        "[provider]\nmanager_pin_hash = 'SECRET'",
    ],
)
def test_c_150_the_file_promises_no_pins(ask, config):
    ended = ask(config)
    refused(ended, 3, "there are no people and no PINs yet; leave it out", "C-150")
    assert not {"SECRET", "Ann", "1234"} & set(ended.stderr.replace(":", " ").split())


@pytest.mark.parametrize(
    "config",
    [
        "manager_pin_hash = '$argon2id$v=19$m=65536,t=3,p=4$SECRET'",
        "pin = '$argon2i$m=8,t=1,p=1$SECRET'",
        "pin_hash = '$pbkdf2-sha256$1000$SECRET'",
        "pin_hash = '$scrypt$ln=4,r=8,p=1$SECRET'",
        "[people.ann]\npin = '$2b$04$SECRET'",
        "[[people]]\nname = 'Ann'\nhashes = ['', '$2y$04$SECRET']",
    ],
)
def test_c_151_the_hash_of_a_pin_is_refused_strong_or_weak(ask, config):
    ended = ask(config)
    refused(ended, 3, "there are no people and no PINs yet; leave it out", "C-151")
    assert "$" not in ended.stderr


def test_c_121_a_live_key_and_an_address_without_tls_do_not_agree(ask):
    ended = ask(NOBODY, "find", "1001", key=LIVE_KEY)
    refused(ended, 3, "plain http, which is only for a test key", "C-121")


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
    refused(ended, 3, KEYS[key], "C-122")
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
    refused(ask(f"{NOBODY}api_key_file = '{file}'\n", "find", "1001", key=None), 3, why, "C-123")


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
    refused(ended, 3, "can be written by everybody", "C-124")


def test_c_125_no_safe_store_for_the_key(ask):
    ended = subprocess.run(
        [*COMMAND, "key", "set", "--to", "keyring"],
        input=KEY,
        capture_output=True,
        text=True,
        check=False,
        env=environment(PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring"),
    )
    refused(ended, 3, "no safe store for keys", "C-125")


@posix_only
@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("folder", "C-142"),
        ("below a file", "C-143"),
        ("not ours to write", "C-143"),
        ("another program", "C-144"),
    ],
)
def test_c_142_to_c_144_a_journal_that_cannot_be(ask, tmp_path, kind, number):
    path = tmp_path / "journal"
    if kind == "below a file":
        path.write_text("")
        path = path / "journal"
    elif kind == "folder":
        path.mkdir()
    elif kind == "another program":
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE other (id)")
    else:
        path = "/proc/journal"
    # Who only reads has no need of a journal where there is none.
    command = ("refund", "1001", "--full", "--yes") if kind == "not ours to write" else ("list",)
    refused(ask(f"{NOBODY}[journal]\npath = '{path}'\n", *command), 8, "journal", number)


def test_c_143_a_journal_in_a_folder_that_is_not_there_yet_is_made(ask, tmp_path):
    ended = ask(
        f"{NOBODY}[journal]\npath = '{tmp_path}/a/b/journal'\n", "refund", "1001", "--full", "--yes"
    )
    assert (ended.returncode, ended.stdout) == (4, "")
    assert oct((tmp_path / "a/b/journal").stat().st_mode & 0o777) == "0o600"


@posix_only
@pytest.mark.parametrize("who", ["file", "key"])
def test_c_123_c_124_a_file_of_another_user(ask, tmp_path, monkeypatch, who):
    key, config = tmp_path / "key", tmp_path / "config.toml"
    key.write_text(KEY)
    key.chmod(0o600)
    config.write_text(f"{NOBODY}api_key_file = '{key}'\n")
    if os.geteuid() == 0:
        os.chown(key if who == "key" else config, 65534, -1)
    else:
        us = os.geteuid()
        # The configuration is read first, so that is where somebody else must still be us.
        monkeypatch.setattr(os, "geteuid", lambda: us if reading_config(who) else us + 1)
    out, err = io.StringIO(), io.StringIO()
    session = Session(environ={}, stdin=io.StringIO(), stdout=out, stderr=err)
    assert run(("find", "1001", "--config", str(config)), session=session) == 3
    assert "belongs to another user" in err.getvalue()
    assert err.getvalue().endswith(f"({'C-123' if who == 'key' else 'C-124'})\n")


def reading_config(who):
    """Whether the question comes while the configuration is read, and not the key."""
    frame = inspect.currentframe()
    names = {one.function for one in inspect.getouterframes(frame)}
    return who == "key" and "load_settings" in names


def test_a_configuration_of_root_is_taken(tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    path.write_text("")
    if os.geteuid() != 0:
        monkeypatch.setattr(os, "fstat", as_of_root(os.fstat))
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert load_settings(path).counter


def as_of_root(real):
    def fstat(descriptor):
        status = list(real(descriptor))
        status[4] = 0
        return os.stat_result(status)

    return fstat


@pytest.mark.parametrize("other", ["printer", "key", "certificates", "itself"])
def test_c_145_a_journal_that_is_also_something_else(ask, tmp_path, other):
    path = tmp_path / ("config.toml" if other == "itself" else "journal")
    more = {
        "printer": f"[printer]\nkind = 'file'\naddress = '{path}'\n",
        "key": f"[provider]\napi_key_file = '{path}'\n",
        "certificates": f"[provider]\nca_file = '{path}'\n",
        "itself": "",
    }[other]
    ended = ask(f"{more}[journal]\npath = '{path}'\n", "list")
    refused(ended, 3, "journal.path: is the same file as", "C-145")


def test_c_145_an_export_does_not_write_over_the_journal(ask, tmp_path):
    config = f"{NOBODY}[journal]\npath = '{tmp_path}/journal'\n"
    SqliteJournal(tmp_path / "journal").close()
    before = (tmp_path / "journal").read_bytes()
    day = ("--from", "today", "--to", "today")
    ended = ask(config, "export", *day, "--output", str(tmp_path / "journal"))
    assert ended.returncode == 2
    assert "exists already" in ended.stderr
    assert (tmp_path / "journal").read_bytes() == before
