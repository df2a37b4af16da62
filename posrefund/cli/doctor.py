"""`doctor`: looks everything over, one line for each part: ok, or what to do."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from posrefund.cli.examinations import line, machine, set_up
from posrefund.cli.examinations.findings import Case, Finding, Verdict
from posrefund.cli.exits import ExitCode
from posrefund.cli.session import Session
from posrefund.errors import ConfigWrong
from posrefund.language import N_, _

SECONDS = 15.0
"""For one examination. What takes longer is left behind, and said."""

_BADNESS = (
    ExitCode.OK,
    ExitCode.DEFECT,
    ExitCode.NOT_SENT,
    ExitCode.JOURNAL,
    ExitCode.CONFIG,
)

_ORDER: tuple[tuple[str, Callable[[Case], list[Finding]]], ...] = (
    ("program", set_up.program),
    ("environment", set_up.environment),
    ("configuration", set_up.configuration),
    ("key", set_up.key),
    ("mode", set_up.mode),
    ("proxy", line.proxy),
    ("ccv", line.ccv),
    ("clock", line.clock),
    ("tls", line.tls),
    ("journal", machine.journal),
    ("terminals", set_up.terminals),
    ("printer", machine.printer),
    ("screen", machine.screen),
    ("language", set_up.translations),
)
"""What is found early is used by those that come later."""

_LABELS = {
    "program": N_("program"),
    "environment": N_("environment"),
    "configuration": N_("configuration"),
    "key": N_("API key"),
    "mode": N_("mode"),
    "proxy": N_("proxy"),
    "ccv": N_("CCV"),
    "clock": N_("clock"),
    "tls": N_("TLS"),
    "journal": N_("journal"),
    "terminals": N_("terminals"),
    "printer": N_("printer"),
    "screen": N_("screen"),
    "language": N_("language"),
}
_VERDICTS = {
    Verdict.OK: N_("ok"),
    Verdict.LOOK: N_("look"),
    Verdict.WRONG: N_("WRONG"),
    Verdict.SKIPPED: N_("skipped"),
}


def doctor(session: Session, *, is_offline: bool) -> ExitCode:
    """Look everything over, and return the exit code of the worst that was found."""
    case = Case(session=session, is_offline=is_offline)
    _examined(case, _speak)
    worst = ExitCode.OK
    for name, examine in _ORDER:
        for finding in _examined(case, examine):
            _show(session, name, finding)
            worst = max(worst, finding.code, key=_BADNESS.index)
    return worst if worst is not ExitCode.OK else session.answered()


def _speak(case: Case) -> list[Finding]:
    """Find the language of this counter, so that the first line is in it too."""
    with suppress(ConfigWrong):
        case.session.settings()
    return []


def _examined(case: Case, examine: Callable[[Case], list[Finding]]) -> list[Finding]:
    """Examine for no longer than `SECONDS`. Whatever happens is a finding."""
    found: list[Finding] = []

    def run() -> None:
        try:
            found.extend(examine(case))
        except Exception as error:  # noqa: BLE001 - the next examination may well succeed
            # The values in a message may be anything, the API key included.
            found.append(_defect(type(error).__name__))

    thread = threading.Thread(target=run, name="examination", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        return [
            Finding(
                Verdict.WRONG,
                _("took longer than {seconds} seconds").format(seconds=int(SECONDS)),
                do=_("run posrefund doctor again; if it stays, restart this machine"),
                code=ExitCode.NOT_SENT,
            )
        ]
    return found


def _defect(kind: str) -> Finding:
    return Finding(
        Verdict.WRONG,
        _("could not be examined ({kind}), which is a defect of ours").format(kind=kind),
        do=_("report it; the other lines still hold"),
        code=ExitCode.DEFECT,
    )


def _show(session: Session, name: str, finding: Finding) -> None:
    verdict, label = _(_VERDICTS[finding.verdict]), _(_LABELS[name])
    says, number = finding.says, finding.facts.get("catalogue")
    if finding.do:
        says = _("{what}; {step}").format(what=says, step=finding.do)
    if number:
        says = f"{says} ({number})"
    session.output.show(
        {
            "check": name,
            "verdict": str(finding.verdict),
            "says": finding.says,
            "do": finding.do,
            "code": int(finding.code),
            "facts": dict(finding.facts),
        },
        [f"{verdict:<{_width(_VERDICTS)}}{label:<{_width(_LABELS)}}{says}"],
    )


def _width(words: Mapping[Any, str]) -> int:
    """Of a column with these words, in the language of now."""
    return max(len(_(word)) for word in words.values()) + 2
