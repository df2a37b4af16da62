"""Which terminal a refund goes to."""

import pytest

from posrefund.errors import ConfigWrong, Misused
from posrefund.terminal.choice import choose
from posrefund.terminal.model import Method, Terminal

DESK_1 = Terminal(name="Desk 1", method=Method.TERMINAL, terminal_id="1")
DESK_2 = Terminal(name="Desk 2", method=Method.TERMINAL, terminal_id="2", is_default=True)
DESK_3 = Terminal(name="Desk 3", method=Method.TERMINAL, terminal_id="3")
PHONE = Terminal(name="Phone", method=Method.SOFTPOS)
ALL = (DESK_1, DESK_2, DESK_3, PHONE)


def chosen(terminals=ALL, *, method="terminal", wanted=None, used_before=None):
    return choose(terminals, method=method, wanted=wanted, used_before=used_before)


def test_the_wanted_one_comes_first():
    assert chosen(wanted="Desk 3", used_before="1") is DESK_3


@pytest.mark.parametrize("wanted", ["desk 1", "DESK 1", "Desk 1"])
def test_a_name_is_found_however_it_is_typed(wanted):
    assert chosen(wanted=wanted) is DESK_1


def test_then_comes_the_terminal_of_the_sale():
    assert chosen(used_before="3") is DESK_3


def test_then_comes_the_default():
    assert chosen() is DESK_2
    assert chosen(used_before="gone") is DESK_2


def test_then_comes_the_first_of_its_method():
    assert chosen((PHONE, DESK_1, DESK_3)) is DESK_1
    assert chosen(method="softpos") is PHONE


def test_the_terminal_of_the_sale_counts_only_for_its_own_method():
    phone = Terminal(name="Phone", method=Method.SOFTPOS, terminal_id="1")
    assert chosen((phone, DESK_3), used_before="1") is DESK_3
    assert chosen((DESK_1,), method="softpos", used_before="1") is None


def test_a_phone_without_an_id_is_not_the_terminal_of_a_sale_without_one():
    other = Terminal(name="Other", method=Method.SOFTPOS, is_default=True)
    assert chosen((PHONE, other), method="softpos", used_before=None) is other


def test_a_softpos_refund_may_go_without():
    assert chosen((DESK_1,), method="softpos") is None
    assert chosen((), method="softpos") is None


@pytest.mark.parametrize("method", ["card", "ideal", ""])
def test_other_methods_need_none(method):
    assert chosen(method=method) is None
    assert chosen((), method=method) is None


def test_a_terminal_refund_without_a_terminal_is_a_matter_of_configuration():
    for terminals in ((), (PHONE,)):
        with pytest.raises(ConfigWrong, match="terminals"):
            chosen(terminals)


def test_a_wanted_terminal_that_is_not_configured_is_refused_with_the_names():
    with pytest.raises(Misused, match="Desk 1, Desk 2, Desk 3, Phone"):
        chosen(wanted="Desk 9")
    with pytest.raises(Misused, match="none"):
        chosen((), wanted="Desk 9")


@pytest.mark.parametrize(
    ("method", "wanted"), [("softpos", "Desk 1"), ("terminal", "Phone"), ("card", "Desk 1")]
)
def test_a_wanted_terminal_of_another_method_is_refused(method, wanted):
    with pytest.raises(Misused, match=method):
        chosen(method=method, wanted=wanted)
