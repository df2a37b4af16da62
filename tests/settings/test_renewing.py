"""A configuration that is changed: the answers are in it, and the rest is as it was written."""

import tomllib

import pytest

from posrefund.settings.renewing import renewed

WRITTEN = """\
# ours
language = "nld"  # as the shop speaks
[provider]
# asked for by the webshop
webhook_url = "https://till.example/x"
baseUrl = "https://a.example/api"

[polling]
profile = "brisk"

[printer]
kind = "network"
address = "192.168.1.50"  # under the desk

[[terminals]]
name = "Desk"  # by the door
method = "terminal"
terminalId = "1"
management_system_id = "2"
access_protocol = "OPI_NL"
operating_environment = "ATTENDED"
merchantLanguage = "NLD"

[[terminals]]
name = "Phone"
method = "softpos"
card_present = false
default = true
"""
DESK = {
    "name": "Desk",
    "method": "terminal",
    "terminal_id": "1",
    "management_system_id": "2",
    "operating_environment": "ATTENDED",
    "merchant_language": "FRA",
}
NEW = {"name": "New", "method": "softpos", "terminal_id": "SP0001"}


def changed(answers, text=WRITTEN):
    return tomllib.loads(renewed(text, answers))


def test_what_is_answered_is_changed_and_nothing_else():
    answers = {"counter": 'Kiosk "8"', "language": "fra", "provider": {"base_url": "https://b.x/"}}
    before = tomllib.loads(WRITTEN)
    provider = {**before["provider"], "baseUrl": "https://b.x/"}
    assert changed(answers) == {
        **before, "counter": 'Kiosk "8"', "language": "fra", "provider": provider
    }  # fmt: skip


def test_comments_stay():
    text = renewed(WRITTEN, {"language": "fra", "terminals": [DESK]})
    for comment in ("# ours", "# as the shop speaks", "# asked for by", "# under the", "# by the"):
        assert comment in text


def test_a_terminal_that_is_named_now_is_the_one_that_is_used():
    first, desk, phone = changed({"terminals": [NEW]})["terminals"]
    assert first == NEW
    assert (desk["name"], phone["name"]) == ("Desk", "Phone")
    assert phone["card_present"] is False
    assert not [one for one in (first, desk, phone) if "default" in one]


def test_the_usual_phone_stays_usual_where_a_card_terminal_is_named():
    other = {**DESK, "name": "Door", "terminal_id": "9"}
    first, _desk, phone = changed({"terminals": [other]})["terminals"]
    assert (first, phone["default"]) == (other, True)


def test_a_name_says_more_than_the_ids_of_another_terminal():
    moved = {**DESK, "name": "Phone 2"}
    text = WRITTEN + '[[terminals]]\nname = "Phone 2"\nmethod = "terminal"\nterminal_id = "7"\n'
    first, desk, _phone = changed({"terminals": [moved]}, text)["terminals"]
    assert (first["name"], first["terminal_id"]) == ("Phone 2", "1")
    assert (desk["name"], desk["terminalId"]) == ("Desk", "1")


@pytest.mark.parametrize(
    ("address", "hosts", "kept"),
    [
        ("https://api.psp.ccv.eu/api/v1", ["127.0.0.1", "localhost"], None),
        ("https://api.psp.ccv.eu/api/v1", ["127.0.0.1", "pay.ccv.eu"], ["127.0.0.1", "pay.ccv.eu"]),
        ("http://127.0.0.1:9/api", ["127.0.0.1"], ["127.0.0.1"]),
    ],
)
@pytest.mark.parametrize("key", ["pay_url_hosts", "payUrlHosts"])
def test_hosts_of_the_practice_do_not_stay_where_ccv_is_asked(address, hosts, kept, key):
    text = WRITTEN.replace("[polling]", f"{key} = {hosts}\n[polling]")
    provider = changed({"provider": {"base_url": address}}, text)["provider"]
    assert provider.get(key) == kept


def test_a_terminal_that_is_added_comes_last_and_the_usual_one_stays():
    before = tomllib.loads(WRITTEN)["terminals"]
    assert tomllib.loads(renewed(WRITTEN, {}, added=[NEW]))["terminals"] == [*before, NEW]


def test_a_terminal_that_is_replaced_stands_where_it_stood():
    phone = {"name": "phone", "method": "softpos", "terminal_id": "SP0001"}
    card = {**DESK, "name": "Phone", "terminal_id": "7"}
    for answer in (phone, card):
        desk, second = tomllib.loads(renewed(WRITTEN, {}, added=[answer]))["terminals"]
        assert desk["name"] == "Desk"
        assert (second["name"], second["default"]) == (answer["name"], True)
        assert second["method"] == answer["method"]


@pytest.mark.parametrize("name", ["Desk", "dESK", "Door"])
def test_a_terminal_that_is_known_by_name_or_ids_is_changed_and_not_doubled(name):
    desk, phone = changed({"terminals": [{**DESK, "name": name}]})["terminals"]
    assert (desk["name"], desk["merchantLanguage"]) == (name, "FRA")
    assert desk["access_protocol"] == "OPI_NL"
    assert "merchant_language" not in desk
    assert phone["name"] == "Phone"


def test_a_terminal_where_nobody_stands_any_more_loses_its_language():
    answer = {**DESK, "operating_environment": "SEMI_UNATTENDED"}
    del answer["merchant_language"]
    desk = changed({"terminals": [answer]})["terminals"][0]
    assert not {"merchant_language", "merchantLanguage"} & desk.keys()


def test_a_phone_where_a_card_terminal_was_has_nothing_of_it():
    first, _phone = changed({"terminals": [{"name": "Desk", "method": "softpos"}]})["terminals"]
    assert first == {"name": "Desk", "method": "softpos"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# a comment\n",
        "kiosk = true",
        "[polling]\nprofile = 'brisk'",
        "provider.proxy = 'http://p:1'\n",
        "provider = { proxy = 'http://p:1' }\n[polling]\nprofile = 'brisk'\n",
        "terminals = [{ name = 'a', method = 'softpos', default = true }]\nkiosk = true\n",
        "[[terminals]]\nname = 'a'\nmethod = 'softpos'\n[provider]\nproxy = 'http://p:1'\n",
        "[provider]\r\nproxy = 'http://p:1'\r\n\r\n[journal]\r\npath = '/x'\r\n",
    ],
)
def test_in_whatever_form_it_was_written_nothing_is_lost(text):
    answers = {"counter": "C", "provider": {"base_url": "https://b.x/"}, "terminals": [NEW]}
    before = tomllib.loads(text)
    others = [{**one, "default": None} for one in before.get("terminals", [])]
    for one in others:
        del one["default"]
    assert changed(answers, text) == {
        **before,
        "counter": "C",
        "provider": {**before.get("provider", {}), "base_url": "https://b.x/"},
        "terminals": [NEW, *others],
    }
    assert "\r" not in renewed(text, answers)


def test_what_is_no_toml_is_not_changed():
    with pytest.raises(ValueError, match="line 1"):
        renewed("counter 5", {"counter": "C"})
