"""Ids and terminals a shell may offer: quick, without a word, and nothing is written or asked."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from posrefund.cli.helping_commands import SHELLS
from posrefund.cli.suggestions import MOST
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import RefundState
from tests.cli.test_completion import SECONDS, Keyboard
from tests.support.builders import NOON, a_refund, an_entry

TERMINALS = ("Desk 2", "desk-3", "Manager's phone", "a,b", 'say "hi"')
CONFIG = "".join(f"[[terminals]]\nname = '''{name}'''\nmethod = 'softpos'\n" for name in TERMINALS)
OF_IDS = ("status", "show", "slip", "cancel", "close")


@pytest.fixture
def journal(empty_home: Path) -> Path:
    """Three refunds, the oldest of which is open; and a configuration in its usual place."""
    config = empty_home / "config" / "posrefund" / "config.toml"
    config.parent.mkdir()
    config.write_text(CONFIG)
    path = empty_home / "state" / "posrefund" / "journal.sqlite3"
    fill(path, accepted=1, succeeded=2)
    return path


def fill(path: Path, *, accepted: int, succeeded: int) -> None:
    journal = SqliteJournal(path)
    for number in range(accepted + succeeded):
        state = RefundState.ACCEPTED if number < accepted else RefundState.SUCCEEDED
        name = f"till-{number}"
        refund = a_refund(
            id=name,
            idempotency_reference=name,
            original_reference=name,
            provider_reference=name,
            state=state,
            created_at=NOON + timedelta(minutes=number),
        )
        journal.open_case(refund, an_entry())
    journal.close()


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("command", OF_IDS)
def test_the_latest_refunds_are_offered_the_open_ones_first(
    asked, journal: Path, shell: str, command: str
) -> None:
    assert asked(f"posrefund {command} ", shell) == ["till-0", "till-2", "till-1"]
    assert asked(f"posrefund {command} till-2", shell) == ["till-2"]
    assert asked(f"posrefund {command} other", shell) == []


def test_no_more_than_a_few_are_offered(asked, empty_home: Path) -> None:
    path = empty_home / "state" / "posrefund" / "journal.sqlite3"
    (empty_home / "config" / "posrefund").mkdir()
    (empty_home / "config" / "posrefund" / "config.toml").write_text("")
    fill(path, accepted=3, succeeded=MOST + 5)
    offered = asked("posrefund show ")
    assert len(offered) == MOST
    assert offered[:4] == ["till-2", "till-1", "till-0", f"till-{MOST + 7}"]


@pytest.mark.parametrize(
    ("shell", "offered"),
    [
        ("bash", ["'Desk 2'", "desk-3", '"Manager\'s phone"', "'a,b'", "'say \"hi\"'"]),
        ("zsh", [*TERMINALS]),
        ("fish", ["Desk 2", "desk-3", "Manager's phone", 'say "hi"']),
        ("powershell", ["'Desk 2'", "desk-3", "'Manager''s phone'", "'a,b'", "'say \"hi\"'"]),
    ],
)
def test_terminals_are_offered_as_the_shell_needs_them(
    asked, journal: Path, shell: str, offered: list[str]
) -> None:
    for command in ("refund 1001", "batch x.csv", "list"):
        assert asked(f"posrefund {command} --terminal ", shell) == offered
    assert asked("posrefund list --terminal desk-", shell) == ["desk-3"]


def test_a_word_that_was_begun_with_a_quote_gets_no_second_one(asked, journal: Path) -> None:
    assert asked("posrefund list --terminal 'De") == ["Desk 2", "desk-3"]
    assert asked('posrefund list --terminal "De') == ["Desk 2", "desk-3"]


def test_an_old_refund_is_offered_to_who_begins_its_id(asked, journal: Path) -> None:
    journal.unlink()
    fill(journal, accepted=0, succeeded=MOST + 5)
    assert "till-1" not in asked("posrefund show ")
    assert asked("posrefund show till-1") == [f"till-{one}" for one in (*range(19, 9, -1), 1)]
    assert asked("posrefund show till-2") == [f"till-{one}" for one in (*range(24, 19, -1), 2)]
    assert asked("posrefund show till-4") == ["till-4"]
    assert asked("posrefund show Till-4") == []


# -- names that a shell would carry out ----------------------------------------------------------

SHY = ("Ax $(touch ran)", "Bx `touch ran`", 'Cx"; touch ran #', "Dx !y", "Ex *", "Fx; touch ran")


def named(home: Path) -> None:
    """Call the terminals so."""
    config = home / "config" / "posrefund" / "config.toml"
    names = (f"[[terminals]]\nname = '{name}'\nmethod = 'softpos'\n" for name in SHY)
    config.write_text("".join(names))


@pytest.mark.parametrize("name", SHY)
def test_bash_gets_no_name_that_it_would_carry_out(
    asked, journal: Path, empty_home: Path, name: str
) -> None:
    named(empty_home)
    asking, begun = "posrefund list --terminal ", name[:2]
    assert asked(f"{asking}{begun}") == [f"'{name}'"]
    assert asked(f"{asking}'{begun}") == ([] if "*" in name else [name])
    assert asked(f'{asking}"{begun}') == ([name] if name.startswith("Fx") else [])
    # A quote that is closed, or is none: nobody knows where the cursor is.
    for unclear in (f'"{begun}"', f"'{begun}'", f'{begun[0]}"{begun[1]}', f"\\'{begun}"):
        assert asked(f"{asking}{unclear}") == []
    # A word that has the end of a line in it counts as two.
    assert asked(f'posrefund list --text "a\nb" --terminal "{begun}') == []


@pytest.mark.process
@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize(
    ("typed", "closing"), [("Ax", ""), ('"Ax', '"'), ("'Ax", "'"), ('"Ax"', ""), ("'Ax'", "")]
)
def test_no_shell_carries_out_a_name_that_it_completed(
    command: Path,
    journal: Path,
    empty_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    shell: str,
    typed: str,
    closing: str,
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} on this machine")
    named(empty_home)
    monkeypatch.chdir(empty_home)
    plain = {"bash": ("--norc", "--noprofile", "-i"), "zsh": ("-f", "-i")}[shell]
    keyboard = Keyboard(shell, *plain)
    try:
        if shell == "zsh":
            keyboard.type("autoload -U compinit && compinit -u -D; echo be''gun\n", until="begun")
        keyboard.type(f'eval "$(posrefund completion {shell})"; echo rea""dy\n', until="ready")
        keyboard.type('posrefund() { echo fin""ished; }; echo st""ubbed\n', until="stubbed")
        # A quote that nothing was offered for is still open after Enter.
        keyboard.type(f"posrefund list --terminal {typed}\t\n{closing}\n", until="finished")
    finally:
        keyboard.end()
    assert not (empty_home / "ran").exists()


def test_the_configuration_that_was_named_counts(asked, journal: Path, tmp_path: Path) -> None:
    config = tmp_path / "other.toml"
    config.write_text(f"[journal]\npath = '{tmp_path}/j'\n")
    fill(tmp_path / "j", accepted=1, succeeded=0)
    assert asked(f"posrefund --config {config} show ") == ["till-0"]
    assert asked(f"posrefund show --config {config} ") == ["till-0"]


@pytest.mark.parametrize("trouble", ["no journal", "no config", "wrong", "damaged", "in use"])
def test_trouble_is_not_told_while_somebody_types(
    asked, journal: Path, empty_home: Path, trouble: str, capfd: pytest.CaptureFixture[str]
) -> None:
    config = empty_home / "config" / "posrefund" / "config.toml"
    holder = SqliteJournal(journal)
    if trouble == "no journal":
        holder.close()
        journal.unlink()
    elif trouble == "no config":
        config.unlink()
    elif trouble == "wrong":
        config.write_text("conter = 1")
    elif trouble == "damaged":
        journal.write_bytes(b"x" * 5000)
    else:
        holder._connection.execute("BEGIN EXCLUSIVE")
    assert asked("posrefund show ") == []
    assert capfd.readouterr().err == ""
    assert trouble != "no journal" or not journal.exists()


def test_nothing_is_written_and_nothing_is_left(asked, journal: Path) -> None:
    def seen() -> dict[str, tuple[int, bytes]]:
        return {
            one.name: (one.stat().st_mtime_ns, one.read_bytes()) for one in journal.parent.iterdir()
        }

    before = seen()
    journal.chmod(0o400)
    journal.parent.chmod(0o500)
    try:
        assert asked("posrefund show ")
        assert seen() == before
    finally:
        journal.parent.chmod(0o700)


@pytest.mark.process
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_an_id_and_a_terminal_with_a_blank(
    command: Path, journal: Path, shell: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} on this machine")
    plain = {"bash": ("--norc", "--noprofile", "-i"), "zsh": ("-f", "-i")}[shell]
    keyboard = Keyboard(shell, *plain)
    quoted = {"bash": "'Desk 2' ", "zsh": "Desk\\ 2 "}[shell]
    try:
        if shell == "zsh":
            keyboard.type("autoload -U compinit && compinit -u -D; echo be''gun\n", until="begun")
        keyboard.type(f'eval "$(posrefund completion {shell})"; echo rea""dy\n', until="ready")
        keyboard.type("posrefund show till-2\t", until="till-2 ")
        keyboard.type("\x15posrefund list --terminal Desk\\ \t", until=quoted)
        # What was typed is taken as one word.
        keyboard.type('--limit 1; echo do""ne\n', until="done")
    finally:
        keyboard.end()


@pytest.mark.process
def test_fish_completes_an_id_and_a_terminal(command: Path, journal: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("there is no fish on this machine")
    script = (
        "posrefund completion fish | source; complete -C 'posrefund show till-1';"
        " complete -C 'posrefund list --terminal Man'"
    )
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=SECONDS
    )
    told = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    assert told == ["till-1", "Manager's phone"]
