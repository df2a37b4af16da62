"""What commands do where there is no journal: those that begin no refund make none, and say so."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.journal import place
from posrefund.report.rows import COLUMNS
from posrefund.sandbox.server import SandboxServer
from tests.cli.fakes import Ended
from tests.cli.test_backup import CONFIG, Shop
from tests.support.commands import KEY

CLOSE = ("close", "R1", "--executed", "--by", "M.", "--evidence", "4711")


class KeyedShop(Shop):
    """A shop whose CCV is a sandbox, with a key for it."""

    def run(self, *arguments: str) -> Ended:
        return self.run_as_text(*arguments, "--json")

    def run_as_text(self, *arguments: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        session = Session(
            environ={"POSREFUND_API_KEY": KEY}, stdin=io.StringIO(), stdout=out, stderr=err
        )
        command = [*arguments, "--config", str(self.config)]
        return Ended(run(command, session=session), out.getvalue(), err.getvalue())


@pytest.fixture(params=["missing", "empty"])
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, sandbox: SandboxServer
) -> Iterator[KeyedShop]:
    """One without a journal, or with a file of no bytes, as is left of one that was cut off."""
    shop = KeyedShop(tmp_path)
    text = CONFIG.format(shop.path).replace("http://127.0.0.1:9/api/v1", sandbox.base_url)
    shop.config.write_text(text)
    folder = shop.path.parent
    if request.param == "empty":
        folder.mkdir()
        shop.path.touch()
    yield shop
    if request.param == "missing":
        assert not folder.exists(), "nothing is made, not even the folder"
    else:
        assert [(one, one.stat().st_size) for one in folder.iterdir()] == [(shop.path, 0)]


def told(shop: Shop, ended: Ended) -> bool:
    why = f"There is no journal at {shop.path}; if refunds were made here before, restore it.\n"
    return ended.err.startswith(why)


@pytest.mark.parametrize("arguments", [(), ("--open",), ("--day", "today")], ids=str)
def test_a_list_of_no_journal_is_empty_and_says_why(shop: Shop, arguments: tuple[str, ...]) -> None:
    ended = shop.run("list", *arguments)
    assert (ended.code, ended.out) == (0, "")
    assert told(shop, ended)


def test_an_export_of_no_journal_has_no_rows_and_says_why(shop: Shop) -> None:
    ended = shop.run("export", "--day", "today", "--output", str(shop.folder / "day.jsonl"))
    assert (ended.code, ended.out) == (0, "")
    assert told(shop, ended)
    assert (shop.folder / "day.jsonl").read_text() == ""


def test_an_export_of_no_journal_has_its_heading_all_the_same(shop: KeyedShop) -> None:
    file = shop.folder / "day.csv"
    printed = shop.run_as_text("export", "--day", "today")
    written = shop.run_as_text("export", "--day", "today", "--output", str(file))
    assert (printed.code, printed.out) == (0, ",".join(COLUMNS) + "\n")
    assert (written.code, written.out) == (0, "")
    assert file.read_bytes() == ",".join(COLUMNS).encode() + b"\r\n"
    assert told(shop, printed)
    assert told(shop, written)


def test_there_is_nothing_to_recover_and_no_loss_is_hidden_by_it(shop: Shop) -> None:
    ended = shop.run("recover")
    assert (ended.code, ended.out) == (0, "")
    assert told(shop, ended)
    assert ended.err.endswith("\nNothing is open.\n")
    assert shop.run("status", "R1").code == 8


@pytest.mark.parametrize(
    "command",
    [("status",), ("status", "R1"), ("show", "R1"), ("slip", "R1"), ("cancel", "R1"), CLOSE],
    ids=" ".join,
)
def test_of_a_refund_that_may_have_been_sent_no_lost_journal_says_that_it_never_was(
    shop: Shop, command: tuple[str, ...]
) -> None:
    ended = shop.run(*command)
    assert (ended.code, ended.out) == (8, "")
    assert ended.err.startswith("Nothing more was sent. There is no journal at ")
    assert (
        f" {shop.path}; if refunds were made here before, restore it, else posrefund watch makes"
        " one" in ended.err
    )


def test_a_payment_is_found_without_a_journal(shop: Shop) -> None:
    ended = shop.run("find", "T1001.Y")
    assert (ended.code, ended.lines[0]["reference"]) == (0, "T1001.Y")
    assert told(shop, ended)


def test_a_dry_run_needs_no_journal(shop: Shop) -> None:
    file = shop.folder / "incident.csv"
    file.write_text("machine,payment,amount,description\nK,T1001.Y,1.00,x\n")
    ended = shop.run("batch", str(file), "--dry-run")
    assert ended.lines[0]["payment"] == "T1001.Y"
    assert told(shop, ended)


@pytest.mark.parametrize("command", ["list", "status"])
def test_what_stands_in_the_way_is_not_taken_for_no_journal(
    shop: Shop, tmp_path: Path, command: str
) -> None:
    """A link to a disk that is away just now, or a folder that is none."""
    (tmp_path / "link").symlink_to(tmp_path / "away" / "journal.sqlite3")
    (tmp_path / "plain").touch()
    for path in (tmp_path / "link", tmp_path / "plain" / "journal.sqlite3"):
        shop.config.write_text(CONFIG.format(path))
        ended = shop.run(command)
        assert (ended.code, ended.out) == (8, "")
        assert "there is no journal" not in ended.err.lower()


def test_a_place_that_no_journal_may_have_is_refused_all_the_same(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"36 35 0:1 / {tmp_path.resolve()} rw - cifs //server/till rw\n")
    monkeypatch.setattr(place, "_MOUNTS", mounts)
    ended = shop.run("list")
    assert (ended.code, ended.out) == (8, "")
    assert " on a network share (cifs)" in ended.err
