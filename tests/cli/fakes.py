"""A counter on fakes, and streams that may be terminals, closed or full."""

import errno
import io
import json
from dataclasses import dataclass, field, replace

from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.errors import JournalUnavailable, Unanswered
from posrefund.journal.memory import MemoryJournal
from posrefund.references import mint, short_id
from posrefund.refund.model import ProviderRefund, ProviderStatus, Refund, RefundOrder
from posrefund.refund.ports import Journal
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.settings import Settings
from posrefund.terminal.model import Method, Terminal
from posrefund.wiring import Mode, Program
from tests.support.builders import a_payment, eur
from tests.support.fakes import FakeBank, FrozenClock

DESK_2 = Terminal(name="Desk 2", method=Method.TERMINAL, terminal_id="1234536", is_default=True)
DESK_3 = Terminal(name="Desk 3", method=Method.TERMINAL, terminal_id="1234537")
PHONE = Terminal(name="Manager's phone", method=Method.SOFTPOS, terminal_id="SP0001")


class TerminalText(io.StringIO):
    """A stream with a person at the other end."""

    def isatty(self) -> bool:
        return True


class ClosedPipe(io.StringIO):
    """A reader that went away, such as `head -1`."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


class FullDisk(io.StringIO):
    """A file that cannot grow."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


class PlainAscii(io.TextIOWrapper):
    """A stream that knows few characters."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="ascii", newline="\n")

    def getvalue(self) -> str:
        return self.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]  # a fake


class ClosableBank(FakeBank):
    """A bank behind a connection that the program lets go of at the end."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


@dataclass(frozen=True)
class Ended:
    """What one run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict]:
        """stdout as JSON, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def states(self) -> list[str]:
        return [line["state"] for line in self.lines]


@dataclass
class Counter:
    """A workstation with its bank, its memory and its clock."""

    clock: FrozenClock = field(default_factory=FrozenClock)
    journal: Journal = field(default_factory=MemoryJournal)

    def __post_init__(self) -> None:
        payments = [
            a_payment(),
            a_payment(reference="T1015.A", order_reference="1015", amount=eur("20.00")),
            a_payment(reference="T1015.B", order_reference="1015", amount=eur("30.00")),
            a_payment(reference="S1006.Y", order_reference="1006", method="softpos"),
            a_payment(reference="-T9.Y", order_reference="9"),
        ]
        self.bank = ClosableBank(payments, clock=self.clock)
        self.terminals: tuple[Terminal, ...] = (DESK_2, DESK_3, PHONE)

    def program(self) -> Program:
        """A new program on the same journal and bank."""
        service = RefundService(
            provider=self.bank,
            journal=self.journal,
            clock=self.clock,
            counter="Desk 2",
            mint=mint,
            short_id=short_id,
        )
        return Program(
            settings=Settings(counter="Desk 2", terminals=self.terminals),
            mode=Mode.TEST,
            service=service,
            recovery=Recovery(service=service, journal=self.journal, clock=self.clock),
            journal=self.journal,
            clock=self.clock,
            provider=self.bank,  # type: ignore[arg-type]  # a fake
        )

    def run(
        self,
        *arguments: str,
        typed: str | None = None,
        stdout: io.TextIOBase | None = None,
        stderr: io.TextIOBase | None = None,
        environ: dict[str, str] | None = None,
    ) -> Ended:
        """Run one command. With `typed` somebody sits at a terminal and types that."""
        is_manned = typed is not None
        out = stdout or io.StringIO()
        err = stderr or (TerminalText() if is_manned else io.StringIO())
        session = Session(
            program=self.program(),
            environ={} if environ is None else environ,
            stdin=TerminalText(typed) if is_manned else io.StringIO(),
            stdout=out,  # type: ignore[arg-type]  # a fake
            stderr=err,  # type: ignore[arg-type]  # a fake
        )
        code = run(arguments, session=session)
        return Ended(code, out.getvalue(), err.getvalue())  # type: ignore[attr-defined]  # a fake

    def refund(self, *arguments: str, **more: object) -> Ended:
        """`refund` of 5.00 of the usual payment, as JSON, with the yes said beforehand."""
        command = ("refund", "1001", "--amount", "5.00", "--yes", "--json", *arguments)
        return self.run(*command, **more)  # type: ignore[arg-type]  # a fake

    def decided(self, **changes: object) -> Refund:
        """A refund that was written down, by a program that then ended."""
        service = self.program().service
        (finding,) = service.find("1001")
        order = RefundOrder(finding=finding, amount=eur("5.00"), terminal=DESK_2)
        return service.intend(replace(order, **changes))

    def in_state(self, state: ProviderStatus | None, **changes: object) -> Refund:
        """A refund that was sent and of which CCV said this; None is silence."""
        silence = raising(Unanswered("CCV did not answer"))
        self.bank.on_send = [silence if state is None else answering(self.bank, state, **changes)]
        return self.program().service.send(self.decided())


def answering(bank: FakeBank, status: ProviderStatus, **changes: object):
    """A bank that books it and comes to this result at once."""

    def answer(refund: Refund) -> ProviderRefund:
        said = bank.carry_out(refund)
        bank.decide(said.reference, status, **changes)
        return bank.ledger[said.reference]

    return answer


def raising(error: BaseException):
    """A step that ends in this."""

    def fail(*_: object) -> ProviderRefund:
        raise error

    return fail


def interrupting(bank: FakeBank):
    """Somebody presses Ctrl+C right after the bank has booked it."""

    def answer(refund: Refund) -> ProviderRefund:
        bank.carry_out(refund)
        raise KeyboardInterrupt

    return answer


class InterruptedClock(FrozenClock):
    """Somebody presses Ctrl+C while it waits."""

    def wait(self, seconds: float) -> bool:
        raise KeyboardInterrupt


class BrokenJournal(MemoryJournal):
    """Fails at its n-th write, and at each after it."""

    def __init__(self, *, writes: int) -> None:
        super().__init__()
        self._left = writes

    def _count(self) -> None:
        if self._left == 0:
            raise JournalUnavailable("the disk is full")
        self._left -= 1

    def open_case(self, refund, entry):
        self._count()
        return super().open_case(refund, entry)

    def record(self, refund, entry):
        self._count()
        return super().record(refund, entry)

    def claim(self, refund_id, *, now, until):
        self._count()
        return super().claim(refund_id, now=now, until=until)
