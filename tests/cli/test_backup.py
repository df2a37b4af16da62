"""A second copy of the journal, and the way back. No refund is ever lost on it."""

import io
import json
import sqlite3
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from posrefund.cli.main import run
from posrefund.cli.session import Session
from posrefund.journal import backup as backup_module
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import Entry, Refund, RefundState
from posrefund.refund.transitions import Trigger, move
from tests.cli.fakes import Ended
from tests.support.builders import NOON, a_refund, an_entry

CONFIG = """
counter = "Desk 2"
[provider]
base_url = "http://127.0.0.1:9/api/v1"
[journal]
path = "{}"
"""


class Shop:
    """A journal on disk, and the command line on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "state" / "journal.sqlite3"
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG.format(self.path))
        self.config.chmod(0o600)
        self._number = 0

    def run(self, *arguments: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        session = Session(environ={}, stdin=io.StringIO(), stdout=out, stderr=err)
        command = [*arguments, "--json", "--config", str(self.config)]
        return Ended(run(command, session=session), out.getvalue(), err.getvalue())

    def begin(self, **changes: object) -> Refund:
        """A new refund of a payment of its own."""
        self._number += 1
        refund = a_refund(
            id=f"R{self._number}",
            idempotency_reference=f"I{self._number}",
            original_reference=f"P{self._number}",
            ordinal=1,
        )
        with self.journal() as journal:
            return journal.open_case(replace(refund, **changes), an_entry())

    def move(self, refund: Refund, *triggers: Trigger) -> Refund:
        with self.journal() as journal:
            for trigger in triggers:
                held = journal.claim(refund.id, now=NOON + timedelta(days=9), until=NOON)
                moved, entry = move(held, trigger, at=NOON)
                refund = journal.record(replace(moved, owner=None), entry)
        return refund

    def journal(self) -> "Opened":
        return Opened(self.path)

    def backup(self) -> Path:
        self._number += 1
        path = self.folder / f"backup-{self._number}"
        ended = self.run("backup", str(path))
        assert ended.code == 0, ended.err
        return path

    def known(self) -> dict[str, tuple[RefundState, list[Entry]]]:
        with self.journal() as journal:
            refunds = journal.latest(limit=1000)
            return {one.id: (one.state, journal.entries(one.id)) for one in refunds}

    def lose(self) -> None:
        self.path.unlink()

    def damage(self) -> None:
        with self.path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * 8192)


class Opened:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> SqliteJournal:
        self._journal = SqliteJournal(self._path)
        return self._journal

    def __exit__(self, *_: object) -> None:
        self._journal.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    return Shop(tmp_path)


# -- backup ------------------------------------------------------------------------------------


def test_a_backup_is_a_whole_journal_for_its_owner_alone(shop: Shop) -> None:
    shop.move(shop.begin(), Trigger.SEND, Trigger.SUCCESS)
    shop.begin()
    path = shop.folder / "copy.sqlite3"
    ended = shop.run("backup", str(path))
    assert ended.code == 0
    (told,) = ended.lines
    assert (told["refunds"], told["entries"], told["open"]) == (2, 4, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = shop.known()
    shop.path = path
    assert shop.known() == before


def test_a_backup_never_overwrites(shop: Shop) -> None:
    shop.begin()
    path = shop.backup()
    content = path.read_bytes()
    ended = shop.run("backup", str(path))
    assert (ended.code, path.read_bytes()) == (2, content)


def test_without_a_journal_there_is_nothing_to_copy(shop: Shop) -> None:
    ended = shop.run("backup", str(shop.folder / "copy"))
    assert ended.code == 8
    assert not shop.path.exists()
    assert not (shop.folder / "copy").exists()


def test_a_damaged_journal_is_no_backup(shop: Shop) -> None:
    for _ in range(30):
        shop.begin()
    shop.damage()
    ended = shop.run("backup", str(shop.folder / "copy"))
    assert ended.code == 8
    assert not (shop.folder / "copy").exists()


def test_a_backup_while_refunds_are_written_is_whole(shop: Shop) -> None:
    shop.begin()
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(0.005):
            shop.begin()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [shop.folder / f"copy-{number}" for number in range(5)]
        codes = [shop.run("backup", str(path)).code for path in copies]
    finally:
        ended.set()
        writer.join()
    assert codes == [0] * 5
    for path in copies:
        with sqlite3.connect(path) as copy:
            (refunds,) = copy.execute("SELECT count(*) FROM refund").fetchone()
            (entries,) = copy.execute("SELECT count(*) FROM entry").fetchone()
        copy.close()
        assert refunds == entries > 0


def test_a_copy_with_other_numbers_than_the_journal_is_none(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.begin()
    look = backup_module.look_into
    monkeypatch.setattr(backup_module, "look_into", lambda path: replace(look(path), refunds=0))
    assert shop.run("backup", str(shop.folder / "copy")).code == 8
    assert not (shop.folder / "copy").exists()


# -- restore -----------------------------------------------------------------------------------


def restored(shop: Shop, path: Path, *more: str) -> dict:
    ended = shop.run("restore", str(path), *more)
    assert ended.code == 0, ended.err
    return ended.lines[0]


def test_a_lost_journal_comes_back(shop: Shop) -> None:
    shop.move(shop.begin(), Trigger.SEND, Trigger.SUCCESS)
    shop.move(shop.begin(), Trigger.SEND, Trigger.PENDING)
    before, path = shop.known(), shop.backup()
    shop.lose()
    assert restored(shop, path)["added"] == 2
    assert shop.known() == before
    assert stat.S_IMODE(shop.path.stat().st_mode) == 0o600
    assert sorted(one.name for one in shop.path.parent.iterdir()) == ["journal.sqlite3"]


def test_what_the_backup_lacks_is_kept(shop: Shop) -> None:
    first = shop.begin()
    path = shop.backup()
    shop.move(first, Trigger.SEND, Trigger.SUCCESS)
    shop.begin()
    before = shop.known()
    told = restored(shop, path)
    assert (told["added"], told["moved_on"], told["kept"], told["doubtful"]) == (0, 0, 1, 0)
    assert shop.known() == before


def test_both_halves_of_a_split_memory_are_joined(shop: Shop) -> None:
    shop.move(shop.begin(), Trigger.SEND, Trigger.SUCCESS)
    path = shop.backup()
    first = shop.known()
    shop.lose()
    shop.begin()
    second = shop.known()
    assert restored(shop, path)["kept"] == 1
    assert shop.known() == first | second


def test_the_longer_history_of_a_refund_counts(shop: Shop) -> None:
    refund = shop.move(shop.begin(), Trigger.SEND)
    early = shop.backup()
    shop.move(refund, Trigger.SILENCE, Trigger.SUCCESS)
    late, before = shop.backup(), shop.known()
    shop.lose()
    restored(shop, early)
    assert restored(shop, late)["moved_on"] == 1
    assert shop.known() == before
    assert restored(shop, early)["moved_on"] == 0
    assert shop.known() == before


def test_what_was_not_sent_by_then_may_have_been_since(shop: Shop) -> None:
    refund = shop.begin()
    path = shop.backup()
    shop.lose()
    assert restored(shop, path)["doubtful"] == 1
    with shop.journal() as journal:
        found = journal.get(refund.id)
        last = journal.entries(refund.id)[-1]
    assert found is not None
    assert (found.state, found.attempts) == (RefundState.UNKNOWN, 1)
    # Counted from the decision, so that an old one is never sent again.
    assert found.first_sent_at == refund.created_at
    assert "restored from a backup" in last.text
    assert restored(shop, path)["doubtful"] == 0


def test_what_comes_back_is_held_by_nobody(shop: Shop) -> None:
    refund = shop.begin()
    with shop.journal() as journal:
        held = journal.claim(refund.id, now=NOON + timedelta(days=9), until=NOON)
        sending, entry = move(held, Trigger.SEND, at=NOON)
        journal.record(sending, entry)
    path = shop.backup()
    shop.lose()
    restored(shop, path)
    with shop.journal() as journal:
        found = journal.get(refund.id)
    assert found is not None
    assert (found.state, found.owner, found.lease_until) == (RefundState.SENDING, None, None)


def test_two_stories_of_one_refund_change_nothing(shop: Shop) -> None:
    refund = shop.move(shop.begin(), Trigger.SEND)
    early = shop.backup()
    shop.move(refund, Trigger.SILENCE)
    late = shop.backup()
    shop.lose()
    restored(shop, early)
    shop.move(refund, Trigger.SUCCESS)
    before = shop.known()
    ended = shop.run("restore", str(late))
    assert (ended.code, ended.out) == (8, "")
    assert "different stories of 1 refunds, such as R1" in ended.err
    assert shop.known() == before


def test_another_refund_of_the_same_name_changes_nothing(shop: Shop) -> None:
    shop.begin(id="till-7")
    path = shop.backup()
    shop.lose()
    shop.begin(id="till-7")
    before = shop.known()
    assert shop.run("restore", str(path)).code == 8
    assert shop.known() == before


def test_two_open_refunds_of_one_payment_are_never_made(shop: Shop) -> None:
    shop.move(shop.begin(original_reference="P"), Trigger.SEND)
    path = shop.backup()
    shop.lose()
    shop.begin(original_reference="P", ordinal=2)
    shop.begin()
    before = shop.known()
    ended = shop.run("restore", str(path))
    assert ended.code == 8
    assert "another one in the backup" in ended.err
    assert shop.known() == before


def test_two_refunds_decided_on_the_same_look_are_both_kept(shop: Shop) -> None:
    shop.move(shop.begin(original_reference="P"), Trigger.SEND, Trigger.SUCCESS)
    path = shop.backup()
    shop.lose()
    shop.move(shop.begin(original_reference="P"), Trigger.SEND, Trigger.SUCCESS)
    restored(shop, path)
    assert len(shop.known()) == 2


def test_a_journal_in_use_is_left_alone(shop: Shop) -> None:
    shop.begin()
    path = shop.backup()
    with shop.journal():
        ended = shop.run("restore", str(path))
    assert ended.code == 8
    assert "has the journal open" in ended.err


@pytest.mark.parametrize("content", [b"", b"no database at all" * 300, None])
def test_what_is_no_backup_is_refused(shop: Shop, content: bytes | None) -> None:
    shop.begin()
    before = shop.known()
    path = shop.folder / "foreign"
    if content is None:
        foreign = sqlite3.connect(path)
        foreign.execute("CREATE TABLE refund (id)")
        foreign.close()
    else:
        path.write_bytes(content)
    assert shop.run("restore", str(path)).code == 8
    assert shop.known() == before


def test_a_damaged_backup_is_refused(shop: Shop) -> None:
    for _ in range(30):
        shop.begin()
    path, before = shop.backup(), shop.known()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 4096)
    assert shop.run("restore", str(path)).code == 8
    assert shop.known() == before


def test_a_backup_with_a_trigger_of_its_own_is_refused(shop: Shop) -> None:
    shop.begin()
    path = shop.backup()
    hostile = sqlite3.connect(path)
    hostile.execute("CREATE TRIGGER x AFTER UPDATE ON refund BEGIN SELECT 1; END")
    hostile.close()
    shop.lose()
    ended = shop.run("restore", str(path))
    assert ended.code == 8
    assert "not ours" in ended.err
    assert not shop.path.exists()


def test_a_damaged_journal_is_put_aside_only_when_somebody_says_so(shop: Shop) -> None:
    for _ in range(30):
        shop.begin()
    path, before = shop.backup(), set(shop.known())
    shop.damage()
    damaged = shop.path.read_bytes()
    refused = shop.run("restore", str(path))
    assert (refused.code, shop.path.read_bytes()) == (8, damaged)
    assert "--set-aside" in refused.err
    told = restored(shop, path, "--set-aside")
    assert Path(told["set_aside"]).read_bytes() == damaged
    assert set(shop.known()) == before


def test_a_hot_journal_of_a_lost_one_is_never_applied_to_the_new_one(shop: Shop) -> None:
    shop.begin()
    path, before = shop.backup(), set(shop.known())
    shop.lose()
    hot = shop.path.with_name("journal.sqlite3-journal")
    hot.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\x00\x00\x00\x01" * 200)
    restored(shop, path)
    assert set(shop.known()) == before
    (aside,) = shop.path.parent.glob("*.damaged-*-journal")
    assert aside.stat().st_size == 808


def test_there_is_json_of_what_came_back(shop: Shop) -> None:
    shop.begin()
    told = restored(shop, shop.backup())
    keys = ["file", "added", "moved_on", "kept", "doubtful", "set_aside"]
    assert list(told) == keys
    json.dumps(told)
