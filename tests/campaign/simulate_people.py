"""What people, programs and CCV do in a simulated shop: one method for each kind of act.

What is promised: an act uses only what a shell would use, `RefundService` and `Recovery`. Errors a
shell must expect end the act; every other exception is written down as a broken promise.
"""

from collections.abc import Callable
from datetime import timedelta

from posrefund.errors import (
    JournalTrouble,
    KeyRefused,
    LostLease,
    NoInformation,
    NotAllowed,
    NotFound,
    PosrefundError,
)
from posrefund.money import Money
from posrefund.refund.model import Refund, RefundOrder, RefundState
from posrefund.refund.rules import needs_a_person
from posrefund.terminal.model import Method, OperatingEnvironment, Terminal
from tests.campaign.simulate_promises import Promises
from tests.campaign.world import START_MS, Frame, PowerCut, World
from tests.campaign.world_process import ELSEWHERE, HERE, Process

DESK = Terminal(
    name="Desk 2",
    method=Method.TERMINAL,
    terminal_id="1234536",
    management_system_id="000103030",
    access_protocol="OPI_NL",
    operating_environment=OperatingEnvironment.ATTENDED,
    merchant_language="NLD",
)
AMOUNTS = (500, 500, 500, 750, 1990)


class People:
    """Everybody who acts: cashiers, programs that recover, CCV, and the manager."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.promises = Promises(world)
        self.processes: list[Process] = []
        self.orders: list[RefundOrder] = []
        """What was decided before, for whoever presses twice."""
        self.intents: list[tuple[Process, Refund]] = []
        """What somebody decided and has not sent yet."""
        self._started = 0
        self._wanted = world.rng.choice((1, 1, 2, 3))
        world.meanwhile = self.meanwhile
        self._open_shop()
        for _ in range(self._wanted):
            self.start()

    def _open_shop(self) -> None:
        rng, bank = self.world.rng, self.world.bank
        settings = bank.settings
        settings.customer = rng.choice(("person", "auto"))
        settings.auto_seconds = rng.choice((1.0, 8.0, 40.0))
        settings.capitals = rng.random() < 0.5
        settings.list_shape = rng.choice(("array", "array", "object"))
        settings.page_size = rng.choice((100, 100, 10))
        settings.busy_terminal = rng.choice(("allow", "allow", "failed"))
        settings.error_status = rng.choice((400, 422))
        for number in range(rng.choice((1, 1, 2))):
            method = rng.choice(("terminal", "terminal", "terminal", "softpos", "ideal"))
            reference = f"P{number}.Y"
            bank.add(
                reference=reference,
                amount=rng.choice((1500, 4990)),
                created=START_MS - 86_400_000,
                method=method,
                order=f"100{number}",
                description=rng.choice((None, "Order", "x" * 255)),
                details={"terminalId": "SP0001"} if method == "softpos" else {},
            )
            for _ in range(rng.choice((0,) * 14 + (12,))):
                bank.refund_elsewhere(reference, 1)
        self.payments = [item for item in bank.all() if not item.gives_back]

    def start(self) -> Process:
        """Start a program; it looks after what was left open before anything else."""
        self._started += 1
        address = ELSEWHERE if self.world.chance(0.02) else HERE
        process = Process(self.world, f"w{self._started}", address=address)
        self.processes.append(process)
        self.world.note(process.name, "starts")
        return process

    @property
    def alive(self) -> list[Process]:
        """The programs that run."""
        return [process for process in self.processes if process.alive]

    # -- acting ------------------------------------------------------------------------------

    def act(self, process: Process, what: Callable[[Process], None]) -> None:
        """Let one process do one thing, whatever comes of it, and ask all questions afterwards."""
        world = self.world
        world.stack.append(Frame(process, world.ms, len(world.jumps)))
        try:
            what(process)
        except PowerCut as cut:
            if process.alive:
                process.die()
            is_outer = any(frame.process is cut.process for frame in world.stack[:-1])
            if cut.process is None or is_outer:
                if len(world.stack) > 1:
                    raise
                self._all_die()
        except (
            KeyRefused,
            LostLease,
            NoInformation,
            JournalTrouble,
            NotFound,
            NotAllowed,
        ) as error:
            world.note(process.name, f"{type(error).__name__}: {error}")
        except PosrefundError as error:
            world.violate(type(error).__name__, f"{what.__name__} raised: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            world.violate(type(error).__name__, f"{what.__name__} ended in it: {error}")
        finally:
            world.stack.pop()
        self.promises.hold()

    def _all_die(self) -> None:
        for process in self.alive:
            process.die()

    def meanwhile(self, sleeper: object) -> None:
        """Somebody else acts in the middle of a port call of `sleeper`."""
        busy = [frame.process for frame in self.world.stack]
        others = [process for process in self.alive if process not in busy]
        rng = self.world.rng
        if rng.random() < 0.2 and isinstance(sleeper, Process) and sleeper.alive:
            others.append(sleeper)  # another thread of the same program
        if not others:
            if len(self.alive) < 3:
                others = [self.start()]
            else:
                return
        self.act(rng.choice(others), rng.choice(_MEANWHILE).__get__(self))

    # -- cashiers --------------------------------------------------------------------------

    def refund(self, process: Process) -> None:
        """A cashier looks a payment up, decides, and sends."""
        order = self._decided(process)
        refund = process.remember(process.service.intend(order))
        if self.world.rng.random() < 0.08:
            self.intents.append((process, refund))
            return
        self._send(process, refund)

    def _decided(self, process: Process) -> RefundOrder:
        rng, world = self.world.rng, self.world
        payment = rng.choice(self.payments)
        findings = process.service.find(rng.choice((payment.reference, payment.order or "")))
        finding = rng.choice(findings)
        amount = Money(rng.choice((*AMOUNTS, finding.left.minor or 500)), "EUR")
        above = rng.random() < 0.1
        if above:
            self.promises.paid_above.add(payment.reference)
        order = RefundOrder(
            finding=finding,
            amount=amount,
            terminal=DESK if payment.method == "terminal" else None,
            card_absent=payment.method == "softpos",
            id=f"id{len(self.orders)}" if rng.random() < 0.5 else None,
            again=rng.random() < 0.7,
            above_original=above,
        )
        self.orders.append(order)
        world.note(process.name, f"decides {amount.text} of {payment.reference}")
        return order

    def press_again(self, process: Process) -> None:
        """The same decision once more: a double press, a repeated command, another window."""
        if not self.orders:
            return self.refund(process)
        refund = process.service.intend(self.world.rng.choice(self.orders[-2:]))
        process.remember(refund)
        if refund.state is RefundState.INTENT and self.world.rng.random() < 0.5:
            refund = process.remember(process.service.take_up(refund))
        if refund.state is RefundState.INTENT:
            self._send(process, refund)
        return None

    def send_later(self, process: Process) -> None:
        """What was decided a moment ago is sent now."""
        mine = [refund for owner, refund in self.intents if owner is process]
        self.intents = [one for one in self.intents if one[0] is not process]
        for refund in mine[-1:]:
            self._send(process, refund)

    def withdraw(self, process: Process) -> None:
        """A cashier drops what was not sent."""
        for refund in list(process.followed.values()):
            if refund.state is RefundState.INTENT:
                process.remember(process.service.withdraw(refund))

    def _send(self, process: Process, refund: Refund) -> None:
        sent = process.remember(process.service.send(refund))
        self._must_not_say_no(sent)
        if self.world.rng.random() < 0.15:
            until = self.world.now() + timedelta(seconds=self.world.rng.choice((3, 10, 40)))
            for news in process.service.follow(sent, until=until):
                process.remember(news)

    def _must_not_say_no(self, told: Refund) -> None:
        row = self.world.refunds[told.id]
        if told.money_moved != row.money_moved and told.version >= row.version:
            self.world.violate(
                "told", f"{told.id}: the shell was told {told.state}, not {row.state}"
            )

    # -- programs ------------------------------------------------------------------------------

    def follow(self, process: Process) -> None:
        """Take the step that is due next, as a follower does; time passes until then."""
        world = self.world
        due: list[tuple[object, str]] = []
        for row in world.refunds.values():
            seen = process.known(row.id)
            at = process.service.next_step_at(seen)
            if at is not None and process.service.is_ours(row):
                due.append((at, row.id))
        if not due:
            return
        at, refund_id = min(due) if world.rng.random() < 0.8 else world.rng.choice(due)
        world.advance((at - world.now()).total_seconds())  # type: ignore[operator]
        process.step(process.known(refund_id))

    def check_now(self, process: Process) -> None:
        """Somebody asks at once."""
        rows = [row for row in self.world.refunds.values() if process.service.is_ours(row)]
        if rows:
            process.step(process.known(self.world.rng.choice(rows).id), quietly=False)

    def take_over(self, process: Process) -> None:
        """A start: settle what nobody works on any more."""
        for refund in process.recovery.take_over():
            process.remember(refund)

    def recover(self, process: Process) -> None:
        """The command `recover`, cut off after a while."""
        until = self.world.now() + timedelta(seconds=self.world.rng.choice((5, 30, 120)))
        for refund in process.recovery.work(until=until):
            process.remember(refund)

    # -- the manager ---------------------------------------------------------------------------

    def insist(self, process: Process) -> None:
        """A manager who asks every five minutes until the case can be closed."""
        for _ in range(4):
            for row in list(self.world.refunds.values()):
                if row.state is RefundState.ATTENTION and process.service.is_ours(row):
                    process.remember(process.service.check_quietly(process.known(row.id)))
            self.world.advance(301)
        self.close(process)

    def close(self, process: Process) -> None:
        """A manager decides a case: truthfully, or too sure that nothing was executed."""
        for row in list(self.world.refunds.values()):
            if not needs_a_person(row) or not process.service.is_ours(row):
                continue
            key = row.idempotency_reference
            made = [item for item in self.world.ledger() if item.idempotency == key]
            paid = any(item.status == "success" for item in made)
            executed = paid and self.world.rng.random() < 0.7
            if executed or row.provider_reference is None or _is_failed(made):
                self._close(process, row, executed=executed)
                return

    def _close(self, process: Process, row: Refund, *, executed: bool) -> None:
        # LIMIT: a verdict about a refund whose reference CCV gave is the person's own; the program
        # asks CCV once more, and refuses only what CCV contradicts. Here such verdicts are true.
        verdict = "executed" if executed else "not executed"
        self.world.note(process.name, f"the manager says {row.id} was {verdict}")
        closed = process.service.close(
            process.known(row.id), executed=executed, by="M.", evidence="helpdesk"
        )
        process.remember(closed)

    # -- CCV -----------------------------------------------------------------------------------

    def bank_decides(self, *, always: bool = False) -> None:
        """The customer presents the card, or CCV comes to a result."""
        rng, bank = self.world.rng, self.world.bank
        for item in self.world.ledger():
            if item.status not in {"success", "failed"} and (always or rng.random() < 0.6):
                status = rng.choice(("success", "success", "failed", "manualintervention"))
                bank.act(item.reference, status, "cancelled" if status == "failed" else None)
                self.world.note("CCV", f"{item.reference} is {status}")

    def bank_flips(self) -> None:
        """CCV takes back what it called final."""
        for item in self.world.ledger():
            if item.status in {"success", "failed"} and self.world.rng.random() < 0.5:
                status = "failed" if item.status == "success" else "success"
                self.world.bank.act(item.reference, status, force=True)
                verified = [
                    row.verified
                    for row in self.world.refunds.values()
                    if row.idempotency_reference == item.idempotency
                ]
                self.world.flipped[item.reference] = sum(verified)
                self.world.note("CCV", f"{item.reference} flips to {status}")

    def lists_fail(self) -> None:
        """CCV's lists are out of order for a while."""
        self.world.lists_fail_until = (
            self.world.ms + self.world.rng.choice((600, 3600, 9000)) * 1000
        )
        self.world.note("CCV", f"no lists until {self.world.lists_fail_until / 1000:.0f}")

    def copied_elsewhere(self) -> None:
        """Somebody makes a refund in CCV's portal and copies the description, marker included.

        LIMIT: a copy that is listed while ours is not (yet) cannot be told from ours.
        """
        now = self.world.bank_ms()
        for item in self.world.ledger():
            if now >= item.created + item.shape.lag_seconds * 1000 and item.original:
                made = self.world.bank.refund_elsewhere(
                    item.original, item.amount, description=item.description
                )
                self.world.note("portal", f"{made.reference} is a copy of {item.reference}")

    def refund_elsewhere(self) -> None:
        """Somebody gives an equal amount back in CCV's portal."""
        payment = self.world.rng.choice(self.payments)
        amount = self.world.rng.choice(AMOUNTS)
        made = self.world.bank.refund_elsewhere(payment.reference, amount)
        self.world.note("portal", f"{made.reference} gives back {amount} of {payment.reference}")


def _is_failed(made: list[object]) -> bool:
    return all(item.status == "failed" for item in made)  # type: ignore[attr-defined]


_MEANWHILE = (
    People.refund,
    People.press_again,
    People.press_again,
    People.follow,
    People.follow,
    People.check_now,
    People.take_over,
    People.recover,
    People.close,
)
