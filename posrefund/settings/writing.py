"""Writes a configuration file: with comments, whole or not at all, and readable only by us."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from posrefund.errors import ConfigWrong, Misused
from posrefund.safe_text import safe_text

_HEAD = """\
# The configuration of this counter, written by its set-up. posrefund config show names every
# setting there is and what holds, posrefund doctor tells whether it works.
# The API key is never in this file: see posrefund key --help.
"""

_COMMENTS = {
    "counter": "This workstation, as people call it. It is written on slips.",
    "language": "Of screens and slips: nld, eng, deu or fra.",
    "base_url": "The whole address of CCV's API, path included.",
    "method": "terminal: a card terminal; softpos: a phone or tablet with CCV's SoftPOS app",
    "operating_environment": "ATTENDED, or SEMI_UNATTENDED where nobody stands at it",
    "merchant_language": "required when ATTENDED, not sent otherwise",
}


def as_toml(values: Mapping[str, Any]) -> str:
    """Return the text of a file that is read as these values: texts, tables, lists of tables."""
    return _HEAD + "".join(f"{line}\n" for line in _lines(values))


def write_config(text: str, path: Path, *, replace: bool) -> Path | None:
    """Write the file with mode 0600.

    Returns:
        Where the file that was replaced is now, as it was; None where there was none.

    Raises:
        Misused: If there is one already, and `replace` does not say to replace it.
        ConfigWrong: If it cannot be written. What was there stays.
    """
    new = path.with_name(f".{path.name}.{os.urandom(6).hex()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(  # noqa: PTH123 - a descriptor
            os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            before = _kept(path)
            new.replace(path)
            return before
        if os.name == "posix":
            path.hardlink_to(new)
        else:
            new.rename(path)  # Windows refuses where there is one
    except FileExistsError:
        raise Misused(
            "there is a configuration already at {path}; --force replaces it",
            path=safe_text(str(path)),
        ) from None
    except OSError as error:
        raise ConfigWrong(
            "{path} cannot be written: {reason}",
            path=safe_text(str(path)),
            reason=error.strerror or "",
        ) from None
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
    return None


def _kept(path: Path) -> Path | None:
    """Copy the file beside itself, under a name nothing has, with its mode."""
    if not path.is_file():
        return None
    content, mode = path.read_bytes(), path.stat().st_mode & 0o777
    for number in count(1):
        before = path.with_name(f"{path.name}.before{number if number > 1 else ''}")
        try:
            descriptor = os.open(before, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        before.chmod(mode)
        break
    return before


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from ("", f"[{key}]")
            yield from _settings(value)
        elif isinstance(value, list):
            for entry in value:
                yield from ("", f"[[{key}]]")
                yield from _settings(entry)
        else:
            yield ""
            yield from _settings({key: value})


def _settings(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        if key in _COMMENTS:
            yield f"# {_COMMENTS[key]}"
        yield f"{key} = {_quoted(value)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
