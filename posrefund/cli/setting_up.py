"""`init`: asks for what is needed, checks each answer as it comes, and writes the configuration.

The set-up on the screen of the counter asks the same, and keeps it by `setting_up_screen`.
"""

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from posrefund.cli import prompts
from posrefund.cli.exits import ExitCode
from posrefund.cli.keys import keep
from posrefund.cli.session import Session
from posrefund.cli.setup_answers import Answers, Given, asked, typed
from posrefund.credentials import ApiKey, find_api_key
from posrefund.errors import ConfigWrong, KeyRefused, Misused, NoInformation, Withheld
from posrefund.language import _
from posrefund.refund.model import Environment
from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence
from posrefund.settings import ProviderSettings, Settings, agree, load_settings
from posrefund.settings.loading import settings_of
from posrefund.settings.renewing import renewed
from posrefund.settings.table import read_text
from posrefund.settings.writing import as_toml, write_config
from posrefund.speech import said

_KINDS = {
    Environment.LIVE: Sentence("live: real money"),
    Environment.TEST: Sentence("test: no real money"),
}

_EXAMPLE = ProviderSettings().base_url


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
    usual = _usual(path)
    if not is_manned and given.counter is None and usual is None:
        raise Misused(
            "nobody is here to answer questions; say at least --counter NAME, see"
            " posrefund init --help"
        )
    answer = asked if is_manned else typed
    answers = answer(session, given, usual or Settings())
    text, settings = _written(session, answers, path)
    key, is_new = _key(session, given, settings, is_manned=is_manned)
    before = write_config(text, path, replace=given.force)
    if before is not None:
        said_before = _("The configuration that was there is kept as {path}.")
        session.notices.say(said_before.format(path=safe_text(str(before))))
    place = None
    if key is not None and is_new:
        try:
            place = keep(session, settings, key)[1]
        except ConfigWrong as error:
            raise without_key(path, error) from None
    if not settings.terminals:
        session.notices.say(
            _(
                "No card terminal is configured, so only refunds that need none can be made. To"
                " add one: posrefund init --force with --terminal-id and --management-system-id,"
                " or a [[terminals]] entry in the file."
            )
        )
    _tell(session, path, key, place)
    return session.answered()


def _usual(path: Path) -> Settings | None:
    """What holds where nothing is answered: what held until now, if anything did."""
    try:
        return load_settings(path)
    except ConfigWrong:
        return None


_NAMES_JOURNAL = re.compile(r"^\s*(?:\[\s*)?journal\b", re.MULTILINE)


def _can_be_used(text: str, path: Path) -> bool:
    try:
        settings_of(tomllib.loads(text), path)
    except (ConfigWrong, ValueError):
        return False
    return True


def _written(session: Session, answers: Answers, path: Path) -> tuple[str, Settings]:
    """The file that is to be, and what it says. Of the one that is there the rest is taken over.

    Raises:
        ConfigWrong: If an answer cannot be used.
    """
    alone = settings_of(answers.whole, path)
    if path.exists():
        before = read_text(path)
        if _can_be_used(before, path):
            # Whatever is wrong now is an answer that does not go with what stays.
            text = renewed(before, answers.values, added=answers.added)
            settings = settings_of(tomllib.loads(text), path)
            session.notices.say(_("What was not asked about stays as it was."))
            return text, settings
        if _NAMES_JOURNAL.search(before) and not session.can_ask:
            raise ConfigWrong(
                "the configuration {path} cannot be used, and it names a journal, which a new one"
                " would forget with the refunds that are open; correct it, or move it away",
                path=path,
            )
        session.notices.say(
            _(
                "Of the configuration that was there nothing is taken over: it cannot be used."
                " If it names a journal, name the same one in the new configuration: another"
                " journal would forget the refunds that are open."
            )
        )
    return as_toml(answers.whole), alone


# -- the key ---------------------------------------------------------------------------------------


def ask_ccv(session: Session, settings: Settings, key: ApiKey) -> None:
    """Ask CCV one harmless question with the key.

    Raises:
        KeyRefused: If CCV does not take the key.
        NoInformation: If CCV could not be asked.
        ConfigWrong: If the certificates that are configured cannot be read.
    """
    # Only who comes this far pays for loading it.
    from posrefund.provider.probe import probe

    provider = settings.provider
    refusal = probe(
        base_url=provider.base_url,
        key=key,
        now=session.clock().now,
        proxy=provider.proxy,
        ca_file=provider.ca_file,
    ).refusal
    if refusal is not None:
        raise refusal


def _key(
    session: Session, given: Given, settings: Settings, *, is_manned: bool
) -> tuple[ApiKey | None, bool]:
    """The key, and whether it is new to this machine. It has been checked against CCV."""
    while True:
        try:
            key, is_new = _one_key(session, given, settings, is_manned=is_manned)
            if key is not None:
                agree(settings, key)
                if is_new:
                    refuse_hidden(session, settings, key)
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
        question = _("Use the API key from {place}?").format(place=said(place.name))
        if prompts.yes(session, question, otherwise=True):
            return find_api_key([place]), False
    return (
        (prompts.key(session, _("API key, which is not shown")), True)
        if is_manned
        else (None, False)
    )


def without_key(path: Path, error: ConfigWrong) -> ConfigWrong:
    """Say that the configuration was written, and the key was not stored."""
    return ConfigWrong(
        "the configuration was written to {path}, but the API key was not stored: {reason};"
        " store it with posrefund key set",
        catalogue=error.catalogue,
        path=safe_text(str(path)),
        reason=error,
    )


def refuse_hidden(session: Session, settings: Settings, key: ApiKey) -> None:
    """Refuse to store a key that would not be used: the one in its place may move real money.

    Raises:
        ConfigWrong: If another one comes first. Nothing was sent.
    """
    first = next(session.key_places(settings), None)
    if first is None or not first.source.is_handed_over:
        return
    used = first.read()
    if not used.is_same(key):
        raise ConfigWrong(
            "the API key from {place} comes before any that is stored, and it is another one"
            " ({kind}); use that one, or start posrefund without it",
            place=first.name,
            kind=_KINDS[used.environment],
        )


def _check_at_ccv(
    session: Session, given: Given, settings: Settings, key: ApiKey, *, is_manned: bool
) -> None:
    if given.no_check:
        return
    try:
        ask_ccv(session, settings, key)
    except KeyRefused:
        raise
    except NoInformation as error:
        why = _with_hint(error)
        question = _("CCV could not be asked ({reason}). Go on all the same?").format(
            reason=said(why)
        )
        if not is_manned:
            raise NoInformation(
                "CCV could not be asked whether it takes the key, so nothing was written:"
                " {reason}; --no-check writes it unchecked",
                reason=why,
            ) from None
        if not prompts.yes(session, question, otherwise=False):
            raise Misused("nothing was written") from None
    else:
        session.notices.say(
            _("CCV takes the API key ({kind}).").format(kind=prompts.described(key))
        )
        if not urlsplit(settings.provider.base_url).path:
            # Many a server says of any path, in JSON, that it is not there: so does CCV of the
            # reference that was asked about.
            session.notices.say(
                _("The address has no path; see whether it is whole, as {example} is.").format(
                    example=_EXAMPLE
                )
            )


def _with_hint(error: NoInformation) -> Sentence:
    """Why CCV could not be asked. Who answers and will not tell may have another address."""
    if not isinstance(error, Withheld):
        return error.sentence
    return Sentence(
        "{why}; see whether the address has its whole path, as in {example}",
        why=error,
        example=_EXAMPLE,
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
