"""A counter that strangers may touch: it cannot be left by a key, and clears itself."""

from datetime import timedelta

from textual.binding import Binding

from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.tui.everywhere import IDLE
from tests.tui.fakes import ENTER, a_counter, running

MOMENT = timedelta(seconds=1)


async def _nobody(counter, span=IDLE):
    counter.clock.at += span
    counter.app.clear_when_idle()
    await counter.pilot.pause()


async def test_no_key_ends_it_and_none_is_offered_that_does():
    async with running(a_counter(kiosk=True)) as counter:
        assert not counter.says("Quit")
        await counter.press("ctrl+q", "ctrl+c", "ctrl+z", "ctrl+backslash", "ctrl+p")
        await counter.pilot.pause()
        assert not counter.app._exit
        assert counter.name == "CounterScreen"
        bound = [
            active.binding
            for active in counter.app.screen.active_bindings.values()
            if isinstance(active.binding, Binding)
        ]
        actions = {binding.action for binding in bound}
        assert not actions & {"quit", "help_quit", "suspend_process", "command_palette"}


async def test_what_somebody_left_standing_is_cleared_after_a_minute():
    async with running(a_counter(kiosk=True)) as counter:
        await counter.find()
        await _nobody(counter, IDLE - MOMENT)
        assert counter.name == "PaymentScreen"
        await counter.press("tab")
        await _nobody(counter, IDLE - MOMENT)
        assert counter.name == "PaymentScreen", "a key starts the minute again"
        await _nobody(counter, MOMENT)
        assert counter.name == "CounterScreen"


async def test_what_was_typed_on_the_counter_is_cleared_too():
    async with running(a_counter(kiosk=True)) as counter:
        await counter.type("secret")
        await _nobody(counter)
        assert counter.app.screen.query_one("#search").value == ""


async def test_a_refund_that_runs_and_a_question_stay():
    async with running(a_counter(kiosk=True)) as counter:
        await counter.ask()
        await _nobody(counter)
        assert counter.name == "ConfirmScreen"
        await counter.press("y")
        await counter.until_on("ProgressScreen")
        await counter.until(lambda: counter.only().state is RefundState.ACCEPTED)
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        await _nobody(counter)
        assert counter.name == "HelpScreen", "the refund below it runs"
        await counter.press("escape")
        await counter.until_on("ProgressScreen")
        await _nobody(counter)
        assert counter.name == "ProgressScreen"
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.news()
        await counter.until_on("OutcomeScreen")
        await _nobody(counter, IDLE - MOMENT)
        assert counter.name == "OutcomeScreen", "there is a minute to read it"
        await _nobody(counter, MOMENT)
        assert counter.name == "CounterScreen"


async def test_a_refund_that_was_left_running_goes_on():
    async with running(a_counter(kiosk=True)) as counter:
        await counter.refund()
        await counter.press("escape", "f3")
        await counter.until_on("HistoryScreen")
        await _nobody(counter)
        assert counter.name == "CounterScreen"
        assert counter.says("1 refund is not finished")


async def test_a_counter_with_staff_is_never_cleared():
    async with running(a_counter()) as counter:
        await counter.find()
        await _nobody(counter, IDLE * 100)
        assert counter.name == "PaymentScreen"
        await counter.press("escape", "ctrl+q")
        await counter.until(lambda: counter.app._exit)


async def test_the_practice_journal_is_not_promised_to_be_kept():
    async with running(a_counter(is_kept=False)) as counter:
        await counter.refund()
        await counter.press("ctrl+q")
        await counter.until_on("QuitScreen")
        assert counter.says("forgotten when you quit")
        assert not counter.says("posrefund recover")
        await counter.press(ENTER)
        await counter.until_on("ProgressScreen")
