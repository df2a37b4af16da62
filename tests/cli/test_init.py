"""`init`: nothing is written before everything is checked, and nothing is overwritten."""

import io
import tomllib

import pytest
from textual.app import App

from posrefund import keychain, language
from posrefund.cli import counter
from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.errors import Misused
from posrefund.settings import load_settings
from posrefund.settings.writing import as_toml, write_config
from tests.cli.fakes import Ended, TerminalText
from tests.cli.test_setting_up_screen import KEY, LIVE_KEY, handed_over

TERMINAL = ("--terminal-id", "1234536", "--management-system-id", "000103030")


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    monkeypatch.setattr(keychain, "_BACK_ENDS", {})
    yield
    language.use(language.SOURCE)


def typed(*arguments, stdin="", environ=None, person=None):
    """Run `init`; with `person` somebody sits there and types that."""
    out, err = io.StringIO(), io.StringIO() if person is None else TerminalText()
    session = Session(
        environ={} if environ is None else environ,
        stdin=io.StringIO(stdin) if person is None else TerminalText(person),
        stdout=out,
        stderr=err,
    )
    code = run(("init", *arguments), session=session)
    return Ended(code, out.getvalue(), err.getvalue())


def test_a_kiosk_is_set_up_by_options_alone(sandbox, config):
    ended = typed(
        *("--counter", 'Kiosk "7"', "--language", "nld", "--base-url", sandbox.base_url),
        *(*TERMINAL, "--unattended", "--key-stdin", "--json"),
        stdin=KEY,
    )
    assert ended.code == 0, ended.err
    settings = load_settings(config)
    (terminal,) = settings.terminals
    assert (settings.counter, settings.language) == ('Kiosk "7"', "nld")
    assert settings.provider.base_url == sandbox.base_url
    assert (terminal.name, terminal.operating_environment) == ('Kiosk "7"', "SEMI_UNATTENDED")
    assert oct(config.stat().st_mode & 0o777) == "0o600"
    assert sorted(path.name for path in config.parent.iterdir()) == ["api_key", "config.toml"]
    assert ended.lines[0]["config"] == str(config)
    assert KEY not in ended.out + ended.err + config.read_text()
    assert "#" in config.read_text()


def test_what_was_set_up_works_at_once(sandbox):
    typed(
        *("--counter", "Desk", "--base-url", sandbox.base_url, *TERMINAL, "--key-stdin"), stdin=KEY
    )
    assert run(["find", "1001"], session=Session(environ={}, stdout=io.StringIO())) == 0


def test_a_person_is_asked_and_may_err(sandbox, config):
    answers = [
        *("klingon", "eng"),  # language, twice
        *("x" * 41, "Balie 2"),
        *("ftp://x", sandbox.base_url),
        *("j", "n", "Balie 2", "1234536", "000103030", "j", ""),  # a card terminal
        *("j", "j", "Balie 2", "Telefoon", "SP" * 20, "SP0001"),  # a phone, with a name of its own
        "n",
        "j",  # use the key of the environment
    ]
    ended = typed(person="\n".join(answers) + "\n", environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 0, ended.err
    settings = load_settings(config)
    assert settings.counter == "Balie 2"
    assert [one.name for one in settings.terminals] == ["Balie 2", "Telefoon"]
    assert settings.terminals[0].merchant_language == "ENG"
    assert "must be one of: nld, eng, deu, fra" in ended.err
    assert "longer than 40" in ended.err
    assert "must begin with https://" in ended.err
    assert not (config.parent / "api_key").exists()


def test_a_configuration_is_never_overwritten_unasked(sandbox, config):
    config.parent.mkdir()
    config.write_text("# mine\n")
    options = ("--counter", "Desk", "--base-url", sandbox.base_url)
    ended = typed(*options, environ={"POSREFUND_API_KEY": KEY})
    assert (ended.code, config.read_text()) == (2, "# mine\n")
    assert "--force" in ended.err
    assert typed(*options, "--force", environ={"POSREFUND_API_KEY": KEY}).code == 0
    assert load_settings(config).counter == "Desk"


@pytest.mark.parametrize(("more", "is_said"), [((), True), (TERMINAL, False)])
def test_a_set_up_without_a_terminal_says_so(sandbox, config, more, is_said):
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, *more)
    ended = typed(*options, environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 0
    assert ("No card terminal is configured" in ended.err) is is_said


def test_without_a_terminal_and_without_options_it_says_so(config):
    ended = typed()
    assert (ended.code, ended.out) == (2, "")
    assert "--counter" in ended.err
    assert not config.parent.exists()


class Interrupting(TerminalText):
    """A person who presses Ctrl+C at the first question."""

    def readline(self, *_) -> str:
        raise KeyboardInterrupt


def test_a_set_up_that_is_interrupted_speaks_of_no_refund(config):
    err = TerminalText()
    session = Session(environ={}, stdin=Interrupting(), stdout=io.StringIO(), stderr=err)
    assert run(("init",), session=session) == 130
    assert err.getvalue().endswith("Interrupted.\n")
    assert not config.parent.exists()


def test_a_person_who_goes_away_leaves_nothing_behind(config):
    ended = typed(person="nld\nBalie\n")
    assert ended.code == 2
    assert not config.parent.exists()


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (("--counter", "x" * 41), 3, "longer than 40"),
        (("--counter", "Desk", "--base-url", "http://x.example/"), 3, "https://"),
        (("--counter", "Desk", "--terminal-id", "1"), 3, "management_system_id"),
        (("--counter", "Desk", "--terminal-id", "1 2", *TERMINAL[2:]), 3, "has a space in it"),
        (("--counter", "Desk", "--softpos", "--terminal-id", "S" * 21), 3, "longer than 20"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(config, options, code, why):
    ended = typed(*options, environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == code
    assert why in ended.err
    assert not config.parent.exists()


def test_a_setting_is_named_as_it_is_written(config):
    options = ("--counter", "Desk", "--base-url", "http://127.0.0.1:9/", "--key-stdin")
    ended = typed(*options, stdin=LIVE_KEY)
    assert ended.code == 3
    assert "Nothing was sent. provider.base_url is plain http" in ended.err


def test_a_key_ccv_does_not_take_is_not_kept(sandbox, config):
    sandbox.bank.settings.apply({"api_keys": ["t_another_key"]})
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, "--key-stdin")
    ended = typed(*options, stdin=KEY)
    assert ended.code == 3
    assert "does not accept the API key" in ended.err
    assert not config.parent.exists()


@pytest.mark.parametrize("how", ["variable", "credential"])
def test_a_key_that_would_not_be_used_is_not_stored(sandbox, config, tmp_path, how):
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, "--key-stdin")
    ended = typed(*options, stdin=KEY, environ=handed_over(how, LIVE_KEY, tmp_path))
    assert ended.code == 3
    assert "another one (live: real money)" in ended.err
    assert not config.parent.exists()
    assert sandbox.requests == []


def test_the_very_key_of_the_environment_may_be_stored(sandbox, config):
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, "--key-stdin")
    assert typed(*options, stdin=KEY, environ={"POSREFUND_API_KEY": KEY}).code == 0
    assert (config.parent / "api_key").read_text() == f"{KEY}\n"


def test_where_the_key_cannot_be_stored_it_says_what_was_written(sandbox, config, tmp_path):
    config.parent.mkdir()
    (config.parent / "api_key").symlink_to(tmp_path / "elsewhere")
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, "--key-stdin")
    ended = typed(*options, stdin=KEY)
    assert ended.code == 3
    assert f"The configuration was written to {config}" in ended.err
    assert "the API key was not stored" in ended.err
    assert "is not a regular file" in ended.err
    assert load_settings(config).counter == "Desk"
    assert not (tmp_path / "elsewhere").exists()


def test_where_ccv_cannot_be_asked_nothing_is_written_unless_told_to(config):
    options = ("--counter", "Desk", "--base-url", "http://127.0.0.1:9/api/v1", "--key-stdin")
    ended = typed(*options, stdin=KEY)
    assert ended.code == 4
    assert "--no-check" in ended.err
    assert not config.parent.exists()
    assert typed(*options, "--no-check", stdin=KEY).code == 0
    assert config.exists()


def test_what_is_written_is_read_as_it_was_meant():
    values = {
        "counter": 'Desk "2" \\ €',
        "language": "fra",
        "provider": {"base_url": "https://x.example/api"},
        "terminals": [{"name": "a", "method": "softpos"}, {"name": "b", "method": "softpos"}],
    }
    assert tomllib.loads(as_toml(values)) == values


def test_a_file_that_appears_in_the_meantime_is_not_overwritten(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")
    with pytest.raises(Misused, match="--force"):
        write_config("# new\n", path, replace=False)
    assert path.read_text() == "# mine\n"
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


# -- the same on the screen ------------------------------------------------------------------------


@pytest.fixture
def start(monkeypatch):
    """Start the counter as a person does, with hands for the set-up; return what opened."""
    opened = []

    def start(hands=None, *, arguments=(), environ=None):
        real = App.run

        def headless(app, **_):
            return real(app, headless=True, size=(80, 24), auto_pilot=hands)

        monkeypatch.setattr(App, "run", headless if hands else forbidden)
        monkeypatch.setattr(
            counter, "run_counter", lambda program: opened.append(program.settings) or 0
        )
        err = TerminalText()
        session = Session(
            environ={"TERM": "xterm", **(environ or {})},
            stdin=TerminalText(),
            stdout=TerminalText(),
            stderr=err,
        )
        code = run(arguments, session=session)
        assert KEY not in err.getvalue()
        return code, opened, err.getvalue()

    return start


def forbidden(*_, **__):
    raise AssertionError("there is nothing to set up")


def answering(base_url, *, last="f10"):
    """Hands that fill the page in and press a last key."""

    async def hands(pilot):
        await pilot.pause()
        page = pilot.app.screen
        typed = {
            "base_url": base_url,
            "key": KEY,
            "counter": "Balie 2",
            "terminal_id": "1234536",
            "management_system_id": "000103030",
        }
        for name, text in typed.items():
            page.query_one(f"#{name}").value = text
        await pilot.press(last)
        if last == "escape":
            await pilot.press("y")
        for _ in range(500):
            if pilot.app._exit:
                return
            await pilot.pause(0.02)
        raise AssertionError("it never ended")

    return hands


def test_a_counter_without_a_configuration_is_set_up_and_opens(sandbox, config, start):
    code, (settings,), said = start(answering(sandbox.base_url))
    assert (code, said) == (0, "")
    assert settings == load_settings(config)
    assert (settings.counter, settings.terminals[0].terminal_id) == ("Balie 2", "1234536")
    assert oct(config.stat().st_mode & 0o777) == "0o600"
    assert sorted(path.name for path in config.parent.iterdir()) == ["api_key", "config.toml"]
    assert [seen.method for seen in sandbox.requests] == ["GET"]
    assert KEY not in config.read_text()
    assert "#" in config.read_text()


def test_the_screen_writes_what_init_writes(sandbox, config, start, tmp_path):
    start(answering(sandbox.base_url))
    by_screen = config.read_text()
    config.unlink()
    answers = ["eng", "Balie 2", sandbox.base_url, "j", "n", "Balie 2", "1234536", "000103030"]
    ended = typed(person="\n".join([*answers, "j", "ENG", "n", "j"]) + "\n", environ={})
    assert ended.code == 0, ended.err
    assert tomllib.loads(config.read_text()) == tomllib.loads(by_screen)


def test_who_leaves_the_set_up_is_told_of_the_command(sandbox, config, start):
    code, opened, said = start(answering(sandbox.base_url, last="escape"))
    assert (code, opened) == (3, [])
    assert said == (
        "Nothing was set up. posrefund init asks the same questions without a screen.\n"
    )
    assert not config.parent.exists()


def test_a_configuration_that_is_wrong_is_said_and_not_replaced(config, start):
    config.parent.mkdir()
    config.write_text("conter = 1\n")
    code, opened, said = start()
    assert (code, opened, config.read_text()) == (3, [], "conter = 1\n")
    assert "the nearest one is counter" in said


@pytest.mark.parametrize("how", ["--config", "POSREFUND_CONFIG"])
def test_a_configuration_that_was_named_and_is_not_there_is_a_mistake(
    start, tmp_path, how, monkeypatch
):
    path = str(tmp_path / "typo.toml")
    if how == "--config":
        code, _opened, said = start(arguments=("--config", path))
    else:
        monkeypatch.setenv(how, path)
        code, _opened, said = start(environ={how: path})
    assert code == 3
    assert "there is no such file" in said


def test_a_link_to_nowhere_is_a_configuration_that_is_wrong(config, start):
    config.parent.mkdir()
    config.symlink_to(config.parent / "gone")
    assert start()[0] == 3
