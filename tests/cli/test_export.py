"""`export`: a row for every refund of some days, to stdout or into a new file."""

import csv
import io
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from posrefund.refund.model import ProviderStatus, RefundState
from posrefund.report.rows import COLUMNS
from tests.cli.fakes import Counter, FullDisk

TODAY = ("--from", "today", "--to", "today")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_refund_is_a_row_with_its_state(counter: Counter) -> None:
    counter.in_state(ProviderStatus.SUCCESS)
    counter.run("refund", "T1015.A", "--amount", "7.00", "--yes", "--no-wait")
    ended = counter.run("export", *TODAY)
    assert ended.code == 0
    assert ended.out.splitlines()[0] == ",".join(COLUMNS)
    told = sorted((row["amount"], row["state"], row["money_moved"]) for row in rows(ended.out))
    assert told == [("5.00", "succeeded", "yes"), ("7.00", "accepted", "unknown")]


def test_json_is_one_object_a_row(counter: Counter) -> None:
    counter.in_state(ProviderStatus.SUCCESS)
    for arguments in (["--format", "json"], ["--json"], ["--json", "--format", "json"]):
        (row,) = counter.run("export", *TODAY, *arguments).lines
        assert tuple(row) == COLUMNS
        assert (row["amount"], row["amount_minor"], row["final"]) == ("5.00", 500, True)


def test_totals_are_told_beside_the_answer_each_state_for_itself(counter: Counter) -> None:
    counter.in_state(ProviderStatus.SUCCESS)
    counter.run("refund", "T1015.A", "--amount", "7.00", "--yes", "--no-wait")
    ended = counter.run("export", *TODAY)
    assert "2 refunds were begun" in ended.err
    assert "succeeded (test): 1, EUR 5.00; money given back: yes" in ended.err
    assert "accepted (test): 1, EUR 7.00; money given back: unknown" in ended.err
    assert "Of 1 refund nobody knows yet" in ended.err
    assert "12.00" not in ended.err


def test_a_day_without_refunds_has_a_heading(counter: Counter) -> None:
    ended = counter.run("export", "--from", "2020-01-01", "--to", "2020-01-31")
    assert (ended.code, ended.out) == (0, ",".join(COLUMNS) + "\n")
    assert "0 refunds were begun" in ended.err


def test_a_file_is_new_private_and_whole(counter: Counter, tmp_path: Path) -> None:
    counter.in_state(ProviderStatus.SUCCESS)
    path = tmp_path / "day.csv"
    ended = counter.run("export", *TODAY, "--output", str(path))
    assert (ended.code, ended.out) == (0, "")
    assert f"Written: {path}\n" in ended.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_bytes().decode("utf-8")
    assert text.count("\r\n") == 2
    assert rows(text)[0]["state"] == "succeeded"
    before = path.read_bytes()
    again = counter.run("export", *TODAY, "--output", str(path))
    assert (again.code, path.read_bytes()) == (2, before)
    assert "exists already" in again.err


def test_a_json_file_is_json_lines(counter: Counter, tmp_path: Path) -> None:
    counter.in_state(ProviderStatus.SUCCESS)
    path = tmp_path / "day.jsonl"
    counter.run("export", *TODAY, "--output", str(path), "--format", "json")
    (line,) = path.read_text("utf-8").splitlines()
    assert json.loads(line)["state"] == "succeeded"


def test_text_from_elsewhere_is_never_a_formula(counter: Counter) -> None:
    counter.run(
        "refund", "1001", "--amount", "5.00", "--yes", "--no-wait", "--description", "=1+1;=2"
    )
    (row,) = rows(counter.run("export", *TODAY).out)
    assert row["description"].startswith("'=1+1;'=2 #")


def test_the_days_are_those_of_this_machine(counter: Counter) -> None:
    counter.in_state(ProviderStatus.SUCCESS)
    day = counter.clock.now().astimezone().date()
    other = str(day + timedelta(days=1))
    assert len(rows(counter.run("export", "--from", str(day), "--to", str(day)).out)) == 1
    assert rows(counter.run("export", "--from", other, "--to", other).out) == []


def test_one_day_has_an_option_of_its_own_as_in_list(counter: Counter) -> None:
    counter.in_state(ProviderStatus.SUCCESS)
    for day in ("today", str(counter.clock.now().astimezone().date())):
        asked, usual = counter.run("export", "--day", day), counter.run("export", *TODAY)
        assert (asked.code, asked.out, asked.err) == (0, usual.out, usual.err)
    assert rows(counter.run("export", "--day", "2020-01-01").out) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "2026-11-20", "--to", "2026-11-19"),
        ("--from", "yesterday", "--to", "today"),
        ("--from", "today"),
        (),
        (*TODAY, "--day", "today"),
        ("--day", "today", "--to", "today"),
        ("--from", "today", "--day", "today"),
        ("--day", "yesterday"),
        (*TODAY, "--json", "--format", "csv"),
        (*TODAY, "--format", "xlsx"),
        (*TODAY, "--output", "/no/such/folder/day.csv"),
        (*TODAY, "--output", "-"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_wrong_use(counter: Counter, arguments: tuple[str, ...]) -> None:
    ended = counter.run("export", *arguments)
    assert (ended.code, ended.out) == (2, "")


def test_an_answer_that_cannot_be_written_is_none(counter: Counter) -> None:
    counter.in_state(ProviderStatus.SUCCESS)
    assert counter.run("export", *TODAY, stdout=FullDisk()).code == 4


def test_a_closed_case_says_what_the_person_decided(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.MANUAL_INTERVENTION)
    close = ("close", refund.id, "--executed", "--by", "Ann", "--evidence", "portal")
    assert counter.run(*close).code == 0
    (row,) = rows(counter.run("export", *TODAY).out)
    assert (row["state"], row["closed_as"], row["money_moved"]) == (
        RefundState.CLOSED,
        "executed",
        "yes",
    )
