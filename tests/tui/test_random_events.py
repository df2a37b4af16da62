"""Keys and clicks at random against refunds that run: no crash, and no money without a yes.

Every yes is counted at the one place where a question hands it on, and the bank must have been
asked for exactly those. More events, other dice:

    POSREFUND_RANDOM_EVENTS=10000 POSREFUND_RANDOM_SEED=7 pytest tests/tui/test_random_events.py
"""

import os
import random
from datetime import timedelta

import pytest

from posrefund.errors import NoInformation, Unanswered
from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.tui.messages import RefundConfirmed
from posrefund.tui.screens.confirm import ConfirmScreen
from tests.support.builders import a_payment, eur
from tests.tui.fakes import a_counter, running

EVENTS = int(os.environ.get("POSREFUND_RANDOM_EVENTS", "600"))
SEED = int(os.environ.get("POSREFUND_RANDOM_SEED", "20261121"))
LANES = 2
PAYMENTS = 120
LEAST = min(20, max(3, EVENTS // LANES // 100))
"""Refunds that a run must come to, or it has tried nothing."""
LONGEST = 20
"""So many times the events, before a run gives up coming to them."""
LANE_SECONDS = max(600, EVENTS)
SIZES = [(80, 24)] * 6 + [(120, 40), (40, 10), (20, 5), (500, 200)]
ONWARDS = {
    "PaymentScreen": ["enter"],
    "ConfirmScreen": ["y", "f10", "enter", "tab"],
    "CancelScreen": ["y", "enter"],
    "ProgressScreen": ["x", "o", "q", "c", "l", "f4", "escape"],
    "OutcomeScreen": ["enter", "c", "s", "f4"],
    "CaseScreen": ["escape"],
    "HistoryScreen": ["escape"],
    "SlipScreen": ["escape"],
    "HelpScreen": ["escape"],
}
"""Dice alone hardly ever come to the question; this is where a hurried hand goes next."""

KEYS = (
    ["enter"] * 6
    + ["escape"] * 4
    + ["y", "n", "f10"] * 3
    + ["tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end"]
    + ["space", "backspace", "delete", "f1", "f2", "f3", "f4", "f8", "f5", "ctrl+a", "ctrl+u"]
    + list("acdfhlmoqrsx.,0123456789")
    + ["ctrl+p", "ctrl+c", "ctrl+z"]
)
"""Quitting is left out, here and for clicks on the footer: it would only end the run early."""


@pytest.mark.timeout(LANE_SECONDS)
@pytest.mark.parametrize("lane", range(LANES))
async def test_no_key_and_no_click_gives_money_back_without_a_yes(lane, monkeypatch):
    dice = random.Random(SEED + lane)  # noqa: S311 - to repeat a run, not to keep a secret
    counter = _counter(dice)
    said_yes, passed_on = _listen(counter, monkeypatch)
    monkeypatch.setattr(counter.app, "action_quit", _stay)
    async with running(counter):
        await _leave_one_running(counter)
        for number in range(LONGEST * EVENTS // LANES):
            # Where the dice come to depends on how quick this machine answers; a run of few
            # events goes on until it has tried something.
            if number >= EVENTS // LANES and len(passed_on) >= LEAST:
                break
            await _one_event(counter, dice, number)
            _let_the_world_turn(counter, dice)
            if number % 25 == 0:
                await counter.pilot.pause()
        await counter.until(lambda: not list(counter.app.workers))
        assert not counter.app._exit, counter.app._last_words
        assert len(passed_on) <= len(said_yes)
        assert len(passed_on) >= LEAST, "the dice hardly did anything"
        _the_books_agree(counter, passed_on)


def _counter(dice):
    payments = [
        a_payment(reference=f"T-{number}", order_reference=f"{number}001", amount=eur("49.90"))
        for number in range(1, PAYMENTS)
    ]
    counter = a_counter(*payments, mode="TEST")
    counter.bank.facts = {"cancel_offered": True, "ask_customer_signature": True}
    counter.bank.takes_cancels = dice.random() < 0.5
    return counter


def _listen(counter, monkeypatch):
    """Count each yes where a person gives it, and each order where the app takes it."""
    said_yes, passed_on = [], []
    answer = ConfirmScreen._answer

    def heard(self, yes):
        if yes:
            said_yes.append(self)
        answer(self, yes)

    carry_out = counter.app.carry_out

    def begun(ticket, order):
        passed_on.append(order)
        return carry_out(ticket, order)

    monkeypatch.setattr(ConfirmScreen, "_answer", heard)
    monkeypatch.setattr(counter.app, "carry_out", begun)
    return said_yes, passed_on


async def _stay():
    pass


async def _leave_one_running(counter):
    await counter.find("1001")
    await counter.press("enter")
    await counter.until_on("ConfirmScreen")
    await counter.press("y")
    await counter.until_on("ProgressScreen")


async def _one_event(counter, dice, number):
    what = dice.random()
    if counter.app.size.width > 120:
        await counter.pilot.resize_terminal(80, 24)
    if what < 0.03:
        await counter.pilot.resize_terminal(*dice.choice(SIZES))
    elif what < 0.10:
        size = counter.app.size
        at = (dice.randrange(max(1, size.width)), dice.randrange(max(1, size.height)))
        await counter.pilot.click(offset=at)
    elif what < 0.30 and counter.name == "CounterScreen":
        await counter.scan(f"{dice.randrange(1, PAYMENTS + 2)}001")
    elif what < 0.30 and counter.name in ONWARDS:
        await counter.press(dice.choice(ONWARDS[counter.name]))
    elif what < 0.32:
        await counter.scan(str(dice.randrange(10**6)), end=dice.choice(["", "enter", "tab"]))
    else:
        await counter.press(dice.choice(KEYS))


def _let_the_world_turn(counter, dice):
    """The bank decides now and then, is silent now and then, and time passes."""
    counter.clock.at += timedelta(seconds=dice.choice([0, 0, 1, 3]))
    if dice.random() < 0.05:
        counter.bank.on_send.append(dice.choice([_silence, counter.bank.carry_out]))
    if dice.random() < 0.03:
        counter.bank.on_ask.append(NoInformation("the line is dead"))
    pending = [
        said.reference
        for said in counter.bank.ledger.values()
        if said.status is ProviderStatus.PENDING
    ]
    if pending and dice.random() < 0.05:
        status = dice.choice([ProviderStatus.SUCCESS, ProviderStatus.FAILED])
        counter.bank.decide(dice.choice(pending), status)


def _silence(refund):
    raise Unanswered("no answer came in time")


def _the_books_agree(counter, passed_on):
    """One key per decision, one booking per key, and nothing booked that nobody confirmed."""
    journal = counter.journal.latest(limit=1000)
    keys = {key for key, _ in counter.bank.sent}
    assert len(keys) <= len(passed_on), "each of them was confirmed, once"
    assert keys <= {refund.idempotency_reference for refund in journal}
    assert len(counter.bank.ledger) == len(counter.bank.keys)
    assert set(counter.bank.keys) <= keys
    decided = sorted((one.finding.payment.reference, one.amount.minor) for one in passed_on)
    for said in counter.bank.ledger.values():
        booked = (said.original_reference, said.amount.minor)
        assert booked in decided
        decided.remove(booked)
    done = [one for one in journal if one.state is RefundState.SUCCEEDED]
    for refund in done:
        assert counter.bank.ledger[refund.provider_reference].status is ProviderStatus.SUCCESS


def test_a_yes_is_the_only_thing_that_begins_a_refund():
    """The message that starts one is posted from one place."""
    from pathlib import Path

    import posrefund

    sources = Path(posrefund.__file__).parent.rglob("*.py")
    posted = [path.name for path in sources if f"{RefundConfirmed.__name__}(" in path.read_text()]
    assert sorted(posted) == ["messages.py", "payment.py"]
