"""What the set-up on the screen hands over: kept whole or not at all, and used once it is kept."""

import io
from pathlib import Path

import pytest

from posrefund import keychain
from posrefund.cli.session import Session
from posrefund.cli.setting_up_screen import ScreenWork
from posrefund.credentials import ApiKey
from posrefund.errors import ConfigWrong, Misused
from posrefund.settings import load_settings

KEY = "t_0123456789abcdef"
LIVE_KEY = KEY.replace("t_", "l_")
ANSWERS = {"counter": "Desk", "language": "eng"}


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    """The keyring of the machine the tests run on is not ours to write to."""
    monkeypatch.setattr(keychain, "_BACK_ENDS", {})


@pytest.fixture
def config(empty_home):
    return empty_home / "config/posrefund/config.toml"


def handed_over(how, key, tmp_path):
    """An environment that hands a key over."""
    if how == "variable":
        return {"POSREFUND_API_KEY": key}
    (tmp_path / "given").mkdir()
    file = tmp_path / "given" / "posrefund_api_key"
    file.write_text(key)
    file.chmod(0o600)
    return {"CREDENTIALS_DIRECTORY": str(file.parent)}


def screen_work(environ=None):
    return ScreenWork(Session(environ=environ or {}, stdout=io.StringIO(), stderr=io.StringIO()))


@pytest.mark.parametrize("how", ["variable", "credential"])
def test_the_screen_keeps_no_key_that_would_not_be_used(config, tmp_path, how):
    work = screen_work(handed_over(how, LIVE_KEY, tmp_path))
    with pytest.raises(ConfigWrong, match=r"another one .live: real money"):
        work.keep(ANSWERS, ApiKey(KEY))
    assert not config.parent.exists()


def test_where_there_is_a_configuration_by_now_the_key_of_before_stays(config):
    config.parent.mkdir()
    config.write_text("# mine\n")
    stored = config.parent / "api_key"
    stored.write_text(f"{LIVE_KEY}\n")
    stored.chmod(0o600)
    with pytest.raises(Misused, match="configuration already"):
        screen_work().keep(ANSWERS, ApiKey(KEY))
    assert (config.read_text(), stored.read_text()) == ("# mine\n", f"{LIVE_KEY}\n")


def test_where_the_key_cannot_be_stored_nothing_is_and_it_can_be_tried_again(config, tmp_path):
    config.parent.mkdir()
    link = config.parent / "api_key"
    link.symlink_to(tmp_path / "elsewhere")
    work = screen_work()
    with pytest.raises(ConfigWrong, match=r"nothing was written: .* is not a regular file"):
        work.keep(ANSWERS, ApiKey(KEY))
    assert list(config.parent.iterdir()) == [link]
    link.unlink()
    work.keep(ANSWERS, ApiKey(KEY))
    assert load_settings(config).counter == "Desk"
    assert link.read_text() == f"{KEY}\n"


def test_where_neither_can_be_undone_it_says_what_is_there(config, monkeypatch):
    config.parent.mkdir()
    (config.parent / "api_key").symlink_to("elsewhere")
    unlink = Path.unlink

    def stuck(path, **how):
        if path == config:
            raise PermissionError("held open by another program")
        unlink(path, **how)

    monkeypatch.setattr(Path, "unlink", stuck)
    with pytest.raises(ConfigWrong, match=r"was written to .* but the API key was not stored"):
        screen_work().keep(ANSWERS, ApiKey(KEY))
    assert config.exists()
