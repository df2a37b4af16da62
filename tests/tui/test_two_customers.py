"""Two customers at one terminal, and keys pressed with Caps Lock."""

from posrefund.refund.model import RefundState
from tests.support.builders import a_payment, a_sent_refund, an_entry, eur
from tests.tui.fakes import ENTER, a_counter, running


def _keep_busy(counter):
    """Another customer's refund runs on the counter's terminal."""
    terminal = counter.app._open._terminals[0].name
    refund = a_sent_refund(
        RefundState.ACCEPTED,
        id="OTHERAAAAA",
        original_reference="T-OTHER",
        terminal=terminal,
        amount=eur("9.99"),
        created_at=counter.clock.at,
        first_sent_at=counter.clock.at,
        provider_reference="TR77",
    )
    counter.journal.open_case(refund, an_entry())


async def test_a_busy_terminal_is_in_the_question_and_must_be_confirmed_by_typing():
    counter = a_counter(a_payment())
    _keep_busy(counter)
    async with running(counter):
        await counter.find("1001")
        await counter.until_says("is busy with a refund of EUR 9.99")
        await counter.press(ENTER)
        await counter.until_on("ConfirmScreen")
        await counter.until_says("Desk 2 is busy with a refund of EUR 9.99, whose")
        await counter.press("y")
        await counter.pilot.pause(0.2)
        assert counter.bank.sent == []


async def test_caps_lock_answers_as_well():
    async with running(a_counter()) as counter:
        await counter.ask()
        await counter.press("Y")
        await counter.until(lambda: counter.bank.sent)
