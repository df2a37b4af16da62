"""Every path the program uses when nobody says otherwise."""

import os
from pathlib import Path

from posrefund.errors import ConfigWrong

_APPLICATION = "posrefund"
_CONFIG_VARIABLE = "POSREFUND_CONFIG"


def config_file() -> Path:
    """The configuration: `POSREFUND_CONFIG` when set, else `config.toml` in the platform's folder.

    Raises:
        ConfigWrong: If the platform's folder cannot be told. Nothing was sent.
    """
    chosen = os.environ.get(_CONFIG_VARIABLE, "")
    if chosen:
        return Path(chosen)
    # platformdirs is imported where it is used: `--help` must not wait for it.
    from platformdirs import user_config_path

    return (
        _absolute(user_config_path(_APPLICATION, appauthor=False), "configuration") / "config.toml"
    )


def state_folder() -> Path:
    """Where the journal lives. It is not created here.

    Raises:
        ConfigWrong: If the platform's folder cannot be told. Nothing was sent.
    """
    from platformdirs import user_state_path

    return _absolute(user_state_path(_APPLICATION, appauthor=False), "state")


def journal_file() -> Path:
    """The journal, unless the configuration names another.

    Raises:
        ConfigWrong: If the platform's folder cannot be told. Nothing was sent.
    """
    return state_folder() / "journal.sqlite3"


def log_folder() -> Path:
    """Where log files go. It is not created here.

    Raises:
        ConfigWrong: If the platform's folder cannot be told. Nothing was sent.
    """
    from platformdirs import user_log_path

    return _absolute(user_log_path(_APPLICATION, appauthor=False), "log")


def _absolute(folder: Path, what: str) -> Path:
    # A relative HOME or XDG_* would give every working directory a journal of its own.
    if not folder.is_absolute():
        raise ConfigWrong(
            f"the {what} folder would not be an absolute path; check HOME and the XDG_* variables"
        )
    return folder
