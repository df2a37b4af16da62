"""The pretend CCV: `sandbox` runs it, `demo` opens the counter on it."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from posrefund.cli.counter import Practice, refuse_without_terminal, run_counter
from posrefund.cli.exits import ExitCode, Notices
from posrefund.cli.session import Session
from posrefund.errors import Misused
from posrefund.refund.model import RefundState
from posrefund.settings import PrinterKind, PrinterSettings, ProviderSettings, Settings
from posrefund.terminal.model import Method, OperatingEnvironment, Terminal
from posrefund.tui.playing import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from posrefund.refund.model import Refund
    from posrefund.sandbox.server import SandboxServer
    from posrefund.tui.playing import Play
    from posrefund.wiring import Program

_KEY = "t_practice"
_HOST = "127.0.0.1"
_ACTIONS = {Part.PRESENTS: "success", Part.IS_DECLINED: "declined", Part.CANCELS: "cancelled"}
"""What the terminal's page calls what a customer does."""
_BASE_URL = re.compile(r"http://\S+")

_EXAMPLE = """\
counter = "Desk 2"

[provider]
base_url = "{base_url}"
pay_url_hosts = ["127.0.0.1"]

[[terminals]]
name = "Desk 2"
method = "terminal"
terminal_id = "1234536"
management_system_id = "000103030"
access_protocol = "OPI_NL"
operating_environment = "ATTENDED"
merchant_language = "NLD"

[[terminals]]
name = "Manager's phone"
method = "softpos"
terminal_id = "SP0001"
"""


def demo(session: Session, port: int) -> int:
    """Open the counter on a pretend CCV inside, with a journal that is thrown away afterwards.

    It begins with what the samples say was given back yesterday and the day before. The pretend
    terminals print in the language in which the demo was started, whatever the counter speaks
    later: a shop's terminals have theirs from CCV and not from the counter.

    Raises:
        Misused: If there is no terminal, or the port is taken.
    """
    from tempfile import TemporaryDirectory

    from posrefund.credentials import ApiKey
    from posrefund.language import SOURCE
    from posrefund.sandbox.filling import sample_bank
    from posrefund.sandbox.server import SandboxServer
    from posrefund.wiring import build

    refuse_without_terminal(session)
    language = session.language or SOURCE
    server = SandboxServer(bank=sample_bank(language), port=port)
    try:
        server.start()
    except OSError:
        raise _taken(port) from None
    try:
        with TemporaryDirectory(prefix="posrefund-demo-") as folder:
            settings = _demo_settings(server.base_url, Path(folder), language)
            with build(settings, ApiKey(_KEY)) as program:
                begun = replace(program, prepare=partial(_prepare, program))
                return run_counter(begun, practice=practice_on(server))
    finally:
        server.stop()


def _prepare(program: "Program") -> None:
    """Load what the first question needs, and by it ask for the earlier days."""
    from posrefund.cli.practice_history import write_earlier_days

    program.prepare()
    write_earlier_days(program)


def practice_on(server: "SandboxServer") -> Practice:
    """What the counter has beside a shop's when CCV is this sandbox."""
    from posrefund.language import current
    from posrefund.sandbox.samples_words import SaidSamples

    return Practice(
        samples=SaidSamples(current), page_of=_pages_of(server.site), play=_player_on(server)
    )


def _player_on(server: "SandboxServer") -> "Play":
    """Plays the customer as the terminal's page does: also of a SoftPOS refund."""
    from posrefund.sandbox import pages

    def play(refund: "Refund", part: Part) -> None:
        with server.lock:
            server.bank.settle()
            made = server.bank.find(refund.provider_reference or "")
            if made is not None:
                pages.play(server.bank, made, _ACTIONS[part])

    return play


def _pages_of(site: str) -> "Callable[[Refund], str | None]":
    """Where the sandbox lets somebody play the customer: also of a SoftPOS refund."""
    from posrefund.sandbox.pages import PATH

    def page_of(refund: "Refund") -> str | None:
        if refund.pay_url is not None:
            return refund.pay_url
        waits = refund.state is RefundState.ACCEPTED and refund.provider_reference is not None
        return f"{site}{PATH}?reference={refund.provider_reference}" if waits else None

    return page_of


def sandbox(session: Session, port: int, script: str | None) -> ExitCode:
    """Run a pretend CCV until it is interrupted. Each request is a line on stderr.

    Raises:
        Misused: If the port is taken or the script cannot be used.
    """
    from posrefund.sandbox.server import serve

    path = None if script is None else Path(script)
    if path is not None and not path.is_file():
        raise Misused("there is no script {script}", script=script)
    try:
        serve(port, path, _Announcer(session))  # type: ignore[arg-type]  # lines only
    except KeyboardInterrupt:
        # It came before the sandbox had begun to wait for it.
        session.notices.say("Sandbox stopped")
    except OSError:
        raise _taken(port) from None
    except ValueError as error:
        raise Misused("the script cannot be used: {why}", why=error) from None
    return ExitCode.OK


class _Announcer:
    """Passes the sandbox's lines on; the first says that it listens, and is answered on stdout."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._notices: Notices = session.notices
        self._is_told = False

    def write(self, text: str) -> int:
        """Take one line."""
        found = _BASE_URL.search(text)
        if found and not self._is_told:
            self._is_told = True
            _show_sandbox(self._session, found.group())
        self._notices.say(text.rstrip("\n"))
        return len(text)

    def flush(self) -> None:
        """Nothing waits here."""


def _show_sandbox(session: Session, base_url: str) -> None:
    from posrefund.sandbox.samples import SAMPLES

    example = _EXAMPLE.format(base_url=base_url)
    samples = [
        {
            "reference": one.reference,
            "order_reference": one.order,
            "method": one.method,
            "amount": f"{one.amount // 100}.{one.amount % 100:02d}",
            "shows": one.shows,
        }
        for one in SAMPLES
    ]
    session.output.show(
        {"base_url": base_url, "api_key": _KEY, "config": example, "payments": samples},
        [
            f"A pretend CCV listens at {base_url}",
            f"Any key that begins with t_ will do: POSREFUND_API_KEY={_KEY}",
            "",
            "A configuration for it:",
            "",
            *(f"    {line}" for line in example.splitlines()),
            "",
            "Payments to try:",
            "",
            *(f"    {one['reference']:<28}{one['amount']:>8}  {one['shows']}" for one in samples),
        ],
    )


def _demo_settings(base_url: str, folder: Path, language: str) -> Settings:
    """The settings of the demo: its terminals speak to the customer in its own language."""

    def counter_terminal(name: str, terminal_id: str, *, is_default: bool) -> Terminal:
        return Terminal(
            name=name,
            method=Method.TERMINAL,
            terminal_id=terminal_id,
            management_system_id="000103030",
            access_protocol="OPI_NL",
            operating_environment=OperatingEnvironment.ATTENDED,
            merchant_language=language.upper(),
            is_default=is_default,
        )

    phone = Terminal(name="Manager's phone", method=Method.SOFTPOS, terminal_id="SP0001")
    return Settings(
        language=language,
        counter="Desk 2",
        provider=ProviderSettings(base_url=base_url, pay_url_hosts=(_HOST,)),
        journal_path=folder / "journal.sqlite3",
        # So that original and copy can be practised; what it writes goes with the folder.
        printer=PrinterSettings(kind=PrinterKind.FILE, address=str(folder / "slips.txt")),
        terminals=(
            counter_terminal("Desk 2", "1234536", is_default=True),
            counter_terminal("Desk 3", "1234537", is_default=False),
            phone,
        ),
    )


def _taken(port: int) -> Misused:
    return Misused(
        "port {port} of this machine is taken; choose another one with --port", port=port
    )
