"""`config show` and `terminals`: what is configured, where it comes from, and what is odd."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass

from posrefund.cli.exits import ExitCode
from posrefund.cli.session import Session
from posrefund.errors import ConfigWrong
from posrefund.language import _
from posrefund.locations import CONFIG_VARIABLE, journal_file
from posrefund.settings import Settings, load_settings
from posrefund.settings.lines import Lines
from posrefund.settings.table import read_text
from posrefund.terminal.model import Method, Terminal
from posrefund.terminal.signs import sign_of

_WRITTEN = {"polling_profile": "polling.profile", "journal_path": "journal.path"}
_IN_A_TERMINAL = {"is_default": "default"}
# Their paths and queries may hold a secret of the shop.
_PRIVATE_URLS = ("provider.webhook_url", "provider.return_url")
_PRIVATE = ("provider.notification_requests",)


def show_config(session: Session) -> ExitCode:
    """Print every setting that holds, and where it comes from.

    Raises:
        ConfigWrong: If the configuration is wrong; posrefund doctor lists everything at once.
    """
    path = session.config_path()
    settings = load_settings(path)
    lines = Lines(read_text(path))
    _show(session, "configuration", str(path), _origin_of_file(session))
    for name, value in _flat(settings):
        line = lines.of(name) if _is_below(name, lines) else None
        origin = _("default") if line is None else f"{path}:{line}"
        if name == "language" and session.language is not None:
            value, origin = session.language, "--language"
        if name == "journal.path" and value is None:
            value = journal_file()
        _show(session, name, _shown(name, value), origin)
    _show_key(session, settings)
    return session.answered()


def list_terminals(session: Session) -> ExitCode:
    """Print the configured terminals, and what is odd about them.

    Raises:
        ConfigWrong: If the configuration is wrong.
    """
    terminals = session.settings().terminals
    for terminal in terminals:
        sign = sign_of(terminals, terminal.name)
        letter = sign.letter if sign else ""
        odd = oddities(terminal, terminals)
        session.output.show(
            {
                "letter": letter,
                "name": terminal.name,
                "method": str(terminal.method),
                "terminal_id": terminal.terminal_id,
                "management_system_id": terminal.management_system_id,
                "access_protocol": terminal.access_protocol,
                "operating_environment": terminal.operating_environment,
                "merchant_language": terminal.merchant_language,
                "card_present": terminal.card_present,
                "default": terminal is default_of(terminals),
                "remarks": odd,
            },
            _terminal_lines(terminal, letter, odd, is_default=terminal is default_of(terminals)),
        )
    if not terminals:
        session.notices.say(_("No terminal is configured; posrefund init adds one."))
    return session.answered()


def default_of(terminals: Sequence[Terminal]) -> Terminal | None:
    """The terminal this counter uses unless a person chooses another."""
    return max(terminals, key=lambda one: one.is_default, default=None)


def oddities(terminal: Terminal, terminals: Sequence[Terminal]) -> list[str]:
    """What may be meant, and more often is a slip of the pen."""
    odd = []
    ids = Counter((one.method, one.terminal_id, one.management_system_id) for one in terminals)
    mine = (terminal.method, terminal.terminal_id, terminal.management_system_id)
    if terminal.terminal_id is not None and ids[mine] > 1:
        odd.append(_("another terminal has the same id"))
    if terminal.method is Method.SOFTPOS and terminal.terminal_id is None:
        odd.append(_("has no id; CCV takes the terminal of the sale"))
    if terminal.method is Method.TERMINAL and terminal.operating_environment is None:
        odd.append(_("does not say who stands there; CCV takes SEMI_UNATTENDED"))
    return odd


def _terminal_lines(
    terminal: Terminal, letter: str, odd: Sequence[str], *, is_default: bool
) -> Iterator[str]:
    ids = " / ".join(filter(None, (terminal.terminal_id, terminal.management_system_id)))
    more = [
        str(terminal.method),
        ids or "-",
        terminal.operating_environment or "",
        terminal.merchant_language or "",
        "" if terminal.card_present else _("without the card"),
        _("default") if is_default else "",
    ]
    yield f"{letter:<3}{terminal.name:<22}{'  '.join(filter(None, more))}"
    yield from (f"{'':<3}! {one}" for one in odd)


def _flat(settings: Settings) -> Iterator[tuple[str, object]]:
    """Every setting by its name in the file."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name == "terminals":
            for number, terminal in enumerate(value, 1):
                # What does not belong to its method is None, and cannot be set.
                for part in fields(terminal):
                    if getattr(terminal, part.name) is None:
                        continue  # what does not belong to its method cannot be set
                    name = _IN_A_TERMINAL.get(part.name, part.name)
                    yield f"terminals[{number}].{name}", getattr(terminal, part.name)
        elif is_dataclass(value):
            for part in fields(value):
                yield f"{field.name}.{part.name}", getattr(value, part.name)
        else:
            yield _WRITTEN.get(field.name, field.name), value


def _is_below(name: str, lines: Lines) -> bool:
    """Whether the key itself is written, or the list it is in, as one value."""
    if lines.written(name) is not None:
        return True
    top = name.partition("[")[0]
    return "[" in name and lines.written(top) is not None


def _shown(name: str, value: object) -> str | None:
    if value is None:
        return None
    if name in _PRIVATE_URLS:
        scheme, separator, rest = str(value).partition("://")
        hidden = _("… (not shown)")
        return f"{scheme}{separator}{rest.partition('/')[0]}/{hidden}"
    if name in _PRIVATE:
        return _("(not shown)")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def _show(session: Session, name: str, value: str | None, origin: str) -> None:
    session.output.show(
        {"key": name, "value": value, "origin": origin}, [f"{name:<38}{value or '-':<34}  {origin}"]
    )


def _origin_of_file(session: Session) -> str:
    if session.config is not None:
        return "--config"
    return CONFIG_VARIABLE if session.environ.get(CONFIG_VARIABLE) else _("default")


def _show_key(session: Session, settings: Settings) -> None:
    place = next(session.key_places(settings), None)
    if place is None:
        _show(session, "api_key", None, _("nowhere"))
        return
    try:
        environment = str(place.read().environment)
    except ConfigWrong:
        environment = _("cannot be used")
    _show(session, "api_key", f"({environment})", str(place.name))
