"""The manual page, made of what `--help` says and of three guides, so that it never lags behind."""

import re
from collections.abc import Iterator

import click

from posrefund import __version__
from posrefund.cli.helping import command_context, guide, title
from posrefund.cli.helping_commands import TOPICS
from posrefund.cli.options import GLOBAL_OPTIONS

_SECTIONS = {"exit-codes": "EXIT STATUS", "states": "STATES", "files": "FILES AND ENVIRONMENT"}


def manual_page() -> str:
    """Return the page in the language of `man`."""
    root = command_context(())
    if root is None:
        return ""
    lines = [
        f'.TH POSREFUND 1 "" "posrefund {__version__}" "User Commands"',
        ".SH NAME",
        r"posrefund \- give money back at the point of sale through CCV's Payment API",
        ".SH SYNOPSIS",
        r".B posrefund",
        "[OPTIONS] [COMMAND [ARGUMENTS]]",
        ".SH DESCRIPTION",
        *_paragraphs(root.command.help or ""),
        ".SH COMMANDS",
        *_commands(root),
        ".SH GLOBAL OPTIONS",
        "They are accepted before and after the command.",
        *_options(root, own=False),
    ]
    for topic, heading in _SECTIONS.items():
        lines += [f".SH {heading}", *_from_guide(guide(topic))]
    lines += [".SH SEE ALSO", "More is told by"]
    for topic in TOPICS:
        lines += [".TP", rf".B posrefund help {_safe(topic)}", _safe(title(topic))]
    return "\n".join(lines)


def _commands(context: click.Context) -> Iterator[str]:
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name, command in group.commands.items():
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(inner)
            continue
        usage = " ".join([inner.command_path, *command.collect_usage_pieces(inner)])
        yield f'.SS "{_safe(usage)}"'
        yield from _paragraphs(command.help or "")
        yield from _options(inner, own=True)


def _options(context: click.Context, *, own: bool) -> Iterator[str]:
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and (parameter not in GLOBAL_OPTIONS) is own:
            yield from (".TP", rf"\fB{_safe(record[0])}\fR", _safe(record[1]) or r"\&")


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield ".PP"
        yield _safe(" ".join(paragraph.split()))


def _from_guide(text: str) -> Iterator[str]:
    """Translate the little Markdown that guides use. Their title is the heading already."""
    begins = True
    for block in text.split("\n\n")[1:]:
        if block.startswith("## "):
            yield f'.SS "{_safe(block[3:])}"'
        elif block.startswith("    "):
            yield from (".nf", *map(_safe, block.splitlines()), ".fi")
        elif block.startswith("- "):
            for line in block.splitlines():
                yield from ([r".IP \(bu 2"] if line.startswith("- ") else [])
                yield _marked(line[2:])
        else:
            yield from ([] if begins else [".PP"])
            yield from map(_marked, block.splitlines())
        begins = block.startswith("## ")


def _marked(text: str) -> str:
    return re.sub("`([^`]*)`", r"\\fB\1\\fR", _safe(text))


def _safe(text: str) -> str:
    text = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    return rf"\&{text}" if text.startswith((".", "'")) else text
