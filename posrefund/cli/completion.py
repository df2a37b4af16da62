"""`completion`: the script for a shell, and the answers to it. The key is never read."""

import re
from collections.abc import Iterator

import click
from click.shell_completion import CompletionItem, ShellComplete, get_completion_class

from posrefund.cli.exits import ExitCode
from posrefund.cli.helping_commands import COMPLETION_VARIABLE, TOPICS
from posrefund.cli.session import Session

_PROGRAM = "posrefund"
_PLAIN = re.compile(r"[\w.:@%+/=~-]*")
"""Words that are typed as they are."""


def script(session: Session, shell: str) -> ExitCode:
    """Print the script."""
    known = _known(shell, session)
    if known is not None:
        # Not `known.source()`: bash would be started to ask for its version.
        session.output.page((known.source_template % known.source_vars()).rstrip())
    return session.answered()


def answer(session: Session) -> ExitCode:
    """Answer the script: print how the word at the cursor may end; nothing where that is unclear.

    The script starts the program without arguments. A variable that is left behind by accident
    therefore never takes the place of a command, whose exit code would be believed.
    """
    shell = session.environ.get(COMPLETION_VARIABLE, "").removesuffix("_complete")
    known = _known(shell, session)
    if known is None:
        return ExitCode.MISUSED
    incomplete = ""
    try:
        args, incomplete = known.get_completion_args()
        found = known.get_completions(args, incomplete) or list(_others(args, incomplete))
    except (click.ClickException, click.exceptions.Exit, KeyError, ValueError):
        found = []
    words = _as_typed(shell, found, is_quoted=_is_quoted(session, incomplete))
    if words:
        # Bytes: a text stream of Windows would end the lines in a way that shells do not know.
        click.echo("\n".join(map(known.format_completion, words)).encode())
    return ExitCode.OK


def _is_quoted(session: Session, incomplete: str) -> bool:
    """Whether the word at the cursor was begun with a quote."""
    line = session.environ.get("COMP_WORDS", "")
    return line.removesuffix(incomplete).endswith(("'", '"'))


def _as_typed(
    shell: str, found: list[CompletionItem[str]], *, is_quoted: bool
) -> list[CompletionItem[str]]:
    """Write words with blanks as they have to be typed; leave out what a script would tear."""
    words = []
    for item in found:
        if item.type == "plain" and not _PLAIN.fullmatch(item.value):
            word = _QUOTING[shell](item.value, is_quoted=is_quoted)
            if word is None:
                continue
            item.value = word
        words.append(item)
    return words


def _for_bash(word: str, *, is_quoted: bool) -> str | None:
    # Its script reads the answer in a way that eats backslashes.
    for quote, special in (("'", "'\\"), ('"', '"$`!\\')):
        if not set(word) & set(special):
            return word if is_quoted else f"{quote}{word}{quote}"
    return None


def _for_fish(word: str, *, is_quoted: bool) -> str | None:
    # Fish quotes by itself, and its script takes a comma for an end.
    return None if "," in word else word


def _for_zsh(word: str, *, is_quoted: bool) -> str | None:
    return word


def _for_powershell(word: str, *, is_quoted: bool) -> str | None:
    doubled = word.replace("'", "''")
    return f"'{doubled}'"


_QUOTING = {
    "bash": _for_bash,
    "fish": _for_fish,
    "zsh": _for_zsh,
    "powershell": _for_powershell,
}


def _known(shell: str, session: Session) -> ShellComplete | None:
    from posrefund.cli.commands import cli

    kind = get_completion_class(shell)
    return None if kind is None else kind(cli, {"obj": session}, _PROGRAM, COMPLETION_VARIABLE)


def _others(args: list[str], incomplete: str) -> Iterator[CompletionItem[str]]:
    """Yield what click cannot know: the topics of `help`, and that a file may come here."""
    from posrefund.cli.commands import cli

    if args == ["help"]:
        for name in (*TOPICS, *cli.commands):
            if name.startswith(incomplete):
                yield CompletionItem(name)
        return
    command = next((cli.commands[word] for word in args if word in cli.commands), cli)
    last = args[-1] if args else ""
    for parameter in command.get_params(click.Context(command)):
        here = not last.startswith("-") or last in parameter.opts
        if here and (parameter.metavar or "").partition(".")[0] in {"FILE", "F"}:
            is_option = isinstance(parameter, click.Option)
            if is_option == last.startswith("-"):
                yield CompletionItem(incomplete, type="file")
                return
