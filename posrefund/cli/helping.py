"""`help`: the guides, which are plain text, and the manual page."""

import os
from pathlib import Path

import click

from posrefund.cli.exits import ExitCode
from posrefund.cli.helping_commands import TOPICS
from posrefund.cli.session import Session
from posrefund.errors import Misused

_FOLDER = Path(__file__).parent.parent / "guides"


def explain(session: Session, words: tuple[str, ...], *, man: bool) -> ExitCode:
    """Print a guide, the help of a command, the manual page, or the list of topics.

    Raises:
        Misused: If there is nothing about these words.
    """
    if man and not words:
        from posrefund.cli.manual import manual_page

        session.output.page(manual_page())
        return session.answered()
    text = None if man else _text(words)
    if text is None:
        known = ", ".join(TOPICS)
        raise Misused(
            "there is no help about {words}; topics are {known}",
            words=" ".join(words),
            known=known,
        )
    _show(session, text)
    return session.answered()


def guide(topic: str) -> str:
    """Return the text about a topic."""
    return (_FOLDER / f"{topic}.md").read_text("utf-8").rstrip()


def title(topic: str) -> str:
    """Return its first line, without the mark of a heading."""
    return guide(topic).partition("\n")[0].removeprefix("# ")


def _text(words: tuple[str, ...]) -> str | None:
    if not words:
        lines = [f"  {topic:<18}{title(topic)}" for topic in TOPICS]
        return "\n".join(["posrefund help TOPIC", "", *lines, "", "Commands: posrefund --help"])
    if len(words) == 1 and words[0] in TOPICS:
        return guide(words[0])
    context = command_context(words)
    return None if context is None else context.get_help()


def command_context(words: tuple[str, ...]) -> click.Context | None:
    """Return the context of a command as if it had been typed; None where there is no such one."""
    from posrefund.cli.commands import cli

    context = click.Context(cli, info_name="posrefund", terminal_width=78)
    for word in words:
        group = context.command
        command = group.commands.get(word) if isinstance(group, click.Group) else None
        if command is None:
            return None
        context = click.Context(command, info_name=word, parent=context)
    return context


def _show(session: Session, text: str) -> None:
    """Show it page by page to a person whose screen is too small for it."""
    if not session.can_ask or not session.output.is_terminal or _fits(text):
        session.output.page(text)
        return
    from posrefund.credentials import KEY_VARIABLE

    # The pager is another program: it gets no key, and starts no commands.
    session.environ.pop(KEY_VARIABLE, None)
    session.environ["LESSSECURE"] = "1"
    click.echo_via_pager(text)


def _fits(text: str) -> bool:
    try:
        rows = os.get_terminal_size().lines
    except OSError:
        return True
    return text.count("\n") + 2 <= rows
