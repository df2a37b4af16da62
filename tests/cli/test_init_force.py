"""`init --force`: the old file is kept beside the new one, and what was not asked stays in it."""

from dataclasses import replace

import pytest

from posrefund import keychain, language
from posrefund.settings import load_settings
from tests.cli.test_init import TERMINAL, typed
from tests.cli.test_setting_up_screen import KEY


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    monkeypatch.setattr(keychain, "_BACK_ENDS", {})
    yield
    language.use(language.SOURCE)


def test_what_force_replaces_is_kept_beside_it_and_said(sandbox, config):
    config.parent.mkdir()
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, "--force")
    for number, mode in (("", 0o640), ("2", 0o600)):
        config.write_text(f"# mine{number}\n")
        config.chmod(mode)
        ended = typed(*options, environ={"POSREFUND_API_KEY": KEY})
        before = config.with_name(f"config.toml.before{number}")
        assert ended.code == 0
        assert before.read_text() == f"# mine{number}\n"
        assert before.stat().st_mode & 0o777 == mode
        assert f"is kept as {before}." in ended.err
        assert str(before) not in ended.out
    assert len(list(config.parent.iterdir())) == 3


KEPT = """\
# of the shop
language = "nld"
kiosk = true
[provider]
base_url = "{base_url}"
webhook_url = "https://till.example/x"
[polling]
profile = "brisk"
[printer]
kind = "network"
address = "192.168.1.50"  # under the desk
[[terminals]]
name = "Phone"
method = "softpos"
"""


def test_force_keeps_what_is_not_asked_about(sandbox, config):
    config.parent.mkdir()
    config.write_text(KEPT.format(base_url=sandbox.base_url))
    before = load_settings(config)
    ended = typed("--counter", "Kiosk 8", "--unattended", *TERMINAL, "--force",
                  environ={"POSREFUND_API_KEY": KEY})  # fmt: skip
    assert ended.code == 0, ended.err
    settings = load_settings(config)
    assert [one.name for one in settings.terminals] == ["Kiosk 8", "Phone"]
    assert replace(settings, counter=before.counter, terminals=before.terminals) == before
    assert "# of the shop" in config.read_text()
    assert "# under the desk" in config.read_text()
    assert "What was not asked about stays as it was." in ended.err
    assert config.with_name("config.toml.before").read_text() == KEPT.format(
        base_url=sandbox.base_url
    )
    assert oct(config.stat().st_mode & 0o777) == "0o600"


def test_a_person_is_offered_what_held_until_now(sandbox, config):
    config.parent.mkdir()
    config.write_text(KEPT.format(base_url=sandbox.base_url))
    before = load_settings(config)
    # Language, counter and address as they were, no other terminal, the key of the environment.
    ended = typed("--force", person="\n\n\n\nj\n", environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 0, ended.err
    assert load_settings(config) == before


@pytest.mark.parametrize("broken", ["counter 5", "conter = 1", "[printer]\nkind = 'x'"])
def test_of_a_configuration_that_cannot_be_used_force_takes_nothing_over(sandbox, config, broken):
    config.parent.mkdir()
    config.write_text(broken)
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, "--force")
    ended = typed(*options, environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 0, ended.err
    assert "nothing is taken over" in ended.err
    assert load_settings(config).counter == "Desk"
    assert config.with_name("config.toml.before").read_text() == broken


def test_an_answer_that_is_wrong_is_not_blamed_on_the_file_that_is_there(sandbox, config):
    config.parent.mkdir()
    config.write_text(KEPT.format(base_url=sandbox.base_url))
    ended = typed("--counter", "x" * 41, "--force", environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 3
    assert "longer than 40" in ended.err
    assert "taken over" not in ended.err
    assert load_settings(config).kiosk
