"""This machine: journal, printer, screen."""

import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from posrefund.cli.examinations.findings import (
    Case,
    Finding,
    Verdict,
    refused,
    skipped,
    with_remark,
)
from posrefund.cli.exits import ExitCode
from posrefund.errors import PosrefundError
from posrefund.language import _, plural
from posrefund.locations import journal_file
from posrefund.safe_text import safe_text
from posrefund.settings import PrinterKind, PrinterSettings

if TYPE_CHECKING:
    from posrefund.journal.health import Health

LITTLE_SPACE = 100 * 1024 * 1024
NO_SPACE = 5 * 1024 * 1024
SMALLEST_SCREEN = (80, 24)
_CONNECT_SECONDS = 5.0
_JOURNAL_SECONDS = 5.0


def journal(case: Case) -> list[Finding]:
    """The file, its place, and what is open in it."""
    if case.settings is None:
        return [skipped(_("there is no usable configuration"))]
    from posrefund.journal.health import examine

    try:
        path = case.settings.journal_path or journal_file()
        health = examine(path, seconds=_JOURNAL_SECONDS)
    except PosrefundError as error:
        return [refused(error, ExitCode.JOURNAL)]
    return [_journal_finding(health, safe_text(str(path))), *_open_cases(health)]


def _journal_finding(health: "Health", path: str) -> Finding:
    facts = {
        "path": path,
        "exists": health.exists,
        "mode": None if health.mode is None else f"{health.mode:04o}",
        "schema": health.schema,
        "newest_schema": health.newest_schema,
        "sqlite": health.sqlite,
        "journal_mode": health.journal_mode,
        "free_bytes": health.free_bytes,
        "whole": health.is_whole,
    }
    template = _("{path}, SQLite {sqlite}, {free} MB free; it is made when it is first needed")
    if health.exists:
        template = _("{path}, schema {schema}, SQLite {sqlite} ({mode}), {free} MB free")
    says = template.format(
        path=path,
        schema=health.schema,
        sqlite=health.sqlite,
        mode=health.journal_mode,
        free=health.free_bytes // 1_000_000,
    )
    trouble = _journal_trouble(health)
    if trouble is None:
        return Finding(Verdict.OK, says, facts=facts)
    what, step, code = trouble
    verdict = Verdict.LOOK if code is ExitCode.OK else Verdict.WRONG
    return Finding(verdict, with_remark(says, what), do=step, code=code, facts=facts)


def _journal_trouble(health: "Health") -> tuple[str, str, ExitCode] | None:
    if health.schema is not None and health.schema > health.newest_schema:
        newer = _("a newer posrefund wrote it (schema {schema})").format(schema=health.schema)
        return newer, _("install that version"), ExitCode.JOURNAL
    if health.exists and not health.schema:
        step = _("if refunds were made here before, restore a backup")
        return _("it holds nothing at all"), step, ExitCode.OK
    if health.is_whole is False:
        return _("it is damaged"), _("restore a backup, and call support"), ExitCode.JOURNAL
    if health.free_bytes < NO_SPACE:
        return _("the disk is full"), _("make room"), ExitCode.JOURNAL
    if health.free_bytes < LITTLE_SPACE:
        return _("the disk is nearly full"), _("make room soon"), ExitCode.OK
    if health.mode is not None and health.mode & 0o077:
        mode = _("others can reach it (mode {mode})").format(mode=f"{health.mode:04o}")
        return mode, _("chmod 600 it"), ExitCode.OK
    return None


def _open_cases(health: "Health") -> list[Finding]:
    number = sum(health.open.values())
    if not number:
        return []
    says = plural("{n} refund is not finished", "{n} refunds are not finished", number)
    step = _("run posrefund recover")
    if "attention" in health.open:
        step = _("see posrefund list --open: a person must look")
    return [
        Finding(Verdict.LOOK, says.format(n=number), do=step, facts={"open": dict(health.open)})
    ]


def printer(case: Case) -> list[Finding]:
    """Whether the slip printer can be reached. Nothing is printed."""
    if case.settings is None:
        return [skipped(_("there is no usable configuration"))]
    wanted = case.settings.printer
    if wanted is None:
        return [Finding(Verdict.OK, _("none is configured"))]
    says = f"{wanted.kind} {safe_text(wanted.address)}"
    why = _unreached(wanted)
    if why is None:
        return [Finding(Verdict.OK, says)]
    step = _("see whether it is on, and check [printer]")
    return [Finding(Verdict.LOOK, with_remark(says, why), do=step)]


def _unreached(wanted: PrinterSettings) -> str | None:
    try:
        if wanted.kind is PrinterKind.NETWORK:
            from posrefund.receipt.printer import PORT

            host, _colon, port = wanted.address.partition(":")
            socket.create_connection((host, int(port or PORT)), timeout=_CONNECT_SECONDS).close()
        elif wanted.kind is PrinterKind.USB:
            if find_spec("escpos") is None:
                return _("the support for it is missing; install posrefund[printer]")
        elif wanted.kind is PrinterKind.FILE:
            path = Path(wanted.address)
            if not os.access(path if path.exists() else path.parent, os.W_OK):
                return _("we may not write there")
    except OSError as error:
        return safe_text(error.strerror or _("it does not answer"))
    return None


def screen(case: Case) -> list[Finding]:
    """Whether the counter can be drawn on this terminal."""
    output, environ = case.session.output, case.session.environ
    if not (case.session.can_ask and output.is_terminal):
        return [skipped(_("this is no terminal; the counter needs one, commands do not"))]
    columns, lines = os.get_terminal_size()
    encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
    name = environ.get("TERM", "")
    colour = "NO_COLOR" not in environ and (
        environ.get("COLORTERM") in {"truecolor", "24bit"} or "256color" in name
    )
    facts = {"term": name, "columns": columns, "lines": lines, "encoding": encoding}
    says = f"{safe_text(name)}, {columns}x{lines}"
    odd = []
    if name in {"", "dumb"}:
        odd.append(_("the counter cannot draw on it"))
    if (columns, lines) < SMALLEST_SCREEN or lines < SMALLEST_SCREEN[1]:
        odd.append(_("smaller than 80x24, so make the window larger"))
    if encoding != "utf8":
        odd.append(_("not UTF-8, so set LANG to a UTF-8 locale"))
    if not colour:
        odd.append(_("few colours; nothing is said by colour alone"))
    if odd:
        return [Finding(Verdict.LOOK, with_remark(says, "; ".join(odd)), facts=facts)]
    return [Finding(Verdict.OK, _("{screen}, UTF-8, colours").format(screen=says), facts=facts)]
