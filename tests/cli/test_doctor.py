"""`doctor`: one line for each part, an exit code by the worst, and never a crash."""

import io
import sqlite3
import time

import pytest

from posrefund import keychain, language
from posrefund.cli import doctor as doctor_module
from posrefund.cli.examinations import machine
from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.journal import place
from posrefund.journal.sqlite import SqliteJournal
from posrefund.sandbox.server import SandboxServer
from tests.cli.fakes import Ended
from tests.support.builders import a_refund, an_entry

KEY = "t_0123456789abcdef"
DESK = """
[[terminals]]
name = "Desk 2"
method = "terminal"
terminal_id = "1234536"
management_system_id = "000103030"
operating_environment = "ATTENDED"
merchant_language = "NLD"
"""
PHONE = '[[terminals]]\nname = "Phone"\nmethod = "softpos"\nterminal_id = "SP0001"\n'


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    monkeypatch.setattr(keychain, "_BACK_ENDS", {})


@pytest.fixture
def sandbox():
    server = SandboxServer(port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def examined(sandbox, tmp_path):
    """Write a configuration for the sandbox and run doctor on it."""

    def examined(more="", *options, key=KEY, base_url=None, removed=()):
        config = tmp_path / "config.toml"
        journal = tmp_path / "state" / "journal.sqlite3"
        config.write_text(
            f'[provider]\nbase_url = "{base_url or sandbox.base_url}"\n'
            + (more if "[journal]" in more else f'[journal]\npath = "{journal}"\n{more}')
        )
        return run_doctor("--config", str(config), *options, key=key, removed=removed)

    return examined


def run_doctor(*options, key=KEY, removed=()):
    out, err = io.StringIO(), io.StringIO()
    environ = {} if key is None else {"POSREFUND_API_KEY": key}
    session = Session(environ=environ, stdout=out, stderr=err, removed=removed)
    code = run(("doctor", "--json", *options), session=session)
    assert KEY not in out.getvalue() + err.getvalue()
    return Ended(code, out.getvalue(), err.getvalue())


def of(ended, check):
    return [line for line in ended.lines if line["check"] == check]


def verdicts(ended):
    return {line["check"]: line["verdict"] for line in ended.lines}


def test_a_counter_that_is_well_is_all_ok(examined, sandbox):
    ended = examined(DESK)
    assert ended.code == 0
    said = verdicts(ended)
    assert said.pop("screen") == "skipped"
    assert set(said.values()) == {"ok"}
    assert set(said) == {name for name, _ in doctor_module._ORDER} - {"screen"}
    assert {"check", "verdict", "says", "do", "code", "facts"} == set(ended.lines[0])
    assert [seen.method for seen in sandbox.requests] == ["GET"]


def test_it_makes_nothing(examined, tmp_path, empty_home):
    examined(DESK)
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
    assert not any(path.is_file() for path in empty_home.rglob("*"))


def test_every_line_in_words_is_one_line(examined, tmp_path):
    out = io.StringIO()
    session = Session(environ={}, stdout=out, stderr=io.StringIO())
    assert run(("doctor", "--offline"), session=session) == 3
    assert len(out.getvalue().splitlines()) == len(doctor_module._ORDER)
    assert "run posrefund init" in out.getvalue()


def test_3_every_problem_of_the_configuration_with_its_line(examined, tmp_path):
    ended = examined('counter = 1\n[polling]\nprofil = "x"\n[[terminals]]\nmethod = "softpos"\n')
    (*wrong,) = of(ended, "configuration")
    assert ended.code == 3
    assert [(one["facts"]["line"], one["facts"]["key"]) for one in wrong] == [
        (5, "journal.counter"),
        (7, "polling.profil"),
        (8, "terminals[1].name"),
    ]
    assert "config.toml:5: journal.counter: " in wrong[0]["says"]
    assert [one["facts"]["catalogue"] for one in wrong] == ["C-110"] * 3
    assert verdicts(ended)["journal"] == "skipped"


def test_a_list_by_another_name_has_the_line_of_its_first_entry(examined):
    (wrong,) = of(examined(DESK.replace("terminals", "terminal")), "configuration")
    assert (wrong["facts"]["line"], wrong["facts"]["key"]) == (6, "terminal")
    assert "the nearest one is terminals" in wrong["says"]


@pytest.mark.parametrize(("kiosk", "verdict", "code"), [("true", "wrong", 3), ("false", "look", 0)])
def test_a_kiosk_without_a_terminal_is_wrong_and_a_back_office_is_not(
    examined, tmp_path, kiosk, verdict, code
):
    path = tmp_path / "state" / "journal.sqlite3"
    examined(f"[journal]\npath = '{path}'\n", "--offline")
    config = tmp_path / "config.toml"
    config.write_text(f"kiosk = {kiosk}\n{config.read_text()}")
    ended = run_doctor("--config", str(config), "--offline")
    assert (verdicts(ended)["terminals"], ended.code) == (verdict, code)


def test_3_no_key(examined):
    ended = examined(DESK, key=None)
    assert (ended.code, verdicts(ended)["key"], verdicts(ended)["ccv"]) == (3, "wrong", "skipped")


def test_3_a_key_ccv_does_not_take(examined, sandbox):
    sandbox.bank.settings.apply({"api_keys": ["t_another_key"]})
    ended = examined(DESK)
    (said,) = of(ended, "ccv")
    assert (ended.code, said["do"]) == (3, "run posrefund key set")


def test_4_nobody_there(examined):
    ended = examined(DESK, base_url="http://127.0.0.1:9/api/v1")
    assert (ended.code, verdicts(ended)["ccv"], verdicts(ended)["clock"]) == (4, "wrong", "skipped")


def test_4_somebody_else_answers(examined, sandbox):
    ended = examined(DESK, base_url=sandbox.base_url.replace("/api/v1", "/elsewhere"))
    assert ended.code == 4


def test_offline_asks_nobody(examined, sandbox):
    assert examined(DESK, "--offline").code == 0
    assert sandbox.requests == []


def test_8_the_database_of_another_program(examined, tmp_path):
    (tmp_path / "state").mkdir()
    with sqlite3.connect(tmp_path / "state" / "journal.sqlite3") as other:
        other.execute("CREATE TABLE other (id)")
    other.close()
    ended = examined(DESK)
    (said,) = of(ended, "journal")
    assert (ended.code, said["verdict"]) == (8, "wrong")
    assert "another program" in said["says"]


def test_8_a_journal_of_a_newer_program_is_left_alone(examined, tmp_path):
    path = tmp_path / "state" / "journal.sqlite3"
    SqliteJournal(path).close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    ended = examined(DESK)
    assert ended.code == 8
    assert "newer posrefund" in of(ended, "journal")[0]["says"]


def test_8_a_damaged_journal(examined, tmp_path):
    path = tmp_path / "state" / "journal.sqlite3"
    SqliteJournal(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert examined(DESK).code == 8


def test_an_empty_file_where_the_journal_was_is_no_healthy_journal(examined, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "journal.sqlite3").touch(mode=0o600)
    ended = examined(DESK)
    (said,) = of(ended, "journal")
    assert (ended.code, said["verdict"]) == (0, "look")
    assert "it holds nothing at all" in said["says"]
    assert "restore a backup" in said["do"]


def test_8_a_journal_on_a_network_share(examined, monkeypatch):
    monkeypatch.setattr(place, "network_share", lambda journal: "nfs4")
    ended = examined(DESK)
    assert ended.code == 8
    assert of(ended, "journal")[0]["facts"] == {"catalogue": "C-141"}
    assert "network share (nfs4)" in of(ended, "journal")[0]["says"]


def test_what_is_open_is_said_and_is_no_fault(examined, tmp_path):
    journal = SqliteJournal(tmp_path / "state" / "journal.sqlite3")
    journal.open_case(a_refund(), an_entry())
    journal.close()
    ended = examined(DESK)
    assert ended.code == 0
    assert of(ended, "journal")[1]["facts"] == {"open": {"intent": 1}}


def test_a_clock_that_is_wrong_is_said(examined, sandbox):
    sandbox.bank.advance(3600)
    ended = examined(DESK)
    (said,) = of(ended, "clock")
    assert (ended.code, said["verdict"]) == (0, "look")
    assert -3700 < said["facts"]["ahead_seconds"] < -3500


def test_a_phone_without_its_app_is_said(examined, sandbox):
    sandbox.bank.softpos.add_installed("SP0001")
    assert of(examined(PHONE), "terminals")[0]["facts"]["installation"] == "installed"
    (said,) = of(examined(PHONE.replace("SP0001", "SP0002")), "terminals")
    assert said["verdict"] == "look"


def test_no_terminal_is_said(examined):
    assert of(examined(""), "terminals")[0]["verdict"] == "look"


def test_a_printer_that_is_off_is_said(examined):
    network = '[printer]\nkind = "network"\naddress = "127.0.0.1:9"\n'
    assert of(examined(network + DESK), "printer")[0]["verdict"] == "look"


def test_a_proxy_of_the_environment_is_named_and_not_used(examined):
    ended = examined(DESK, removed=["HTTPS_PROXY", "TEXTUAL_PRESS"])
    assert "HTTPS_PROXY, TEXTUAL_PRESS" in of(ended, "environment")[0]["says"]
    assert "HTTPS_PROXY" in of(ended, "proxy")[0]["says"]


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_the_line_is_told_in_every_language(examined, code):
    ended = examined("[polling]\nprofil = 'x'\n", "--language", code)
    (said,) = of(ended, "configuration")
    assert "config.toml:6: polling.profil" in said["says"]


def test_every_line_is_in_the_language_of_the_counter(examined):
    ended = examined(DESK, "--language", "fra")
    assert "rien" in of(ended, "environment")[0]["says"]


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_no_word_runs_into_the_next_in_any_language(code):
    out = io.StringIO()
    session = Session(environ={}, stdout=out, stderr=io.StringIO())
    run(("doctor", "--offline", "--language", code), session=session)
    language.use(code)
    verdicts = [language._(word) for word in doctor_module._VERDICTS.values()]
    assert all(any(line.startswith(f"{one} ") for one in verdicts) for line in _lines(out))


def _lines(out):
    return out.getvalue().splitlines()


def test_what_changed_the_program_before_it_began_is_said(examined, monkeypatch):
    monkeypatch.setattr(
        "posrefund.cli.examinations.set_up.meddling", lambda environ: ["PYTHONPATH"]
    )
    (fine, said) = of(examined(DESK), "environment")
    assert (fine["verdict"], said["verdict"]) == ("ok", "look")
    assert "PYTHONPATH" in said["says"]


def test_a_usb_printer_without_the_library_for_it_is_said(examined, monkeypatch):
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    usb = '[printer]\nkind = "usb"\naddress = "04b8:0202"\n'
    (said,) = of(examined(usb + DESK), "printer")
    assert (said["verdict"], "posrefund[printer]" in said["says"]) == ("look", True)


def test_a_number_of_the_catalogue_ends_the_line(tmp_path):
    out = io.StringIO()
    config = tmp_path / "config.toml"
    config.write_text("conter = 1\n")
    run(
        ("doctor", "--offline", "--config", str(config)),
        session=Session(environ={}, stdout=out, stderr=io.StringIO()),
    )
    (line,) = [line for line in out.getvalue().splitlines() if "conter" in line]
    assert line.endswith(" (C-110)")


def test_the_journal_is_told_with_what_support_asks_for(examined, tmp_path):
    SqliteJournal(tmp_path / "state" / "journal.sqlite3").close()
    (said,) = of(examined(DESK), "journal")
    assert "(delete)" in said["says"]
    assert {"schema", "sqlite", "journal_mode", "free_bytes", "mode", "whole"} <= set(said["facts"])


def test_9_an_examination_that_fails_does_not_end_the_others(examined, monkeypatch):
    def fail(case):
        raise RuntimeError(KEY)

    order = tuple((name, fail if name == "printer" else do) for name, do in doctor_module._ORDER)
    monkeypatch.setattr(doctor_module, "_ORDER", order)
    ended = examined(DESK)
    assert (ended.code, verdicts(ended)["printer"], verdicts(ended)["language"]) == (
        9,
        "wrong",
        "ok",
    )


def test_an_examination_that_hangs_is_left_behind(examined, monkeypatch):
    import threading

    never = threading.Event()
    order = (("tls", lambda case: never.wait(30) and []),)
    monkeypatch.setattr(doctor_module, "_ORDER", order)
    monkeypatch.setattr(doctor_module, "SECONDS", 0.05)
    begun = time.monotonic()
    assert examined(DESK).code == 4
    assert time.monotonic() - begun < 20
    never.set()
