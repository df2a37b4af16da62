"""What a batch file may look like. Whatever is odd is named, and nothing of the file is sent."""

import pytest

from posrefund.cli.batch_file import MOST_BYTES, Reading, read_batch
from posrefund.refund.model import Environment

HEADING = "machine,payment,amount,description\n"


def read(text: str | bytes, *, again: bool = False, live: bool = False) -> Reading:
    data = text.encode() if isinstance(text, str) else text
    environment = Environment.LIVE if live else Environment.TEST
    return read_batch(data, environment=environment, terminals=("Desk 2", "Desk 3"), again=again)


def ids(text: str, **more: bool) -> list[str]:
    reading = read(text, **more)
    assert reading.problems == []
    return [line.id for line in reading.lines]


def the_problem(text: str | bytes) -> str:
    reading = read(text)
    assert len(reading.problems) == 1, reading.problems
    return reading.problems[0]


def test_a_line_is_what_its_cells_say() -> None:
    (line,) = read(HEADING + "Kiosk 7,T1.Y,5.00,no product\n").lines
    assert (line.number, line.machine, line.payment) == (2, "Kiosk 7", "T1.Y")
    assert (line.amount.text, line.description, line.terminal) == ("5.00", "no product", None)


@pytest.mark.parametrize(
    "data",
    [
        "machine;payment;amount;description\r\nCafé;T1;5,50;x\r\n".encode("utf-8-sig"),
        "machine;payment;amount;description\r\nCafé;T1;5,50;x\r\n".encode("cp1252"),
        "machine\tpayment\tamount\tdescription\r\nCafé\tT1\t5,50\tx\r\n".encode("utf-16"),
        'sep=;\nMachine;Payment;AMOUNT;Description\n"Café";T1;5.5;x\n;;;\n'.encode(),
        'machine,payment,amount,description\nCafé,T1,"5,50",x\n'.encode(),
        b"amount;machine;description;payment\n5,50;Caf\xc3\xa9;x;T1",
    ],
    ids=["dutch excel", "old dutch excel", "unicode text", "sep", "quoted", "other order"],
)
def test_it_is_read_as_spreadsheets_write_it(data: bytes) -> None:
    reading = read(data)
    assert reading.problems == []
    (line,) = reading.lines
    assert (line.machine, line.payment, line.amount.text) == ("Café", "T1", "5.50")


def test_windows_text_is_told() -> None:
    assert read("machine;payment;amount;description\nCafé;T1;5;x".encode("cp1252")).is_western


PROBLEMS = [
    (b"\x00\x01\x02", "no text"),
    (b"a" * (MOST_BYTES + 1), "more than"),
    ("machine,payment,amount\nK,T1,5\n", "line 1: the heading lacks the column description"),
    (HEADING.replace("machine", "machine,id,id"), "line 1: the heading has the column id twice"),
    (HEADING.replace("machine", "machine,termnal"), "is terminal meant?"),
    (HEADING.replace("machine", "machine,colour"), "there is no column colour; known are"),
    (HEADING, "no lines"),
    (HEADING + "K,T1,5,00,x\n", "line 2: it has 5 cells and the heading 4; an amount with"),
    (HEADING + "K,T1,5\n", "line 2: it has 3 cells and the heading 4"),
    (HEADING + "K,T1,5,50\n", "50 beside the amount may be its cents"),
    (HEADING + "K,T1,0,x\n", "line 2: amount: the amount is zero"),
    (HEADING + "K,T1,-5,x\n", "negative"),
    (HEADING + "K,T1,5.0055,x\n", "more than two decimals"),
    (HEADING + "K,T1,1.000,x\n", "ambiguous"),
    (HEADING + "K,T1,,x\n", "line 2: amount: it is empty"),
    (HEADING + "K,,5,x\n", "line 2: payment: it is empty"),
    (HEADING + ",T1,5,x\n", "line 2: machine: it is empty"),
    (HEADING + "=1+1,T1,5,x\n", "line 2: machine: it begins like a formula (=)"),
    (HEADING + "K,T1,5,@SUM(A1)\n", "line 2: description: it begins like a formula (@)"),
    (HEADING + "K,-T1,5,x\n", "payment: it begins like a formula (-)"),
    (HEADING + "K,1.50518E+15,5,x\n", "a spreadsheet shortened this number"),
    (HEADING + "K,4111111111111111,5,x\n", "a card number or a key"),
    (HEADING + 'K,T1,5,"a\nb"\n', "line 2: description: it has line breaks"),
    (HEADING + "K,T1,5," + "x" * 256 + "\n", "more than 255"),
    (HEADING + 'K,T1,5,"x\n', "quotes do not match"),
    ("id," + HEADING + "-x,K,T1,5,x\n", "line 2: id: it begins like a formula"),
    ("id," + HEADING + "a b,K,T1,5,x\n", "line 2: id: an id has 1 to 64"),
    ("id," + HEADING + "a:2,K,T1,5,x\n", "line 2: id: one of yours does not end in a colon"),
    ("terminal," + HEADING + "Desk 9,K,T1,5,x\n", "configured: Desk 2, Desk 3"),
    (HEADING + "K,T1,5,x\nK,T2,5,x\nM,t1,5.00,y\n", "line 4: it gives back the same amount"),
    ("id," + HEADING + "a,K,T1,5,x\na,K,T2,5,x\n", "line 3: it has the id of line 2"),
]


@pytest.mark.parametrize(("text", "words"), PROBLEMS, ids=lambda case: str(case)[:40])
def test_what_is_odd_is_named_with_its_line(text: str | bytes, words: str) -> None:
    assert words in the_problem(text)


def test_every_problem_is_told_in_the_order_of_the_lines() -> None:
    text = HEADING + "K,T1,5,x\nK,T1,5,x\n=K,T2,zero,x\n\nK,T3,1.000,x\n"
    numbers = [str(problem).split(":")[0] for problem in read(text).problems]
    assert numbers == ["line 3", "line 4", "line 4", "line 6"]


def test_a_line_number_is_that_of_the_file() -> None:
    text = HEADING + '\nK,T1,5,"two\nlines"\n,,,\nK,T2,nothing,x\n'
    assert [str(one).split(":")[0] for one in read(text).problems] == ["line 3", "line 6"]


# -- the name of a decision --------------------------------------------------------------------


def test_the_name_of_a_line_does_not_depend_on_the_others() -> None:
    first, second = "K,T1,5,x\n", "K,T2,6,y\n"
    one = ids(HEADING + first + second)
    assert ids(HEADING + second + first) == one[::-1]
    assert ids(HEADING + "K,T9,1,new\n" + second)[1:] == one[1:]
    assert ids(HEADING.replace(",", ";") + first.replace(",", ";").replace("5", "5,00")) == one[:1]


def test_the_name_changes_with_everything_that_decides() -> None:
    lines = ["K,T1,5,x", "L,T1,5,x", "K,T2,5,x", "K,T1,6,x", "K,T1,5,y"]
    names = [*(ids(HEADING + line)[0] for line in lines), ids(HEADING + lines[0], live=True)[0]]
    assert len(set(names)) == len(names)


def test_the_terminal_is_no_part_of_the_decision() -> None:
    with_terminal = "terminal," + HEADING
    assert ids(with_terminal + "Desk 2,K,T1,5,x") == ids(with_terminal + "desk 3,K,T1,5,x")


def test_equal_lines_have_names_of_their_own_where_both_are_meant() -> None:
    names = ids(HEADING + "K,T1,5,x\n" * 3, again=True)
    assert [name.rpartition("-")[2] for name in names] == ["1", "2", "3"]
    lines = read(HEADING + "K,T1,5,x\n" * 2, again=True).lines
    assert [line.again for line in lines] == [False, True]


def test_a_name_that_was_given_is_kept() -> None:
    assert ids("id," + HEADING + "till-7,K,T1,5,x") == ["till-7"]
