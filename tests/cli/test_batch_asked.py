"""`batch`: what is asked before anything is sent, which names are taken, and what is shown."""

from pathlib import Path

import pytest

from posrefund.refund.rules import BUSY_FOR
from tests.cli.batches import HEADING, TWO, generous, outcomes, run
from tests.cli.fakes import Counter
from tests.support.builders import PAYMENT


@pytest.fixture
def counter() -> Counter:
    return generous()


# -- before anything is sent -------------------------------------------------------------------


def test_a_dry_run_sends_and_writes_nothing(counter: Counter, tmp_path: Path) -> None:
    text = TWO + "K,1001,500.00,x\n"
    ended = run(counter, tmp_path, text, "--dry-run", "--json")
    assert (ended.code, outcomes(ended)) == (1, ["would_send", "would_send", "not_done"])
    assert ended.lines[0]["message"] == "It would be sent to Desk 2."
    assert (counter.bank.sent, counter.journal.latest(limit=9)) == ([], [])


def test_a_dry_run_counts_what_earlier_lines_take(counter: Counter, tmp_path: Path) -> None:
    text = HEADING + "K,T1015.A,15.00,x\nK,T1015.A,4.00,x\nK,T1015.A,3.00,x\n"
    ended = run(counter, tmp_path, text, "--dry-run", "--json")
    assert outcomes(ended) == ["would_send", "would_send", "not_done"]


def test_a_dry_run_tells_what_was_done_before(counter: Counter, tmp_path: Path) -> None:
    run(counter, tmp_path, TWO)
    assert outcomes(run(counter, tmp_path, TWO, "--dry-run", "--json")) == ["done", "done"]


def test_there_is_one_question_with_number_and_total(counter: Counter, tmp_path: Path) -> None:
    no = run(counter, tmp_path, TWO, typed="\n")
    assert (no.code, counter.bank.sent) == (4, [])
    assert "TEST: give back EUR 11.00 in 2 refunds? [y/N]" in no.err
    assert run(counter, tmp_path, TWO, typed="y\n").code == 0


def test_only_what_is_new_is_asked_about(counter: Counter, tmp_path: Path) -> None:
    run(counter, tmp_path, TWO)
    more = run(counter, tmp_path, TWO + "K,T1015.A,1.00,x\n", typed="y\n")
    assert "2 lines were begun before; they are only continued." in more.err
    assert "give back EUR 1.00 in 1 refund?" in more.err
    assert "[y/N]" not in run(counter, tmp_path, TWO, typed="").err


def test_without_a_person_or_a_yes_nothing_is_opened(counter: Counter, tmp_path: Path) -> None:
    path = tmp_path / "incident.csv"
    path.write_text(TWO)
    ended = counter.run("batch", str(path))
    assert (ended.code, counter.bank.questions) == (2, 0)


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [("eng", "1 problem.", "2 problems."), ("deu", "1 Problem.", "2 Probleme.")],
)
def test_one_problem_is_not_called_problems(
    counter: Counter, tmp_path: Path, language: str, one: str, two: str
) -> None:
    path = tmp_path / "incident.csv"
    for rows, words in (("K,1001,x,d\n", one), ("K,1001,x,d\nK,1001,y,d\n", two)):
        path.write_text(f"machine,payment,amount,description\n{rows}")
        ended = counter.run("batch", str(path), "--yes", "--language", language)
        assert ended.code == 2
        assert words in ended.err


def test_every_problem_of_the_file_is_told_and_nothing_is_sent(
    counter: Counter, tmp_path: Path
) -> None:
    ended = run(counter, tmp_path, TWO + "K,T1015.A,1.000,x\nK,,1.00,=x\n")
    assert (ended.code, ended.out, counter.bank.questions) == (2, "", 0)
    for problem in ("line 4: amount:", "line 5: payment:", "line 5: description:", "3 problems"):
        assert problem in ended.err


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_wrong_use(
    counter: Counter, tmp_path: Path, name: str
) -> None:
    assert counter.run("batch", str(tmp_path / name), "--yes").code == 2


def test_an_unknown_terminal_is_wrong_use(counter: Counter, tmp_path: Path) -> None:
    ended = run(counter, tmp_path, TWO, "--terminal", "nowhere")
    assert (ended.code, counter.bank.questions) == (2, 0)


def test_the_terminal_that_was_said_is_used_where_a_line_names_none(
    counter: Counter, tmp_path: Path
) -> None:
    text = "terminal," + HEADING + ",K,1001,5.00,x\nDesk 2,K,T1015.A,1.00,x\n"
    ended = run(counter, tmp_path, text, "--terminal", "desk 3", "--json")
    told = sorted(ended.lines[:-1], key=lambda line: line["line"])
    assert [line["refund"]["terminal"] for line in told] == ["Desk 3", "Desk 2"]


# -- names that were given ---------------------------------------------------------------------

NAMED = "id," + HEADING


def test_a_given_name_pays_once_whatever_else_the_line_says(
    counter: Counter, tmp_path: Path
) -> None:
    run(counter, tmp_path, NAMED + "till-7,K,1001,5.00,x\n")
    other_words = NAMED + f"till-7,L,{PAYMENT},5.00,y\n"
    assert outcomes(run(counter, tmp_path, other_words, "--json")) == ["done"]
    assert len(counter.bank.sent) == 1


@pytest.mark.parametrize("line", ["till-7,K,1001,6.00,x", "till-7,K,T1015.A,5.00,x"])
def test_a_given_name_of_another_refund_is_refused(
    counter: Counter, tmp_path: Path, line: str
) -> None:
    run(counter, tmp_path, NAMED + "till-7,K,1001,5.00,x\n")
    ended = run(counter, tmp_path, NAMED + line + "\n", "--json")
    assert (ended.code, outcomes(ended), len(counter.bank.sent)) == (1, ["not_done"], 1)
    assert "names another refund" in ended.lines[0]["message"]


def test_refund_and_batch_agree_on_a_name(counter: Counter, tmp_path: Path) -> None:
    counter.refund("--id", "till-7")
    ended = run(counter, tmp_path, NAMED + "till-7,K,1001,5.00,x\n", "--json")
    assert (outcomes(ended), len(counter.bank.sent)) == (["done"], 1)


def test_who_keeps_a_terminal_busy_is_said_once_and_until_when(
    counter: Counter, tmp_path: Path
) -> None:
    counter.refund("--no-wait")
    (other,) = counter.journal.open_refunds()
    until = ((other.first_sent_at or other.created_at) + BUSY_FOR).astimezone()
    ended = run(counter, tmp_path, HEADING + "K,T1015.A,1.00,x\n", "--json")
    assert outcomes(ended) == ["done"]
    said = f"Waiting: Desk 2 is busy with refund {other.id}, at most until {until:%H:%M}.\n"
    assert ended.err.count(said) == 1
    assert "Waiting" not in ended.out


def test_a_file_that_is_not_there_is_said_before_the_yes_that_lacks(
    counter: Counter, tmp_path: Path
) -> None:
    ended = counter.run("batch", str(tmp_path / "no.csv"))
    assert ended.code == 2
    assert "cannot be read" in ended.err
    assert "--yes" not in ended.err


# -- what is shown -----------------------------------------------------------------------------


def test_the_summary_names_every_line_that_is_not_done(counter: Counter, tmp_path: Path) -> None:
    ended = run(counter, tmp_path, TWO + "K,1001,500.00,x\n")
    tail = ended.out[ended.out.index("Summary of 3 lines") :]
    assert "done                      2         EUR 11.00" in tail
    assert "line 4  1001  EUR 500.00  K  id b-" in tail


def test_one_line_is_one_line(counter: Counter, tmp_path: Path) -> None:
    ended = run(counter, tmp_path, HEADING + "Kiosk 7,1001,5.00,no product\n")
    assert "Summary of 1 line\n" in ended.out
    assert "1 of 1 line, 0 under way" in ended.err


def test_on_a_terminal_a_bar_stays_in_its_place(counter: Counter, tmp_path: Path) -> None:
    ended = run(counter, tmp_path, TWO, typed="y\n")
    assert "[############............] 1 of 2 lines" in ended.err
    assert "\x1b[A\x1b[2K" in ended.err
    assert "\x1b" not in ended.out


def test_a_log_gets_plain_lines(counter: Counter, tmp_path: Path) -> None:
    ended = run(counter, tmp_path, TWO)
    assert "1 of 2 lines" in ended.err
    assert "\x1b" not in ended.err
