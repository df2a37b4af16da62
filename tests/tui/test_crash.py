"""A defect ends the program without telling anybody's values."""

import pytest

from posrefund.tui.app import run
from posrefund.tui.crash import DEFECT, crash_text
from tests.tui.fakes import a_counter

CANARY = "c4nary-" + "s3cret"


class WithWords(Exception):
    """An error that draws itself."""

    def __rich__(self):
        return f"drawn {CANARY}"


def _in_a_worker(app, _):
    def find(_text):
        secret = CANARY
        raise KeyError(secret)

    app._service.find = find
    app.look_up(1, CANARY)


def _in_a_handler(app, _):
    def explode(_text):
        secret = CANARY
        raise RuntimeError(secret)

    app._counter.show_trouble = explode
    from posrefund.errors import PosrefundError
    from posrefund.tui.messages import JournalFailed

    app.post_message(JournalFailed(PosrefundError("x")))


def _drawing_itself(app, _):
    def find(_text):
        raise WithWords(CANARY)

    app._service.find = find
    app.look_up(1, CANARY)


@pytest.mark.parametrize("defect", [_in_a_worker, _in_a_handler, _drawing_itself])
def test_the_crash_screen_holds_no_value(defect, capsys):
    counter = a_counter()
    app = counter.app
    app.call_later(defect, app, None)
    status = _run(app)
    said = capsys.readouterr()
    assert status == DEFECT
    assert CANARY not in said.out + said.err
    assert "posrefund ended because of a defect." in said.err
    assert "The journal knows what was sent; run: posrefund recover" in said.err


def test_the_place_in_our_code_is_named():
    from posrefund.money import Money

    with pytest.raises(Exception, match="currency") as caught:
        Money(1, "x")
    said = crash_text(caught.value)
    assert "Misused at money.py:" in said
    assert "three" not in said


def test_a_counter_that_was_closed_ends_with_nought():
    counter = a_counter()
    counter.app.call_later(counter.app.exit)
    assert _run(counter.app) == 0
    assert not counter.app._follower._thread.is_alive()


def _run(app):
    plain = app.run
    app.run = lambda: plain(headless=True, size=(80, 24))
    return run(app)
