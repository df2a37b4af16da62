"""The small parts, each by itself."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from posrefund.errors import NoInformation, NotAllowed
from posrefund.refund.model import RefundState
from posrefund.tui import browser, remarks
from posrefund.tui.customer import for_the_customer, what_to_do
from posrefund.tui.doubts import with_doubts
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.times import date_text, elapsed_text, is_same_day
from tests.support.builders import (
    NOON,
    a_finding,
    a_payment,
    a_refund,
    a_sent_refund,
    an_order,
    eur,
)


def test_the_first_frame_loads_nothing_heavy():
    heavy = {"httpx", "pydantic", "qrcode", "sqlite3", "posrefund.provider", "posrefund.wiring"}
    program = f"import sys, posrefund.tui.app; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


# -- rhythm ------------------------------------------------------------------------------------


def test_keys_of_a_scanner_are_told_from_keys_of_a_person():
    rhythm = KeyRhythm()
    rhythm.heard("a", 1.0)
    assert not rhythm.is_machine
    rhythm.heard("b", 1.01)
    assert rhythm.is_machine
    assert rhythm.was_machine(1.02)
    assert not rhythm.was_machine(3.0), "a mouse has no rhythm"
    rhythm.heard("c", 1.5)
    assert not rhythm.is_machine


def test_a_key_held_down_is_no_change():
    rhythm = KeyRhythm()
    rhythm.heard("y", 1.0)
    rhythm.heard("y", 1.03)
    assert rhythm.changes == 1


# -- doubts ------------------------------------------------------------------------------------


def test_a_plain_refund_needs_no_more_than_a_yes():
    order, reasons = with_doubts(an_order("5.00"), now=NOON)
    assert (order.above_original, order.again, reasons) == (False, False, ())


def test_more_than_is_left_is_one_doubt():
    order, reasons = with_doubts(an_order("55.00"), now=NOON)
    assert order.above_original
    assert not order.again
    assert len(reasons) == 1


def test_the_same_again_is_another():
    before = a_sent_refund(RefundState.SUCCEEDED)
    finding = a_finding(refunds=(before,))
    order, reasons = with_doubts(an_order("5.00", finding=finding), now=NOON)
    assert order.again
    assert not order.above_original
    assert len(reasons) == 1


def test_both_at_once_are_two():
    before = a_sent_refund(RefundState.SUCCEEDED, amount=eur("25.00"))
    finding = a_finding(refunds=(before,), left=eur("24.90"), returned=eur("25.00"))
    order, reasons = with_doubts(an_order("25.00", finding=finding), now=NOON)
    assert order.again
    assert order.above_original
    assert len(set(reasons)) == 2


def test_what_no_confirmation_can_make_right_is_refused():
    finding = a_finding(a_payment(type="authorise"))
    with pytest.raises(NotAllowed, match="authorisation"):
        with_doubts(an_order(finding=finding), now=NOON)


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", RefundState)
def test_there_is_something_to_tell_the_customer_in_every_state(state):
    assert for_the_customer(a_refund(state=state))


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("executed", "This was looked into: your money was given back."),
        ("not executed", "This was looked into: no money was given back."),
    ],
)
def test_the_customer_of_a_closed_case_hears_the_verdict(verdict, told):
    assert for_the_customer(a_sent_refund(RefundState.CLOSED, closed_as=verdict)) == told


def test_after_a_minute_of_not_knowing_there_is_a_paper_and_no_other_way_of_paying():
    unknown = a_sent_refund(RefundState.UNKNOWN)
    assert what_to_do(unknown, "as usual", seconds=59) == "as usual"
    assert "Please wait a moment" in for_the_customer(unknown, seconds=59)
    assert "do not pay it another way" in what_to_do(unknown, "as usual", seconds=60)
    assert "Here is a paper with the reference" in for_the_customer(unknown, seconds=60)


@pytest.mark.parametrize("state", sorted(set(RefundState) - {RefundState.UNKNOWN}))
def test_no_other_state_changes_its_words_with_time(state):
    refund = a_sent_refund(state)
    assert for_the_customer(refund, seconds=600) == for_the_customer(refund)
    assert what_to_do(refund, "as usual", seconds=600) == what_to_do(refund, "as usual")


def test_a_contradicted_refund_promises_the_customer_nothing():
    contradicted = a_sent_refund(RefundState.FAILED, alarm="CCV now says success.")
    assert for_the_customer(contradicted) == "We have to look into this. Please keep the reference."


def test_a_failed_question_never_says_that_nothing_was_sent():
    error = NoInformation("no answer came in time")
    assert "no money moved" in remarks.trouble(a_refund(), error)
    assert "Nothing was sent" not in remarks.trouble(a_sent_refund(RefundState.UNKNOWN), error)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0:00"),
        (7, "0:07"),
        (3599, "59:59"),
        (3600, "1 h 00"),
        (86399, "23 h 59"),
        (3 * 86400, "3 days"),
    ],
)
def test_durations_are_short(seconds, text):
    assert elapsed_text(seconds) == text


def test_days_are_those_of_this_place(monkeypatch):
    assert date_text(NOON) == "20 Nov 12:00"
    assert is_same_day(NOON, datetime(2026, 11, 20, 23, 59, tzinfo=UTC))
    assert not is_same_day(NOON, datetime(2026, 11, 21, 0, 0, tzinfo=UTC))


# -- browser -----------------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch):
    """Keep what would have been started."""
    commands = []

    class Started:
        def __init__(self, command, **options):
            commands.append((command, options))

        def wait(self, timeout=None):
            return 0

    monkeypatch.setattr(browser.subprocess, "Popen", Started)
    monkeypatch.setattr(browser.webbrowser, "get", lambda: object())
    monkeypatch.setattr(browser.sys, "platform", "linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return commands


def test_without_a_desktop_no_browser_is_started(started, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    assert not browser.open_page("https://onlinepayments.ccv.eu/x")
    assert started == []


def test_a_browser_is_started_by_a_list_and_never_by_a_shell(started, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("POSREFUND_API_KEY", "t_secret")
    url = "https://onlinepayments.ccv.eu/x?reference=$(reboot);`id`&b='"
    assert browser.open_page(url)
    ((command, options),) = started
    assert command[-1] == url
    assert not options.get("shell")
    assert "t_secret" not in options["env"].values()
    assert options["stdout"] == options["stderr"] == options["stdin"] == subprocess.DEVNULL


def test_a_packed_program_starts_the_opener_of_the_machine(started, monkeypatch):
    monkeypatch.setattr(browser, "_IS_PACKED", True)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("LD_LIBRARY_PATH", "ours")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "theirs")
    assert browser.open_page("https://onlinepayments.ccv.eu/x")
    ((command, options),) = started
    assert command == ["xdg-open", "https://onlinepayments.ccv.eu/x"]
    assert options["env"]["LD_LIBRARY_PATH"] == "theirs"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "-version", ""])
def test_only_web_pages_are_opened(started, monkeypatch, url):
    monkeypatch.setenv("DISPLAY", ":0")
    assert not browser.open_page(url)
    assert started == []
