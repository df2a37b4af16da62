"""What people have written down: configuration, key, terminals, language."""

import platform
from pathlib import Path

from posrefund import __version__, language
from posrefund.cli.configured import oddities
from posrefund.cli.examinations.findings import (
    Case,
    Finding,
    Verdict,
    refused,
    skipped,
    with_remark,
)
from posrefund.cli.exits import ExitCode
from posrefund.cli.prompts import described
from posrefund.credentials import find_api_key
from posrefund.errors import ConfigWrong, NoInformation
from posrefund.hygiene import meddling
from posrefund.language import _
from posrefund.safe_text import safe_text
from posrefund.settings import agree
from posrefund.settings.problems import problems
from posrefund.settings.table import SettingWrong
from posrefund.speech import said
from posrefund.terminal.model import Method, Terminal

_CONNECT_SECONDS = 5.0


def program(case: Case) -> list[Finding]:
    """Which program this is, on what."""
    python = platform.python_version()
    says = f"posrefund {__version__}, Python {python}, {platform.system()} {platform.machine()}"
    return [Finding(Verdict.OK, says, facts={"version": __version__, "python": python})]


def environment(case: Case) -> list[Finding]:
    """Whether the environment held something that was taken out of it, or came before us."""
    return [*_removed(case), *_before_us(case)]


def _before_us(case: Case) -> list[Finding]:
    names = meddling(case.session.environ)
    if not names:
        return []
    says = _("changed the program before it began: {names}").format(names=", ".join(names))
    step = _(
        "start posrefund without them (python -I -m posrefund leaves Python's own out); a kiosk"
        " does not start with them"
    )
    return [Finding(Verdict.LOOK, says, do=step, facts={"before": names})]


def _removed(case: Case) -> list[Finding]:
    removed = list(case.session.removed)
    if not removed:
        return [Finding(Verdict.OK, _("nothing in it could change what is sent"))]
    says = _("left out, because it could change what is sent: {names}")
    return [Finding(Verdict.OK, says.format(names=", ".join(removed)), facts={"removed": removed})]


def configuration(case: Case) -> list[Finding]:
    """The file, with everything that is wrong in it."""
    try:
        path = case.session.config_path()
        case.settings = case.session.settings()
    except ConfigWrong as error:
        return _complaints(case, error)
    return [Finding(Verdict.OK, safe_text(str(path)), facts={"path": str(path)})]


def _complaints(case: Case, first: ConfigWrong) -> list[Finding]:
    found: list[tuple[ConfigWrong, int | None]] = []
    if first.sentence:
        path = case.session.config_path()
        if not path.exists():
            return [
                Finding(
                    Verdict.WRONG,
                    _("there is no configuration at {path}").format(path=safe_text(str(path))),
                    do=_("run posrefund init"),
                    code=ExitCode.CONFIG,
                    facts={"path": str(path), "catalogue": first.catalogue},
                )
            ]
        found = problems(path)
    return [
        Finding(
            Verdict.WRONG,
            _at_line(error, path, line),
            do=None,
            code=ExitCode.CONFIG,
            facts={
                "path": str(path),
                "line": line,
                "key": getattr(error, "name", None),
                "catalogue": error.catalogue,
            },
        )
        for error, line in found or [(first, None)]
    ]


def _at_line(error: ConfigWrong, path: Path, line: int | None) -> str:
    """Say what is wrong and where, as editors understand it."""
    if line is None or not isinstance(error, SettingWrong):
        return said(error)
    return _("{file}:{line}: {key}: {what}").format(
        file=safe_text(str(path)),
        line=line,
        key=safe_text(error.name, limit=80),
        what=said(error.what),
    )


def key(case: Case) -> list[Finding]:
    """Where the key comes from. Whether CCV takes it is asked later."""
    settings = case.settings
    if settings is None:
        return [skipped(_("without a configuration it is not known which key is meant"))]
    places = list(case.session.key_places(settings))
    try:
        found = find_api_key(places)
        agree(settings, found)
    except ConfigWrong as error:
        return [refused(error, ExitCode.CONFIG)]
    case.key = found
    says = _("from {place} ({kind})").format(place=said(places[0].name), kind=described(found))
    facts = {"source": str(places[0].source), "environment": str(found.environment)}
    if len(places) == 1:
        return [Finding(Verdict.OK, says, facts=facts)]
    others = _("{says}; not used: {names}").format(
        says=says, names=", ".join(said(place.name) for place in places[1:])
    )
    return [Finding(Verdict.LOOK, others, do=_("delete those you do not need"), facts=facts)]


def mode(case: Case) -> list[Finding]:
    """Whose money this is."""
    if case.settings is None or case.key is None:
        return [skipped(_("there is no usable API key"))]
    url = case.settings.provider.base_url
    if case.settings.provider.is_on_loopback:
        name, says = "PRACTICE", _("PRACTICE: {url} is on this machine, no money moves")
    elif case.key.environment == "live":
        name, says = "LIVE", _("LIVE: {url} moves real money")
    else:
        name, says = "TEST", _("TEST: {url} moves no real money")
    return [Finding(Verdict.OK, says.format(url=url), facts={"mode": name, "address": url})]


def terminals(case: Case) -> list[Finding]:
    """The configured ones; of a phone CCV is asked whether its app is installed."""
    if case.settings is None:
        return [skipped(_("there is no usable configuration"))]
    every = case.settings.terminals
    if not every:
        step = _("add a [[terminals]] entry, or run posrefund init --force")
        if case.settings.kiosk:
            says = _("none is configured, and a kiosk pays back on one")
            return [Finding(Verdict.WRONG, says, do=step, code=ExitCode.CONFIG)]
        # A back office gives back only what was paid online, and needs none.
        says = _("none is configured, so only refunds that need none can be made")
        return [Finding(Verdict.LOOK, says, do=step)]
    return [_terminal_finding(case, one, oddities(one, every)) for one in every]


def _terminal_finding(case: Case, terminal: Terminal, odd: list[str]) -> Finding:
    facts: dict[str, object] = {"name": terminal.name, "method": str(terminal.method)}
    installed = _installation(case, terminal)
    if installed is not None:
        facts["installation"] = installed
    if installed not in {None, "installed"}:
        odd = [*odd, _("CCV says of its SoftPOS app: {status}").format(status=installed)]
    says = f"{terminal.name} ({terminal.method} {terminal.terminal_id or ''})".replace(" )", ")")
    if not odd:
        return Finding(Verdict.OK, says, facts=facts)
    return Finding(Verdict.LOOK, with_remark(says, "; ".join(odd)), facts=facts)


def _installation(case: Case, terminal: Terminal) -> str | None:
    is_asked = terminal.method is Method.SOFTPOS and terminal.terminal_id
    if not is_asked or case.settings is None or case.key is None or case.probe is None:
        return None
    if case.probe.refusal is not None:
        return None
    from posrefund.provider.probe import softpos_installation

    asked = case.settings.provider
    try:
        status = softpos_installation(
            terminal.terminal_id or "",
            base_url=asked.base_url,
            key=case.key,
            proxy=asked.proxy,
            ca_file=asked.ca_file,
            seconds=_CONNECT_SECONDS,
        )
    except (NoInformation, ConfigWrong):
        return None
    return _("not known") if status is None else status


def translations(case: Case) -> list[Finding]:
    """Whether the language of this counter is there."""
    wanted = case.settings.language if case.settings is not None else language.current()
    missing = [code for code in language.LANGUAGES if not _is_there(code)]
    facts = {"language": wanted, "missing": missing}
    if wanted in missing:
        says = _("{language} is not in this installation, so English is spoken")
        step = _("install posrefund again")
        return [Finding(Verdict.LOOK, says.format(language=wanted), do=step, facts=facts)]
    return [Finding(Verdict.OK, language.LANGUAGES.get(wanted, wanted), facts=facts)]


def _is_there(code: str) -> bool:
    catalog = Path(language.__file__).parent / "locale" / code / "LC_MESSAGES" / "posrefund.mo"
    return code == language.SOURCE or catalog.is_file()
