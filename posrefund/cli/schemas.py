"""`schema`: what a script may rely on in the JSON of each command."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from posrefund.cli.exits import ExitCode
from posrefund.cli.session import Session
from posrefund.errors import Misused

SCHEMA_OF = {
    "find": "find",
    "refund": "refund",
    "status": "refund",
    "recover": "refund",
    "watch": "refund",
    "list": "refund",
    "close": "refund",
    "cancel": "refund",
    "show": "show",
    "slip": "slip",
    "batch": "batch",
    "export": "export",
    "backup": "backup",
    "restore": "restore",
    "sandbox": "sandbox",
    "doctor": "doctor",
    "init": "init",
    "terminals": "terminals",
    "config show": "config",
    "key set": "key_set",
    "key status": "key_status",
    "key delete": "key_delete",
}
"""By what is typed: the schema of every line that the command prints with --json."""

REFUSED = "error"
"""The schema of the only line of a `refund` that was refused before there was one."""

_FOLDER = Path(__file__).parent.parent / "schemas"


def schema(session: Session, words: tuple[str, ...]) -> ExitCode:
    """Print one schema that stands by itself, or the names of the commands that have one.

    Raises:
        Misused: If no command of that name prints JSON.
    """
    if not words:
        for command, name in SCHEMA_OF.items():
            session.output.show(
                {"command": command, "schema": name}, [f"posrefund {command:<14}{name}"]
            )
        session.output.show(
            {"command": "refund", "schema": REFUSED},
            [f"posrefund {'refund':<14}{REFUSED} (refused before there is one)"],
        )
        return session.answered()
    wanted = " ".join(words)
    name = SCHEMA_OF.get(wanted, wanted)
    if name not in {*SCHEMA_OF.values(), REFUSED}:
        known = ", ".join(SCHEMA_OF)
        raise Misused("there is no schema of that name; known are {known}", known=known)
    found = published(name)
    session.output.show(found, json.dumps(found, indent=2, ensure_ascii=False).splitlines())
    return session.answered()


def published(name: str) -> dict[str, Any]:
    """Return a schema with every other one that it refers to inside it."""
    found = _read(name)
    others = {one: _read(one) for one in _referred(found) if one != name}
    if others:
        found["$defs"] = {**found.get("$defs", {}), **others}
    return found


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def _referred(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        target = part.get("$ref", "")
        if target.startswith("urn:posrefund:schema:"):
            yield target.rpartition(":")[2]
        for value in part.values():
            yield from _referred(value)
    elif isinstance(part, list):
        for value in part:
            yield from _referred(value)
