"""The configuration file: what is taken, and one sentence for everything else."""

import dataclasses
import os
import re
import tomllib
from pathlib import Path

import pytest

from posrefund.credentials import ApiKey
from posrefund.errors import ConfigWrong
from posrefund.refund.polling import Profile
from posrefund.settings import PrinterSettings, ProviderSettings, Settings, agree, load_settings
from posrefund.terminal.model import Method, OperatingEnvironment, Terminal

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"

posix_only = pytest.mark.skipif(os.name != "posix", reason="pipes and modes are a POSIX matter")

DESK = """
[[terminals]]
name = "Desk"
method = "terminal"
terminal_id = "1"
management_system_id = "2"
"""
PHONE = '[[terminals]]\nname = "Phone"\nmethod = "softpos"\n'


def test_an_empty_file_gives_the_defaults(load):
    assert load("") == load("\ufeff# nothing\r\n") == Settings()
    assert Settings().provider.base_url == "https://api.psp.ccv.eu/api/v1"
    assert Settings().provider.pay_url_hosts == ("onlinepayments.ccv.eu",)
    assert Settings().polling_profile is Profile.RESPONSIVE
    assert Settings().language == "eng"


def test_everything_that_is_written_is_read(load, tmp_path):
    settings = load("""
        counter = "Kassa 7 – links"
        language = "nld"
        [provider]
        base_url = "https://vpos-test.jforce.be/vpos/api/v1/"
        pay_url_hosts = ["a.example", "b.example"]
        api_key_file = "secret/api_key"
        proxy = "http://proxy.example:3128/"
        ca_file = "/etc/ssl/ca.pem"
        webhook_url = "https://till.example/hook?shop=1&x=%20"
        return_url = "mytill://done"
        notification_requests = [{ type = "StatusChanged", list = [1, 2.5, true, { a = "b" }] }]
        [polling]
        profile = "certified"
        [journal]
        path = "/var/lib/posrefund/journal.sqlite3"
    """)
    assert settings == Settings(
        counter="Kassa 7 – links",
        language="nld",
        provider=ProviderSettings(
            base_url="https://vpos-test.jforce.be/vpos/api/v1",
            pay_url_hosts=("a.example", "b.example"),
            api_key_file=tmp_path / "secret/api_key",
            proxy="http://proxy.example:3128",
            ca_file=Path("/etc/ssl/ca.pem"),
            webhook_url="https://till.example/hook?shop=1&x=%20",
            return_url="mytill://done",
            notification_requests=({"type": "StatusChanged", "list": [1, 2.5, True, {"a": "b"}]},),
        ),
        polling_profile=Profile.CERTIFIED,
        journal_path=Path("/var/lib/posrefund/journal.sqlite3"),
    )


def test_a_relative_key_file_lies_beside_the_configuration_wherever_we_are(
    load, tmp_path, monkeypatch, empty_home
):
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text('[provider]\napi_key_file = "key"\nca_file = "~/ca.pem"\n')
    provider = load_settings(Path("config.toml")).provider
    assert provider.api_key_file == tmp_path / "key"
    assert provider.ca_file == empty_home / "ca.pem"


def test_a_card_terminal_is_read_with_its_defaults(load):
    assert load(DESK).terminals == (
        Terminal(
            name="Desk",
            method=Method.TERMINAL,
            terminal_id="1",
            management_system_id="2",
            access_protocol="OPI_NL",
        ),
    )


def test_an_attended_terminal_has_a_language_in_capitals(load):
    attended = 'operating_environment = "ATTENDED"\nmerchant_language = "nld"\n'
    (terminal,) = load(DESK + attended).terminals
    assert terminal.operating_environment is OperatingEnvironment.ATTENDED
    assert terminal.merchant_language == "NLD"


@pytest.mark.parametrize("written", ['operating_environment = "SEMI_UNATTENDED"\n', ""])
def test_the_language_of_a_terminal_nobody_attends_is_left_out(load, written):
    (terminal,) = load(DESK + written + 'merchant_language = "NLD"\n').terminals
    assert terminal.merchant_language is None


def test_a_phone_needs_only_a_name(load):
    (terminal,) = load(PHONE).terminals
    assert terminal == Terminal(name="Phone", method=Method.SOFTPOS)
    more = 'terminal_id = "SP0001"\ncard_present = false\ndefault = true\n'
    (terminal,) = load(PHONE + more).terminals
    assert (terminal.terminal_id, terminal.card_present, terminal.is_default) == (
        "SP0001",
        False,
        True,
    )


def test_ccvs_own_spellings_are_taken(load):
    settings = load("""
        [provider]
        webhookUrl = "https://a.example/"
        returnUrl = "app://b"
        notificationRequests = [{ a = 1 }]
        [[terminals]]
        name = "Desk"
        method = "terminal"
        terminalId = "1"
        managementSystemId = "2"
        accessProtocol = "X"
        operatingEnvironment = "ATTENDED"
        merchantLanguage = "DEU"
        [[terminals]]
        name = "Phone"
        method = "softpos"
        cardPresent = false
    """)
    assert settings.provider.webhook_url == "https://a.example/"
    desk, phone = settings.terminals
    assert (desk.terminal_id, desk.management_system_id) == ("1", "2")
    assert (desk.access_protocol, desk.merchant_language) == ("X", "DEU")
    assert phone.card_present is False


def test_a_live_key_never_travels_over_plain_http():
    plain = Settings(provider=ProviderSettings(base_url="http://127.0.0.1:8080/api/v1"))
    agree(plain, ApiKey("t_0123456789"))
    agree(Settings(), ApiKey("t_0123456789"))
    agree(Settings(), ApiKey("l_0123456789"))
    with pytest.raises(ConfigWrong, match="plain http"):
        agree(plain, ApiKey("l_0123456789"))


def test_the_example_loads_and_its_lines_say_what_holds_without_them():
    example = load_settings(EXAMPLE)
    assert dataclasses.replace(example, terminals=()) == Settings()
    assert [terminal.method for terminal in example.terminals] == ["terminal", "softpos"]


def test_the_lines_that_are_commented_out_in_the_example_load_too_and_nothing_is_missing(load):
    text = re.sub(r"(?m)^#(?=\w+ = |\[)", "", EXAMPLE.read_text("utf-8"))
    settings = load(text)
    assert settings.journal_path is not None
    assert settings.export_folder is not None
    nothing = [
        field.name
        for field in dataclasses.fields(settings.provider)
        if getattr(settings.provider, field.name) is None
    ]
    assert nothing == []
    printer = {field.name for field in dataclasses.fields(PrinterSettings)}
    assert set(tomllib.loads(text)["printer"]) == printer
    keys = set(tomllib.loads(text)["terminals"][0]) | set(tomllib.loads(text)["terminals"][1])
    fields = {field.name for field in dataclasses.fields(Terminal)} - {"is_default"}
    assert keys == fields | {"default"}
