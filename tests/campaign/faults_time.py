"""Faults that take their time: late, lagging, flapping, waiting as told, and waiting for ever."""

import random
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

from posrefund.errors import KeyRefused
from tests.campaign.faults_door import CarryOut, Door
from tests.campaign.faults_line import Line, Stall, follow, send, tell
from tests.campaign.faults_scripted import ACCEPTED, rule

LONGEST_TOLD = 60.0
WINDOW = 15 * 60


def _line(number: str, fault: str, expected: str, play: Callable[[Line, Stall], str]) -> Line:
    def in_a_stall(line: Line, folder: Path) -> str:
        with Stall(folder) as shop:
            return play(line, shop)

    return Line(number=number, fault=fault, expected=expected, play=in_a_stall)


def _spoil(shop: Stall, *rules: Mapping[str, object]) -> None:
    shop.sandbox.faults.add(rules)


def _executed_after_the_window(line: Line, shop: Stall) -> str:
    _spoil(shop, rule("late", seconds=1200, times="forever"))
    refund, sent = send(shop)
    first = follow(shop, refund)
    shop.sandbox.bank.advance(1200)
    done = shop.service.check(shop.journal.get(first.id))
    late = [at for at in shop.post_times() if at > WINDOW]
    seen = tell(line, shop, f"{sent} > {first.state}", str(follow(shop, done).state))
    return f"{seen}, {len(late)} after the window"


def _waits(code: int, retry_after: str | None, least: float, line: Line, shop: Stall) -> str:
    """What is told in Retry-After is honoured up to a minute, and nonsense is not."""
    is_date = retry_after == "a date"
    if is_date:
        at = shop.clock.now() + timedelta(seconds=30)
        retry_after = format_datetime(at, usegmt=True)
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    _spoil(shop, rule("status", code=code, headers=headers, times=3))
    refund, _ = send(shop)
    done = follow(shop, refund)
    at = shop.post_times()
    gaps = [later - earlier for earlier, later in pairwise(at)]
    # A date is the same date in each answer, so only the first wait is as long.
    waited = gaps[:1] if is_date else gaps
    told = "in time" if least <= min(waited) and max(gaps) <= 2 * LONGEST_TOLD else str(gaps)
    return ", ".join([f"{done.state}, {told}", *shop.verdict()])


def _waits_to_ask(seconds: int, line: Line, shop: Stall) -> str:
    """A question may be answered with Retry-After, too."""
    refund, sent = send(shop)
    _spoil(shop, rule("rate_limit", "GET /transaction", retry_after=str(seconds)))
    asked = len(shop.sandbox.requests)
    final = follow(shop, refund).state
    first, second, *_ = [seen.at / 1000 for seen in list(shop.sandbox.requests)[asked:]]
    waited = "waited" if second - first >= seconds else f"asked after {second - first:.1f} s"
    return f"{tell(line, shop, sent, str(final))}, {waited}"


_NONSENSE = ("Wed, 21 Oct 2015 07:28:00 GMT", "-5", "0", "1.5", "soon", "9" * 400, "")
_RETRY_AFTER = [
    ("7", 7.0),
    ("30", 30.0),
    ("1000000000", LONGEST_TOLD),
    ("a date", 25.0),
    *((text, 0.5) for text in _NONSENSE),
]


def _flaps(words: tuple[str, ...], line: Line, shop: Stall) -> str:
    """The bank changes its mind; the first final word sticks, and a contradiction is an alarm."""
    _spoil(shop, rule("pending_for_ever"))
    refund, _ = send(shop)
    for word in words:
        shop.clock.wait(2)
        shop.sandbox.bank.act(str(refund.provider_reference), word, force=True)
        refund = shop.service.check(refund)
    return f"{refund.state}, {'alarm' if refund.alarm else 'no alarm'}"


def _verified(line: Line, shop: Stall) -> str:
    """A failed refund that succeeds later is found by recovery, within the hour."""
    _spoil(shop, rule("final", status="failed"))
    refund, _ = send(shop)
    shop.sandbox.bank.act(str(refund.provider_reference), "success", force=True)
    shop.clock.wait(61)
    *_, refund = shop.recovery.work(until=shop.clock.now() + timedelta(hours=2))
    return f"{refund.state}, money moved {refund.money_moved}, {bool(refund.alarm)}"


def _goes_back(line: Line, shop: Stall) -> str:
    _spoil(
        shop,
        rule("final", seconds=30),
        rule("wrong", "GET /transaction", fields={"status": "failed", "lastUpdate": 1}, skip=2),
    )
    refund, sent = send(shop)
    return tell(line, shop, sent, str(follow(shop, refund).state))


def _pending_for_ever(line: Line, shop: Stall) -> str:
    _spoil(shop, rule("pending_for_ever"))
    refund, _ = send(shop)
    before, began = len(shop.sandbox.requests), shop.clock.now()
    done = follow(shop, refund)
    asked = len(shop.sandbox.requests) - before
    hours = (shop.clock.now() - began).total_seconds() / 3600
    seen = f"{done.state}, {'at' if 24 <= hours < 24.6 else f'{hours:.1f} instead of'} 24 h"
    return f"{seen}, {'at most 320' if asked <= 320 else asked} questions"


def _resolved_later(line: Line, shop: Stall) -> str:
    _spoil(shop, rule("final", status="manualintervention"))
    refund, sent = send(shop)
    shop.sandbox.bank.act(str(refund.provider_reference), "success", force=True)
    return tell(line, shop, sent, str(shop.service.check(refund).state))


def _same_reference(line: Line, shop: Stall) -> str:
    """CCV gives a second refund the reference of the first: no two rows may share it."""
    first, _ = send(shop)
    follow(shop, first)
    known = shop.journal.get(first.id)
    _spoil(shop, rule("wrong", fields={"reference": known.provider_reference}))
    second, sent = send(shop, again=True)
    done = follow(shop, second)
    shared = done.provider_reference == known.provider_reference
    return f"{sent} > {done.state}, {'shared' if shared else 'each its own'}" + _twins(shop)


def _twins(shop: Stall) -> str:
    """Two refunds of one payment were wanted here; nothing else may be wrong."""
    return "".join(f", {text}" for text in shop.verdict() if not text.startswith("double"))


def _another_reference(line: Line, shop: Stall) -> str:
    _spoil(
        shop,
        rule("list_lag", seconds=20),
        rule("pending_for_ever"),
        rule("commit_then_hang_up"),
        rule("wrong", fields={"reference": "TLsomethingelse"}),
    )
    refund, sent = send(shop)
    # What the bank says is untrue on purpose, so the ledger alone is compared.
    return f"{sent} > {follow(shop, refund).state}, ledger {len(shop.ledger())}"


def _portal(line: Line, shop: Stall) -> str:
    """An equal refund made elsewhere, while ours is not known, is not taken for ours."""
    _spoil(shop, rule("hang_up"))
    refund, sent = send(shop)
    shop.sandbox.bank.refund_elsewhere("T1001.Y", 500)
    done = follow(shop, refund)
    (ours,) = shop.ledger()
    own = "its own" if done.provider_reference == ours["reference"] else "the portal's"
    return f"{sent} > {done.state}, {own}"


def _flapping_line(line: Line, folder: Path) -> str:
    """The line fails every third request, each time in another way, during 50 refunds."""
    dice = random.Random(48)  # noqa: S311 - to repeat a run, not to keep a secret

    def spoil(connection: socket.socket, carry_out: CarryOut) -> bool:
        if dice.random() > 1 / 3:
            connection.sendall(carry_out())
            return True
        if dice.random() < 1 / 2:
            answer = carry_out()
            connection.sendall(answer[: dice.randrange(len(answer))])
        return False

    with Stall(folder, through=Door) as shop:
        names = [f"FLAP{number}" for number in range(50)]
        for name in names:
            shop.sell(name, 1000)
        findings = [shop.service.find(name)[0] for name in names]
        shop.door.spoil = spoil
        refunds = [send(shop, finding=finding)[0] for finding in findings]
        states = {str(follow(shop, refund).state) for refund in refunds}
        ledger = len(shop.ledger())
        return ", ".join([*sorted(states), f"ledger {ledger}", *shop.verdict()])


def _drips_when_asked(part: str, line: Line, shop: Stall) -> str:
    """A question ends at its deadline, too, and teaches nothing."""
    refund, sent = send(shop)
    _spoil(shop, rule("drip", "GET /transaction", part=part, seconds=0.02, times=2))
    took = []
    for _ in range(2):
        begun = time.monotonic()
        refund = shop.service.check_quietly(refund)
        took.append(time.monotonic() - begun)
    shop.took = max(took)
    final = follow(shop, refund).state
    return tell(line, shop, f"{sent} > {refund.state}", str(final))


def _key_refused_for_a_question(line: Line, shop: Stall) -> str:
    """A 401 is told at once, changes nothing, and is over when the key is right."""
    refund, sent = send(shop)
    _spoil(shop, rule("status", "GET /transaction", code=401))
    try:
        told = str(shop.service.check_quietly(refund).state)
    except KeyRefused:
        told = f"KeyRefused {shop.journal.get(refund.id).state}"
    return tell(line, shop, f"{sent} > {told}", str(follow(shop, refund).state))


def _key_refused_for_a_repeat(line: Line, shop: Stall) -> str:
    """Nobody knows of the first attempt, and the repeat meets a 401: it stays unknown."""
    (finding,) = shop.service.find("1002")
    _spoil(shop, rule("hang_up"), rule("status", code=401))
    refund, sent = send(shop)
    with suppress(KeyRefused):
        follow(shop, refund)
    met = shop.journal.get(refund.id)
    _, other = send(shop, finding=finding, amount="1.00")
    posts = len(shop.posts())
    shop.restart()
    shop.leave_no_work()
    final = str(shop.journal.get(refund.id).state)
    return tell(line, shop, f"{sent} > {met.state}, posts {posts}; {other}", final)


def _key_refused(line: Line, shop: Stall) -> str:
    """After a 401 nothing more is sent by this process."""
    (finding,) = shop.service.find("1002")
    _spoil(shop, rule("status", code=401))
    _, first = send(shop)
    _, second = send(shop, finding=finding, amount="1.00")
    return f"{first}, {second}, posts {len(shop.posts())}"


TIME: list[Line] = [
    _line(
        "F04",
        "carried out 20 min late, after the window",
        "unknown > attention > succeeded, ledger 1, 0 after the window",
        _executed_after_the_window,
    ),
    *(
        _line(
            "F13/F14",
            f"429 with Retry-After {text[:40] or 'empty'!r}",
            "succeeded, in time",
            partial(_waits, 429, text or None, least),
        )
        for text, least in _RETRY_AFTER
    ),
    _line(
        "F13/F14", "503 with Retry-After '20'", "succeeded, in time", partial(_waits, 503, "20", 20)
    ),
    _line(
        "F13",
        "a question is answered with Retry-After 50",
        f"{ACCEPTED}, waited",
        partial(_waits_to_ask, 50),
    ),
    *(
        _line(
            "F41",
            f"the {part} drips when asked",
            "accepted > accepted > succeeded, ledger 1, posts 1, in time",
            partial(_drips_when_asked, part),
        )
        for part in ("head", "body")
    ),
    _line(
        "F21",
        "401, and the next refund",
        "KeyRefused not_sent, KeyRefused not_sent, posts 1",
        _key_refused,
    ),
    _line(
        "F21",
        "401 for a question",
        "accepted > KeyRefused accepted > succeeded, ledger 1, posts 1",
        _key_refused_for_a_question,
    ),
    _line(
        "F21",
        "401 for a repeat, and the next refund",
        "unknown > unknown, posts 2; KeyRefused not_sent > succeeded, ledger 1, posts 3",
        _key_refused_for_a_repeat,
    ),
    _line(
        "F31", "one reference for two refunds", "unknown > succeeded, each its own", _same_reference
    ),
    _line(
        "F32",
        "a repeat is answered with another reference",
        "unknown > attention, ledger 1",
        _another_reference,
    ),
    _line(
        "F34",
        "pending, success, pending",
        "succeeded, no alarm",
        partial(_flaps, ("success", "unknown")),
    ),
    _line(
        "F34", "success, then failed", "succeeded, alarm", partial(_flaps, ("success", "failed"))
    ),
    _line("F34", "failed, then success", "failed, alarm", partial(_flaps, ("failed", "success"))),
    _line(
        "F34",
        "success, failed, success",
        "succeeded, alarm",
        partial(_flaps, ("success", "failed", "success")),
    ),
    _line(
        "F34",
        "failed, found to be success by recovery",
        "failed, money moved unknown, True",
        _verified,
    ),
    _line("F35", "lastUpdate goes back", "accepted > succeeded, ledger 1", _goes_back),
    _line(
        "F37",
        "manualintervention, resolved later",
        "attention > succeeded, ledger 1",
        _resolved_later,
    ),
    _line(
        "F38", "pending for ever", "attention, at 24 h, at most 320 questions", _pending_for_ever
    ),
    Line(
        number="F48",
        fault="every third request fails during 50 refunds",
        expected="succeeded, ledger 50",
        play=_flapping_line,
    ),
    _line(
        "F71", "an equal refund in the portal meanwhile", "unknown > succeeded, its own", _portal
    ),
]
