"""Opens the counter on the configured program."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posrefund.cli.exits import ExitCode
from posrefund.cli.session import Session
from posrefund.errors import ConfigWrong, Misused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from posrefund.receipt.printer import PrinterFault
    from posrefund.refund.model import Refund
    from posrefund.tui.playing import Play
    from posrefund.wiring import Program


@dataclass(frozen=True, slots=True)
class Practice:
    """What a demo has and a shop has not. Its journal is thrown away at the end."""

    samples: "Mapping[str, str]"
    """What can be looked up, and what it shows."""
    page_of: "Callable[[Refund], str | None]"
    """Where the customer of a refund is played, if it waits for one."""
    play: "Play"
    """Plays the customer without that page."""


def open_counter(session: Session) -> int:
    """Open the counter and return its exit code; before it the set-up, where there was none.

    Raises:
        Misused: If there is no terminal to open it on. Nothing was sent.
        ConfigWrong: If the configuration is wrong. Nothing was sent.
    """
    refuse_without_terminal(session)
    if _is_new_here(session):
        status = _set_up(session)
        if status != ExitCode.OK:
            return status
    with session.program() as program:
        _refuse_meddling(session, program)
        return run_counter(program)


def _is_new_here(session: Session) -> bool:
    """Whether nobody has set this counter up, and no other configuration was meant.

    A file that was named and is not there is a mistake: a kiosk's screen must not ask for a key.
    """
    from posrefund.locations import CONFIG_VARIABLE

    is_named = session.config is not None or session.environ.get(CONFIG_VARIABLE)
    return not is_named and not os.path.lexists(session.config_path())


def _set_up(session: Session) -> int:
    from posrefund import language
    from posrefund.cli.setting_up_screen import ScreenWork
    from posrefund.language import _
    from posrefund.tui.setup import SetupApp, run

    app = SetupApp(ScreenWork(session))
    status = run(app, code=session.language or language.SOURCE)
    if status == ExitCode.OK and not app.is_done:
        # Whoever leaves it knows why, so there is nothing to correct.
        session.notices.say(
            _("Nothing was set up. posrefund init asks the same questions without a screen.")
        )
        return ExitCode.CONFIG
    return status


def _refuse_meddling(session: Session, program: "Program") -> None:
    """Refuse to be a kiosk where the environment could press keys, or change this program."""
    if not program.settings.kiosk:
        return
    from posrefund.hygiene import meddling

    names = [name for name in session.removed if name.startswith("TEXTUAL")]
    names += meddling(session.environ)
    if names:
        raise ConfigWrong(
            "this is a kiosk, and its environment can press keys or change the program; start it"
            " without {names}",
            names=", ".join(names),
        )


def refuse_without_terminal(session: Session) -> None:
    """Refuse to open the counter where nobody could see or use it.

    Raises:
        Misused: If so. Nothing was sent.
    """
    if not (session.can_ask and session.output.is_terminal):
        raise Misused("the counter needs a terminal; without one use a command, see --help")
    if session.environ.get("TERM") == "dumb":
        raise Misused("the counter cannot draw on this terminal (TERM=dumb); use a command")


def run_counter(program: "Program", *, practice: "Practice | None" = None) -> int:
    """Run the counter until it is left, on the program or on a practice one."""
    from posrefund import language
    from posrefund.tui.app import RefundApp, run
    from posrefund.tui.board import page_at_ccv
    from posrefund.tui.browser import open_page

    settings = program.settings
    language.use(settings.language)
    app = RefundApp(
        service=program.service,
        recovery=program.recovery,
        journal=program.journal,
        clock=program.clock,
        terminals=settings.terminals,
        counter=settings.counter,
        mode=program.mode,
        open_page=open_page,
        prepare=program.prepare,
        samples=practice.samples if practice else None,
        page_of=practice.page_of if practice else page_at_ccv,
        play=practice.play if practice else None,
        is_kept=practice is None,
        kiosk=settings.kiosk,
        print_slip=printing(program),
    )
    return run(app) or ExitCode.OK


def printing(program: "Program") -> "Callable[[Refund, bool], PrinterFault | None] | None":
    """What prints slips; None where no printer is configured."""
    if program.settings.printer is None:
        return None
    from posrefund.cli.slips import printer_of
    from posrefund.receipt.handing_out import print_slip

    printer = printer_of(program.settings.printer)

    def print_one(refund: "Refund", merchant: bool) -> "PrinterFault | None":
        return print_slip(
            refund,
            journal=program.journal,
            clock=program.clock,
            printer=printer,
            merchant=merchant,
        )

    return print_one
