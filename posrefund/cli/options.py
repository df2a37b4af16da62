"""Commands as strict as money wants them, and the options every one of them takes."""

from collections.abc import Callable
from typing import Any

import click

from posrefund import __version__
from posrefund.cli.session import Session

LANGUAGES = ("nld", "eng", "deu", "fra")


class _Strict(click.Command):
    """Takes the global options too, and no option twice."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own parameters, then those of every command."""
        return [*super().get_params(ctx), *GLOBAL_OPTIONS]

    def get_help_option(self, ctx: click.Context) -> None:
        """Leave out click's own: ours is one of the global options."""
        return

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and refuse an option that is given twice: one of the two was not meant.

        Raises:
            UsageError: If there is one, or anything else cannot be understood.
        """
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for option in given:
            once = isinstance(option, click.Option) and not option.multiple
            if once and given.count(option) > 1:
                raise click.UsageError(f"{option.opts[-1]} is given twice", ctx)
        return super().parse_args(ctx, args)


class Command(_Strict):
    """One command."""

    def invoke(self, ctx: click.Context) -> object:
        """Carry the command out, in a process that was made safe for it."""
        ctx.ensure_object(Session).begin()
        return super().invoke(ctx)


class Group(_Strict, click.Group):
    """All commands. Without one of them its own callback runs."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of their declaration: the daily ones first."""
        return list(self.commands)


Setter = Callable[[Session, click.Context, Any], None]
Callback = Callable[[click.Context, click.Parameter, Any], None]


def _calling(setter: Setter, *, also_for_a_shell: bool = False) -> Callback:
    def callback(ctx: click.Context, param: click.Parameter, value: object) -> None:
        # A shell that asks how a word may end shows nothing, and needs no more than the file.
        is_meant = also_for_a_shell or not ctx.resilient_parsing
        if value is not None and value is not False and is_meant:
            setter(ctx.ensure_object(Session), ctx, value)

    return callback


def _set_config(session: Session, ctx: click.Context, value: str) -> None:
    if session.config not in {None, value}:
        raise click.UsageError("--config is given twice", ctx)
    session.config = value


def _set_json(session: Session, ctx: click.Context, value: bool) -> None:
    session.output.as_json = value


def _set_language(session: Session, ctx: click.Context, value: str) -> None:
    if session.language not in {None, value}:
        raise click.UsageError("--language is given twice", ctx)
    session.language = value


def _show_version(session: Session, ctx: click.Context, value: bool) -> None:
    session.output.page(f"posrefund {__version__}")
    ctx.exit(session.answered())


def _show_help(session: Session, ctx: click.Context, value: bool) -> None:
    session.output.page(ctx.get_help())
    ctx.exit(session.answered())


GLOBAL_OPTIONS: list[click.Parameter] = [
    click.Option(
        ["--config"],
        metavar="FILE",
        callback=_calling(_set_config, also_for_a_shell=True),
        expose_value=False,
        help="Use this configuration.",
    ),
    click.Option(
        ["--json"],
        is_flag=True,
        callback=_calling(_set_json),
        expose_value=False,
        help="Print one JSON object per line.",
    ),
    click.Option(
        ["--language"],
        type=click.Choice(LANGUAGES),
        callback=_calling(_set_language),
        expose_value=False,
        help="Language of screens and slips.",
    ),
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        callback=_calling(_show_version),
        expose_value=False,
        help="Show the version.",
    ),
    click.Option(
        ["-h", "--help"],
        is_flag=True,
        is_eager=True,
        callback=_calling(_show_help),
        expose_value=False,
        help="Show this page.",
    ),
]
"""Accepted before and after the command."""
