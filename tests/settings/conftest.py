"""What the tests of the configuration share."""

import pytest

from posrefund.errors import ConfigWrong
from posrefund.settings import load_settings


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
