"""What can be typed where, and what is refused."""

import io

import pytest

from posrefund import __version__
from posrefund.cli.commands import STATES, cli
from posrefund.cli.main import run
from posrefund.cli.options import LANGUAGES
from posrefund.cli.session import Session
from posrefund.refund.model import RefundState
from posrefund.settings import LANGUAGES as KNOWN_LANGUAGES
from tests.cli.fakes import Counter, TerminalText


def test_the_words_of_the_options_are_those_of_the_program() -> None:
    assert set(STATES) == set(RefundState)
    assert LANGUAGES == KNOWN_LANGUAGES


@pytest.mark.parametrize("arguments", [("--json", "find", "1001"), ("find", "1001", "--json")])
def test_global_options_are_accepted_before_and_after(
    counter: Counter, arguments: tuple[str, ...]
) -> None:
    assert counter.run(*arguments).lines[0]["left"] == "49.90"


@pytest.mark.parametrize(
    "arguments",
    [("--config", "{}", "list"), ("list", "--config", "{}"), ("list", "--config={}")],
)
def test_the_configuration_can_be_named_before_and_after(
    arguments: tuple[str, ...], tmp_path, capsys
) -> None:
    missing = str(tmp_path / "missing.toml")
    assert run([one.format(missing) for one in arguments]) == 3
    assert missing in capsys.readouterr().err


def test_the_configuration_of_the_environment_is_read(tmp_path, monkeypatch, capsys) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'counter = "Desk 2"\n[journal]\npath = "{tmp_path / "journal.sqlite3"}"\n')
    monkeypatch.setenv("POSREFUND_CONFIG", str(config))
    assert run(["list"]) == 0
    assert run(["show", "ABCDEFGHIJ"]) == 8
    assert capsys.readouterr().err.count(f"no journal at {tmp_path / 'journal.sqlite3'};") == 2


def test_without_a_key_nothing_is_asked(tmp_path, monkeypatch, capsys) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[journal]\npath = "{tmp_path / "journal.sqlite3"}"\n')
    assert run(["find", "1001", "--config", str(config)]) == 3
    assert "There is no API key" in capsys.readouterr().err


def test_an_empty_name_of_a_configuration_is_not_the_usual_one(counter: Counter) -> None:
    assert run(["list", "--config", ""]) == 3


def test_the_language_is_a_setting(tmp_path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('language = "nld"\n')
    session = Session()
    session.config = str(config)
    assert session.settings().language == "nld"
    session.language = "fra"
    assert session.settings().language == "fra"


@pytest.mark.parametrize("arguments", [("--version",), ("list", "--version")])
def test_the_version_is_an_answer(counter: Counter, arguments: tuple[str, ...]) -> None:
    ended = counter.run(*arguments)
    assert (ended.code, ended.out, ended.err) == (0, f"posrefund {__version__}\n", "")


@pytest.mark.parametrize("name", ["--help", "-h"])
def test_help_is_an_answer(counter: Counter, name: str) -> None:
    ended = counter.run(name)
    assert (ended.code, ended.err) == (0, "")
    for command in cli.commands:
        assert f"\n  {command} " in ended.out


@pytest.mark.parametrize("command", list(cli.commands))
def test_every_command_says_what_it_is_for(counter: Counter, command: str) -> None:
    assert cli.commands[command].help
    ended = counter.run(command, "--help")
    assert ended.code == 0
    for option in ("--config", "--json", "--language", "--version", "--help"):
        assert option in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("find",),
        ("find", "a", "b"),
        ("find", "a", "--nothing"),
        ("refund", "1001", "--amount"),
        ("refund", "1001", "--amount", "5", "--amount", "5", "--yes"),
        ("refund", "1001", "--full", "--yes", "--yes"),
        ("refund", "1001", "--full", "--yes", "--terminal", "a", "--terminal", "b"),
        ("--json", "--json", "list"),
        ("--config", "a", "list", "--config", "b"),
        ("--language", "nld", "list", "--language", "eng"),
        ("--language", "tlh", "list"),
        ("list", "--state", "lost"),
        ("list", "--limit", "0"),
        ("refund", "1001", "--am", "5", "--yes"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_asked(
    counter: Counter, arguments: tuple[str, ...]
) -> None:
    ended = counter.run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert (counter.bank.questions, counter.bank.sent) == (0, [])
    assert "Nothing was sent." in ended.err


def test_a_payout_may_be_given_several_times(counter: Counter) -> None:
    ended = counter.refund("--payout", "M1=3.00", "--payout", "M2=2.00")
    assert ended.code == 1
    assert "M1 has no part in this payment" in ended.err


@pytest.mark.parametrize("option", ["--api-key=l_SECRET123", "--key=l_SECRET123"])
def test_the_key_is_never_an_argument(counter: Counter, option: str) -> None:
    ended = counter.run("find", "1001", option)
    assert ended.code == 2
    assert "every user of the machine" in ended.err
    assert "SECRET" not in ended.err


def test_a_key_in_the_wrong_place_is_not_repeated(counter: Counter) -> None:
    ended = counter.run("find", "1001", "l_SECRET123")
    assert ended.code == 2
    assert "SECRET" not in ended.err


def test_what_was_taken_out_of_the_environment_is_said_once_and_to_persons(
    counter: Counter,
) -> None:
    said = []
    for stderr in (TerminalText(), io.StringIO()):
        removed = ["HTTP_PROXY", "TEXTUAL_PRESS"]
        session = Session(program=counter.program(), removed=removed, stderr=stderr)
        assert run(["find", "1001"], session=session) == 0
        said.append(stderr.getvalue().count("HTTP_PROXY, TEXTUAL_PRESS"))
    assert said == [1, 0]


def test_the_counter_needs_a_terminal(counter: Counter) -> None:
    ended = counter.run()
    assert (ended.code, ended.out) == (2, "")
    assert "terminal" in ended.err


def test_the_counter_does_not_draw_on_a_dumb_terminal(counter: Counter) -> None:
    ended = counter.run(typed="", stdout=TerminalText(), environ={"TERM": "dumb"})
    assert ended.code == 2
    assert "TERM=dumb" in ended.err


def test_the_demo_needs_a_terminal(counter: Counter) -> None:
    assert counter.run("demo").code == 2
