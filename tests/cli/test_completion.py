"""Completion: what is answered to each shell, and that shells which are here really complete."""

import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from posrefund.cli.commands import cli
from posrefund.cli.helping_commands import COMPLETION_VARIABLE, SHELLS, TOPICS
from posrefund.cli.main import run
from tests.cli.fakes import Counter
from tests.cli.test_start import HEAVY

SECONDS = 30.0


@pytest.mark.parametrize("shell", SHELLS)
def test_a_command_an_option_and_a_value_are_completed(asked, shell: str) -> None:
    assert asked("posrefund ref", shell) == ["refund"]
    assert asked("posrefund refund 1001 --a", shell) == ["--amount", "--above-original", "--again"]
    assert asked("posrefund list --state un", shell) == ["unknown"]
    assert asked("posrefund key s", shell) == ["set", "status"]
    assert asked("posrefund completion p", shell) == ["powershell"]


def test_topics_and_commands_are_offered_to_help(asked) -> None:
    assert asked("posrefund help e") == ["engineer", "exit-codes", "export"]
    assert set(asked("posrefund help ")) == {*TOPICS, *cli.commands}


def test_global_options_are_offered_everywhere(asked) -> None:
    assert "--config" in asked("posrefund --c")
    assert "--config" in asked("posrefund list --c")


@pytest.mark.parametrize(
    "line",
    [
        "posrefund batch ",
        "posrefund restore jour",
        "posrefund --config ",
        "posrefund slip X --file ",
    ],
)
def test_where_a_file_belongs_the_shell_completes_it(
    asked, line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert asked(line) == [line.split(" ")[-1]]
    run([])
    assert capfd.readouterr().out.startswith("file,")


@pytest.mark.parametrize("line", ["posrefund show ", "posrefund refund --amount ", "posrefund x y"])
def test_where_nobody_knows_nothing_is_offered(asked, line: str) -> None:
    assert asked(line) == []


@pytest.mark.parametrize(
    "line", ["posrefund --version lis", "posrefund --help lis", "posrefund --json --json lis"]
)
def test_what_was_typed_before_is_not_carried_out(asked, line: str) -> None:
    assert asked(line) == ([] if "--json" in line else ["list"])


def test_a_question_without_words_is_no_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMPLETION_VARIABLE, "bash_complete")
    assert run([]) == 0
    monkeypatch.setenv(COMPLETION_VARIABLE, "tcsh_complete")
    assert run([]) == 2


def test_a_variable_left_behind_never_takes_the_place_of_a_command(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COMPLETION_VARIABLE, "bash_complete")
    ended = counter.run("refund", "1001", "--amount", "50.00", "--yes", environ=dict(os.environ))
    assert ended.code == 1


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_asks_with_our_variable(counter: Counter, shell: str) -> None:
    ended = counter.run("completion", shell)
    assert ended.code == 0
    assert f"{shell}_complete" in ended.out
    assert COMPLETION_VARIABLE in ended.out
    assert "%(" not in ended.out


def test_an_unknown_shell_is_wrong_use(counter: Counter) -> None:
    assert counter.run("completion", "tcsh").code == 2


@pytest.mark.process
def test_neither_the_key_nor_anything_heavy_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys; from posrefund.__main__ import main; main(); print(*sys.modules, sep='\\n')"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            COMPLETION_VARIABLE: "bash_complete",
            "COMP_WORDS": "posrefund ref",
            "COMP_CWORD": "1",
        },
    ).stdout.split()
    assert loaded[0] == "plain,refund"
    assert set(loaded).isdisjoint(
        {*HEAVY, "posrefund.credentials", "posrefund.settings"} - {"json"}
    )


# -- shells of this machine ----------------------------------------------------------------------


class Keyboard:
    """A shell in a terminal, and somebody who types."""

    def __init__(self, *shell: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            shell,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "TERM": "dumb", "PS1": "% ", "PROMPT": "% "},
        )
        os.close(theirs)

    def type(self, text: str, *, until: str) -> str:
        """Type, and read until the screen shows this."""
        os.write(self._ours, text.encode())
        seen, deadline = b"", monotonic() + SECONDS
        while until.encode() not in seen:
            ready = select.select([self._ours], [], [], max(0.0, deadline - monotonic()))[0]
            assert ready, f"it never showed {until!r}: {seen!r}"
            seen += os.read(self._ours, 4096)
        return seen.decode()

    def end(self) -> None:
        self._process.kill()
        self._process.wait(SECONDS)
        os.close(self._ours)


@pytest.mark.process
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_when_somebody_presses_tab(command: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} on this machine")
    plain = {"bash": ("--norc", "--noprofile", "-i"), "zsh": ("-f", "-i")}[shell]
    keyboard = Keyboard(shell, *plain)
    try:
        if shell == "zsh":
            keyboard.type("autoload -U compinit && compinit -u -D; echo be''gun\n", until="begun")
        keyboard.type(f'eval "$(posrefund completion {shell})"; echo rea""dy\n', until="ready")
        keyboard.type("posrefund ref\t", until="refund ")
        keyboard.type("1001 --amo\t", until="--amount ")
    finally:
        keyboard.end()


@pytest.mark.process
def test_fish_completes(command: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("there is no fish on this machine")
    script = (
        "posrefund completion fish | source; complete -C 'posrefund ref';"
        " complete -C 'posrefund refund 1001 --amo'"
    )
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=SECONDS
    )
    assert [line.partition("\t")[0] for line in done.stdout.splitlines()] == ["refund", "--amount"]
