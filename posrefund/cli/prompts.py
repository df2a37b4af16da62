"""Questions of the set-up: a line, a choice, and the key, which is never shown."""

from collections.abc import Callable
from typing import TypeVar

from posrefund.cli.session import Session
from posrefund.credentials import MAX_LENGTH, ApiKey
from posrefund.errors import ConfigWrong, Misused
from posrefund.language import _
from posrefund.speech import said

T = TypeVar("T")


def ask(
    session: Session, question: str, check: Callable[[str], T], *, otherwise: str | None = None
) -> T:
    """Ask until the answer passes `check`; Enter alone gives what stands in brackets.

    Raises:
        Misused: If the input ends before there is an answer.
    """
    shown = f"{question} [{otherwise}]: " if otherwise else f"{question}: "
    while True:
        answer = _line(session, shown) or otherwise or ""
        try:
            return check(answer)
        except (ConfigWrong, Misused) as error:
            session.notices.say(f"  {said(error)}")


def yes(session: Session, question: str, *, otherwise: bool) -> bool:
    """Ask a question that moves no money; Enter alone gives `otherwise`.

    Raises:
        Misused: If the input ends before there is an answer.
    """
    choice = _("[Y/n]") if otherwise else _("[y/N]")
    answer = _line(session, f"{question} {choice} ").casefold()
    return answer[:1] in {"y", "j", "o"} if answer else otherwise


def _line(session: Session, question: str) -> str:
    answer = session.notices.prompt(question, session.stdin) if session.stdin is not None else None
    if answer is None:
        raise Misused("the input ended before every question was answered")
    return answer.strip()


def key(session: Session, question: str) -> ApiKey:
    """Take the API key from a person, without showing it, or from standard input.

    Raises:
        ConfigWrong: If it cannot be a key of CCV's. It was not kept.
        Misused: If nothing came.
    """
    if session.can_ask:
        from getpass import getpass

        # The text goes straight into the key, so that no frame of a crash screen holds it.
        return ApiKey(getpass(f"{question}: ").strip())
    return ApiKey(_piped(session))


def _piped(session: Session) -> str:
    text = session.stdin.read(MAX_LENGTH + 3) if session.stdin is not None else ""
    if not text:
        raise Misused(
            "no API key came on standard input; run it in a terminal, or: posrefund key set < FILE"
        )
    return text.removesuffix("\n").removesuffix("\r")


def described(key: ApiKey) -> str:
    """Say what money a key moves."""
    return _("live: real money") if key.environment == "live" else _("test: no real money")
