"""One line narrows a list: each word counts for what it can be."""

from datetime import date

import pytest

from posrefund import language
from posrefund.language import LANGUAGES, _
from posrefund.money import Money
from posrefund.refund.model import RefundState
from posrefund.tui.narrowing import Narrowed, narrowed, state_word, without_state
from posrefund.wording import title, verdict_titles
from tests.support.builders import eur

TODAY = date(2026, 11, 20)
TERMINALS = ["Desk", "Desk 2", "Manager's phone"]


def read(line: str) -> Narrowed:
    return narrowed(line, today=TODAY, terminals=TERMINALS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", Narrowed()),
        ("   ", Narrowed()),
        ("today", Narrowed(day=TODAY)),
        ("Yesterday", Narrowed(day=date(2026, 11, 19))),
        ("2026-11-03", Narrowed(day=date(2026, 11, 3))),
        ("3-11-2025", Narrowed(day=date(2025, 11, 3))),
        ("3/11", Narrowed(day=date(2026, 11, 3))),
        ("24-12", Narrowed(day=date(2025, 12, 24))),
        ("31-02-2026", Narrowed(text="31-02-2026")),
        ("21 nov", Narrowed(day=date(2025, 11, 21))),
        ("19 Nov.", Narrowed(day=date(2026, 11, 19))),
        ("November 3rd", Narrowed(day=date(2026, 11, 3))),
        ("3 nov 2024 5.00", Narrowed(day=date(2024, 11, 3), amount=eur("5.00"))),
        ("31 feb", Narrowed(amount=eur("31.00"), text="feb")),
        ("4 ju", Narrowed(amount=eur("4.00"), text="ju")),
        ("the day before yesterday", Narrowed(day=date(2026, 11, 18))),
        ("open", Narrowed(only_open=True)),
        ("yesterday open", Narrowed(day=date(2026, 11, 19), only_open=True)),
        ("not done", Narrowed(state=RefundState.FAILED)),
        ("Not known yet", Narrowed(state=RefundState.UNKNOWN)),
        ("a person must look", Narrowed(state=RefundState.ATTENTION)),
        ("at ccv", Narrowed(state=RefundState.ACCEPTED)),
        ("not", Narrowed(text="not")),
        ("GBP 5.00", Narrowed(amount=Money(500, "GBP"))),
        ("5 chf", Narrowed(amount=Money(500, "CHF"))),
        ("5.00SEK", Narrowed(amount=Money(500, "SEK"))),
        ("\u00a35", Narrowed(amount=Money(500, "GBP"))),
        ("abc5", Narrowed(text="abc5")),
        ("phone", Narrowed(terminal="Manager's phone")),
        ("des", Narrowed(unclear=("Desk", "Desk 2"))),
        ("ph", Narrowed(text="ph")),
        ("failed", Narrowed(state=RefundState.FAILED)),
        ("not given back", Narrowed(state=RefundState.FAILED)),
        ("given back", Narrowed(state=RefundState.SUCCEEDED)),
        ("yesterday cancelled", Narrowed(day=date(2026, 11, 19), state=RefundState.FAILED)),
        ("pending", Narrowed(state=RefundState.ACCEPTED)),
        ("not known", Narrowed(state=RefundState.UNKNOWN)),
        ("must look", Narrowed(state=RefundState.ATTENTION)),
        ("manager", Narrowed(terminal="Manager's phone")),
        ("DONE", Narrowed(state=RefundState.SUCCEEDED)),
        ("49.90", Narrowed(amount=eur("49.90"))),
        ("49,90", Narrowed(amount=eur("49.90"))),
        ("\u20ac5", Narrowed(amount=eur("5.00"))),
        ("5", Narrowed(amount=eur("5.00"))),
        ("20.11", Narrowed(amount=eur("20.11"))),
        ("0.00", Narrowed(text="0.00")),
        ("100", Narrowed(text="100")),
        ("desk 2", Narrowed(terminal="Desk 2")),
        ("desk", Narrowed(terminal="Desk")),
        ("Desktop", Narrowed(text="Desktop")),
        ("760.Y", Narrowed(text="760.Y")),
        ("2026-0001", Narrowed(text="2026-0001")),
        ("Order 77 b", Narrowed(amount=eur("77.00"), text="Order b")),
        (
            "today failed 5.00 manager's PHONE 0001",
            Narrowed(
                day=TODAY,
                state=RefundState.FAILED,
                amount=eur("5.00"),
                terminal="Manager's phone",
                text="0001",
            ),
        ),
    ],
)
def test_each_word_counts_for_what_it_can_be(line: str, expected: Narrowed) -> None:
    assert read(line) == expected


def test_it_says_how_a_line_was_understood() -> None:
    assert read("").in_words() == "All refunds"
    said = read("today failed 5.00 desk 2 0001").in_words()
    assert said == "20 Nov 2026, Not done, EUR 5.00, Desk 2, ends with 0001"


def test_what_cannot_be_anything_is_a_name_and_harmless() -> None:
    assert read("\x1b[2J").text == "\x1b[2J"
    assert "\x1b" not in read("\x1b[2J").in_words()


@pytest.fixture
def speak():
    yield language.use
    language.use("eng")


@pytest.mark.parametrize(
    ("code", "line", "expected"),
    [
        ("nld", "gisteren niet gelukt", Narrowed(day=date(2026, 11, 19), state=RefundState.FAILED)),
        ("nld", "3 maart", Narrowed(day=date(2026, 3, 3))),
        ("nld", "eergisteren", Narrowed(day=date(2026, 11, 18))),
        ("nld", "not done", Narrowed(state=RefundState.FAILED)),
        ("nld", "mislukt", Narrowed(state=RefundState.FAILED)),
        ("nld", "vandaag geweigerd", Narrowed(day=TODAY, state=RefundState.FAILED)),
        ("nld", "niet geslaagd", Narrowed(state=RefundState.FAILED)),
        ("nld", "geslaagd", Narrowed(state=RefundState.SUCCEEDED)),
        ("nld", "failed", Narrowed(state=RefundState.FAILED)),
        ("nld", "bezig", Narrowed(state=RefundState.ACCEPTED)),
        ("deu", "fehlgeschlagen", Narrowed(state=RefundState.FAILED)),
        ("deu", "Abgelehnt", Narrowed(state=RefundState.FAILED)),
        ("deu", "nicht erfolgreich", Narrowed(state=RefundState.FAILED)),
        ("deu", "unklar", Narrowed(state=RefundState.UNKNOWN)),
        ("fra", "echoue", Narrowed(state=RefundState.FAILED)),
        ("fra", "annule", Narrowed(state=RefundState.FAILED)),
        ("fra", "pas rembourse", Narrowed(state=RefundState.FAILED)),
        ("fra", "en attente", Narrowed(state=RefundState.ACCEPTED)),
        ("deu", "gestern", Narrowed(day=date(2026, 11, 19))),
        ("deu", "20. Nov.", Narrowed(day=TODAY)),
        ("deu", "20.11.", Narrowed(day=TODAY)),
        ("deu", "3. marz", Narrowed(day=date(2026, 3, 3))),
        ("deu", "Nicht erstattet", Narrowed(state=RefundState.FAILED)),
        ("fra", "hier rembourse", Narrowed(day=date(2026, 11, 19), state=RefundState.SUCCEEDED)),
        ("fra", "non rembours\u00e9", Narrowed(state=RefundState.FAILED)),
        ("fra", "3 fevr", Narrowed(day=date(2026, 2, 3))),
        ("fra", "3 jui", Narrowed(amount=eur("3.00"), text="jui")),
    ],
)
def test_words_are_understood_as_people_say_them(code, line, expected, speak) -> None:
    speak(code)
    assert read(line) == expected


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_the_word_of_every_state_narrows_to_it_in_every_language(code, speak) -> None:
    speak(code)
    assert [read(state_word(state)).state for state in RefundState] == list(RefundState)


def test_an_amount_without_a_currency_is_meant_in_every_currency_there_is() -> None:
    found = narrowed("5,00", today=TODAY, terminals=(), currencies=("EUR", "GBP"))
    assert [wanted["amount"] for wanted in found.wanted] == [eur("5.00"), Money(500, "GBP")]
    assert found.in_words() == "EUR 5.00 / GBP 5.00"


def test_a_part_that_several_terminals_have_narrows_to_none_and_asks() -> None:
    found = read("des")
    assert found.wanted[0]["terminal"] is None
    assert found.in_words() == "which: Desk / Desk 2?"


def test_the_state_can_be_taken_out_of_a_line() -> None:
    assert without_state("today Not done 5.00") == ["today", "5.00"]


@pytest.mark.parametrize(
    ("code", "no"), [("eng", "not"), ("nld", "niet"), ("deu", "nicht"), ("fra", "pas")]
)
def test_a_no_is_never_taken_for_a_yes(code, no, speak) -> None:
    speak(code)
    yes = [state_word(RefundState.SUCCEEDED), *_("succeeded, refunded, given back").split(", ")]
    assert [read(word).state for word in yes] == [RefundState.SUCCEEDED] * len(yes)
    assert [read(f"{no} {word}").state for word in yes] == [RefundState.FAILED] * len(yes)


def test_the_word_f5_writes_is_the_word_of_the_list(speak) -> None:
    for code in LANGUAGES:
        speak(code)
        for state in RefundState:
            assert state_word(state) == _(title(state))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_verdict_of_the_list_is_understood_as_closed_and_not_as_refused(code, speak) -> None:
    speak(code)
    for verdict in verdict_titles():
        understood = read(_(verdict))
        assert (understood.state, understood.text) == (RefundState.CLOSED, None)
