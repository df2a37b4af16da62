"""The file of `batch`: read as spreadsheets write it, and refused as a whole where a line is odd.

Nothing is guessed about money. Every problem is found before anything is sent, each with the number
of its line, so that a person corrects the file once.
"""

import codecs
import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from posrefund.cli import typed
from posrefund.errors import Misused
from posrefund.money import Money
from posrefund.refund.model import Environment
from posrefund.safe_text import safe_text
from posrefund.scan import why_not_looked_up
from posrefund.sentence import Sentence

REQUIRED = ("machine", "payment", "amount", "description")
OPTIONAL = ("id", "terminal")
CURRENCY = "EUR"
"""Of every amount. A payment in another currency is refused by the rules, line by line."""
MOST_BYTES = 4 * 1024 * 1024
MOST_LINES = 10_000

_KNOWN = (*REQUIRED, *OPTIONAL)
_DELIMITERS = ";,\t"
_FORMULA = ("=", "+", "-", "@")
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]+")
"""What a spreadsheet makes of a long number: 1.50518E+15."""
_CENTS = re.compile(r"[0-9]{1,2}")
_REPEAT = re.compile(r":[0-9]+$")
"""How `batching` names a decision that is taken again because nothing was sent the first time."""
_LONGEST = {"machine": 60, "payment": 255, "description": 255}
_MAY_BE_EMPTY = frozenset({"description", *OPTIONAL})
_SHOWN = 40
"""Characters of a cell that a complaint repeats."""

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One refund that the file asks for."""

    number: int
    """Of the line in the file; the heading is line 1."""
    machine: str
    payment: str
    """A reference or an order, as for `refund`."""
    amount: Money
    description: str
    terminal: str | None
    """The configured terminal that is wanted, if one is."""
    id: str
    """The decision's name: the same line never pays twice."""
    is_named: bool
    """The file gave the name; else it was worked out from what the line says."""
    again: bool = False
    """An earlier line gives the same amount of this payment, and somebody said: both are meant."""


@dataclass(slots=True)
class Reading:
    """A file as it was understood."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Sentence] = field(default_factory=list)
    """With any of them nothing of the file may be carried out."""
    is_western: bool = False
    """Not UTF-8, so it was read as Windows writes it in western Europe."""

    def refuse(self, number: int, why: Sentence) -> None:
        """Note a problem of a line."""
        self.problems.append(Sentence("line {number}: {why}", number=number, why=why))


def read_batch(
    data: bytes, *, environment: Environment, terminals: Sequence[str], again: bool
) -> Reading:
    """Read the file and find everything that is wrong with it.

    Args:
        data: The file.
        environment: Test or live; part of the name of each decision.
        terminals: The names of the configured terminals.
        again: Somebody said that the same amount of one payment may be there twice.
    """
    reading = Reading()
    text = _decoded(data, reading)
    if text is None:
        return reading
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter, reading)
    columns = _columns(rows, reading)
    if columns:
        form = _Form(columns=columns, delimiter=delimiter, terminals=terminals)
        _take(rows, form, reading, environment)
        _see_to_twins(reading, again=again)
        _refuse_equal_ids(reading)
    # Stable, so that of one line what was found first is told first.
    reading.problems.sort(key=lambda problem: int(str(problem.values.get("number", 0))))
    return reading


# -- from bytes to cells -----------------------------------------------------------------------


def _decoded(data: bytes, reading: Reading) -> str | None:
    if len(data) > MOST_BYTES:
        reading.problems.append(Sentence("the file has more than {most} bytes", most=MOST_BYTES))
        return None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _tried(data, "utf-16")
    else:
        text = _tried(data, "utf-8-sig")
        if text is None:
            text = _tried(data, "cp1252")
            reading.is_western = text is not None
    if text is None or "\0" in text:
        reading.problems.append(Sentence("this is no text; save it as CSV (UTF-8)"))
        return None
    return text


def _tried(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _delimiter(text: str) -> str:
    """What splits the heading into the most names that we know; `;` is what Dutch Excel writes."""
    first = (line.casefold() for line in text.splitlines() if line.strip())
    heading = next((line for line in first if not line.startswith("sep=")), "")

    def known(delimiter: str) -> int:
        return sum(cell.strip(' "') in _KNOWN for cell in heading.split(delimiter))

    return max(_DELIMITERS, key=known)


def _rows(text: str, delimiter: str, reading: Reading) -> Iterator[Row]:
    """Yield every row that is not empty, the heading first."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for row in reader:
            number, before = before + 1, reader.line_num
            cells = [cell.strip(" \u00a0") for cell in row]
            # Excel's own first line only repeats what separates the cells.
            if any(cells) and not (number == 1 and cells[0].casefold().startswith("sep=")):
                yield number, cells
    except csv.Error:
        reading.refuse(before + 1, Sentence("its quotes do not match, or a cell is too long"))


def _columns(rows: Iterator[Row], reading: Reading) -> list[str]:
    """Return the names of the columns; none where the heading cannot be used."""
    number, cells = next(rows, (1, []))
    columns = [cell.casefold() for cell in cells]
    problems = [
        Sentence("the heading lacks the column {name}", name=name)
        for name in REQUIRED
        if name not in columns
    ]
    problems += [_unknown(name) for name in columns if name not in _KNOWN]
    problems += [
        Sentence("the heading has the column {name} twice", name=name)
        for name in _KNOWN
        if columns.count(name) > 1
    ]
    for problem in problems:
        reading.refuse(number, problem)
    return [] if problems else columns


def _unknown(name: str) -> Sentence:
    shown = safe_text(name, limit=_SHOWN)
    near = get_close_matches(name, _KNOWN, n=1)
    if near:
        return Sentence("there is no column {name}; is {near} meant?", name=shown, near=near[0])
    known = ", ".join(_KNOWN)
    return Sentence("there is no column {name}; known are {known}", name=shown, known=known)


# -- from cells to a line ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What the lines of this file look like."""

    columns: list[str]
    delimiter: str
    terminals: Sequence[str]

    @property
    def configured(self) -> dict[str, str]:
        """The names of the terminals, by what is typed for them."""
        return {name.casefold(): name for name in self.terminals}


def _take(rows: Iterator[Row], form: _Form, reading: Reading, environment: Environment) -> None:
    """Read every line, good or bad."""
    counted: dict[str, int] = {}
    number = 1
    for number, cells in rows:
        if len(reading.lines) == MOST_LINES:
            reading.refuse(number, Sentence("a file has at most {most} lines", most=MOST_LINES))
            return
        problems = list(_misfits(cells, form))
        values = {} if problems else dict(zip(form.columns, cells, strict=True))
        problems += _problems(values, form.configured) if values else ()
        for problem in problems:
            reading.refuse(number, problem)
        if not problems:
            reading.lines.append(_line(number, values, form.configured, environment, counted))
    if number == 1 and not reading.problems:
        reading.refuse(number, Sentence("the file has a heading and no lines"))


def _misfits(cells: list[str], form: _Form) -> Iterator[Sentence]:
    """Say why the cells do not fit the heading, or may only seem to."""
    found, wanted = len(cells), len(form.columns)
    has_commas = form.delimiter == ","
    if has_commas and found > wanted:
        yield Sentence(
            "it has {cells} cells and the heading {columns};"
            " an amount with a comma needs quotes here",
            cells=found,
            columns=wanted,
        )
        return
    if found != wanted:
        yield Sentence(
            "it has {cells} cells and the heading {columns}", cells=found, columns=wanted
        )
        return
    place = form.columns.index("amount")
    beside = cells[place + 1] if place + 1 < wanted else ""
    if has_commas and cells[place].isdecimal() and _CENTS.fullmatch(beside):
        # 5,50 without quotes, in a line that lacks another cell, would give back 5.
        yield Sentence("{cents} beside the amount may be its cents; use a point", cents=beside)


def _problems(values: Mapping[str, str], terminals: Mapping[str, str]) -> Iterator[Sentence]:
    """Say what is wrong with each cell of a line."""
    for name, text in values.items():
        why = _why_not_text(name, text)
        if why is None and text:
            why = _why_not_this(name, text, terminals)
        if why is not None:
            yield Sentence("{column}: {why}", column=name, why=why)


def _why_not_this(name: str, text: str, terminals: Mapping[str, str]) -> Sentence | None:
    """What only this column asks of its text."""
    if name == "payment" and _SHORTENED.fullmatch(text):
        return Sentence("a spreadsheet shortened this number; format the column as text")
    if name == "id" and _REPEAT.search(text):
        return Sentence("one of yours does not end in a colon and digits")
    if name == "terminal" and text.casefold() not in terminals:
        known = ", ".join(terminals.values())
        return Sentence("there is none of that name; configured: {known}", known=known)
    try:
        if name == "amount":
            typed.check_amount(text)
        if name == "id":
            typed.new_id(text)
    except Misused as error:
        return error.sentence
    return None


def _why_not_text(name: str, text: str) -> Sentence | None:
    if not text:
        return None if name in _MAY_BE_EMPTY else Sentence("it is empty")
    if text.startswith(_FORMULA) and name != "amount":
        return Sentence("it begins like a formula ({sign})", sign=text[0])
    if not text.isprintable():
        return Sentence("it has line breaks or control characters")
    longest = _LONGEST.get(name)
    if longest is not None and len(text) > longest:
        return Sentence("it has more than {longest} characters", longest=longest)
    if why_not_looked_up(text) is not None:
        return Sentence("it looks like a card number or a key, which must not be kept")
    return None


def _line(
    number: int,
    values: Mapping[str, str],
    terminals: Mapping[str, str],
    environment: Environment,
    counted: dict[str, int],
) -> Line:
    amount = Money.parse(values["amount"], CURRENCY)
    name = values.get("id", "")
    if not name:
        said = [str(environment), values["machine"], values["payment"], amount.minor]
        text = json.dumps([*said, values["description"]])
        name = f"b-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        # Among identical lines only: what another line says never changes the name of this one.
        counted[name] = counted.get(name, 0) + 1
        name = f"{name}-{counted[name]}"
    return Line(
        number=number,
        machine=values["machine"],
        payment=values["payment"],
        amount=amount,
        description=values["description"],
        terminal=terminals.get(values.get("terminal", "").casefold()),
        id=name,
        is_named=bool(values.get("id")),
    )


# -- between lines -----------------------------------------------------------------------------


def _see_to_twins(reading: Reading, *, again: bool) -> None:
    """Two equal refunds of one payment are mostly one that was written down twice."""
    first: dict[tuple[str, int], int] = {}
    for place, line in enumerate(reading.lines):
        before = first.setdefault((line.payment.casefold(), line.amount.minor), line.number)
        if before == line.number:
            continue
        reading.lines[place] = replace(line, again=True)
        if not again:
            why = Sentence(
                "it gives back the same amount of the same payment as line {before};"
                " --again says that both are meant",
                before=before,
            )
            reading.refuse(line.number, why)


def _refuse_equal_ids(reading: Reading) -> None:
    first: dict[str, int] = {}
    for line in reading.lines:
        before = first.setdefault(line.id, line.number)
        if before != line.number:
            reading.refuse(line.number, Sentence("it has the id of line {before}", before=before))
