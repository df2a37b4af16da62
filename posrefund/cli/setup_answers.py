"""The answers of `init`, by options or by a person. A terminal is never replaced unasked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from posrefund import language
from posrefund.cli import prompts
from posrefund.cli.session import Session
from posrefund.errors import Misused
from posrefund.language import _
from posrefund.safe_text import safe_text
from posrefund.settings import LANGUAGES, Settings
from posrefund.settings.answers import Values, card_terminal, checked, phone
from posrefund.terminal.model import Terminal


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the file is to say."""

    values: Values
    """Terminals in here are to be used from now on, before those that are there."""
    added: list[Values] = field(default_factory=list)
    """Terminals that stand where they stood, or come last: the usual one stays the usual one."""

    @property
    def whole(self) -> Values:
        """All of it, as a file of its own."""
        terminals = [*self.values.get("terminals", ()), *self.added]
        return {**self.values, "terminals": terminals} if terminals else self.values


# -- answers by options ----------------------------------------------------------------------------


def typed(session: Session, given: Given, usual: Settings) -> Answers:
    """Take everything from the options.

    Raises:
        Misused: If another terminal that is there would be lost. Nothing was written.
    """
    chosen = session.language or usual.language
    values: Values = {"language": chosen}
    if given.counter is not None:
        values = {"counter": given.counter, **values}
    if given.base_url is not None:
        values["provider"] = {"base_url": given.base_url}
    if not given.has_terminal:
        return Answers(values=values)
    terminal = _typed_terminal(given, given.counter or usual.counter, chosen)
    lost = _lost(terminal, usual.terminals, is_named=given.terminal is not None)
    if lost is not None:
        raise Misused(
            "there is a terminal {name} already, which this would replace; say --terminal with"
            " another name to add one (nothing was written)",
            name=safe_text(lost.name),
        )
    return _with_terminal(values, terminal, usual)


def _with_terminal(values: Values, terminal: Values, usual: Settings) -> Answers:
    """A card terminal that is named by options is that of a kiosk: it is used from now on."""
    if terminal["method"] == "softpos" and usual.terminals:
        return Answers(values=values, added=[terminal])
    return Answers(values={**values, "terminals": [terminal]})


def _typed_terminal(given: Given, counter: str, chosen: str) -> Values:
    terminal: Values = {
        "name": given.terminal or counter,
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


def _lost(terminal: Values, there: Sequence[Terminal], *, is_named: bool) -> Terminal | None:
    """The terminal that is there and that this one would take the place of.

    One of the same ids only gets new settings, and so does one of the same kind that was named by
    who typed it.
    """
    before, known = _same_name(str(terminal["name"]), there), _same_ids(terminal, there)
    if before is None or before is known:
        return None
    is_meant = is_named and known is None and before.method == terminal["method"]
    return None if is_meant else before


def _same_name(name: str, there: Sequence[Terminal]) -> Terminal | None:
    return next((one for one in there if one.name.casefold() == name.casefold()), None)


def _same_ids(terminal: Values, there: Sequence[Terminal]) -> Terminal | None:
    """The terminal that CCV knows by the same ids."""
    names = ("method", "terminal_id", "management_system_id")
    ids = [terminal.get(name) for name in names]
    if ids[1] is None:
        return None
    return next((one for one in there if ids == [getattr(one, name) for name in names]), None)


# -- answers by a person ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Questions:
    """Asks, and checks every answer as the file would be."""

    session: Session
    path: Path

    def ask(
        self,
        name: str,
        question: str,
        *,
        otherwise: str | None = None,
        others: tuple[Values, ...] = (),
    ) -> str:
        return prompts.ask(
            self.session,
            question,
            lambda text: checked(name, text, file=self.path, others=others),
            otherwise=otherwise,
        )

    def may_replace(self, one: Terminal) -> bool:
        question = _("Replace the terminal {name}?").format(name=safe_text(one.name))
        return prompts.yes(self.session, question, otherwise=False)


def asked(session: Session, given: Given, usual: Settings) -> Answers:
    """Ask for what was not given.

    Raises:
        Misused: If the input ends too early, or the terminal of the options may not replace the
            one that is there. Nothing was written.
    """
    questions = _Questions(session, session.config_path())
    chosen = session.language or questions.ask(
        "language",
        _("Language ({choices})").format(choices=", ".join(LANGUAGES)),
        otherwise=usual.language,
    )
    language.use(chosen)
    counter = given.counter or questions.ask(
        "counter", _("Name of this counter, as people call it"), otherwise=usual.counter
    )
    address = given.base_url or questions.ask(
        "base_url", _("CCV's address"), otherwise=usual.provider.base_url
    )
    answers = Answers(
        values={"counter": counter, "language": chosen, "provider": {"base_url": address}}
    )
    if given.has_terminal:
        terminal = _typed_terminal(given, counter, chosen)
        lost = _lost(terminal, usual.terminals, is_named=given.terminal is not None)
        if lost is not None and not questions.may_replace(lost):
            raise Misused("nothing was written")
        answers = _with_terminal(answers.values, terminal, usual)
    has_one = given.has_terminal or bool(usual.terminals)
    while prompts.yes(session, _("Add a terminal?"), otherwise=not (has_one or answers.added)):
        added = _asked_terminal(questions, answers, usual)
        if added is not None:
            answers.added.append(added)
    return answers


def _asked_terminal(questions: _Questions, answers: Answers, usual: Settings) -> Values | None:
    """Ask about one terminal; None where it would replace one that is to stay."""
    session, there = questions.session, usual.terminals
    named = tuple(answers.whole.get("terminals", ()))
    is_phone = prompts.yes(
        session, _("Is it a phone or tablet with CCV's SoftPOS app?"), otherwise=False
    )
    taken = {str(one["name"]).casefold() for one in named} | {one.name.casefold() for one in there}
    usual_name = _("Phone") if is_phone else str(answers.values["counter"])
    while True:
        name = questions.ask(
            "name",
            _("Name of the terminal, as people call it"),
            otherwise=next(_free(usual_name, taken)),
            others=named,
        )
        before = _same_name(name, there)
        if before is None or questions.may_replace(before):
            break
    terminal = _asked_ids(questions, name, str(answers.values["language"]), is_phone=is_phone)
    known = _same_ids(terminal, there)
    if known is None or known is before or (before is None and questions.may_replace(known)):
        return terminal
    session.notices.say(_("It was not added."))
    return None


def _asked_ids(questions: _Questions, name: str, chosen: str, *, is_phone: bool) -> Values:
    session = questions.session
    if is_phone:
        return phone(name, terminal_id=questions.ask("softpos_id", _("Its id at CCV, as SP0001")))
    session.notices.say(_("The two ids that follow are CCV's: as J4S009, and as GrundmasterNL."))
    terminal_id = questions.ask("terminal_id", _("Its terminal id"))
    management_system_id = questions.ask("management_system_id", _("Its management system id"))
    spoken = None
    if prompts.yes(session, _("Does somebody of the shop stand there?"), otherwise=True):
        spoken = questions.ask(
            "merchant_language",
            _("Language of the messages to that person"),
            otherwise=chosen.upper(),
        )
    return card_terminal(
        name,
        terminal_id=terminal_id,
        management_system_id=management_system_id,
        merchant_language=spoken,
    )


def _free(name: str, taken: set[str]) -> Iterator[str]:
    """Names that no terminal has, the nicest first."""
    numbered = (name if number == 1 else f"{name} {number}" for number in count(1))
    return (one for one in numbered if one.casefold() not in taken)
