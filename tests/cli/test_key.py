"""`key`: stored where only we can read it, and never shown."""

import io
import json
import os
import pty
import subprocess
import sys
import threading
import time
import types

import pytest

from posrefund import keychain
from posrefund.cli.main import run
from posrefund.cli.session import Session
from tests.cli.fakes import Ended
from tests.support.commands import COMMAND, environment

SECRET = "0123456789abcdef0123456789abcdef01234567"
TEST_KEY, LIVE_KEY = f"t_{SECRET}", f"l_{SECRET}"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    """The keyring of the machine the tests run on is not ours to write to."""
    monkeypatch.setattr(keychain, "_BACK_ENDS", {})


@pytest.fixture
def kept_secrets(monkeypatch):
    """A keyring with a back end that is on the list; return what it keeps."""
    kept = {}

    class BackEnd:
        priority = 5

        def get_password(self, service, account):
            return kept.get((service, account))

        def set_password(self, service, account, secret):
            kept[service, account] = secret

        def delete_password(self, service, account):
            del kept[service, account]

    module = types.ModuleType("a_safe_keyring")
    module.Keyring = BackEnd
    monkeypatch.setitem(sys.modules, "a_safe_keyring", module)
    monkeypatch.setattr(keychain, "_BACK_ENDS", {sys.platform: ("a_safe_keyring:Keyring",)})
    return kept


def typed(*arguments, stdin="", environ=None):
    out, err = io.StringIO(), io.StringIO()
    session = Session(environ=environ or {}, stdin=io.StringIO(stdin), stdout=out, stderr=err)
    code = run(arguments, session=session)
    assert SECRET not in out.getvalue() + err.getvalue()
    return Ended(code, out.getvalue(), err.getvalue())


def test_a_key_is_stored_in_a_file_only_we_can_read(empty_home):
    ended = typed("key", "set", "--json", stdin=TEST_KEY + "\n")
    file = empty_home / "config/posrefund/api_key"
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines == [
        {
            "source": "key file",
            "place": str(file),
            "environment": "test",
            "address": "https://api.psp.ccv.eu/api/v1",
        }
    ]
    assert file.read_text() == TEST_KEY + "\n"
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert oct(file.parent.stat().st_mode & 0o777) == "0o700"
    assert [path.name for path in file.parent.iterdir()] == ["api_key"]


def test_a_stored_key_is_found_again_and_deleted(empty_home):
    assert typed("key", "status").code == 3
    typed("key", "set", stdin=LIVE_KEY)
    ended = typed("key", "status", "--json")
    assert ended.code == 0
    (line,) = ended.lines
    assert (line["source"], line["used"], line["environment"]) == ("key file", True, "live")
    assert line["problem"] is None
    assert typed("key", "delete", "--yes").code == 0
    assert typed("key", "status").code == 3
    assert "There was no stored API key." in typed("key", "delete", "--yes").out


def test_the_file_of_the_configuration_is_used_when_it_names_one(tmp_path):
    config = tmp_path / "till.toml"
    config.write_text('[provider]\napi_key_file = "secret/key"\n')
    ended = typed("key", "set", "--config", str(config), stdin=TEST_KEY)
    assert ended.code == 0, ended.err
    assert (tmp_path / "secret/key").read_text() == TEST_KEY + "\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "No API key came"),
        ("\n", "empty"),
        ("t_two words", "space"),
        ("x_abc", "begin with t_"),
        ("t_your_api_key", "placeholder"),
        (TEST_KEY + "\nmore", "line break"),
    ],
)
def test_what_is_no_key_is_not_stored(empty_home, text, why):
    ended = typed("key", "set", stdin=text)
    assert ended.code in {2, 3}
    assert why in ended.err
    assert not (empty_home / "config/posrefund").exists()


def test_a_live_key_is_not_stored_for_plain_http(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[provider]\nbase_url = "http://127.0.0.1:1/api/v1"\n')
    ended = typed("key", "set", "--config", str(config), stdin=LIVE_KEY)
    assert ended.code == 3
    assert "plain http" in ended.err
    assert not (tmp_path / "api_key").exists()


def test_a_link_is_never_written_through(empty_home, tmp_path):
    folder = empty_home / "config/posrefund"
    folder.mkdir()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (folder / "api_key").symlink_to(victim)
    ended = typed("key", "set", stdin=TEST_KEY)
    assert ended.code == 3
    assert "regular file" in ended.err
    assert victim.read_text() == "precious"


def test_a_new_key_takes_the_place_of_the_old_one_at_once(empty_home):
    typed("key", "set", stdin=LIVE_KEY)
    file = empty_home / "config/posrefund/api_key"
    old = file.stat().st_ino
    typed("key", "set", stdin=TEST_KEY)
    assert file.read_text() == TEST_KEY + "\n"
    assert file.stat().st_ino != old


def test_a_key_that_another_one_hides_is_said(empty_home):
    ended = typed("key", "set", stdin=TEST_KEY, environ={"POSREFUND_API_KEY": LIVE_KEY})
    assert ended.code == 0
    assert "Another key comes first, from POSREFUND_API_KEY" in ended.err
    status = typed("key", "status", "--json", environ={"POSREFUND_API_KEY": LIVE_KEY})
    assert [(line["source"], line["used"]) for line in status.lines] == [
        ("environment", True),
        ("key file", False),
    ]


def test_others_must_not_reach_the_key(empty_home):
    typed("key", "set", stdin=TEST_KEY)
    (empty_home / "config/posrefund/api_key").chmod(0o640)
    ended = typed("key", "status")
    assert ended.code == 3
    assert "mode 0640" in ended.err
    assert "chmod 600" in ended.err


def test_nothing_is_deleted_without_a_yes(empty_home):
    typed("key", "set", stdin=TEST_KEY)
    assert typed("key", "delete").code == 2
    assert typed("key", "status").code == 0


def test_a_safe_keyring_is_preferred_and_named_by_the_address(kept_secrets, empty_home):
    ended = typed("key", "set", "--json", stdin=TEST_KEY)
    assert (ended.code, ended.lines[0]["source"]) == (0, "keyring")
    assert kept_secrets == {("posrefund", "https://api.psp.ccv.eu/api/v1"): TEST_KEY}
    assert not (empty_home / "config/posrefund").exists()
    assert typed("key", "status", "--json").lines[0]["source"] == "keyring"
    assert typed("key", "delete", "--yes").code == 0
    assert kept_secrets == {}


def test_a_key_for_one_address_is_never_taken_for_another(kept_secrets, tmp_path):
    typed("key", "set", stdin=TEST_KEY)
    config = tmp_path / "config.toml"
    config.write_text('[provider]\nbase_url = "https://elsewhere.example/api/v1"\n')
    assert typed("key", "status", "--config", str(config)).code == 3


def test_a_file_comes_before_the_keyring(kept_secrets, empty_home):
    typed("key", "set", "--to", "file", stdin=TEST_KEY)
    ended = typed("key", "set", "--to", "keyring", stdin=LIVE_KEY)
    assert ended.code == 0
    assert "comes first" in ended.err
    sources = [line["source"] for line in typed("key", "status", "--json").lines]
    assert sources == ["key file", "keyring"]


def test_without_a_safe_keyring_nothing_is_stored_in_another_one():
    ended = typed("key", "set", "--to", "keyring", stdin=TEST_KEY)
    assert ended.code == 3
    assert "no safe store" in ended.err


def test_a_keyring_that_waits_for_somebody_is_left_behind(kept_secrets, monkeypatch):
    opened = threading.Event()
    monkeypatch.setattr(keychain, "SECONDS", 0.05)
    back_end = sys.modules["a_safe_keyring"].Keyring
    monkeypatch.setattr(back_end, "get_password", lambda *_: opened.wait(20) and None)
    begun = time.monotonic()
    assert typed("key", "status").code == 3
    assert time.monotonic() - begun < 10
    opened.set()


def test_the_back_ends_are_named_one_by_one():
    from importlib import reload

    names = [name for every in reload(keychain)._BACK_ENDS.values() for name in every]
    assert names
    assert not any(word in name for name in names for word in ("fail", "null", "chain", "alt"))


@pytest.mark.process
def test_a_person_types_the_key_and_nobody_sees_it(empty_home):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "key", "set", "--to", "file"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=environment(TERM="xterm"),
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )
    os.close(theirs)
    shown = b""
    while b"API key" not in shown:
        shown += os.read(ours, 1000)
    os.write(ours, TEST_KEY.encode() + b"\n")
    try:
        while part := os.read(ours, 1000):
            shown += part
    except OSError:
        pass  # Linux says it that way when the other end is closed
    os.close(ours)
    assert process.wait(30) == 0
    assert SECRET.encode() not in shown
    assert (empty_home / "config/posrefund/api_key").read_text() == TEST_KEY + "\n"


@pytest.mark.process
def test_a_key_is_looked_for_without_loading_screens_or_servers(tmp_path):
    program = (
        "import sys, json; from posrefund.cli.main import run;"
        "run(['key', 'status']); print(json.dumps(sorted(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment(POSREFUND_API_KEY=TEST_KEY),
    )
    loaded = {name.partition(".")[0] for name in json.loads(ended.stdout.splitlines()[-1])}
    assert loaded.isdisjoint({"textual", "flask", "httpx", "pydantic", "qrcode", "sqlite3"})
