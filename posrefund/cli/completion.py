"""`completion`: the script for a shell, and the answers to it. The key is never read."""

import re
import shlex
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
    quote: str | None = ""
    try:
        args, incomplete = known.get_completion_args()
        found = known.get_completions(args, incomplete) or list(_others(args, incomplete))
        if shell == "bash":
            quote = _open_quote(session)
    except (click.ClickException, click.exceptions.Exit, KeyError, ValueError):
        found = []
    words = _as_typed(shell, found, quote=quote)
    if words:
        # Bytes: a text stream of Windows would end the lines in a way that shells do not know.
        click.echo("\n".join(map(known.format_completion, words)).encode())
    return ExitCode.OK


def _open_quote(session: Session) -> str | None:
    """The quote that the word at the cursor was begun with, empty without one; None if not sure.

    Bash hands the words over as they were typed, one a line. Where the cursor is in its word it
    does not say: after a second quote the first may be open yet, or not.
    """
    words = session.environ.get("COMP_WORDS", "").split("\n")
    number = int(session.environ.get("COMP_CWORD", "0"))
    if number >= len(words) or any(map(_is_torn, words[:number])):
        return None
    quotes = [letter for letter in words[number] if letter in "'\""]
    if not quotes:
        return ""
    return quotes[0] if len(quotes) == 1 and words[number].startswith(quotes[0]) else None


def _is_torn(word: str) -> bool:
    """Whether it is a part of a word only, which has the end of a line in it."""
    try:
        shlex.split(word)
    except ValueError:
        return True
    return False


def _as_typed(
    shell: str, found: list[CompletionItem[str]], *, quote: str | None
) -> list[CompletionItem[str]]:
    """Write words with blanks as they have to be typed; leave out what a script would tear."""
    words = []
    for item in found:
        if item.type == "plain" and not _PLAIN.fullmatch(item.value):
            word = _QUOTING[shell](item.value, quote)
            if word is None:
                continue
            item.value = word
        words.append(item)
    return words


def _for_bash(word: str, begun: str | None) -> str | None:
    """What is put in place of the typed word, or after its quote. Bash must find nothing in it."""
    if begun is None:
        return None
    # Its script reads the answer in a way that eats backslashes, and looks for files so named.
    special = {"'": "'\\", '"': '"$`!\\'}
    if begun:
        return None if set(word) & set(special[begun] + "*?[") else word
    for quote, letters in special.items():
        if not set(word) & set(letters):
            return f"{quote}{word}{quote}"
    return None


def _for_fish(word: str, _begun: str | None) -> str | None:
    # Fish quotes by itself, and its script takes a comma for an end.
    return None if "," in word else word


def _for_zsh(word: str, _begun: str | None) -> str | None:
    return word


def _for_powershell(word: str, _begun: str | None) -> str | None:
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
