"""`init` where the address is not whole: who answers there is not CCV, and the path is asked."""

import pytest

from posrefund import keychain, language
from posrefund.settings import load_settings
from tests.cli.test_init import typed
from tests.cli.test_setting_up_screen import KEY
from tests.provider.raw_server import RawServer, message, says

WHOLE = "https://api.psp.ccv.eu/api/v1"
HINT = f"see whether the address has its whole path, as in {WHOLE}"


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    monkeypatch.setattr(keychain, "_BACK_ENDS", {})
    yield
    language.use(language.SOURCE)


@pytest.mark.parametrize("path", ["", "/api", "/api/v2"])
def test_where_everything_is_not_found_the_path_is_asked_about(sandbox, config, path):
    address = sandbox.base_url.removesuffix("/api/v1") + path
    ended = typed("--counter", "Desk", "--base-url", address, "--key-stdin", stdin=KEY)
    assert ended.code == 4
    assert f"the server answered with an error (404); {HINT}; --no-check" in ended.err
    assert not config.parent.exists()


def test_a_person_reads_it_in_the_question(sandbox, config):
    address = sandbox.base_url.removesuffix("/v1")
    options = ("--counter", "Balie", "--base-url", address, "--language", "nld")
    ended = typed(*options, person="n\nj\nn\n", environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 2
    asked = f"kijk of het pad in het adres volledig is, zoals in {WHOLE}). Toch doorgaan?"
    assert asked in ended.err
    assert not config.parent.exists()


def test_a_server_that_is_not_reached_says_nothing_of_the_path(config):
    address = "http://127.0.0.1:9/api/v1"
    ended = typed("--counter", "Desk", "--base-url", address, "--key-stdin", stdin=KEY)
    assert ended.code == 4
    assert "path" not in ended.err


@pytest.mark.parametrize(("path", "is_said"), [("", True), ("/api/v1", False)])
def test_where_nothing_is_found_in_json_an_address_without_a_path_is_said(config, path, is_said):
    """CCV itself says 404 of the reference that is asked about, so the answer proves nothing."""
    nothing = message('{"message": "no route"}', status="404 Not Found")
    with RawServer(says(nothing)) as server:
        address = server.base_url.removesuffix("/api/v1") + path
        ended = typed("--counter", "Desk", "--base-url", address, "--key-stdin", stdin=KEY)
    assert ended.code == 0
    assert (f"The address has no path; see whether it is whole, as {WHOLE} is." in ended.err) is (
        is_said
    )
    assert load_settings(config).provider.base_url == address
