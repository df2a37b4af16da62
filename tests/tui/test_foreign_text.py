"""Text from outside is shown as it is and does nothing."""

from dataclasses import replace

import pytest

from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.safe_text import safe_text
from posrefund.terminal.model import Method, Terminal
from tests.support.builders import NOON, a_payment, a_sent_refund, an_entry
from tests.tui.fakes import ENTER, a_counter, running

PAYLOADS = [
    "[b]x[/b]",
    "[@click=app.quit]quit[/]",
    "[/b]",
    "[TODO]",
    "\\[x]",
    "[red]",
    "[$live]danger",
    "[link=https://evil.example]here[/link]",
]


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_markup_is_shown_verbatim(payload):
    reference = "T-1"
    payment = a_payment(
        reference=reference, description=payload, brand=payload, order_reference=payload
    )
    terminals = [
        Terminal(name=payload, method=Method.TERMINAL, terminal_id="1", is_default=True),
        Terminal(name="other", method=Method.TERMINAL, terminal_id="2"),
    ]
    counter = a_counter(payment, terminals=terminals)
    async with running(counter, size=(120, 40)):
        counter.bank.on_send.append(
            lambda refund: _said_with(counter.bank.carry_out(refund), payload)
        )
        await counter.scan(payload)
        await counter.until_on("PaymentScreen")
        assert counter.text().count(payload) >= 3
        await counter.press("tab", ENTER)
        assert counter.says(payload)
        await counter.press("escape", "f10")
        await counter.until_on("ConfirmScreen")
        assert counter.says(f"back on {payload}?")
        await counter.press("y")
        await counter.until_on("ProgressScreen")
        await counter.until_says(f"card at {payload}.")
        await counter.press("h")
        await counter.until_on("CaseScreen")
        await counter.until_says(f"CCV: note {payload}")
        await counter.press("escape", "escape")
        await counter.until_on("CounterScreen")
        assert counter.says(payload[:11])
        counter.bank.decide("TR1", ProviderStatus.FAILED, failure_code=payload)
        await counter.news()
        await counter.until_says(f"CCV's code is {payload}")
        await counter.scan(payload + "?")
        await counter.until_says("CCV knows no payment")


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\nb", "\x9b31m", "\u202egnp.exe", "\x07"])
async def test_what_could_move_the_cursor_never_reaches_the_screen(hostile):
    counter = a_counter(terminals=[Terminal(name=hostile, method=Method.TERMINAL)])
    counter.journal.open_case(
        a_sent_refund(
            RefundState.ATTENTION, message=hostile, facts={hostile: hostile}, terminal=hostile
        ),
        an_entry(text=hostile, at=NOON),
    )
    async with running(counter, size=(120, 40)):
        shown = counter.text()
        await counter.press("down", ENTER)
        await counter.until_on("OutcomeScreen")
        shown += counter.text()
        await counter.press("h")
        await counter.until_on("CaseScreen")
        await counter.until_says("attempts")
        shown += counter.text()
    on_one_line = shown.replace("\n", "")
    assert [char for char in on_one_line if not char.isprintable()] == []
    assert safe_text(hostile) in shown


def _said_with(said, payload):
    return replace(said, facts={"note": payload})
