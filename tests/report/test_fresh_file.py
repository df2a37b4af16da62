"""A file is new, complete and private, or it is not there."""

import errno
import os
import stat
from pathlib import Path

import pytest

from posrefund.errors import Misused
from posrefund.report.fresh_file import fresh_file


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with fresh_file(tmp_path / "out.csv") as part:
            part.write_text("rows")
            assert not (tmp_path / "out.csv").exists()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("kind", ["file", "folder", "link", "dangling link"])
def test_nothing_is_ever_overwritten(tmp_path: Path, kind: str) -> None:
    target, other = tmp_path / "out.csv", tmp_path / "other"
    if kind == "file":
        target.write_text("precious")
    elif kind == "folder":
        target.mkdir()
    else:
        if kind == "link":
            other.write_text("precious")
        target.symlink_to(other)
    with pytest.raises(Misused, match="exists already"), fresh_file(target):
        pass
    assert not (tmp_path / "out.csv.part").exists()
    assert other.exists() == (kind == "link")


def test_one_that_comes_in_between_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    with pytest.raises(Misused, match="cannot be written"), fresh_file(target):
        target.write_text("precious")
    assert target.read_text() == "precious"


def test_when_something_goes_wrong_nothing_is_there(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), fresh_file(tmp_path / "out.csv") as part:
        part.write_text(str(1 // 0))
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "out.csv.part").write_text("half")
    with fresh_file(tmp_path / "out.csv") as part:
        part.write_text("whole")
    assert (tmp_path / "out.csv").read_text() == "whole"


def test_a_stick_without_hard_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with fresh_file(tmp_path / "out.csv") as part:
        part.write_text("whole")
    assert (tmp_path / "out.csv").read_text() == "whole"


@pytest.mark.parametrize("name", ["no/such/folder/x", "\x1b[31m", "x" * 300, "/dev/null", "."])
def test_what_is_no_name_for_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misused), fresh_file(tmp_path / name):
        pass
