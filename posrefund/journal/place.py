"""Where a journal may be: on a disk of this machine, never on a network share.

There a lock may be granted twice, or be lost with the line, and locks are what keeps one refund
from being made twice.
"""

from pathlib import Path, PurePath

from posrefund.errors import JournalUnavailable
from posrefund.safe_text import safe_text

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p",
        "afs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.glusterfs",
        "fuse.gvfsd-fuse",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "nfs",
        "nfs4",
        "smb2",
        "smb3",
        "smbfs",
    }
)
"""As Linux calls them. 9p is how a machine inside another one sees the other's folders."""
_OF_SANDBOXES = "9p"
"""Some containers get their whole disk this way from a kernel that keeps the locks itself."""
_MOUNTS = Path("/proc/self/mountinfo")


def insist_on_own_disk(journal: Path) -> None:
    """Refuse a journal whose file is, or would be, on a network share. Nothing is made.

    Raises:
        JournalUnavailable: If it is. Nothing was sent.
    """
    kind = network_share(journal)
    if kind is not None:
        raise JournalUnavailable(
            "the journal {path} is on a network share ({kind}), where locks cannot be trusted;"
            " put it on a disk of this machine",
            catalogue="C-141",
            path=safe_text(str(journal)),
            kind=kind,
        )


def network_share(journal: Path) -> str | None:
    """The kind of network share a file is on; None where it is on none, as far as one can tell."""
    try:
        real = journal.resolve()
    except (OSError, RuntimeError, ValueError):
        return None  # Nowhere at all: whoever opens it says what is wrong with the name.
    if is_unc(real):
        return "UNC"
    kind = _kind_at(real, _mounts())
    return kind if kind in NETWORK_FILE_SYSTEMS else None


def is_unc(path: PurePath) -> bool:
    r"""Is it a Windows share, as `\\server\till\journal`? Resolved, a mapped drive is one too."""
    drive = path.drive.upper()
    return drive.startswith("\\\\?\\UNC\\") or (
        drive.startswith("\\\\") and not drive.startswith(("\\\\?\\", "\\\\.\\"))
    )


def _mounts() -> list[tuple[PurePath, str]]:
    """Every place of this machine and its kind of file system, in the order they were mounted."""
    try:
        told = _MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return []
    mounts = []
    for line in told.splitlines():
        before, _, after = line.partition(" - ")
        columns = before.split(" ")
        if len(columns) >= 5 and after:
            mounts.append((PurePath(_unescaped(columns[4])), after.split(" ")[0]))
    return mounts


def _unescaped(place: str) -> str:
    r"""Blanks and the like are written as `\040`."""
    octal = (r"\040", r"\011", r"\012", r"\134")
    for written, meant in zip(octal, " \t\n\\", strict=True):
        place = place.replace(written, meant)
    return place


def _kind_at(real: PurePath, mounts: list[tuple[PurePath, str]]) -> str | None:
    """The kind of the innermost mount; of two at one place the later hides the earlier."""
    around = [(place, kind) for place, kind in mounts if real.is_relative_to(place)]
    if not around:
        return None
    _, kind = max(reversed(around), key=lambda mount: len(mount[0].parts))
    root = [kind for place, kind in mounts if len(place.parts) == 1]
    return None if kind == _OF_SANDBOXES and root[-1:] == [_OF_SANDBOXES] else kind
