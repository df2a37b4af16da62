"""The file with the API key: read and written only where nobody else can reach it."""

import contextlib
import os
import stat
from pathlib import Path

from posrefund.credentials.key import MAX_LENGTH, ApiKey, without_newline
from posrefund.errors import ConfigWrong
from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence

UNSAFE_KEY_FILE = "C-123"
"""Its number in the catalogue, which stays what it is: people write it down."""

_ROOT = 0


def file_name(path: Path) -> Sentence:
    """How a key file is called in a sentence."""
    return Sentence("the key file {path}", path=safe_text(str(path)))


def read_file(path: Path, *, given_by_systemd: bool) -> ApiKey:
    """Read the key.

    Raises:
        ConfigWrong: If there is none, or others can reach it. Nothing was sent.
    """
    origin = file_name(path)
    # The content goes straight into the key, so that no frame of a crash screen holds it.
    return ApiKey(
        without_newline(_content(path, origin, given_by_systemd=given_by_systemd)), origin=origin
    )


def keep_in_file(key: ApiKey, path: Path) -> None:
    """Write the key to a file only we can read: whole or not at all, and never through a link.

    Raises:
        ConfigWrong: If the file cannot be written there safely. What was there stays.
    """
    origin = file_name(path)
    new = path.with_name(f".{path.name}.{os.urandom(6).hex()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise ConfigWrong(
                "{origin} is not a regular file", catalogue=UNSAFE_KEY_FILE, origin=origin
            )
        _refuse_open_folder(path, origin)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(new, flags, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(key.reveal().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise ConfigWrong(
            "{origin} cannot be written: {reason}",
            catalogue=UNSAFE_KEY_FILE,
            origin=origin,
            reason=error.strerror or "",
        ) from None
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def remove_file(path: Path) -> bool:
    """Remove a key file; a link is removed itself. False where there was none.

    Raises:
        ConfigWrong: If it cannot be removed.
    """
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigWrong(
            "{origin} cannot be removed: {reason}",
            catalogue=UNSAFE_KEY_FILE,
            origin=file_name(path),
            reason=error.strerror or "",
        ) from None
    return True


def _content(path: Path, origin: Sentence, *, given_by_systemd: bool) -> str:
    # Never follow a link, never wait for the other end of a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():
            raise ConfigWrong(
                "{origin} is a symbolic link; name the file itself",
                catalogue=UNSAFE_KEY_FILE,
                origin=origin,
            )
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise ConfigWrong(
            "{origin} does not exist", catalogue=UNSAFE_KEY_FILE, origin=origin
        ) from None
    except (OSError, ValueError):
        raise ConfigWrong(
            "{origin} cannot be read", catalogue=UNSAFE_KEY_FILE, origin=origin
        ) from None
    try:
        _refuse_unsafe(os.fstat(descriptor), path, origin, given_by_systemd=given_by_systemd)
        return os.read(descriptor, MAX_LENGTH + 3).decode("utf-8", "replace")
    except OSError:
        raise ConfigWrong(
            "{origin} cannot be read", catalogue=UNSAFE_KEY_FILE, origin=origin
        ) from None
    finally:
        os.close(descriptor)


def _refuse_unsafe(
    status: os.stat_result, path: Path, origin: Sentence, *, given_by_systemd: bool
) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigWrong(
            "{origin} is not a regular file", catalogue=UNSAFE_KEY_FILE, origin=origin
        )
    if not hasattr(os, "geteuid"):  # Windows keeps owners and modes in another way
        return
    # systemd may keep the owner root and let us in by an access list, which shows as group bits.
    from_root = given_by_systemd and status.st_uid == _ROOT
    if status.st_uid != os.geteuid() and not from_root:
        raise ConfigWrong(
            "{origin} belongs to another user; use a file of your own",
            catalogue=UNSAFE_KEY_FILE,
            origin=origin,
        )
    open_to_others = status.st_mode & (0o007 if from_root else 0o077)
    if open_to_others:
        mode = stat.S_IMODE(status.st_mode)
        raise ConfigWrong(
            "{origin} has mode {mode}, so others can reach it; run: chmod 600 {path}",
            catalogue=UNSAFE_KEY_FILE,
            origin=origin,
            mode=f"{mode:04o}",
            path=safe_text(str(path)),
        )
    if not given_by_systemd:
        _refuse_open_folder(path, origin)


def _refuse_open_folder(path: Path, origin: Sentence) -> None:
    """Refuse a folder in which everybody can put another key into the place of ours."""
    folder = path.absolute().parent
    mode = folder.stat().st_mode
    # In a sticky folder such as /tmp nobody can replace another's file.
    if os.name == "posix" and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise ConfigWrong(
            "{origin} is in a folder everybody can write to; run: chmod o-w {path}",
            catalogue=UNSAFE_KEY_FILE,
            origin=origin,
            path=safe_text(str(folder)),
        )
