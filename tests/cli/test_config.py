"""`config show` and `terminals`: what holds, where it comes from, and no secret."""

import io

import pytest

from posrefund import keychain
from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.settings.lines import Lines
from tests.cli.fakes import Ended

CONFIG = """\
counter = "Desk 2"
polling.profile = "brisk"

[provider]
webhookUrl = "https://till.example/SECRET?token=SECRET"
return_url = "https://till.example/SECRET"
pay_url_hosts = [
  "a.example",
  "b.example",
]
notification_requests = [{ token = "SECRET" }]

[[terminals]]
name = "Desk"
method = "terminal"
terminalId = "1"
management_system_id = "2"
[[terminals]]
name = "Desk again"
method = "terminal"
terminal_id = "1"
management_system_id = "2"
default = true
"""


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    monkeypatch.setattr(keychain, "_BACK_ENDS", {})


@pytest.fixture
def typed(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)

    def typed(*arguments, environ=None):
        out, err = io.StringIO(), io.StringIO()
        session = Session(environ=environ or {}, stdout=out, stderr=err)
        code = run((*arguments, "--config", str(config)), session=session)
        assert "SECRET" not in out.getvalue() + err.getvalue()
        return Ended(code, out.getvalue(), err.getvalue())

    return typed


def test_every_setting_says_where_it_comes_from(typed, tmp_path):
    file = str(tmp_path / "config.toml")
    ended = typed("config", "show", "--json", environ={"POSREFUND_API_KEY": "t_SECRET123"})
    origin = {line["key"]: line["origin"] for line in ended.lines}
    assert ended.code == 0
    assert origin["configuration"] == "--config"
    assert origin["counter"] == f"{file}:1"
    assert origin["language"] == origin["provider.base_url"] == "default"
    assert origin["polling.profile"] == f"{file}:2"
    assert origin["provider.webhook_url"] == f"{file}:5"
    assert origin["provider.pay_url_hosts"] == f"{file}:7"
    assert origin["terminals[1].terminal_id"] == f"{file}:16"
    assert origin["terminals[2].default"] == f"{file}:23"
    assert origin["api_key"] == "POSREFUND_API_KEY"


def test_the_values_are_those_that_hold(typed):
    ended = typed("config", "show", "--json", "--language", "fra")
    value = {line["key"]: line["value"] for line in ended.lines}
    assert (value["language"], value["counter"]) == ("fra", "Desk 2")
    assert value["provider.pay_url_hosts"] == "a.example, b.example"
    assert value["journal.path"].endswith("journal.sqlite3")
    assert value["provider.webhook_url"].startswith("https://till.example/")


def test_words_are_a_line_for_each_setting(typed):
    lines = typed("config", "show").out.splitlines()
    assert len(lines) == len(typed("config", "show", "--json").lines)


def test_the_terminals_are_listed_with_what_is_odd(typed):
    ended = typed("terminals", "--json")
    first, second = ended.lines
    assert (ended.code, first["letter"], second["letter"]) == (0, "A", "B")
    assert (first["default"], second["default"]) == (False, True)
    assert "another terminal has the same id" in first["remarks"]
    assert "Desk again" in typed("terminals").out


def test_no_terminal_is_no_error(typed, tmp_path):
    (tmp_path / "config.toml").write_text("")
    ended = typed("terminals")
    assert (ended.code, ended.out) == (0, "")
    assert "posrefund init" in ended.err


def test_a_list_or_a_text_of_several_lines_moves_no_number():
    text = 'a = """\nb = 1\n"""\nc = [\n 1,\n]\n[t]\r\nd = 1\n[[l]]\n[[l]]\ne.f = 1\n'
    lines = Lines(text)
    found = {name: lines.of(name) for name in ("a", "c", "t.d", "l[1]", "l[2].e.f", "l[2].gone")}
    assert found == {"a": 1, "c": 4, "t.d": 8, "l[1]": 9, "l[2].e.f": 11, "l[2].gone": 10}
    assert lines.written("b") is None
