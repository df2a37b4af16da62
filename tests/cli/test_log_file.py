"""The log: nobody forges a line or reads it, no key gets in, and it cannot fill the disk."""

import json
import os
import random
import stat
import threading
from datetime import datetime
from pathlib import Path

import pytest

from posrefund.cli import log_file
from posrefund.cli.log_file import logging_to
from posrefund.errors import Misused, Unanswered
from posrefund.refund.model import ProviderStatus
from tests.cli.fakes import Counter, FullDisk, raising
from tests.refund.test_staying import Day

KEY = "t_0123456789abcdef0123456789abcdef01234567"
NASTY = ("\r", "\n", "\r\n", "\x1b[2J", "\x1b]0;x\x07", "\x85", "\u2028", "\u2029", "\x0b", "\x00",
         '"', "\\", "}\n{", "\x9b31m", "\u202e", "\ud800")  # fmt: skip


def written(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_thousand_nasty_texts_are_a_thousand_lines(tmp_path: Path) -> None:
    path = tmp_path / "watch.jsonl"
    chance = random.Random(41)  # noqa: S311 - a test that repeats itself
    texts = ["".join(chance.choices([*NASTY, "{", "a", " "], k=12)) for _ in range(1000)]
    with logging_to(str(path)) as log:
        for number, text in enumerate(texts):
            log.write("refund", {"number": number, "message": text})
    raw = path.read_bytes()
    assert len(raw.splitlines()) == raw.count(b"\n") == 1000
    assert not [byte for byte in raw if byte != 10 and not 32 <= byte < 127]
    assert [line["message"] for line in written(path)] == texts
    assert [line["number"] for line in written(path)] == list(range(1000))


@pytest.mark.parametrize(
    "text", [KEY, f"refused {KEY}.", f"\n{KEY}", f"key={KEY.replace('t_', 'l_')}", "Basic dF9hOg=="]
)
def test_no_key_gets_in(tmp_path: Path, text: str) -> None:
    path = tmp_path / "watch.jsonl"
    with logging_to(str(path)) as log:
        log.write("refund", {"message": text})
    assert "(not shown)" in written(path)[0]["message"]
    assert KEY[2:] not in path.read_text()
    assert "dF9hOg" not in path.read_text()


def test_it_is_for_its_owner_alone_also_where_it_was_not(tmp_path: Path) -> None:
    path = tmp_path / "watch.jsonl"
    path.write_text("{}\n")
    path.chmod(0o644)
    with logging_to(str(path)) as log:
        log.write("started", {})
    assert mode(path) == 0o600
    assert len(written(path)) == 2


def test_it_turns_over_and_keeps_a_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 500)
    path = tmp_path / "watch.jsonl"
    before = os.umask(0)
    try:
        with logging_to(str(path)) as log:
            for number in range(200):
                log.write("refund", {"number": number})
    finally:
        os.umask(before)
    files = sorted(tmp_path.iterdir())
    assert [one.name for one in files if one.suffix != ".lock"] == [
        "watch.jsonl", *(f"watch.jsonl.{number}" for number in range(1, log_file.KEPT + 1))
    ]  # fmt: skip
    assert {mode(one) for one in files} == {0o600}
    assert max(one.stat().st_size for one in files) <= 500
    assert written(path)[-1]["number"] == 199


def test_two_never_write_to_one_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 200)
    path = tmp_path / "watch.jsonl"
    with logging_to(str(path)) as first:
        for number in range(10):
            # Also right after the file was turned over.
            with pytest.raises(Misused, match="another posrefund watch"), logging_to(str(path)):
                pass
            first.write("refund", {"number": number})
        with logging_to(str(tmp_path / "other.jsonl")) as other:
            other.write("refund", {})
    assert mode(tmp_path / "watch.jsonl.lock") == 0o600
    with logging_to(str(path)) as second:
        second.write("refund", {"number": 10})
    assert written(path)[-1]["number"] == 10


def test_a_link_in_place_of_the_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "watch.jsonl.lock").symlink_to(tmp_path / "target")
    with (
        pytest.raises(Misused, match="cannot be written"),
        logging_to(str(tmp_path / "watch.jsonl")),
    ):
        pass
    assert not (tmp_path / "target").exists()


def hindered(path: Path) -> Path:
    """Let nobody turn this log over, and return what is in the way."""
    path.with_name(f"{path.name}.{log_file.KEPT - 1}").touch()
    in_the_way = path.with_name(f"{path.name}.{log_file.KEPT}")
    in_the_way.mkdir()
    return in_the_way


def test_a_log_that_cannot_be_turned_over_grows_and_loses_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 500)
    path = tmp_path / "watch.jsonl"
    in_the_way = hindered(path)
    with logging_to(str(path)) as log:
        for number in range(100):
            log.write("refund", {"number": number})
        assert [line["number"] for line in written(path)] == list(range(100))
        assert (log.is_lost, log.is_growing) == (False, True)
        in_the_way.rmdir()
        for number in range(100):
            log.write("refund", {"number": number})
        assert (log.is_lost, log.is_growing) == (False, False)
    assert path.stat().st_size <= 500


def test_a_log_that_cannot_be_turned_over_is_said_once(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 200)
    path = tmp_path / "watch.jsonl"
    hindered(path)
    counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    ended = counter.run("watch", "--log-file", str(path))
    assert [line["event"] for line in written(path)] == ["started", "refund", "refund", "ended"]
    assert ended.err.count("The log cannot be turned over") == 1
    assert "The log cannot be written" not in ended.err


def test_only_a_plain_file_of_that_name_is_written(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.touch()
    (tmp_path / "link").symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", ".", "missing/watch.jsonl"):
        with pytest.raises(Misused, match="cannot be written"), logging_to(str(tmp_path / name)):
            pass
    with pytest.raises(Misused), logging_to("/dev/null"):
        pass
    assert target.read_text() == ""


# -- of the watch ------------------------------------------------------------------------------


@pytest.fixture
def counter() -> Counter:
    return Counter(clock=Day(seconds=60))


def test_begin_each_change_and_end_are_lines_in_utc(counter: Counter, tmp_path: Path) -> None:
    path = tmp_path / "watch.jsonl"
    refund = counter.in_state(ProviderStatus.PENDING, pay_url="https://onlinepayments.ccv.eu/x?y=z")
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    ended = counter.run("watch", "--json", "--log-file", str(path))
    lines = written(path)
    assert ended.lines[0]["pay_url"] == "https://onlinepayments.ccv.eu/x?y=z"
    assert [line["event"] for line in lines] == ["started", "refund", "refund", "ended"]
    assert [line.get("state") for line in lines[1:3]] == ended.states == ["accepted", "succeeded"]
    assert {line["id"] for line in lines[1:3]} == {refund.id}
    assert (lines[-1]["exit_code"], lines[-1]["why"]) == (130, "KeyboardInterrupt")
    assert all(
        datetime.fromisoformat(line["at"]).utcoffset().total_seconds() == 0 for line in lines
    )
    assert "onlinepayments" not in path.read_text()


def test_the_end_by_an_error_and_by_a_defect_are_told(tmp_path: Path) -> None:
    path = tmp_path / "watch.jsonl"
    for number, (error, code) in enumerate(
        ((Unanswered(f"x {KEY}"), 5), (ZeroDivisionError(KEY), 9))
    ):
        counter = Counter(clock=Day(seconds=60))
        counter.journal.open_refunds = raising(error)  # type: ignore[method-assign]  # of this one
        assert counter.run("watch", "--log-file", str(path)).code == code
        assert written(path)[2 * number + 1]["exit_code"] == code
    assert KEY not in path.read_text()


def test_a_log_that_cannot_be_opened_is_wrong_use_and_nothing_is_asked(
    counter: Counter, tmp_path: Path
) -> None:
    counter.in_state(ProviderStatus.PENDING)
    questions = counter.bank.questions
    ended = counter.run("watch", "--log-file", str(tmp_path / "missing" / "watch.jsonl"))
    assert (ended.code, counter.bank.questions) == (2, questions)
    assert "Nothing was sent." in ended.err


def test_a_second_watch_on_the_log_is_wrong_use_and_asks_nobody(
    counter: Counter, tmp_path: Path
) -> None:
    path = str(tmp_path / "watch.jsonl")
    counter.in_state(ProviderStatus.PENDING)
    questions = counter.bank.questions
    with logging_to(path) as log:
        log.write("started", {})
        ended = counter.run("watch", "--log-file", path)
    assert (ended.code, ended.out, counter.bank.questions) == (2, "", questions)
    assert "another posrefund watch writes the log" in ended.err.casefold()
    assert len(written(Path(path))) == 1


def test_a_full_disk_costs_the_log_its_lines_and_no_refund_anything(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file._Handler, "_open", lambda _: FullDisk())
    refund = counter.in_state(ProviderStatus.PENDING)
    counter.bank.status_after["TR1"] = ProviderStatus.SUCCESS
    ended = counter.run("watch", "--json", "--log-file", str(tmp_path / "watch.jsonl"))
    assert (ended.code, ended.states[-1]) == (130, "succeeded")
    assert ended.err.count("The log cannot be written") == 1
    assert "Traceback" not in ended.err
    done = counter.journal.get(refund.id)
    assert done is not None
    assert done.state == "succeeded"


def test_no_thread_is_left_behind(tmp_path: Path) -> None:
    before = threading.active_count()
    with logging_to(str(tmp_path / "watch.jsonl")) as log:
        log.write("started", {})
    assert threading.active_count() == before
