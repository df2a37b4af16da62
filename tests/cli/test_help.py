"""What the program says of itself: each name in a guide exists, and each name is explained."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

from posrefund.cli.commands import cli
from posrefund.cli.exits import ExitCode
from posrefund.cli.helping import command_context, guide, title
from posrefund.cli.helping_commands import TOPICS
from posrefund.cli.manual import manual_page
from posrefund.credentials import CREDENTIAL_NAME, KEY_VARIABLE
from posrefund.journal.sqlite import SqliteJournal
from posrefund.locations import CONFIG_VARIABLE
from posrefund.refund.model import RefundState
from posrefund.sandbox.faults import SHAPES, WIRE, read_script
from tests.cli.fakes import Counter
from tests.cli.test_completion import Keyboard
from tests.cli.test_schemas import leaves

ROOT = Path(__file__).parent.parent.parent
EVERY_GUIDE = "\n".join(map(guide, TOPICS))
_COMMAND = re.compile(r"^    posrefund([^\n]*)$|`posrefund([^`]*)`", re.MULTILINE)
_STATE_WORDS = re.compile(r"`([a-z_]+)`")


def commands_in(text: str) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Every command that is written out, with the options it is given."""
    for found in _COMMAND.findall(text):
        line = "".join(found)
        words, context = [], command_context(())
        for word in line.split():
            known = context.command if context else None
            if not isinstance(known, click.Group) or word not in known.commands:
                break
            words.append(word)
            context = command_context(tuple(words))
        yield tuple(words), set(re.findall(r"--[a-z-]+", line))


def test_every_guide_is_a_topic_and_every_topic_a_guide() -> None:
    folder = ROOT / "posrefund" / "guides"
    assert {path.stem for path in folder.iterdir()} == set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_guide_fits_a_terminal_and_is_plain(counter: Counter, topic: str) -> None:
    ended = counter.run("help", topic)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == guide(topic) + "\n"
    assert guide(topic).startswith("# ")
    assert guide(topic).isascii()
    assert max(map(len, guide(topic).splitlines())) <= 80


@pytest.mark.parametrize("topic", TOPICS)
def test_every_command_and_option_a_guide_names_exists(topic: str) -> None:
    for words, options in commands_in(guide(topic)):
        context = command_context(words)
        assert context is not None
        known = {
            name for parameter in context.command.get_params(context) for name in parameter.opts
        }
        assert options <= known, f"posrefund {' '.join(words)} has no {options - known}"
        assert words or options <= {"--version", "--help"}, f"{topic} names no command of ours"


def test_every_command_is_explained_somewhere() -> None:
    told = {" ".join(words) for topic in TOPICS for words, _ in commands_in(guide(topic))}
    assert set(leaves(cli)) - told == set()


def test_every_exit_code_is_explained_and_no_other() -> None:
    told = re.findall(r"^    (\d+) +\S", guide("exit-codes"), re.MULTILINE)
    assert list(map(int, told)) == [code.value for code in ExitCode]


def test_every_state_is_explained_and_no_other() -> None:
    told = re.findall(r"^## ([a-z_]+)$", guide("states"), re.MULTILINE)
    assert told == list(RefundState)
    for state in RefundState:
        says = guide("states").split(f"## {state}\n")[1].split("##")[0]
        assert ("Final." in says) is state.is_final


def test_what_the_journal_guide_says_of_the_money_is_what_the_program_believes() -> None:
    first = guide("journal").split("## Was the money given back?")[1].split("##")[0]
    yes, rest = first.split("No where")
    no, unknown = rest.split("Of all")
    for state in set(RefundState) - {RefundState.CLOSED}:
        said = [kind for kind, part in
                (("yes", yes), ("no", no), ("unknown", unknown))
                if str(state) in _STATE_WORDS.findall(part)]  # fmt: skip
        assert said == [state.money_moved], state


def test_the_columns_of_the_journal_guide_are_those_of_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    SqliteJournal(path).close()
    with closing(sqlite3.connect(path)) as tables:
        known = {
            name
            for table in ("refund", "entry")
            for _, name, *_ in tables.execute(f"PRAGMA table_info({table})")
        }
    told = re.findall(r"^    ([a-z_]+(?:, [a-z_]+)*) {2,}", guide("journal"), re.MULTILINE)
    assert {name for names in told for name in names.split(", ")} <= known
    assert len(told) > 20


def test_the_names_of_the_environment_are_ours() -> None:
    assert {CONFIG_VARIABLE, KEY_VARIABLE, CREDENTIAL_NAME} <= set(
        re.findall(r"\w+", guide("files"))
    )


@pytest.mark.parametrize(
    "case",
    [
        *("manualintervention", "line dropped", "switched off", "key is refused"),
        *("disk is full", "look alike"),
    ],
)
def test_the_runbook_has_the_case(case: str) -> None:
    assert re.search(f"^## .*{case}", guide("runbook"), re.MULTILINE)


def test_every_fault_of_the_sandbox_is_explained_in_a_line_and_no_other() -> None:
    told = re.findall(r"^    ([a-z0-9_]+) {2,}\S", guide("faults"), re.MULTILINE)
    assert sorted(told) == sorted({**SHAPES, **WIRE})
    script = re.findall(r"^    (\{.*\})$", guide("faults"), re.MULTILINE)
    assert [read_script(text)[0][0]["do"] for text in script] == ["commit_then_hang_up"]


def test_the_arguments_of_every_fault_are_named_as_they_are_written() -> None:
    entries = re.findall(
        r"^    ([a-z0-9_]+) {2,}(\S.*(?:\n {29}\S.*)*)", guide("faults"), re.MULTILINE
    )
    told = {name: " ".join(text.split()).partition(": ")[2] for name, text in entries}
    assert told == {name: ", ".join(known) for name, known in {**SHAPES, **WIRE}.items()}


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("kiosk", "terminal is busy"),
        ("kiosk", "export_folder"),
        ("engineer", "~/.bashrc"),
        ("files", "[printer]"),
        ("exit-codes", "of_another"),
    ],
)
def test_what_people_asked_for_is_told(topic: str, words: str) -> None:
    assert words in guide(topic)


# -- the command -------------------------------------------------------------------------------


def test_without_a_topic_all_are_listed(counter: Counter) -> None:
    ended = counter.run("help")
    assert ended.code == 0
    for topic in TOPICS:
        assert f"  {topic} " in ended.out
        assert title(topic) in ended.out


@pytest.mark.parametrize("words", [("refund",), ("key", "set")])
def test_a_command_is_explained_as_its_own_help_does(
    counter: Counter, words: tuple[str, ...]
) -> None:
    assert counter.run("help", *words).out == counter.run(*words, "--help").out


@pytest.mark.parametrize(
    "words", [("nothing",), ("key", "nothing"), ("../config",), ("--man", "refund")]
)
def test_about_anything_else_there_is_no_help(counter: Counter, words: tuple[str, ...]) -> None:
    ended = counter.run("help", *words)
    assert (ended.code, ended.out) == (2, "")
    assert "exit-codes" in ended.err


@pytest.mark.process
@pytest.mark.parametrize(("topic", "is_paged"), [("runbook", True), ("key", False)])
def test_a_long_guide_is_paged_on_a_terminal_and_a_short_one_is_not(
    topic: str, is_paged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pager that says whether it was given the key, and whether it may start programs.
    monkeypatch.setenv(
        "PAGER", "sh -c 'cat >/dev/null; echo PA\"\"GED $LESSSECURE $POSREFUND_API_KEY.'"
    )
    monkeypatch.setenv("POSREFUND_API_KEY", "t_a_key_of_tests")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    keyboard = Keyboard("sh")
    try:
        seen = keyboard.type(
            f"stty rows 24 cols 80; '{sys.executable}' -m posrefund help {topic}; echo en\"\"ded\n",
            until="ended",
        )
    finally:
        keyboard.end()
    assert ("PAGED 1 ." in seen) is is_paged
    assert ("keyring" in seen) is not is_paged


# -- the manual page ---------------------------------------------------------------------------


def test_the_manual_page_has_every_command_option_code_state_and_file(counter: Counter) -> None:
    ended = counter.run("help", "--man")
    assert (ended.code, ended.out) == (0, manual_page() + "\n")
    page = ended.out.replace(r"\-", "-").replace(r"\fB", "").replace(r"\fR", "")
    for command in leaves(cli):
        assert f'.SS "posrefund {command} [OPTIONS]' in page
        context = command_context(tuple(command.split()))
        assert context is not None
        for parameter in context.command.get_params(context):
            if isinstance(parameter, click.Option):
                assert parameter.opts[-1] in page
    for word in (*(f"    {code.value} " for code in ExitCode), *RefundState, "journal.sqlite3"):
        assert word in page
    for section in ("NAME", "SYNOPSIS", "EXIT STATUS", "STATES", "FILES AND ENVIRONMENT"):
        assert f"\n.SH {section}\n" in page


@pytest.mark.process
def test_the_manual_page_is_what_man_can_read(tmp_path: Path) -> None:
    page = tmp_path / "posrefund.1"
    page.write_text(manual_page() + "\n", "utf-8")
    if shutil.which("mandoc"):
        lint = ["mandoc", "-T", "lint", "-W", "warning", page]
    elif shutil.which("groff"):
        lint = ["groff", "-man", "-ww", "-z", page]
    else:
        pytest.skip("there is neither mandoc nor groff on this machine")
    done = subprocess.run(lint, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    said = [line for line in (done.stdout + done.stderr).splitlines() if "missing date" not in line]
    assert said == []
