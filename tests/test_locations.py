"""Where things are when nobody says otherwise."""

import sys
from pathlib import Path

import platformdirs
import pytest

from posrefund.errors import ConfigWrong
from posrefund.locations import config_file, journal_file, log_folder, state_folder

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="XDG folders are a Linux matter")


@linux_only
def test_everything_lies_in_the_platform_folders(empty_home):
    assert config_file() == empty_home / "config/posrefund/config.toml"
    assert state_folder() == empty_home / "state/posrefund"
    assert journal_file() == empty_home / "state/posrefund/journal.sqlite3"
    assert state_folder() in log_folder().parents


def test_posrefund_config_names_the_configuration(monkeypatch):
    monkeypatch.setenv("POSREFUND_CONFIG", "/elsewhere/till.toml")
    assert config_file() == Path("/elsewhere/till.toml")


def test_an_empty_posrefund_config_names_nothing(monkeypatch):
    usual = config_file()
    monkeypatch.setenv("POSREFUND_CONFIG", "")
    assert config_file() == usual


def test_asking_where_creates_nothing(empty_home):
    before = sorted(empty_home.rglob("*"))
    config_file(), journal_file(), log_folder()
    assert sorted(empty_home.rglob("*")) == before


@linux_only
@pytest.mark.parametrize("unset", [True, False])
def test_without_xdg_the_home_folder_is_used(monkeypatch, empty_home, unset):
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name) if unset else monkeypatch.setenv(name, " ")
    assert config_file().is_relative_to(empty_home)
    assert journal_file().is_relative_to(empty_home)


@linux_only
def test_a_relative_xdg_folder_is_not_used(monkeypatch, empty_home):
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    assert journal_file().is_relative_to(empty_home)


@linux_only
@pytest.mark.parametrize("home", ["home", "", "."])
def test_no_working_directory_gets_a_journal_of_its_own(monkeypatch, home):
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", home)
    for ask in (config_file, state_folder, journal_file, log_folder):
        try:
            path = ask()
        except ConfigWrong:
            continue
        assert path.is_absolute()


@pytest.mark.parametrize("kind", ["relative", "unknown"])
def test_an_unknown_home_is_said(monkeypatch, kind):
    def no_home(*_):
        if kind == "unknown":
            raise RuntimeError
        return Path(".local/state/posrefund")

    monkeypatch.setattr(platformdirs, "user_state_path", no_home)
    with pytest.raises(ConfigWrong, match="HOME"):
        journal_file()
