"""`recover`: finishes what a crash, a closed window or a cut line left open."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from posrefund.cli.exits import ExitCode, code_of
from posrefund.cli.lines import change, heading
from posrefund.cli.session import NoJournal, Session
from posrefund.cli.shapes import refund_shape
from posrefund.cli.telling import of_something_sent
from posrefund.errors import KeyRefused
from posrefund.language import _
from posrefund.refund.model import Refund
from posrefund.refund.rules import is_open
from posrefund.speech import state_text

if TYPE_CHECKING:
    from posrefund.wiring import Program

_BADNESS = (ExitCode.OK, ExitCode.RUNNING, ExitCode.UNKNOWN, ExitCode.ATTENTION)


def recover(session: Session, wait_seconds: int) -> ExitCode:
    """Work through everything open, and exit by the worst state at the end.

    Where there is no journal it says so and makes none: a new one would hide that one was lost.
    """
    with of_something_sent(), session.program(NoJournal.SAY) as program:
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
            session.notices.say(_("Nothing is open."))
        for refund in stand.values():
            _say_what_waits(session, program, refund, until)
    return worst(stand.values())


def worst(refunds: Iterable[Refund]) -> ExitCode:
    """Return the exit code of the worst state among these; OK where there are none."""
    return max((_code(refund) for refund in refunds), key=_BADNESS.index, default=_BADNESS[0])


def foreign(refund: Refund) -> str:
    """Say that nothing can be done about a refund here, and where it can."""
    return _(
        "Refund {id} ({state}) belongs to {address} ({environment}); use that configuration."
    ).format(
        id=refund.id,
        state=state_text(refund.state),
        address=refund.address,
        environment=refund.environment,
    )


def _code(refund: Refund) -> ExitCode:
    return code_of(refund) if is_open(refund) else ExitCode.OK


def _say_what_waits(session: Session, program: "Program", refund: Refund, until: datetime) -> None:
    if refund.state.is_final:
        return
    if not program.service.is_ours(refund):
        session.notices.say(foreign(refund))
        return
    due = program.service.next_step_at(refund)
    # What the work itself has learned of later times is not told to us.
    shown = f"{max(due or until, until).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    session.notices.say(
        _("Refund {id} ({state}) waits; the next step is due at {time} or later.").format(
            id=refund.id, state=state_text(refund.state), time=shown
        )
    )
