"""Where a journal may be: on a disk of this machine, never on a network share.

There a lock may be granted twice, or be lost with the line, and locks are what keeps one refund
from being made twice.
"""

import os
from pathlib import Path, PurePath

from posrefund.errors import JournalUnavailable
from posrefund.safe_text import safe_text

NETWORK_FILE_SYSTEMS = frozenset(
    {
        # File servers.
        "afs",
        "cifs",
        "coda",
        "davfs",
        "fuse.davfs2",
        "fuse.gvfsd-fuse",
        "fuse.kio-fuse",
        "fuse.smbnetfs",
        "fuse.sshfs",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb2",
        "smb3",
        "smbfs",
        # Disks of many machines.
        "beegfs",
        "ceph",
        "fuse.ceph",
        "fuse.ceph-fuse",
        "fuse.glusterfs",
        "fuse.juicefs",
        "fuse.mfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "pvfs2",
        # Stores in a cloud.
        "fuse.blobfuse",
        "fuse.blobfuse2",
        "fuse.gcsfuse",
        "fuse.google-drive-ocamlfuse",
        "fuse.goofys",
        "fuse.mountpoint-s3",
        "fuse.rclone",
        "fuse.s3fs",
        # Folders of the machine outside, as a machine inside of it sees them.
        "9p",
        "drvfs",
        "fakeowner",
        "fuse.grpcfuse",
        "fuse.osxfs",
        "fuse.prl_fsd",
        "fuse.vmhgfs-fuse",
        "prl_fs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
    }
)
"""As Linux calls them."""
_OF_SANDBOXES = frozenset({"9p", "virtiofs"})
"""Some containers get their whole disk this way from a kernel that keeps the locks itself."""
_MOUNTS = Path("/proc/self/mountinfo")


def insist_on_own_disk(journal: Path) -> None:
    """Refuse a journal whose file is, or would be, on a network share. Nothing is made.

    Raises:
        JournalUnavailable: If it is. Nothing was sent.
    """
    kind = network_share(journal)
    if kind is None:
        return
    if os.path.lexists(journal):
        # Whoever only names another place for it forgets every refund that is open.
        raise JournalUnavailable(
            "the journal {path} is on a network share ({kind}), where locks cannot be trusted;"
            " stop posrefund everywhere, copy it to a disk of this machine with posrefund backup"
            " FILE, and only then set journal.path to that FILE: a new journal would forget the"
            " refunds that are open",
            catalogue="C-141",
            path=safe_text(str(journal)),
            kind=kind,
        )
    raise JournalUnavailable(
        "the journal {path} would be on a network share ({kind}), where locks cannot be trusted;"
        " set journal.path to a disk of this machine",
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
            kind, _, source = after.partition(" ")
            # davfs2 says of itself no more than that, and the server's address.
            is_dav = kind == "fuse" and source.startswith(("http:", "https:"))
            mounts.append((PurePath(_unescaped(columns[4])), "davfs" if is_dav else kind))
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
    place, kind = max(reversed(around), key=lambda mount: len(mount[0].parts))
    is_whole_disk = len(place.parts) == 1
    return None if is_whole_disk and kind in _OF_SANDBOXES else kind
