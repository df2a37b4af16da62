"""Runs one command line: the only place that catches everything."""

from collections.abc import Sequence

import click

from posrefund.cli.commands import cli
from posrefund.cli.exits import explain
from posrefund.cli.helping_commands import COMPLETION_VARIABLE
from posrefund.cli.session import Session


def run(
    arguments: Sequence[str], *, session: Session | None = None, removed: Sequence[str] = ()
) -> int:
    """Run one command line and return its exit code.

    Args:
        arguments: What was typed after `posrefund`.
        session: Streams and program to use; the process's own by default.
        removed: Names of environment variables that were removed at the start.
    """
    session = session or Session(removed=removed)
    if not arguments and COMPLETION_VARIABLE in session.environ:
        from posrefund.cli.completion import answer

        return int(answer(session))
    # Told the width, click does not load the compression libraries to find it out.
    width = max(min(session.output.columns, 80) - 2, 50)
    try:
        with cli.make_context(
            "posrefund", list(arguments), obj=session, terminal_width=width
        ) as context:
            return int(cli.invoke(context))
    except click.exceptions.Exit as done:
        return done.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - no traceback reaches a cashier
        may_send, running = session.may_send, session.running
        return int(explain(error, session.notices, may_send=may_send, running=running))
    finally:
        session.end()
