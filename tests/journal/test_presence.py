"""Who is alive beside a journal: certain about the dead, and never wrong about the living."""

import errno
import fcntl
import importlib.util
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from posrefund.errors import JournalUnavailable
from posrefund.journal import presence
from posrefund.journal.presence import Presence
from posrefund.journal.sqlite import SqliteJournal


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    # A name that means something else to a pattern.
    return tmp_path / "till[1].db"


@pytest.fixture
def here(journal: Path) -> Iterator[Presence]:
    opened = Presence(journal)
    yield opened
    opened.close()


def files(journal: Path) -> list[Path]:
    return [path for path in journal.parent.iterdir() if path.suffix == ".alive"]


def a_dead_process(journal: Path) -> str:
    """Start a process that takes a name and is killed; return the name."""
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from posrefund.journal.presence import Presence\n"
        "print(Presence(Path(sys.argv[1])).name, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    dead = subprocess.run(
        [sys.executable, "-c", script, str(journal)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=Path.cwd(),
    )
    assert dead.returncode == -signal.SIGKILL
    return dead.stdout.strip()


def test_the_proof_of_life_belongs_to_one_user(journal: Path, here: Presence) -> None:
    (path,) = files(journal)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_living_are_not_gone(journal: Path, here: Presence) -> None:
    other = Presence(journal)

    assert not other.is_gone(here.name)
    assert not here.is_gone(other.name)
    other.close()


def test_the_killed_are_gone(journal: Path, here: Presence) -> None:
    assert here.is_gone(a_dead_process(journal))


def test_who_said_goodbye_is_gone(journal: Path, here: Presence) -> None:
    other = Presence(journal)
    other.close()

    assert here.is_gone(other.name)
    assert len(files(journal)) == 1


def test_nobody_takes_itself_for_dead(journal: Path, here: Presence) -> None:
    """Not even when somebody tidies the folder up."""
    (path,) = files(journal)
    path.unlink()

    assert not here.is_gone(here.name)


def test_a_proof_of_life_that_cannot_be_read_proves_no_death(journal: Path, here: Presence) -> None:
    journal.with_name(f"{journal.name}.someone.alive").mkdir()

    assert not here.is_gone("someone")


def test_the_files_of_the_dead_are_removed_and_those_of_the_living_are_not(
    journal: Path, here: Presence
) -> None:
    other = Presence(journal)
    a_dead_process(journal)
    assert len(files(journal)) == 3

    here.sweep()

    assert {path.name for path in files(journal)} == {
        f"{journal.name}.{one.name}.alive" for one in (here, other)
    }
    other.close()


def test_what_cannot_be_removed_does_not_matter(journal: Path, here: Presence) -> None:
    journal.with_name(f"{journal.name}.someone.alive").mkdir()

    here.sweep()

    assert len(files(journal)) == 2


def test_saying_goodbye_twice_closes_nothing_of_others(journal: Path) -> None:
    here = Presence(journal)
    taken = here._descriptor
    here.close()
    reading = os.open(os.devnull, os.O_RDONLY)
    assert reading == taken, "the system gives the number to the next file"

    here.close()

    os.fstat(reading)
    os.close(reading)


def test_a_new_process_that_is_taken_for_a_dead_one_takes_another_name(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody sweeps between the making of its file and its lock."""
    lock, swept = presence._lock, []

    def swept_before(descriptor: int) -> bool:
        if not swept:
            swept.extend(files(journal))
            presence._remove_if_dead(swept[0])
        return lock(descriptor)

    monkeypatch.setattr(presence, "_lock", swept_before)
    here = Presence(journal)

    (path,) = files(journal)
    assert [path] != swept
    other = Presence(journal)
    assert not other.is_gone(here.name)
    here.close()
    other.close()


def test_a_new_process_somebody_looks_at_takes_another_name(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, looked = presence._lock, []

    def looked_at(descriptor: int) -> bool:
        if not looked:
            looked.append(os.open(files(journal)[0], os.O_RDWR))
            fcntl.flock(looked[0], fcntl.LOCK_EX)
        return lock(descriptor)

    monkeypatch.setattr(presence, "_lock", looked_at)
    here = Presence(journal)

    assert [path.name for path in files(journal)] == [f"{journal.name}.{here.name}.alive"]
    here.close()
    os.close(looked[0])


# -- where there are no such locks --------------------------------------------------------------


def test_without_locks_only_a_goodbye_proves_that_somebody_is_gone(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "fcntl", None)
    here, other = Presence(journal), Presence(journal)

    here.sweep()
    assert not here.is_gone(other.name)
    other.close()
    assert here.is_gone(other.name)
    here.close()
    assert files(journal) == []


def test_it_loads_on_a_system_without_such_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    spec = importlib.util.spec_from_file_location("presence_elsewhere", presence.__file__)
    assert spec is not None
    assert spec.loader is not None
    elsewhere = importlib.util.module_from_spec(spec)

    spec.loader.exec_module(elsewhere)

    assert elsewhere.fcntl is None


@pytest.fixture
def lockless_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on some network drives: the system has locks, the folder has not."""

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(presence, "fcntl", SimpleNamespace(LOCK_EX=2, LOCK_NB=4, flock=refuse))


@pytest.mark.usefixtures("lockless_folder")
def test_a_folder_without_locks_holds_no_journal(journal: Path) -> None:
    with pytest.raises(JournalUnavailable, match="No locks available"):
        SqliteJournal(journal)

    assert files(journal) == []


def test_a_lock_that_cannot_be_tried_proves_no_death(
    journal: Path, here: Presence, request: pytest.FixtureRequest
) -> None:
    other = a_dead_process(journal)
    request.getfixturevalue("lockless_folder")

    assert not here.is_gone(other)
