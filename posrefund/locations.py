"""Every path the program uses when nobody says otherwise."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from posrefund.errors import ConfigWrong

_APPLICATION = "posrefund"
CONFIG_VARIABLE = "POSREFUND_CONFIG"
"""The environment variable that names the configuration."""

# platformdirs is imported in the functions: `--help` must not wait for it.


def config_file() -> Path:
    """The configuration: `POSREFUND_CONFIG` when set, else `config.toml` in the platform's folder.

    Raises:
        ConfigWrong: If the platform's folder cannot be told. Nothing was sent.
    """
    chosen = os.environ.get(CONFIG_VARIABLE, "")
    if chosen:
        return Path(chosen)
    import platformdirs

    return _ours(platformdirs.user_config_path) / "config.toml"


def state_folder() -> Path:
    """Where the journal lives. It is not created here.

    Raises:
        ConfigWrong: If the platform's folder cannot be told. Nothing was sent.
    """
    import platformdirs

    return _ours(platformdirs.user_state_path)


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
    import platformdirs

    return _ours(platformdirs.user_log_path)


def _ours(folder_of: Callable[[str, Literal[False]], Path]) -> Path:
    """Our folder of one kind; the second argument says that no company's name is part of it."""
    try:
        folder = folder_of(_APPLICATION, False)
    except RuntimeError:
        folder = Path()
    # A relative folder would give every working directory a journal of its own.
    if not folder.is_absolute():
        raise ConfigWrong("the home folder is not known; set HOME to an absolute path")
    return folder
