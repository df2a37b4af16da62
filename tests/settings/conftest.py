"""What the tests of the configuration share."""

import subprocess

import pytest

from posrefund.errors import ConfigWrong
from posrefund.settings import load_settings
from tests.settings.catalogue import KEY
from tests.support.commands import COMMAND, environment


@pytest.fixture
def load(tmp_path):
    """Write a configuration file and load it."""

    def load(text):
        path = tmp_path / "config.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load_settings(path)

    return load


@pytest.fixture
def complaint(load, tmp_path):
    """The sentence about a wrong file, without the name of the file."""

    def complaint(text):
        with pytest.raises(ConfigWrong) as error:
            load(text)
        said = str(error.value)
        assert said.startswith(f"{tmp_path / 'config.toml'}: ")
        assert said.isprintable()
        assert error.value.__cause__ is None
        return said.removeprefix(f"{tmp_path / 'config.toml'}: ")

    return complaint


@pytest.fixture
def ask(tmp_path):
    """Write a configuration, and run a command with it. Without one it only reads the journal."""

    def ask(config="", *arguments, key=KEY, **extra):
        path = tmp_path / "config.toml"
        if config is not None:
            path.write_bytes(config if isinstance(config, bytes) else config.encode())
        if key is not None:
            extra["POSREFUND_API_KEY"] = key
        ended = subprocess.run(
            [*COMMAND, *(arguments or ("list",)), "--config", str(path)],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
            env=environment(**extra),
        )
        assert "Traceback" not in ended.stderr
        assert "\x1b" not in ended.stdout + ended.stderr
        return ended

    return ask
