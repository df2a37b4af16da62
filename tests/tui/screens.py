"""Every screen of the counter, one after the other, for tests of how they look."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from posrefund.errors import Unanswered
from posrefund.language import _
from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.refund.transitions import Trigger, move
from posrefund.tui.themes import DARK
from tests.support.builders import (
    NOON,
    a_payment,
    a_provider_refund,
    a_refund,
    an_entry,
    eur,
)
from tests.tui.fakes import ENTER, LONG_PAY_URL, Counter, a_counter

Way = Callable[[Counter], Awaitable[None]]


def prepared(mode: str = "TEST", theme: str = DARK.name) -> Counter:
    """A counter in the middle of a day: five refunds, two of them open."""
    payments = [
        a_payment(brand="VISA"),
        a_payment(reference="T-SECOND", amount=eur("12.00")),
        a_payment(reference="T-SOFT", method="softpos", order_reference="2002", terminal_id=None),
        a_payment(reference="T-OLD", order_reference="3003", type="authorise"),
        a_payment(reference="T-PART", order_reference="4004"),
    ]
    counter = a_counter(*payments, mode=mode)
    counter.app.theme = theme
    counter.bank.pay_url = LONG_PAY_URL
    counter.bank.ledger["TR9"] = a_provider_refund(
        reference="TR9",
        original_reference="T-PART",
        status=ProviderStatus.SUCCESS,
        amount=eur("19.95"),
    )
    for number, (steps, changes) in enumerate(EARLIER):
        _put(counter, number, steps, changes)
    return counter


SENT = Trigger.SEND, ""
TAKEN = Trigger.PENDING, ""
EARLIER: tuple[tuple[tuple[tuple[Trigger, str], ...], dict[str, object]], ...] = (
    ((SENT, TAKEN, (Trigger.SUCCESS, "")), {}),
    ((SENT, TAKEN, (Trigger.FAILURE, "")), {"failure_code": "card_refused", "verified": 9}),
    ((SENT, (Trigger.UNSENT, ""), (Trigger.WITHDRAW, "the connection was refused")), {}),
    (
        (
            SENT,
            (Trigger.SILENCE, "no answer came in time"),
            (Trigger.GIVE_UP, "CCV lists more than one refund."),
        ),
        {},
    ),
    ((SENT, TAKEN), {"provider_reference": "TR8"}),
)
"""What happened to the refunds before, step by step."""


def _put(
    counter: Counter,
    number: int,
    steps: tuple[tuple[Trigger, str], ...],
    changes: dict[str, object],
) -> None:
    at = NOON - timedelta(minutes=50 - 10 * number)
    refund = a_refund(
        id=f"REFUND{number}AAA",
        original_reference=f"T150518175400{number}",
        amount=eur(f"{number + 1}5.00"),
        created_at=at,
        # Another port, so that nothing is asked and nothing moves while a test looks.
        address="http://127.0.0.1:2/api/v1",
    )
    text = f"Decided at {refund.counter}: {refund.amount} of {refund.original_reference}."
    refund = counter.journal.open_case(refund, an_entry(at=at, text=text))
    for seconds, (trigger, why) in enumerate(steps):
        moved, entry = move(refund, trigger, at=at + timedelta(seconds=seconds), why=why)
        refund = counter.journal.record(moved, entry)
    counter.journal.record(replace(refund, owner=None, updated_at=at, **changes), None)


async def counter_home(counter: Counter) -> None:
    # The journal is read, and shown in whatever language is spoken.
    await counter.until_says(_("Not done"))


async def not_found(counter: Counter) -> None:
    await counter.scan("9999")
    await counter.until_says("CCV knows no payment")


async def findings(counter: Counter) -> None:
    await counter.scan("1001")
    await counter.until_on("FindingsScreen")


async def payment(counter: Counter) -> None:
    await counter.find("T-PART")


async def payment_softpos(counter: Counter) -> None:
    await counter.find("T-SOFT")


async def payment_blocked(counter: Counter) -> None:
    await counter.find("T-OLD")


async def payment_refused(counter: Counter) -> None:
    await counter.find("T-PART")
    await counter.type("60")
    await counter.press(ENTER)
    await counter.until_says("more than can be given back")


async def confirm(counter: Counter) -> None:
    await payment(counter)
    await counter.press(ENTER)
    await counter.until_on("ConfirmScreen")


async def confirm_above(counter: Counter) -> None:
    await payment(counter)
    await counter.type("35")
    await counter.press(ENTER)
    await counter.until_on("ConfirmScreen")


async def progress(counter: Counter) -> None:
    await confirm(counter)
    await counter.press("y")
    await counter.until_on("ProgressScreen")
    await counter.until_says("Q QR")


async def progress_late(counter: Counter) -> None:
    await progress(counter)
    counter.clock.at += timedelta(minutes=7)
    counter.app.screen.show_time()
    await counter.until_says("7:00")


async def progress_softpos(counter: Counter) -> None:
    body = b'{"details":{"terminalId":"SP0001"}}'
    counter.bank.compose = lambda order, *, description: body
    counter.bank.pay_url = None
    await payment_softpos(counter)
    await counter.press(ENTER)
    await counter.until_on("ConfirmScreen")
    await counter.press("y")
    await counter.until_on("ProgressScreen")
    await counter.until_says("CCV app")


async def cancelling(counter: Counter) -> None:
    counter.bank.facts = {"cancel_offered": True}
    await progress(counter)
    await counter.press("x")
    await counter.until_on("CancelScreen")


async def cancel_asked(counter: Counter) -> None:
    await cancelling(counter)
    await counter.press("y")
    await counter.until_says("waiting for CCV's word")


async def unknown(counter: Counter) -> None:
    def silence(refund):
        raise Unanswered("no answer came in time")

    counter.bank.on_send.append(silence)
    await confirm(counter)
    await counter.press("y")
    await counter.until_says("N O T K N O W N")


async def done(counter: Counter) -> None:
    await progress(counter)
    counter.bank.decide("TR2", ProviderStatus.SUCCESS)
    await counter.press("c")
    await counter.until_on("OutcomeScreen")


async def done_asks(counter: Counter) -> None:
    await progress(counter)
    asked = ("ask_customer_signature", "ask_customer_identification", "ask_merchant_signature")
    facts = dict.fromkeys(asked, True)
    counter.bank.decide("TR2", ProviderStatus.SUCCESS, facts=facts)
    await counter.press("c")
    await counter.until_on("OutcomeScreen")
    await counter.until_says(_("YOU, THE CASHIER, SIGN THE SHOP'S SLIP"))


async def not_done(counter: Counter) -> None:
    await _open(counter, RefundState.FAILED)


async def not_sent(counter: Counter) -> None:
    await _open(counter, RefundState.NOT_SENT)


async def person(counter: Counter) -> None:
    await _open(counter, RefundState.ATTENTION)


async def refused(counter: Counter) -> None:
    await confirm(counter)
    counter.journal.is_shut = True
    await counter.press("y")
    await counter.until_on("RefusedScreen")


async def qr(counter: Counter) -> None:
    await progress(counter)
    await counter.press("q")
    await counter.until_on("QrScreen")


async def slip(counter: Counter) -> None:
    await done(counter)
    await counter.press("s")
    await counter.until_on("SlipScreen")
    # The paper is empty until the journal has told whether it was handed out before.
    await counter.until_says("TR2")


async def history(counter: Counter) -> None:
    await counter_home(counter)
    await counter.press("f3")
    await counter.until_says("page 1")


async def case(counter: Counter) -> None:
    await history(counter)
    await counter.press("down", ENTER)
    await counter.until_on("CaseScreen")
    await counter.until_says("attempts")
    await counter.until_says("CCV lists more than one refund.")


async def closing(counter: Counter) -> None:
    await person(counter)
    await counter.press("h")
    await counter.until_on("CaseScreen")
    await counter.press("x")
    await counter.until_on("ClosingScreen")


async def closing_really(counter: Counter) -> None:
    await closing(counter)
    await counter.press("space", "tab")
    await counter.type("Anna")
    await counter.press("tab")
    await counter.type("portal line 7")
    await counter.press("f10")
    await counter.until_on("ReallyCloseScreen")


async def help_(counter: Counter) -> None:
    await counter_home(counter)
    await counter.press("f1")
    await counter.until_on("HelpScreen")


async def quitting(counter: Counter) -> None:
    await counter_home(counter)
    await counter.press("ctrl+q")
    await counter.until_on("QuitScreen")


async def _open(counter: Counter, state: RefundState) -> None:
    await counter_home(counter)
    (refund,) = counter.journal.latest(limit=1, state=state)
    counter.app._go_on_to(counter.app._open.refund(refund))
    await counter.until_on("OutcomeScreen")


EVERY: dict[str, Way] = {
    "counter": counter_home,
    "not_found": not_found,
    "findings": findings,
    "payment": payment,
    "payment_softpos": payment_softpos,
    "payment_blocked": payment_blocked,
    "payment_refused": payment_refused,
    "confirm": confirm,
    "confirm_above": confirm_above,
    "progress": progress,
    "progress_late": progress_late,
    "progress_softpos": progress_softpos,
    "cancelling": cancelling,
    "cancel_asked": cancel_asked,
    "unknown": unknown,
    "done": done,
    "done_asks": done_asks,
    "not_done": not_done,
    "not_sent": not_sent,
    "person": person,
    "refused": refused,
    "qr": qr,
    "slip": slip,
    "history": history,
    "case": case,
    "closing": closing,
    "closing_really": closing_really,
    "help": help_,
    "quitting": quitting,
}
"""By the name of its picture."""
