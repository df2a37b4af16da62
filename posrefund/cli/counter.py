"""Opens the counter on the configured program."""

from typing import TYPE_CHECKING

from posrefund.cli.exits import ExitCode
from posrefund.cli.session import Session
from posrefund.errors import Misused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posrefund.wiring import Program


def open_counter(session: Session) -> int:
    """Open the counter and return its exit code.

    Raises:
        Misused: If there is no terminal to open it on. Nothing was sent.
    """
    refuse_without_terminal(session)
    with session.program() as program:
        return run_counter(program)


def refuse_without_terminal(session: Session) -> None:
    """Refuse to open the counter where nobody could see or use it.

    Raises:
        Misused: If so. Nothing was sent.
    """
    if not (session.can_ask and session.output.is_terminal):
        raise Misused("the counter needs a terminal; without one use a command, see --help")
    if session.environ.get("TERM") == "dumb":
        raise Misused("the counter cannot draw on this terminal (TERM=dumb); use a command")


def run_counter(program: "Program", *, samples: "Mapping[str, str] | None" = None) -> int:
    """Run the counter until it is left; `samples` are what a newcomer may look up."""
    from posrefund.tui.app import RefundApp, run
    from posrefund.tui.browser import open_page

    app = RefundApp(
        service=program.service,
        recovery=program.recovery,
        journal=program.journal,
        clock=program.clock,
        terminals=program.settings.terminals,
        counter=program.settings.counter,
        mode=program.mode,
        open_page=open_page,
        prepare=program.prepare,
        samples=samples,
    )
    return run(app) or ExitCode.OK
