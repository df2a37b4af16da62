"""Faults of one answer about several refunds: mixed up, incomplete, contradicting, cut, none.

What is expected is written as `heard 2 of 3 > succeeded, ledger 3`: how many of the refunds the one
answer was believed about, and how all of them stand after the checks that follow at once. What is
not believed is asked for alone, so the fault costs questions and nothing else.
"""

import json
import socket
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from posrefund.following import Follower
from tests.campaign.faults_bytes import says, with_body
from tests.campaign.faults_door import CarryOut, Door, Spoil
from tests.campaign.faults_line import DEADLINE, Line, Stall, send
from tests.campaign.faults_scripted import rule

AMOUNTS = ("5.00", "5.00", "7.50")
"""Two are equal, so that only the reference tells them apart."""
ALL = "heard 3 of 3 > succeeded, ledger 3"
TWO = "heard 2 of 3 > succeeded, ledger 3"
ONE = "heard 1 of 3 > succeeded, ledger 3"
NONE = "heard 0 of 3 > succeeded, ledger 3"
Told = list[dict[str, Any]]


def _asked_together(spoil: Spoil, line: Line, folder: Path) -> str:
    with Stall(folder, through=Door) as shop:
        refunds = []
        for number, amount in enumerate(AMOUNTS):
            shop.sell(f"SEVERAL{number}", 1000)
            refunds.append(send(shop, text=f"SEVERAL{number}", amount=amount)[0])
        shop.clock.wait(60)  # By now CCV has decided.
        shop.door.spoil = spoil
        heard = shop.service.ask_ahead(refunds)
        shop.door.spoil = None
        states = {
            str(shop.service.check_quietly(refund, heard.get(refund.id)).state)
            for refund in refunds
        }
        seen = f"heard {len(heard)} of {len(refunds)} > {', '.join(sorted(states))}"
        return ", ".join([seen, f"ledger {len(shop.ledger())}", *shop.verdict()])


def _told_to_wait(line: Line, folder: Path) -> str:
    """What one question is told holds for all it was about: none of them is asked for alone."""
    with Stall(folder) as shop:
        refunds = []
        for number in range(5):
            shop.sell(f"SEVERAL{number}", 1000)
            refunds.append(send(shop, text=f"SEVERAL{number}")[0])
        shop.sandbox.faults.add([rule("rate_limit", "GET /transaction", retry_after="30", times=9)])
        before = len(shop.sandbox.requests)
        follower = Follower(
            service=shop.service,
            clock=shop.clock,
            on_news=lambda _refund: None,
            on_trouble=lambda _refund, _error: None,
        )
        for refund in refunds:
            follower.check_now(refund)
        follower.start()
        threading.Event().wait(DEADLINE)
        follower.stop()
        return f"{len(shop.sandbox.requests) - before} question"


def _told(fault: str, expected: str, change: Callable[[Told], object]) -> Line:
    """A line whose answer tells something else."""

    def changed(answer: bytes) -> bytes:
        told = change(json.loads(answer.partition(b"\r\n\r\n")[2]))
        return with_body(answer, json.dumps(told).encode())

    play = partial(_asked_together, says(changed))
    return Line(
        number="F29", fault=f"several asked together: {fault}", expected=expected, play=play
    )


def _said(fault: str, spoil: Spoil) -> Line:
    """A line whose answer is no answer."""
    play = partial(_asked_together, spoil)
    return Line(number="F26", fault=f"several asked together: {fault}", expected=NONE, play=play)


def _failed(one: dict[str, Any], **more: object) -> dict[str, Any]:
    return {**one, "status": "failed", "failureCode": "untrue", **more}


def _exchanged(told: Told) -> Told:
    """The first two carry each other's reference, and the first is said to have failed."""
    first, second, third = told
    return [
        _failed(first, reference=second["reference"]),
        {**second, "reference": first["reference"]},
        third,
    ]


def _says(data: bytes) -> Spoil:
    def spoil(connection: socket.socket, _carry_out: CarryOut) -> bool:
        connection.sendall(data)
        return True

    return spoil


def _status(code: int) -> Spoil:
    return _says(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % code)


def _half(connection: socket.socket, carry_out: CarryOut) -> bool:
    answer = carry_out()
    connection.sendall(answer[: len(answer) * 2 // 3])
    return False


TOGETHER: list[Line] = [
    Line(
        number="F13",
        fault="several asked together: Retry-After 30",
        expected="1 question",
        play=_told_to_wait,
    ),
    _told("nothing is wrong", ALL, lambda told: told),
    _told("in another order", ALL, lambda told: told[::-1]),
    _told("one is missing", TWO, lambda told: told[1:]),
    _told("none is there", NONE, lambda _told: []),
    _told("one is there twice", TWO, lambda told: [*told, told[0]]),
    _told("one is there twice, once as failed", TWO, lambda told: [_failed(told[0]), *told]),
    _told("a stranger is there, too", ALL, lambda told: [*told, _failed(told[0], reference="T9")]),
    _told("two references are exchanged", ONE, _exchanged),
    _told("another amount", TWO, lambda told: [_failed(told[0], amount=5.01), *told[1:]]),
    _told("another currency", TWO, lambda told: [_failed(told[0], currency="gbp"), *told[1:]]),
    _told("another type", TWO, lambda told: [_failed(told[0], type="sale"), *told[1:]]),
    _told(
        "another payment",
        TWO,
        lambda told: [_failed(told[0], originalReference="T1002.Y"), *told[1:]],
    ),
    _told("one is a number", ALL, lambda told: [1, *told]),
    _told("one without status", TWO, lambda told: [{"reference": "x"}, *told[1:]]),
    _told("only one, and not as a list", ONE, lambda told: told[0]),
    _told("a list in an object", ALL, lambda told: {"items": told}),
    _said("HTML", _says(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<p/>")),
    _said("cut", _half),
    _said("hung up on", lambda _connection, _carry_out: False),
    *(_said(f"{code}", _status(code)) for code in (302, 401, 403, 404, 429, 500, 503)),
]
