"""`recover`: finishes what a crash, a closed window or a cut line left open."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from posrefund.cli.exits import ExitCode, code_of
from posrefund.cli.lines import change, heading
from posrefund.cli.session import Session
from posrefund.cli.shapes import refund_shape
from posrefund.errors import KeyRefused
from posrefund.refund.model import Refund, RefundState

if TYPE_CHECKING:
    from posrefund.wiring import Program

_BADNESS = (ExitCode.OK, ExitCode.RUNNING, ExitCode.UNKNOWN, ExitCode.ATTENTION)


def recover(session: Session, wait_seconds: int) -> ExitCode:
    """Work through everything open, and exit by the worst state at the end."""
    with session.program() as program:
        until = program.clock.now() + timedelta(seconds=wait_seconds)
        stand: dict[str, Refund] = {}
        try:
            for refund in program.recovery.work(until=until):
                session.output.show(refund_shape(refund), [heading(refund), *change(refund)])
                stand[refund.id] = refund
        except KeyRefused as error:
            # The states decide the exit code: what is open may have been paid.
            session.notices.complain(error)
        if not stand:
            session.notices.say("Nothing is open.")
        for refund in stand.values():
            _say_what_waits(session, program, refund, until)
    return max(
        (_code(refund) for refund in stand.values()), key=_BADNESS.index, default=_BADNESS[0]
    )


def _code(refund: Refund) -> ExitCode:
    if refund.state.is_final and refund.alarm is None:
        return ExitCode.OK
    # An intent that is still there is about to be sent by another process.
    return ExitCode.UNKNOWN if refund.state is RefundState.INTENT else code_of(refund)


def _say_what_waits(session: Session, program: "Program", refund: Refund, until: datetime) -> None:
    if refund.state.is_final:
        return
    name = f"Refund {refund.id} ({refund.state})"
    if not program.service.is_ours(refund):
        session.notices.say(
            f"{name} belongs to {refund.address} ({refund.environment}); use that configuration."
        )
        return
    due = program.service.next_step_at(refund)
    # What the work itself has learned of later times is not told to us.
    shown = f"{max(due or until, until).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    session.notices.say(f"{name} waits; the next step is due at {shown} or later.")
