"""A journal is never used on a network share: there is no lock to trust there."""

import contextlib
from datetime import timedelta
from pathlib import Path, PureWindowsPath

import pytest

from posrefund.errors import AlreadyOpen, JournalUnavailable
from posrefund.journal import place
from posrefund.journal.backup import back_up, merge
from posrefund.journal.place import NETWORK_FILE_SYSTEMS, is_unc, network_share
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import RefundState
from posrefund.report.fresh_file import fresh_file
from posrefund.settings import Settings
from posrefund.settings.loading import load_settings
from posrefund.wiring import open_journal
from tests.support.builders import NOON, a_refund, an_entry

LOCAL = "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw"


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let the system say that these are mounted."""
    told = tmp_path / "mountinfo"
    monkeypatch.setattr(place, "_MOUNTS", told)

    def mount(*lines: str) -> None:
        told.write_text("".join(f"{line}\n" for line in lines), "utf-8")

    return mount


@pytest.fixture
def share(tmp_path: Path, mounted) -> Path:
    """A folder of the file server."""
    folder = tmp_path / "share"
    folder.mkdir()
    mounted(LOCAL, f"23 22 0:40 / {folder} rw - cifs //server/till rw")
    return folder


def settings_for(path: Path, journal: Path) -> Settings:
    config = path / "config.toml"
    config.write_text(
        f'counter = "Desk 2"\n[provider]\nbase_url = "http://127.0.0.1:1/api/v1"\n'
        f'[journal]\npath = "{journal}"\n[[terminals]]\nname = "Phone"\nmethod = "softpos"\n',
        "utf-8",
    )
    return load_settings(config)


@pytest.mark.parametrize("kind", sorted(NETWORK_FILE_SYSTEMS))
def test_every_kind_of_share_is_known(mounted, kind: str) -> None:
    mounted(LOCAL, f"23 22 0:40 / /mnt/server rw - {kind} //server/till rw")

    assert network_share(Path("/mnt/server/state/journal.db")) == kind
    assert network_share(Path("/mnt/server2/journal.db")) is None


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "fuseblk", "zfs"])
def test_a_disk_of_this_machine_is_none(mounted, kind: str) -> None:
    mounted(f"22 1 8:1 / / rw - {kind} /dev/sda1 rw")

    assert network_share(Path("/home/till/journal.db")) is None


def test_the_innermost_mount_counts_and_of_two_the_later(mounted) -> None:
    outer = "23 22 0:40 / /srv rw shared:1 - nfs4 server:/ rw"
    inner = "24 23 8:2 / /srv/till rw - ext4 /dev/sdb1 rw"
    mounted(inner, LOCAL, outer)

    assert network_share(Path("/srv/journal.db")) == "nfs4"
    assert network_share(Path("/srv/till/journal.db")) is None

    mounted(LOCAL, "23 22 0:41 / /srv rw - autofs auto rw", outer)
    assert network_share(Path("/srv/journal.db")) == "nfs4"


def test_a_blank_in_the_name_and_a_line_nobody_understands_do_no_harm(mounted) -> None:
    mounted(
        "what", "24 22 0:41 / - nfs", LOCAL, r"23 22 0:40 / /mnt/till\040share rw - cifs //s rw"
    )

    assert network_share(Path("/mnt/till share/journal.db")) == "cifs"
    assert network_share(Path("/home/till/journal.db")) is None


@pytest.mark.parametrize("kind", ["9p", "virtiofs"])
def test_a_container_whose_whole_disk_is_lent_to_it_may_use_it(mounted, kind: str) -> None:
    lent = f"22 1 0:1 / / rw - {kind} none rw"
    mounted(lent, "23 22 0:40 / /mnt/server rw - nfs server:/ rw")

    assert network_share(Path("/home/till/journal.db")) is None
    assert network_share(Path("/mnt/server/journal.db")) == "nfs"


@pytest.mark.parametrize("kind", ["9p", "virtiofs"])
def test_a_folder_lent_to_such_a_container_besides_is_a_share(mounted, kind: str) -> None:
    mounted(f"22 1 0:1 / / rw - {kind} none rw", f"23 22 0:2 / /mnt/host rw - {kind} host rw")

    assert network_share(Path("/mnt/host/journal.db")) == kind
    assert network_share(Path("/home/till/journal.db")) is None


def test_a_web_folder_is_known_by_its_address(mounted) -> None:
    mounted(
        LOCAL,
        "23 22 0:40 / /mnt/dav rw - fuse https://server/till rw",
        "24 22 0:41 / /mnt/disk rw - fuse /dev/sdb1 rw",
    )

    assert network_share(Path("/mnt/dav/journal.db")) == "davfs"
    assert network_share(Path("/mnt/disk/journal.db")) is None


def test_where_the_system_tells_nothing_nothing_is_refused(mounted) -> None:
    assert network_share(Path("/home/till/journal.db")) is None
    mounted("")
    assert network_share(Path("/home/till/journal.db")) is None


def test_a_name_that_is_nowhere_is_left_to_whoever_opens_it(tmp_path: Path) -> None:
    assert network_share(tmp_path / "nul\0.db") is None


@pytest.mark.parametrize(
    ("path", "is_share"),
    [
        (r"\\server\till\journal.db", True),
        ("//server/till/journal.db", True),
        (r"\\?\UNC\server\till\journal.db", True),
        (r"C:\till\journal.db", False),
        (r"\\?\C:\till\journal.db", False),
        (r"till\journal.db", False),
    ],
)
def test_a_share_of_windows_is_told_by_its_name(path: str, is_share: bool) -> None:
    assert is_unc(PureWindowsPath(path)) == is_share


def test_a_windows_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "is_unc", lambda path: True)

    with pytest.raises(JournalUnavailable, match=r"network share \(UNC\)"):
        open_journal(settings_for(tmp_path, tmp_path / "journal.db"))


def test_no_journal_is_opened_or_made_on_a_share(tmp_path: Path, share: Path) -> None:
    journal = share / "state" / "journal.db"

    with pytest.raises(JournalUnavailable, match=r"network share \(cifs\).*disk of this machine"):
        open_journal(settings_for(tmp_path, journal))

    assert list(share.iterdir()) == []


def test_who_has_a_journal_on_a_share_is_told_how_to_take_it_along(
    tmp_path: Path, share: Path
) -> None:
    """Who only names another place begins with an empty journal, and pays again what is open."""
    with contextlib.closing(SqliteJournal(share / "journal.db")) as before:
        open_one = before.open_case(a_refund(), an_entry())

    with pytest.raises(JournalUnavailable) as refused:
        open_journal(settings_for(tmp_path, share / "journal.db"))

    told = str(refused.value)
    steps = ["stop posrefund everywhere", "posrefund backup", "journal.path"]
    assert sorted(steps, key=told.index) == steps
    assert "forget the refunds that are open" in told

    with fresh_file(tmp_path / "journal.db") as part:
        back_up(share / "journal.db", part)
    moved = open_journal(settings_for(tmp_path, tmp_path / "journal.db"))
    assert moved.open_refunds() == [open_one]
    with pytest.raises(AlreadyOpen):
        moved.open_case(a_refund(id="B", idempotency_reference="b"), an_entry())
    until = NOON + timedelta(minutes=1)
    assert moved.claim(open_one.id, now=NOON, until=until).state is RefundState.INTENT
    moved.close()


def test_a_link_does_not_hide_the_share(tmp_path: Path, share: Path) -> None:
    (tmp_path / "link").symlink_to(share)

    with pytest.raises(JournalUnavailable, match="network share"):
        open_journal(settings_for(tmp_path, tmp_path / "link" / "journal.db"))


def test_a_disk_beside_the_share_is_as_good_as_ever(tmp_path: Path, share: Path) -> None:
    opened = open_journal(settings_for(tmp_path, tmp_path / "state" / "journal.db"))

    assert opened.open_refunds() == []
    opened.close()


def test_nothing_is_restored_onto_a_share_and_what_is_there_can_be_rescued(
    tmp_path: Path, share: Path
) -> None:
    SqliteJournal(share / "journal.db").close()
    rescued = tmp_path / "rescued.db"
    rescued.touch()

    assert back_up(share / "journal.db", rescued).refunds == 0
    with pytest.raises(JournalUnavailable, match="network share"):
        merge(rescued, share / "journal.db", now=NOON)
