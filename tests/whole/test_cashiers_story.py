"""The cashier's thirty seconds (peers.md 4), key by key: the real command, a real pseudo-terminal.

The sandbox's ledger is the judge of what happened to the money.
"""

import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import KEY, Workplace
from tests.support.window import Window

pytestmark = pytest.mark.process

ENTER, YES, QUIT = "\r", "y", "\x11"
MOST_KEYS = 3
"""From the scan to the terminal that asks for the card, the confirmation included."""


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    with Workplace(tmp_path, settings={"customer": "person"}) as opened:
        yield opened


@pytest.fixture
def window(workplace: Workplace) -> Iterator[Window]:
    with Window("--config", str(workplace.config), POSREFUND_API_KEY=KEY) as opened:
        opened.until("Scan or type", "PRACTICE")
        yield opened


def present_card(workplace: Workplace) -> None:
    """The customer does what the terminal asks."""
    (pending,) = [one for one in workplace.ledger() if one["status"] == "pending"]
    query = urllib.parse.urlencode({"reference": pending["reference"], "action": "success"})
    where = f"{workplace.site}/terminal/poll?{query}"
    urllib.request.urlopen(where, data=b"").close()  # noqa: S310


def test_a_full_refund_takes_two_keys_after_the_scan(workplace: Workplace, window: Window) -> None:
    window.scan("T1001.Y")
    window.until("EUR 49.90 left", "Payment found", "Desk 2")
    before = len(window.keys)
    window.press(ENTER)
    window.until("Give EUR 49.90 of payment T1001.Y back", "Yes, give it back")
    assert workplace.ledger() == []
    window.press(YES)
    window.until("A T C C V", "Please present your card")
    assert len(window.keys) - before <= MOST_KEYS

    present_card(workplace)
    window.until("D O N E", "EUR 49.90 was given back")

    (paid,) = workplace.ledger()
    assert (paid["amount"], paid["status"]) == ("49.90", "success")
    assert paid["original_reference"] == "T1001.Y"
    window.press(ENTER)
    window.until("Scan or type", "T1001.Y")
    window.press(QUIT)
    assert window.wait() == 0
    (written,) = workplace.run("list", "--json").lines
    assert (written["state"], written["provider_reference"]) == ("succeeded", paid["reference"])


def test_the_line_drops_and_the_cashier_knows_what_to_do(
    workplace: Workplace, window: Window
) -> None:
    workplace.spoil("commit_then_hang_up")
    window.scan("T1001.Y")
    window.until("EUR 49.90 left")
    window.press(ENTER)
    window.until("Yes, give it back")
    window.press(YES)
    window.until("N O T K N O W N Y E T", "Do NOT start it again")

    window.press(ENTER)
    window.until("1 refund is not finished")
    window.scan("T1001.Y")
    window.until("is not finished")
    window.press("\x1bOS")
    present_card(workplace)
    window.until("D O N E", "EUR 49.90 was given back")

    (paid,) = workplace.ledger()
    assert (paid["amount"], paid["status"]) == ("49.90", "success")
    window.press(QUIT)
    assert window.wait() == 0
    (written,) = workplace.run("list", "--json").lines
    assert (written["state"], written["provider_reference"]) == ("succeeded", paid["reference"])


def test_part_of_it_on_another_day_is_a_matter_of_typing_the_amount(
    workplace: Workplace, window: Window
) -> None:
    window.scan("T1003.Y")
    window.until("EUR 87.66 left")
    window.press(*"19,95")
    window.press(ENTER)
    window.until("Give EUR 19.95 of payment T1003.Y back")
    window.press(YES)
    window.until("A T C C V")
    present_card(workplace)
    window.until("D O N E", "EUR 19.95 was given back")
    (paid,) = workplace.ledger()
    assert paid["amount"] == "19.95"
