"""Addresses: one spelling, one meaning, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posrefund.settings import ProviderSettings, is_loopback
from posrefund.settings.addresses import Unusable, base_url


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://api.psp.ccv.eu/api/v1", "https://api.psp.ccv.eu/api/v1"),
        ("https://api.psp.ccv.eu/api/v1/", "https://api.psp.ccv.eu/api/v1"),
        ("https://API.PSP.CCV.EU:443/api/v1", "https://api.psp.ccv.eu/api/v1"),
        ("HTTPS://host.example", "https://host.example"),
        ("https://host.example/", "https://host.example"),
        ("https://host.example:8443/x", "https://host.example:8443/x"),
        ("https://192.0.2.1/api", "https://192.0.2.1/api"),
        ("http://127.0.0.1:8080/api/v1", "http://127.0.0.1:8080/api/v1"),
        ("http://127.8.9.10/api/v1", "http://127.8.9.10/api/v1"),
        ("http://[::1]:8080/api/v1", "http://[::1]:8080/api/v1"),
        ("http://localhost:80/api/v1", "http://localhost/api/v1"),
    ],
)
def test_the_providers_address_has_one_spelling(load, written, meant):
    assert load(f'[provider]\nbase_url = "{written}"').provider.base_url == meant


BAD_ADDRESSES = [
    "",
    "api.psp.ccv.eu/api/v1",
    "//api.psp.ccv.eu/api/v1",
    "https:/api.psp.ccv.eu",
    "https://",
    "https:///api/v1",
    "ftp://api.psp.ccv.eu/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://api.psp.ccv.eu/api/v1",
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::1%25eth0]/",
    "http://[v1.fe80]/",
    "http://10.0.0.1/",
    "http://169.254.169.254/",
    "https://user@host.example/",
    "https://user:pass@host.example/",
    "https://@host.example/",
    "https://host.example@evil.example/",
    "https://evil.example\\@host.example/",
    "https://host.example/?a=b",
    "https://host.example/?",
    "https://host.example/#",
    "https://host.example/#a",
    "https://host.example/a/../b",
    "https://host.example/./b",
    "https://host.example/..",
    "https://host.example//api",
    "https://host.example/api//",
    "https://host.example/%2e%2e/",
    "https://host.example/a;b",
    "https://host.example./api",
    "https://.host.example/",
    "https://host..example/",
    "https://-host.example/",
    "https://host_name.example/",
    "https://h%6fst.example/",
    "https://*.example/",
    "https://host.example:0/",
    "https://host.example:/",
    "https://host.example:65536/",
    "https://host.example:https/",
    "https://host.example:-1/",
    "https://h\u00f6st.example/",
    "https://\u043chost.example/",
    "https://host\uff0eexample/",
    "https://host.example/\u00e9",
    "https://host.example/ api",
    " https://host.example/",
    "https://host.example/ ",
    "https://host\t.example/",
    "htt\nps://host.example/",
    "https://host.example/\x1b[2J",
    "https://host.example/" + "a" * 2000,
    "https://" + "a" * 254 + "/",
    "https://" + "a" * 64 + ".example/",
]


def toml(text):
    """`text` as TOML writes it, whatever is in it."""
    escaped = "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04X}" for c in text)
    return f'"{escaped}"'


@pytest.mark.parametrize("written", BAD_ADDRESSES, ids=ascii)
def test_an_address_that_could_lead_elsewhere_is_refused(complaint, written):
    said = complaint(f"[provider]\nbase_url = {toml(written)}")
    assert said.startswith("provider.base_url: ")


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("pay_url_hosts", ["https://a.example"]),
        ("pay_url_hosts", ["a.example:443"]),
        ("pay_url_hosts", ["A.example"]),
        ("pay_url_hosts", ["*.example"]),
        ("pay_url_hosts", ["a.example."]),
        ("pay_url_hosts", ["a.example/"]),
        ("pay_url_hosts", ["\u00e4.example"]),
        ("pay_url_hosts", ["a.example", ""]),
        ("proxy", "proxy.example:3128"),
        ("proxy", "socks5://proxy.example"),
        ("proxy", "http://user:pass@proxy.example"),
        ("proxy", "http://proxy.example/path"),
        ("proxy", "http://proxy.example/?a"),
        ("webhook_url", "http://till.example/"),
        ("webhook_url", "https://till.example/\x1b"),
        ("webhook_url", "https://till.example/" + "a" * 2000),
        ("return_url", "till.example/back"),
        ("return_url", "//till.example/back"),
        ("return_url", "C:\\back"),
        ("return_url", "app:"),
        ("return_url", "app://back here"),
        ("return_url", "app://b\u00e4ck"),
    ],
)
def test_the_other_addresses_are_checked_too(complaint, key, written):
    values = f"[{', '.join(map(toml, written))}]" if isinstance(written, list) else toml(written)
    assert complaint(f"[provider]\n{key} = {values}").startswith(f"provider.{key}: ")


def test_a_wrong_value_is_never_repeated(complaint):
    secret = "t_0123456789abcdef"
    for key in ("base_url", "api_key", "proxy", "webhook_url", "return_url", "pay_url_hosts"):
        assert secret not in complaint(f'[provider]\n{key} = "{secret} "')
    assert secret not in complaint(f'language = "{secret}"')


@given(st.text(alphabet="htps:/.@[]%\\?#1270locahst ", max_size=40))
def test_an_accepted_address_is_https_or_this_machine_and_stays_as_it_is(text):
    try:
        accepted = base_url(text)
    except Unusable:
        return
    assert base_url(accepted) == accepted
    assert accepted.startswith("https://") or ProviderSettings(base_url=accepted).is_on_loopback


@pytest.mark.parametrize(
    ("host", "is_it"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("128.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_and_can_be_no_other(host, is_it):
    assert is_loopback(host) is is_it
