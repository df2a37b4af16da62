"""Configurations that are refused: one sentence, with the key and without the value."""

import os
import re

import pytest

from posrefund.errors import ConfigWrong
from posrefund.settings import Settings, load_settings

posix_only = pytest.mark.skipif(os.name != "posix", reason="pipes and modes are a POSIX matter")

DESK = """
[[terminals]]
name = "Desk"
method = "terminal"
terminal_id = "1"
management_system_id = "2"
"""
PHONE = '[[terminals]]\nname = "Phone"\nmethod = "softpos"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("conter = 1", "conter: is not a known key; the nearest one is counter"),
        ('apiKey = "t_x"', "apiKey: does not belong in this file"),
        ("counter = 2", "counter: must be text in quotes"),
        ('counter = ""', "counter: is empty"),
        ('counter = "  "', "counter: is empty"),
        ('counter = "a "', "counter: has control characters, or spaces at an end"),
        ('counter = "a\\u001Bb"', "counter: has control characters"),
        ('counter = "a\\nb"', "counter: has control characters"),
        ('counter = "a\\u202Eb"', "counter: has control characters"),
        (f'counter = "{"a" * 41}"', "counter: is longer than 40 characters"),
        ('"a\\u001Bb" = 1', "a·b: is not a known key"),
        ('language = "NL"', "language: must be one of: nld, eng, deu, fra"),
        ('language = ["nld"]', "language: must be text in quotes"),
        ("provider = 1", "provider: must be a table, as [provider]"),
        ("[[provider]]", "provider: must be a table, as [provider]"),
        ("terminals = 1", "terminals: must be a list of tables, as [[terminals]]"),
        ("terminals = [1]", "terminals: must be a list of tables"),
        ("[terminals]", "terminals: must be a list of tables"),
        ('polling.profile = "fast"', "polling.profile: must be one of: responsive, brisk, cert"),
        ("polling.profile = nan", "polling.profile: must be text in quotes"),
        ("polling.profile = 1e400", "polling.profile: must be text in quotes"),
        ("polling.seconds = 0", "polling.seconds: is not a known key; the nearest one is profile"),
        ('journal.path = "journal.db"', "journal.path: must be an absolute path"),
        ('journal.path = ""', "journal.path: is empty"),
        ('export_folder = "export"', "export_folder: must be an absolute path"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(complaint, text, said):
    assert complaint(text).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('baseurl = "x"', "baseurl: is not a known key; the nearest one is base_url"),
        ('api_key = "t_x"', "api_key: does not belong in this file; put the API key in POSREFUND_"),
        (
            'webhook_url = "a"\nwebhookUrl = "b"',
            "webhook_url: is written twice, also as webhookUrl",
        ),
        ("pay_url_hosts = []", "pay_url_hosts: is empty"),
        ('pay_url_hosts = "a.example"', "pay_url_hosts: must be a list of texts"),
        ("pay_url_hosts = [1]", "pay_url_hosts: must be text in quotes"),
        ('ca_file = "~nobody-at-all/x"', "ca_file: begins with ~"),
        ("notification_requests = []", "notification_requests: is empty"),
        ('notification_requests = ["a"]', "notification_requests: must be a list of tables"),
        ("notification_requests = [{a = 2025-01-01}]", "notification_requests: may hold"),
        ("notification_requests = [{a = [{b = nan}]}]", "notification_requests: may hold"),
    ],
)
def test_what_is_wrong_about_the_provider_is_said(complaint, text, said):
    assert complaint(f"[provider]\n{text}").startswith(f"provider.{said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('terminalId = "1"', "terminal_id: is written twice, also as terminalId"),
        (f'access_protocol = "{"a" * 21}"', "access_protocol: is longer than 20"),
        ('operating_environment = ""', "operating_environment: is empty"),
        ('operating_environment = "attended"', "operating_environment: must be one of: ATTENDED, "),
        (
            'operating_environment = "ATTENDED"',
            "merchant_language: is missing; it is required when",
        ),
        ('merchant_language = "NL"', "merchant_language: must be three letters"),
        ('merchant_language = "N1D"', "merchant_language: must be three letters"),
        ('merchant_language = "Dutch"', "merchant_language: is longer than 3"),
        ("card_present = true", 'card_present: is only for method = "softpos"'),
        ("default = 1", "default: must be true or false"),
    ],
)
def test_what_is_wrong_about_a_card_terminal_is_said(complaint, text, said):
    assert complaint(DESK + text).startswith(f"terminals[1].{said}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"Desk"', '""', "name: is missing; it is required"),
        ('name = "Desk"', "", "name: is missing; it is required"),
        ('"Desk"', f'"{"a" * 41}"', "name: is longer than 40"),
        ('method = "terminal"', "", "method: is missing; it is required"),
        ('"terminal"', '"card"', "method: must be one of: terminal, softpos"),
        ('terminal_id = "1"', "", "terminal_id: is missing; it is needed for a card terminal"),
        ('"1"', '" "', "terminal_id: is missing; it is needed for a card terminal"),
        ('"1"', '"0001 03030"', "terminal_id: has a space in it"),
        ('management_system_id = "2"', "", "management_system_id: is missing; it is needed for a"),
        ('"2"', '""', "management_system_id: is missing; it is needed for a card terminal"),
        ('"2"', '"0001 03030"', "management_system_id: has a space in it"),
        ('"1"', "1234536", "terminal_id: must be text in quotes"),
        ('"1"', f'"{"1" * 51}"', "terminal_id: is longer than 50"),
        ('"2"', f'"{"1" * 51}"', "management_system_id: is longer than 50"),
    ],
)
def test_what_a_card_terminal_lacks_is_said(complaint, old, new, said):
    assert complaint(DESK.replace(old, new)).startswith(f"terminals[1].{said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cardpresent = true", "cardpresent: is not a known key; the nearest one is card_present"),
        ('password = "x"', "password: does not belong in this file"),
        ('access_protocol = "OPI_NL"', 'access_protocol: is only for method = "terminal"'),
        (f'terminal_id = "{"1" * 21}"', "terminal_id: is longer than 20"),
        ('terminal_id = "SP 1"', "terminal_id: has a space in it"),
        ('card_present = "false"', "card_present: must be true or false"),
    ],
)
def test_what_is_wrong_about_a_phone_is_said(complaint, text, said):
    assert complaint(PHONE + text).startswith(f"terminals[1].{said}")


def test_two_terminals_are_told_apart_by_name_and_one_is_the_default(complaint):
    same = complaint(DESK + PHONE.replace("Phone", "dESK"))
    assert same == "terminals: two of them have the same name"
    both = complaint(f"{DESK}default = true\n{PHONE}default = true")
    assert both == "terminals: only one of them may have default = true"


@pytest.mark.parametrize(
    "written",
    [
        "verify_tls = false",
        "verify = true",
        "insecure = true",
        "tls = false",
        "ssl_verify = false",
        "follow_redirects = true",
        "trust_env = true",
        "idempotency = false",
        'synchronous = "off"',
        "fsync = false",
    ],
)
@pytest.mark.parametrize("table", ["", "[provider]\n", "[journal]\n", PHONE])
def test_a_safeguard_cannot_be_switched_off(complaint, table, written):
    assert complaint(table + written).endswith("this cannot be switched off")


@posix_only
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "there is no such file; posrefund init writes one"),
        ("folder", "is a folder"),
        ("pipe", "is not a regular file"),
        ("device", "is not a regular file"),
        ("below a file", "cannot be read"),
        ("nul", "cannot be read"),
    ],
)
def test_what_is_no_file_is_said_and_never_waited_for(tmp_path, kind, said):
    path = tmp_path / "config.toml"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "below a file":
        path.write_text("")
        path = path / "config.toml"
    elif kind == "nul":
        path = tmp_path / "a\x00b"
    with pytest.raises(ConfigWrong, match=said):
        load_settings(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"counter = \xff", "is not UTF-8 text"),
        ("counter = 'x'".encode("utf-16"), "is not UTF-8 text"),
        (b"#" * (1024 * 1024 + 1), "is larger than 1 MiB"),
        (b"counter = ", r"is not TOML: .*end of document"),
        (b"\n\ncounter 5", r"is not TOML: .*line 3"),
        (b"counter = 'a'\ncounter = 'b'\n\n", r"is not TOML: .*line 2"),
        (b"[provider]\n[provider]", r"is not TOML: .*line 2"),
        (b"counter = 'a\x1b[2Jb'", r"is not TOML: "),
        (b"counter = " + b"9" * 5000, r"is not TOML: "),
        (b"counter = " + b"[" * 100_000, r"is nested too deeply|is not TOML"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_is_no_configuration_is_said(complaint, content, said):
    assert re.match(said, complaint(content))


@posix_only
def test_a_file_anybody_can_write_is_refused(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(0o646)
    with pytest.raises(ConfigWrong, match="chmod o-w"):
        load_settings(path)


@posix_only
def test_a_file_in_a_folder_anybody_can_write_is_refused_unless_it_is_sticky(tmp_path):
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "config.toml").write_text("")
    folder.chmod(0o777)
    with pytest.raises(ConfigWrong, match="folder can be written by everybody"):
        load_settings(folder / "config.toml")
    folder.chmod(0o1777)
    assert load_settings(folder / "config.toml") == Settings()
