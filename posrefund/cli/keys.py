"""`key set|status|delete`: where the API key is kept. The key itself is never shown."""

from pathlib import Path

from posrefund import keychain
from posrefund.cli import prompts
from posrefund.cli.exits import ExitCode
from posrefund.cli.session import Session, usual_key_file
from posrefund.credentials import (
    THE_KEYRING,
    ApiKey,
    KeyPlace,
    KeySource,
    find_api_key,
    keep_key,
    remove_file,
)
from posrefund.errors import ConfigWrong, Misused
from posrefund.language import _
from posrefund.settings import Settings, agree
from posrefund.speech import said


def set_key(session: Session, to: str | None) -> ExitCode:
    """Take the key and keep it where only this user finds it.

    Args:
        session: Where the key comes from: a hidden question, or standard input.
        to: `keyring` or `file`; by itself the keyring where there is a safe one, else a file.

    Raises:
        ConfigWrong: If it is no key, or cannot be kept safely. What was kept before stays.
    """
    settings = _settings(session)
    key = prompts.key(session, _("API key, which is not shown"))
    agree(settings, key)
    source, place = keep(session, settings, key, to)
    session.output.show(
        {
            "source": str(source),
            "place": place,
            "environment": str(key.environment),
            "address": settings.provider.base_url,
        },
        [
            _("Stored in {place} ({kind}).").format(place=place, kind=prompts.described(key)),
            _("posrefund doctor asks CCV whether it is accepted."),
        ],
    )
    _warn_of_hiding(session, settings, source)
    return session.answered()


def keep(
    session: Session, settings: Settings, key: ApiKey, to: str | None = None
) -> tuple[KeySource, str]:
    """Keep the key in the keyring or in the key file; return which, and its name.

    Raises:
        ConfigWrong: If it cannot be kept safely. What was kept before stays.
    """
    source, place = keep_key(
        key,
        file=_file(session, settings),
        is_named=settings.provider.api_key_file is not None,
        address=settings.provider.base_url,
        to=to,
    )
    return source, said(place)


def key_status(session: Session) -> ExitCode:
    """Say where the key comes from, what it is for and what is wrong with it.

    Raises:
        ConfigWrong: If there is none, or the one that counts cannot be used.
    """
    settings = _settings(session)
    places = list(session.key_places(settings))
    for number, place in enumerate(places):
        _show(session, settings, place, is_used=number == 0)
    agree(settings, find_api_key(places))
    return session.answered()


def delete_key(session: Session, *, is_sure: bool) -> ExitCode:
    """Remove the key from the key file and from the keyring.

    Raises:
        Misused: If nobody said yes.
        ConfigWrong: If it cannot be removed.
    """
    settings = _settings(session)
    if not is_sure and not session.can_ask:
        raise Misused("nobody is there to say yes; say --yes")
    if not is_sure and not session.confirm(_("Delete the API key from this machine?")):
        session.notices.say(_("Nothing was deleted."))
        return ExitCode.REFUSED
    file = _file(session, settings)
    gone = [str(file)] if remove_file(file) else []
    if keychain.remove(settings.provider.base_url):
        gone.append(said(THE_KEYRING))
    lines = [_("Deleted: {place}").format(place=place) for place in gone]
    session.output.show({"deleted": gone}, lines or [_("There was no stored API key.")])
    for place in session.key_places(settings):
        session.notices.say(
            _("An API key still comes from {place}; that one is not ours to delete.").format(
                place=said(place.name)
            )
        )
    return session.answered()


def _settings(session: Session) -> Settings:
    """The configuration; what holds without one where there is none yet."""
    return session.settings() if session.config_path().exists() else Settings()


def _file(session: Session, settings: Settings) -> Path:
    return settings.provider.api_key_file or usual_key_file(session.config_path())


def _show(session: Session, settings: Settings, place: KeyPlace, *, is_used: bool) -> None:
    key, problem = None, None
    try:
        key = place.read()
        agree(settings, key)
    except ConfigWrong as error:
        problem = said(error)
    kind = prompts.described(key) if key else _("cannot be used")
    line = (
        _("Used: {place} ({kind})")
        if is_used
        else _("Not used, because another one comes first: {place} ({kind})")
    )
    session.output.show(
        {
            "source": str(place.source),
            "place": str(place.name),
            "used": is_used,
            "environment": None if key is None else str(key.environment),
            "address": settings.provider.base_url,
            "problem": problem,
        },
        [line.format(place=said(place.name), kind=kind)],
    )


def _warn_of_hiding(session: Session, settings: Settings, source: KeySource) -> None:
    first = next(session.key_places(settings), None)
    if first is not None and first.source is not source:
        session.notices.say(
            _("Another key comes first, from {place}; the stored one is not used.").format(
                place=said(first.name)
            )
        )
