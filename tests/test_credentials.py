"""The API key: found in three places, checked, and never shown."""

import copy
import logging
import os
import pickle
import traceback

import pytest

from posrefund import credentials
from posrefund.credentials import KEY_VARIABLE, ApiKey, key_places
from posrefund.errors import ConfigWrong
from posrefund.refund.model import Environment

SECRET = "0123456789abcdef0123456789abcdef01234567"
TEST_KEY, LIVE_KEY, OTHER_KEY = f"t_{SECRET}", f"l_{SECRET}", f"t_other{SECRET}"
SAMPLE = "t_e40a9b36f4c1fa31f512c623bb5a315696e98cea"

posix_only = pytest.mark.skipif(os.name != "posix", reason="owners and modes are a POSIX matter")

WRONG = [
    ("", "is empty"),
    (" ", "space"),
    (f" {TEST_KEY}", "space"),
    (f"{TEST_KEY} ", "space"),
    (f"t_{SECRET[:10]} {SECRET[10:]}", "space"),
    (f"{TEST_KEY}\nsecond", "line break"),
    (f"{TEST_KEY}\n\n", "line break"),
    (f"{TEST_KEY}\r\n\t", "line break"),
    (f"{TEST_KEY}\u00a0", "space"),
    (f"{TEST_KEY}:", "character"),
    (f"user:{TEST_KEY}", "character"),
    (f"{TEST_KEY}\u00e9", "character"),
    (f"\ufeff{TEST_KEY}", "character"),
    (f"{TEST_KEY}\x00", "character"),
    (f"{TEST_KEY}\x1b[2J", "character"),
    (SECRET, "begin with t_"),
    (f"T_{SECRET}", "begin with t_"),
    (f"x_{SECRET}", "begin with t_"),
    ("t_", "begin with t_"),
    ("l", "begin with t_"),
    ("t_" + "a" * 199, "longer than 200"),
    (SAMPLE, "sample"),
    (SAMPLE.upper().replace("T_", "t_"), "sample"),
    (SAMPLE.replace("t_", "l_"), "sample"),
]


def key_file(folder, text=TEST_KEY, *, mode=0o600, name="api_key"):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def find_api_key(**places):
    return credentials.find_api_key(key_places(**places))


def shown(error):
    return "".join(traceback.format_exception(error.value))


@pytest.mark.parametrize(("text", "why"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_key_is_refused_in_a_sentence_that_does_not_hold_it(text, why):
    with pytest.raises(ConfigWrong, match=why) as error:
        find_api_key(environ={KEY_VARIABLE: text}, key_file=None)
    assert str(error.value).startswith(KEY_VARIABLE)
    assert SECRET not in shown(error)
    assert "e40a9b" not in shown(error)


@pytest.mark.parametrize(("text", "why"), WRONG, ids=range(len(WRONG)))
def test_a_file_with_a_wrong_key_is_refused_the_same_way(tmp_path, text, why):
    path = key_file(tmp_path, text)
    with pytest.raises(ConfigWrong, match=why) as error:
        find_api_key(environ={}, key_file=path)
    assert str(path) in str(error.value)
    assert SECRET not in shown(error)


def test_the_prefix_says_whether_money_is_real():
    assert ApiKey(TEST_KEY).environment is Environment.TEST
    assert ApiKey(LIVE_KEY).environment is Environment.LIVE


def test_the_longest_key_is_taken():
    assert ApiKey("t_" + "a" * 198).reveal() == "t_" + "a" * 198


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_one_line_break_at_the_end_is_no_part_of_the_key(tmp_path, ending):
    path = key_file(tmp_path, TEST_KEY + ending)
    assert find_api_key(environ={}, key_file=path).reveal() == TEST_KEY
    found = find_api_key(environ={KEY_VARIABLE: TEST_KEY + ending}, key_file=None)
    assert found.reveal() == TEST_KEY


def test_the_variable_comes_first_then_systemd_then_the_file(tmp_path):
    key_file(tmp_path, OTHER_KEY, name="posrefund_api_key", mode=0o400)
    path = key_file(tmp_path, LIVE_KEY)
    everything = {KEY_VARIABLE: TEST_KEY, "CREDENTIALS_DIRECTORY": str(tmp_path)}
    systemd = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert find_api_key(environ=everything, key_file=path).reveal() == TEST_KEY
    assert find_api_key(environ=systemd, key_file=path).reveal() == OTHER_KEY
    assert find_api_key(environ={}, key_file=path).reveal() == LIVE_KEY


@pytest.mark.parametrize("folder", ["", "/nowhere/at/all"])
def test_a_credentials_folder_without_our_key_is_passed_over(tmp_path, folder):
    path = key_file(tmp_path)
    found = find_api_key(environ={"CREDENTIALS_DIRECTORY": folder}, key_file=path)
    assert found.reveal() == TEST_KEY


def test_a_wrong_key_is_not_passed_over_for_the_next_place(tmp_path):
    with pytest.raises(ConfigWrong, match="is empty"):
        find_api_key(environ={KEY_VARIABLE: ""}, key_file=key_file(tmp_path))


def test_without_a_key_the_three_places_are_said():
    with pytest.raises(ConfigWrong) as error:
        find_api_key(environ={}, key_file=None)
    for place in (KEY_VARIABLE, "posrefund_api_key", "provider.api_key_file"):
        assert place in str(error.value)


def test_a_missing_key_file_is_said(tmp_path):
    with pytest.raises(ConfigWrong, match="does not exist"):
        find_api_key(environ={}, key_file=tmp_path / "nothing")


@posix_only
@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "broken link", "nul"])
def test_what_is_no_regular_file_is_refused_and_never_waited_for(tmp_path, kind):
    path = tmp_path / "key"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    elif kind == "link":
        path.symlink_to(key_file(tmp_path))
    elif kind == "broken link":
        path.symlink_to(tmp_path / "nothing")
    else:
        path = tmp_path / "a\x00b"
    with pytest.raises(ConfigWrong, match=r"regular file|symbolic link|cannot be read"):
        find_api_key(environ={}, key_file=path)


@posix_only
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o601, 0o620, 0o602, 0o777])
def test_a_file_others_can_reach_is_refused_with_its_mode_and_the_cure(tmp_path, mode):
    path = key_file(tmp_path, mode=mode)
    with pytest.raises(ConfigWrong, match=f"mode {mode:04o}") as error:
        find_api_key(environ={}, key_file=path)
    assert f"chmod 600 {path}" in str(error.value)


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_our_own_is_taken(tmp_path, mode):
    assert find_api_key(environ={}, key_file=key_file(tmp_path, mode=mode)).reveal() == TEST_KEY


def owned_by(monkeypatch, owner, user):
    """Let files seem to belong to `owner` while `user` runs the program."""
    real = os.fstat

    def fstat(descriptor):
        status = list(real(descriptor))
        status[4] = owner
        return os.stat_result(status)

    monkeypatch.setattr(os, "fstat", fstat)
    monkeypatch.setattr(os, "geteuid", lambda: user)


@posix_only
def test_a_file_of_another_user_is_refused(tmp_path, monkeypatch):
    path = key_file(tmp_path)
    owned_by(monkeypatch, owner=1001, user=1000)
    with pytest.raises(ConfigWrong, match="another user"):
        find_api_key(environ={}, key_file=path)
    owned_by(monkeypatch, owner=0, user=1000)
    with pytest.raises(ConfigWrong, match="another user"):
        find_api_key(environ={}, key_file=path)


@posix_only
def test_systemd_may_keep_the_owner_root_and_let_us_in_by_an_access_list(tmp_path, monkeypatch):
    key_file(tmp_path, name="posrefund_api_key", mode=0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    owned_by(monkeypatch, owner=0, user=1000)
    assert find_api_key(environ=environ, key_file=None).reveal() == TEST_KEY


@posix_only
@pytest.mark.parametrize(("owner", "mode"), [(0, 0o444), (1000, 0o440), (1001, 0o400)])
def test_a_credential_systemd_did_not_make_is_refused(tmp_path, monkeypatch, owner, mode):
    key_file(tmp_path, name="posrefund_api_key", mode=mode)
    owned_by(monkeypatch, owner=owner, user=1000)
    with pytest.raises(ConfigWrong):
        find_api_key(environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}, key_file=None)


def test_a_file_that_is_not_text_is_no_key(tmp_path):
    for content in (b"\xff\xfe" + TEST_KEY.encode("utf-16-le"), os.urandom(4096)):
        with pytest.raises(ConfigWrong):
            find_api_key(environ={}, key_file=key_file(tmp_path, content))


def test_a_key_never_prints(caplog, capsys):
    key = ApiKey(TEST_KEY)
    printed = [repr(key), str(key), f"{key}", f"{key!r:>80}", f"{key:>80}", "%s" % key, repr([key])]  # noqa: UP031
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("the key is %s", key)
    print(key)
    output = capsys.readouterr()
    assert SECRET not in "".join([*printed, caplog.text, output.out, output.err])
    assert not hasattr(key, "__dict__")


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_is_neither_pickled_nor_copied(take):
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        take(ApiKey(TEST_KEY))


def test_a_crash_that_shows_variables_does_not_show_the_key(tmp_path):
    path = key_file(tmp_path, f"{TEST_KEY} two")
    with pytest.raises(ConfigWrong) as error:
        find_api_key(environ={}, key_file=path)
    frames = traceback.TracebackException.from_exception(error.value, capture_locals=True).stack
    ours = [frame for frame in frames if frame.filename.endswith("credentials.py")]
    assert ours
    shown_variables = [value for frame in ours for value in (frame.locals or {}).values()]
    assert not any(SECRET in value for value in shown_variables)


@posix_only
def test_a_kept_key_is_ours_alone_whatever_the_process_allows(tmp_path):
    before = os.umask(0)
    try:
        credentials.keep_in_file(ApiKey(TEST_KEY), tmp_path / "new" / "api_key")
    finally:
        os.umask(before)
    kept = tmp_path / "new" / "api_key"
    assert oct(kept.stat().st_mode & 0o777) == "0o600"
    assert oct(kept.parent.stat().st_mode & 0o777) == "0o700"
    assert find_api_key(environ={}, key_file=kept).reveal() == TEST_KEY


@posix_only
def test_a_key_is_neither_kept_nor_found_where_everybody_can_replace_it(tmp_path):
    folder = tmp_path / "open"
    folder.mkdir()
    path = key_file(folder)
    folder.chmod(0o777)
    with pytest.raises(ConfigWrong, match="everybody can write to"):
        find_api_key(environ={}, key_file=path)
    with pytest.raises(ConfigWrong, match="everybody can write to"):
        credentials.keep_in_file(ApiKey(OTHER_KEY), path)
    assert path.read_text() == TEST_KEY
    folder.chmod(0o1777)
    assert find_api_key(environ={}, key_file=path).reveal() == TEST_KEY


def test_the_usual_file_counts_only_where_none_is_named(tmp_path):
    usual, named = key_file(tmp_path), key_file(tmp_path, OTHER_KEY, name="named")
    assert find_api_key(environ={}, key_file=None, usual_file=usual).reveal() == TEST_KEY
    assert find_api_key(environ={}, key_file=named, usual_file=usual).reveal() == OTHER_KEY
    with pytest.raises(ConfigWrong, match="does not exist"):
        find_api_key(environ={}, key_file=tmp_path / "gone", usual_file=usual)
