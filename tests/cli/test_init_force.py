"""`init --force`: the old file is kept beside the new one, and what was not asked stays in it."""

from dataclasses import replace

import pytest

from posrefund import keychain, language
from posrefund.settings import load_settings
from tests.cli.test_init import TERMINAL, typed
from tests.cli.test_setting_up_screen import KEY


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    monkeypatch.setattr(keychain, "_BACK_ENDS", {})
    yield
    language.use(language.SOURCE)


def test_what_force_replaces_is_kept_beside_it_and_said(sandbox, config):
    config.parent.mkdir()
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, "--force")
    for number, mode in (("", 0o640), ("2", 0o600)):
        config.write_text(f"# mine{number}\n")
        config.chmod(mode)
        ended = typed(*options, environ={"POSREFUND_API_KEY": KEY})
        before = config.with_name(f"config.toml.before{number}")
        assert ended.code == 0
        assert before.read_text() == f"# mine{number}\n"
        assert before.stat().st_mode & 0o777 == mode
        assert f"is kept as {before}." in ended.err
        assert str(before) not in ended.out
    assert len(list(config.parent.iterdir())) == 3


KEPT = """\
# of the shop
language = "nld"
kiosk = true
[provider]
base_url = "{base_url}"
webhook_url = "https://till.example/x"
[polling]
profile = "brisk"
[printer]
kind = "network"
address = "192.168.1.50"  # under the desk
[[terminals]]
name = "Phone"
method = "softpos"
"""


def test_force_keeps_what_is_not_asked_about(sandbox, config):
    config.parent.mkdir()
    config.write_text(KEPT.format(base_url=sandbox.base_url))
    before = load_settings(config)
    ended = typed("--counter", "Kiosk 8", "--unattended", *TERMINAL, "--force",
                  environ={"POSREFUND_API_KEY": KEY})  # fmt: skip
    assert ended.code == 0, ended.err
    settings = load_settings(config)
    assert [one.name for one in settings.terminals] == ["Kiosk 8", "Phone"]
    assert replace(settings, counter=before.counter, terminals=before.terminals) == before
    assert "# of the shop" in config.read_text()
    assert "# under the desk" in config.read_text()
    assert "What was not asked about stays as it was." in ended.err
    assert config.with_name("config.toml.before").read_text() == KEPT.format(
        base_url=sandbox.base_url
    )
    assert oct(config.stat().st_mode & 0o777) == "0o600"


def test_a_person_is_offered_what_held_until_now(sandbox, config):
    config.parent.mkdir()
    config.write_text(KEPT.format(base_url=sandbox.base_url))
    before = load_settings(config)
    # Language, counter and address as they were, no other terminal, the key of the environment.
    ended = typed("--force", person="\n\n\n\nj\n", environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 0, ended.err
    assert load_settings(config) == before


@pytest.mark.parametrize("broken", ["counter 5", "conter = 1", "[printer]\nkind = 'x'"])
def test_of_a_configuration_that_cannot_be_used_force_takes_nothing_over(sandbox, config, broken):
    config.parent.mkdir()
    config.write_text(broken)
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, "--force")
    ended = typed(*options, environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 0, ended.err
    assert "nothing is taken over" in ended.err
    assert load_settings(config).counter == "Desk"
    assert config.with_name("config.toml.before").read_text() == broken


def test_a_journal_that_would_be_forgotten_is_not_left_behind_by_a_script(sandbox, config):
    config.parent.mkdir()
    config.write_text('conter = 1\n[journal]\npath = "/elsewhere/journal.sqlite3"\n')
    before = config.read_text()
    options = ("--counter", "Desk", "--base-url", sandbox.base_url, "--force")
    ended = typed(*options, environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 3
    assert "it names a journal" in ended.err
    assert config.read_text() == before


def test_what_does_not_go_with_the_rest_is_refused_and_nothing_is_lost(sandbox, config):
    config.parent.mkdir()
    config.write_text(
        CARD.format(base_url=sandbox.base_url)
        + '[[terminals]]\nname = "B"\nmethod = "terminal"\nterminal_id = "11"\n'
        'management_system_id = "2"\noperating_environment = "SEMI_UNATTENDED"\n'
        f'[journal]\npath = "{config.parent}/kept.sqlite3"\n'
    )
    options = ("--counter", "Desk 2", "--terminal", "B", "--terminal-id", "1")
    more = ("--management-system-id", "2", "--unattended", "--no-check", "--force")
    ended = typed(*options, *more, environ={"POSREFUND_API_KEY": KEY})
    settings = load_settings(config)
    assert settings.provider.base_url == sandbox.base_url
    assert settings.journal_path.name == "kept.sqlite3"
    assert {one.name for one in settings.terminals} == {"Desk 2", "B"}
    assert "nothing is taken over" not in ended.err


def test_an_answer_that_is_wrong_is_not_blamed_on_the_file_that_is_there(sandbox, config):
    config.parent.mkdir()
    config.write_text(KEPT.format(base_url=sandbox.base_url))
    ended = typed("--counter", "x" * 41, "--force", environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 3
    assert "longer than 40" in ended.err
    assert "taken over" not in ended.err
    assert load_settings(config).kiosk


CARD = """\
counter = "Desk 2"
[provider]
base_url = "{base_url}"
[[terminals]]
name = "Desk 2"
method = "terminal"
terminal_id = "1"
management_system_id = "2"
operating_environment = "SEMI_UNATTENDED"
"""


@pytest.fixture
def desk_2(sandbox, config):
    """A counter with one card terminal, of its own name; returns its settings as they are now."""
    config.parent.mkdir()
    config.write_text(CARD.format(base_url=sandbox.base_url))
    return lambda: load_settings(config)


def by_a_person(*answers, options=()):
    """Language, counter and address as they were; then these answers, and the key there is."""
    person = "\n".join(["", "", "", *answers, "j"]) + "\n"
    return typed("--force", *options, person=person, environ={"POSREFUND_API_KEY": KEY})


def test_enter_alone_never_replaces_the_terminal_that_is_there(desk_2):
    before = desk_2().terminals
    ended = by_a_person("y", "y", "", "SP0001", "y", "n", "", "8", "9", "n", "n")
    assert ended.code == 0, ended.err
    assert "as people call it [Phone]: " in ended.err
    assert "as people call it [Desk 2 2]: " in ended.err
    settings = desk_2()
    assert settings.terminals[:1] == before
    assert [one.name for one in settings.terminals] == ["Desk 2", "Phone", "Desk 2 2"]
    assert not any(one.is_default for one in settings.terminals[1:])


def test_a_name_that_is_taken_is_replaced_only_by_a_yes(desk_2):
    before = desk_2().terminals
    ended = by_a_person("y", "y", "desk 2", "", "Tablet", "SP0001", "n")
    assert ended.code == 0, ended.err
    assert "Replace the terminal Desk 2? [y/N] " in ended.err
    assert desk_2().terminals[:1] == before
    assert desk_2().terminals[1].name == "Tablet"
    assert by_a_person("y", "y", "Desk 2", "y", "SP0002", "n").code == 0
    first, second = desk_2().terminals
    assert (first.name, first.terminal_id) == ("Desk 2", "SP0002")
    assert second.name == "Tablet"


@pytest.mark.parametrize(("answer", "names"), [("", ["Desk 2"]), ("y", ["Door"])])
def test_a_terminal_of_the_same_ids_is_not_there_twice(desk_2, answer, names):
    ended = by_a_person("y", "n", "Door", "1", "2", "n", answer, "n")
    assert ended.code == 0, ended.err
    assert "Replace the terminal Desk 2? [y/N] " in ended.err
    assert ("It was not added." in ended.err) is (answer == "")
    assert [one.name for one in desk_2().terminals] == names


@pytest.mark.parametrize(
    "options",
    [
        ("--softpos", "--terminal-id", "SP0001"),
        ("--softpos", "--terminal", "Desk 2", "--terminal-id", "SP0001"),
        (*TERMINAL, "--unattended"),
    ],
)
def test_by_options_no_terminal_is_lost_that_was_not_named(desk_2, config, options):
    before = config.read_text()
    ended = typed("--counter", "Desk 2", *options, "--force", environ={"POSREFUND_API_KEY": KEY})
    assert (ended.code, config.read_text()) == (2, before)
    assert "a terminal Desk 2 already" in ended.err
    ended = by_a_person("", options=("--counter", "Desk 2", *options))
    assert (ended.code, config.read_text()) == (2, before)


@pytest.mark.parametrize(
    ("options", "ids", "environment"),
    [
        (("--terminal", "desk 2", *TERMINAL, "--unattended"), "1234536", "SEMI_UNATTENDED"),
        (("--terminal-id", "1", "--management-system-id", "2"), "1", "ATTENDED"),
    ],
)
def test_by_options_a_terminal_gets_other_settings_of_its_own(desk_2, options, ids, environment):
    ended = typed("--counter", "Desk 2", *options, "--force", environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 0, ended.err
    (terminal,) = desk_2().terminals
    assert (terminal.terminal_id, terminal.operating_environment) == (ids, environment)


def test_a_phone_by_options_does_not_become_the_usual_terminal(desk_2):
    options = ("--terminal", "Phone", "--softpos", "--terminal-id", "SP0001", "--force")
    ended = typed(*options, environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 0, ended.err
    assert [one.name for one in desk_2().terminals] == ["Desk 2", "Phone"]
    assert not desk_2().terminals[1].is_default


def test_what_the_file_has_need_not_be_said_again(desk_2):
    ended = typed("--language", "fra", "--force", environ={"POSREFUND_API_KEY": KEY})
    assert ended.code == 0, ended.err
    assert (desk_2().counter, desk_2().language) == ("Desk 2", "fra")
    assert [one.name for one in desk_2().terminals] == ["Desk 2"]


def test_of_a_file_that_cannot_be_used_the_counter_is_not_guessed(config):
    config.parent.mkdir()
    config.write_text("conter = 1")
    ended = typed("--language", "eng", "--force", environ={"POSREFUND_API_KEY": KEY})
    assert (ended.code, config.read_text()) == (2, "conter = 1")
    assert "--counter NAME" in ended.err
