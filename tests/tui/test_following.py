"""Open refunds: shown, followed, asked about, and left in peace at the end."""

import threading
from dataclasses import replace
from datetime import timedelta

from posrefund.errors import NoInformation, Unanswered
from posrefund.refund.model import ProviderStatus, RefundOrder, RefundState
from posrefund.refund.polling import NEUTRAL_AFTER_SECONDS
from tests.support.builders import (
    NOON,
    a_payment,
    a_provider_refund,
    a_refund,
    a_sent_refund,
    an_entry,
    eur,
)
from tests.tui.fakes import ENTER, a_counter, running


def _left_open(counter, refund):
    """Put a refund into the journal as another run of the program left it."""
    opened = counter.journal.open_case(a_refund(id=refund.id), an_entry())
    left = replace(refund, owner=None, version=opened.version, fence=opened.fence)
    return counter.journal.record(left, None)


async def test_refunds_left_open_are_shown_at_the_start_and_looked_up():
    counter = a_counter()
    _left_open(counter, a_sent_refund(RefundState.SENDING))
    counter.bank.ledger["TR1"] = a_provider_refund(description="Order 1001 #ABCDEFGHIJ")
    async with running(counter):
        await counter.until_says("OPEN \u2014 1 refund is not finished")
        await counter.until_says("Not known yet")
        await counter.news()
        await counter.until_says("At CCV")
    assert counter.bank.sent == []


async def test_a_decision_nobody_sent_is_dropped_at_the_start():
    counter = a_counter()
    _left_open(counter, a_refund())
    async with running(counter):
        await counter.until_says("Not sent")
        await counter.until_says("TODAY")
    assert counter.bank.sent == []
    assert counter.only().state is RefundState.NOT_SENT


async def test_a_decision_whose_commit_came_through_and_failed_is_dropped():
    counter = a_counter()
    async with running(counter):
        await counter.ask()
        counter.journal.writes_and_fails = True
        await counter.press("y")
        await counter.until_on("OutcomeScreen")
        assert counter.says("N O T S E N T")
    assert counter.bank.sent == []
    assert counter.only().state is RefundState.NOT_SENT


async def test_what_may_still_go_later_is_not_called_not_sent():
    counter = a_counter()
    async with running(counter):
        await counter.ask()
        counter.journal.writes_and_fails = counter.journal.dies_with_it = True
        await counter.press("y")
        await counter.until_says("may still be sent")
        assert not counter.says("N O T   S E N T")
        counter.journal.is_dead = False
    assert counter.bank.sent == []


async def test_a_case_for_a_person_is_asked_about_once_at_the_start():
    counter = a_counter()
    _left_open(counter, a_sent_refund(RefundState.ATTENTION, provider_reference="TR1", attempts=1))
    counter.bank.ledger["TR1"] = a_provider_refund(status=ProviderStatus.SUCCESS)
    async with running(counter):
        await counter.until_says("Done")


async def test_a_refund_begun_in_another_window_appears():
    counter = a_counter()
    async with running(counter):
        (finding,) = counter.service.find("1001")
        order = _order(finding, "5.00")
        counter.service.send(counter.service.intend(order))
        counter.app.read_open(counter.app._board.open_refunds())
        await counter.until_says("At CCV")
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.news()
        await counter.until_says("Done")


async def test_a_decision_of_another_window_is_not_sent_from_here():
    counter = a_counter()
    async with running(counter):
        (finding,) = counter.service.find("1001")
        counter.service.intend(_order(finding, "5.00"))
        counter.app.read_open(())
        await counter.until_says("Preparing")
        assert counter.app._follower._queue == []


async def test_checking_now_says_what_came_of_it():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("c")
        await counter.until_says("Asked at 12:00:00: nothing new yet.")
        asked = counter.bank.questions
        await counter.press("c")
        await counter.pilot.pause()
        assert counter.bank.questions == asked, "CCV is not asked again within two seconds"
        counter.clock.at += timedelta(seconds=2)
        counter.bank.on_ask.append(NoInformation("no answer came in time"))
        await counter.press("c")
        await counter.until_says("Asking failed: no answer came in time.")
        assert not counter.says("Nothing was sent")


async def test_after_six_minutes_the_result_is_neither_yes_nor_no():
    async with running(a_counter()) as counter:
        await counter.refund()
        counter.clock.at = NOON + timedelta(seconds=NEUTRAL_AFTER_SECONDS - 1)
        counter.app.screen.show_time()
        await counter.until_says("5:59")
        assert not counter.says("The result is not known yet.")
        counter.clock.at = NOON + timedelta(seconds=NEUTRAL_AFTER_SECONDS)
        counter.app.screen.show_time()
        await counter.until_says("The result is not known yet.")
        assert counter.says("is a card still in it?")


async def test_an_outcome_that_comes_while_help_covers_the_screen_is_shown_after():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("f1")
        await counter.until_on("HelpScreen")
        counter.bank.decide("TR1", ProviderStatus.SUCCESS)
        await counter.news()
        await counter.until(lambda: counter.only().state.is_final)
        await counter.pilot.pause()
        assert counter.name == "HelpScreen"
        await counter.press("escape")
        await counter.until_on("OutcomeScreen")
        assert counter.says("EUR 49.90 was given back.")


async def test_news_that_is_older_than_what_is_known_changes_nothing():
    async with running(a_counter()) as counter:
        await counter.refund()
        old = replace(counter.only(), state=RefundState.SENDING, version=1)
        counter.app._tell_news(old)
        await counter.pilot.pause()
        assert counter.app._board.latest(old).state is RefundState.ACCEPTED


async def test_a_refund_ccv_contradicts_is_open_again_and_says_so():
    counter = a_counter()
    left = a_sent_refund(RefundState.FAILED, provider_reference="TR1", verified=9)
    _left_open(counter, replace(left, alarm="CCV now says success, after it said failed."))
    async with running(counter):
        await counter.until_says("OPEN \u2014 1 refund is not finished")
        await counter.press("down", ENTER)
        await counter.until_on("OutcomeScreen")
        assert counter.says("CCV now says success, after it said failed.")
        assert not counter.says("nothing was given back")


async def test_quitting_with_open_refunds_asks_first_and_stays_by_default():
    async with running(a_counter()) as counter:
        await counter.refund()
        await counter.press("ctrl+q")
        await counter.until_on("QuitScreen")
        assert counter.says("1 refund is not finished")
        assert counter.says("posrefund recover")
        await counter.press("ctrl+q", ENTER)
        await counter.until_on("ProgressScreen")
        await counter.press("ctrl+q")
        await counter.until_on("QuitScreen")
        await counter.press("y")
        await counter.until(lambda: counter.app._exit)
    assert counter.only().state is RefundState.ACCEPTED


async def test_quitting_without_open_refunds_does_not_ask():
    async with running(a_counter()) as counter:
        await counter.press("ctrl+q")
        await counter.until(lambda: counter.app._exit)


async def test_quitting_waits_for_an_answer_that_is_under_way():
    answer_now = threading.Event()
    counter = a_counter()

    def slowly(refund):
        assert answer_now.wait(10)
        return counter.bank.carry_out(refund)

    counter.bank.on_send.append(slowly)
    async with running(counter):
        await counter.ask()
        await counter.press("y")
        await counter.until(lambda: counter.bank.sent)
        await counter.until_on("ProgressScreen")
        await counter.press("ctrl+q")
        await counter.until_on("QuitScreen")
        await counter.press("y")
        await counter.until_on("FinishingScreen")
        assert not counter.app._exit
        answer_now.set()
        await counter.until(lambda: counter.app._exit)
    assert counter.only().state is RefundState.ACCEPTED


async def test_a_refund_of_another_configuration_is_shown_and_left_alone():
    counter = a_counter()
    _left_open(counter, a_sent_refund(RefundState.ACCEPTED, address="https://elsewhere.example"))
    async with running(counter):
        await counter.until_says("At CCV")
        await counter.press("down", ENTER)
        await counter.until_on("ProgressScreen")
        await counter.press("c")
        await counter.until_says("belongs to https://elsewhere.example")
    assert counter.bank.questions == 0


async def test_unknown_stays_unknown_while_ccv_is_silent():
    counter = a_counter(a_payment(amount=eur("5.00")))

    def silence(_):
        counter.bank.on_ask += [NoInformation("the line is dead")] * 3
        raise Unanswered("no answer came in time")

    counter.bank.on_send.append(silence)
    async with running(counter):
        await counter.refund()
        await counter.until_on("OutcomeScreen")
        await counter.press("c")
        await counter.until_says("Asking failed: the line is dead.")
        assert counter.says("Do NOT start it again")
    assert counter.only().state is RefundState.UNKNOWN


def _order(finding, amount):
    return RefundOrder(finding=finding, amount=eur(amount))
