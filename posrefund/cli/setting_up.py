"""`init`: asks for what is needed, checks each answer as it comes, and writes the configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posrefund import language
from posrefund.cli import prompts
from posrefund.cli.exits import ExitCode
from posrefund.cli.keys import keep
from posrefund.cli.session import Session
from posrefund.credentials import ApiKey, find_api_key
from posrefund.errors import ConfigWrong, KeyRefused, Misused, NoInformation
from posrefund.language import _
from posrefund.settings import LANGUAGES, Settings, agree
from posrefund.settings.loading import settings_of
from posrefund.settings.table import SettingWrong
from posrefund.settings.writing import as_toml, write_config
from posrefund.speech import said

_Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was typed with the command."""

    counter: str | None
    base_url: str | None
    terminal: str | None
    terminal_id: str | None
    management_system_id: str | None
    merchant_language: str | None
    unattended: bool
    softpos: bool
    key_stdin: bool
    no_check: bool
    force: bool

    @property
    def has_terminal(self) -> bool:
        """Whether a terminal is described."""
        return bool(self.terminal or self.terminal_id or self.softpos or self.management_system_id)


def set_up(session: Session, given: Given) -> ExitCode:
    """Write the configuration and keep the key; nothing is written before everything is checked.

    Raises:
        Misused: If nobody can answer what is not given, or there is a configuration already.
        ConfigWrong: If an answer cannot be used, or CCV does not take the key.
        NoInformation: If CCV cannot be asked.
    """
    path = session.config_path()
    if path.exists() and not given.force:
        raise Misused(
            "there is a configuration already at {path}; --force replaces it", path=str(path)
        )
    is_manned = session.can_ask and not given.key_stdin
    if not is_manned and given.counter is None:
        raise Misused(
            "nobody is here to answer questions; say at least --counter NAME, see"
            " posrefund init --help"
        )
    answers = _asked(session, given, path) if is_manned else _typed(session, given)
    settings = settings_of(answers, path)
    key, is_new = _key(session, given, settings, is_manned=is_manned)
    text = as_toml(answers)
    write_config(text, path, replace=given.force)
    place = keep(session, settings, key, None)[1] if key is not None and is_new else None
    _tell(session, path, key, place)
    return session.answered()


# -- answers by options ----------------------------------------------------------------------------


def _typed(session: Session, given: Given) -> _Values:
    chosen = session.language or language.SOURCE
    values: _Values = {"counter": given.counter, "language": chosen}
    if given.base_url is not None:
        values["provider"] = {"base_url": given.base_url}
    if given.has_terminal:
        values["terminals"] = [_typed_terminal(given, chosen)]
    return values


def _typed_terminal(given: Given, chosen: str) -> _Values:
    terminal: _Values = {
        "name": given.terminal or given.counter,
        "method": "softpos" if given.softpos else "terminal",
    }
    for key in ("terminal_id", "management_system_id", "merchant_language"):
        if getattr(given, key) is not None:
            terminal[key] = getattr(given, key)
    if given.softpos:
        return terminal
    terminal["operating_environment"] = "SEMI_UNATTENDED" if given.unattended else "ATTENDED"
    if not given.unattended:
        terminal.setdefault("merchant_language", chosen.upper())
    return terminal


# -- answers by a person ---------------------------------------------------------------------------


def _asked(session: Session, given: Given, path: Path) -> _Values:
    """Ask for what was not given; every answer is checked as the file would be."""
    usual = Settings()
    chosen = session.language or prompts.ask(
        session,
        _("Language ({choices})").format(choices=", ".join(LANGUAGES)),
        _checked(path, lambda text: {"language": text}),
        otherwise=usual.language,
    )
    language.use(chosen)
    values: _Values = {
        "counter": given.counter
        or prompts.ask(
            session,
            _("Name of this counter, as people call it"),
            _checked(path, lambda text: {"counter": text}),
            otherwise=usual.counter,
        ),
        "language": chosen,
    }
    address = given.base_url or prompts.ask(
        session,
        _("CCV's address"),
        _checked(path, lambda text: {"provider": {"base_url": text}}),
        otherwise=usual.provider.base_url,
    )
    values["provider"] = {"base_url": address}
    terminals = [_typed_terminal(given, chosen)] if given.has_terminal else []
    while prompts.yes(session, _("Add a terminal?"), otherwise=not terminals):
        terminals.append(_asked_terminal(session, path, terminals, values))
    if terminals:
        values["terminals"] = terminals
    return values


def _asked_terminal(
    session: Session, path: Path, others: list[_Values], values: _Values
) -> _Values:
    phone = {"name": "?", "method": "softpos"}
    card = {"name": "?", "method": "terminal", "terminal_id": "1", "management_system_id": "1"}

    def check(key: str, usual: _Values, *before: _Values) -> Callable[[str], str]:
        return _checked(path, lambda text: {"terminals": [*before, {**usual, key: text}]})

    name = prompts.ask(
        session,
        _("Name of the terminal, as people call it"),
        check("name", phone, *others),
        otherwise=None if others else values["counter"],
    )
    if prompts.yes(session, _("Is it a phone or tablet with CCV's SoftPOS app?"), otherwise=False):
        number = prompts.ask(
            session, _("Its id at CCV, as SP0001"), check("terminal_id", phone), otherwise=None
        )
        return {"name": name, "method": "softpos", "terminal_id": number}
    terminal = {
        "name": name,
        "method": "terminal",
        "terminal_id": prompts.ask(session, _("Its terminal id"), check("terminal_id", card)),
        "management_system_id": prompts.ask(
            session, _("Its management system id"), check("management_system_id", card)
        ),
        "operating_environment": "SEMI_UNATTENDED",
    }
    if prompts.yes(session, _("Does somebody of the shop stand there?"), otherwise=True):
        terminal["operating_environment"] = "ATTENDED"
        terminal["merchant_language"] = prompts.ask(
            session,
            _("Language of the messages to that person"),
            check("merchant_language", card),
            otherwise=str(values["language"]).upper(),
        )
    return terminal


def _checked(path: Path, place: Callable[[str], _Values]) -> Callable[[str], str]:
    """A check of one answer by the rules of the file it will be written to."""

    def check(text: str) -> str:
        try:
            settings_of(place(text), path)
        except SettingWrong as error:
            raise Misused(str(error).partition(f"{error.name}: ")[2] or str(error)) from None
        return text

    return check


# -- the key ---------------------------------------------------------------------------------------


def _key(
    session: Session, given: Given, settings: Settings, *, is_manned: bool
) -> tuple[ApiKey | None, bool]:
    """The key, and whether it is new to this machine. It has been checked against CCV."""
    while True:
        try:
            key, is_new = _one_key(session, given, settings, is_manned=is_manned)
            if key is not None:
                agree(settings, key)
                _check_at_ccv(session, given, settings, key, is_manned=is_manned)
        except ConfigWrong as error:
            if not is_manned:
                raise
            session.notices.say(f"  {said(error)}")
            if not prompts.yes(session, _("Try another API key?"), otherwise=True):
                return None, False
        else:
            return key, is_new


def _one_key(
    session: Session, given: Given, settings: Settings, *, is_manned: bool
) -> tuple[ApiKey | None, bool]:
    if given.key_stdin:
        return prompts.key(session, ""), True
    place = next(session.key_places(settings), None)
    if place is not None and not is_manned:
        return find_api_key([place]), False
    if place is not None:
        question = _("Use the API key from {place}?").format(place=place.name)
        if prompts.yes(session, question, otherwise=True):
            return find_api_key([place]), False
    return (
        (prompts.key(session, _("API key, which is not shown")), True)
        if is_manned
        else (None, False)
    )


def _check_at_ccv(
    session: Session, given: Given, settings: Settings, key: ApiKey, *, is_manned: bool
) -> None:
    if given.no_check:
        return
    from posrefund.provider.probe import probe

    asked = settings.provider
    try:
        refusal = probe(base_url=asked.base_url, key=key, now=session.clock().now).refusal
        if refusal is not None:
            raise refusal
    except KeyRefused:
        raise
    except NoInformation as error:
        question = _("CCV could not be asked ({reason}). Go on all the same?").format(
            reason=said(error)
        )
        if not is_manned:
            raise NoInformation(
                "CCV could not be asked whether it takes the key, so nothing was written:"
                " {reason}; --no-check writes it unchecked",
                reason=error,
            ) from None
        if not prompts.yes(session, question, otherwise=False):
            raise Misused("nothing was written") from None
    else:
        session.notices.say(
            _("CCV takes the API key ({kind}).").format(kind=prompts.described(key))
        )


def _tell(session: Session, path: Path, key: ApiKey | None, place: str | None) -> None:
    lines = [_("Written: {path}").format(path=path)]
    if place is not None:
        lines.append(_("The API key is in {place}.").format(place=place))
    if key is None:
        lines.append(_("There is no API key yet; store it with posrefund key set."))
    lines.append(_("Now run posrefund doctor, and then posrefund."))
    session.output.show(
        {
            "config": str(path),
            "key": place,
            "environment": None if key is None else str(key.environment),
        },
        lines,
    )
