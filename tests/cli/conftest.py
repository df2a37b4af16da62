import pytest

from tests.cli.fakes import Counter


@pytest.fixture
def counter() -> Counter:
    return Counter()
