"""The program itself, in this process, against the pretend CCV of another one."""

from contextlib import AbstractContextManager
from pathlib import Path

from posrefund.credentials import ApiKey
from posrefund.money import Money
from posrefund.refund.model import Refund, RefundOrder
from posrefund.settings import load_settings
from posrefund.wiring import Program, build
from tests.bench.installed import KEY, config_for


def practice(home: Path, base_url: str) -> AbstractContextManager[Program]:
    """Build the program as a shell does."""
    return build(load_settings(config_for(home, base_url)), ApiKey(KEY))


def ordered(program: Program, reference: str) -> RefundOrder:
    """Look a payment up and decide to give 1.00 of it back; nothing is written down."""
    (finding,) = program.service.find(reference)
    amount = Money.parse("1.00", finding.payment.amount.currency)
    return RefundOrder(finding=finding, amount=amount, terminal=program.settings.terminals[0])


def decided(program: Program, reference: str) -> Refund:
    """The same, written down."""
    return program.service.intend(ordered(program, reference))
