"""Questions to the journal: `list` and `show`. They need neither key nor network."""

from dataclasses import dataclass
from datetime import date

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode
from posrefund.cli.lines import case_lines, table
from posrefund.cli.session import NoJournal, Session
from posrefund.cli.shapes import case_shape, refund_shape
from posrefund.cli.telling import of_something_sent
from posrefund.errors import Misused, NoSuchRefund
from posrefund.language import _, plural
from posrefund.money import Money
from posrefund.refund.model import Environment, Refund, RefundState
from posrefund.refund.ports import Journal

_CURRENCY = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which refunds to list, as it was typed."""

    only_open: bool
    day: str | None
    state: str | None
    text: str | None
    amount: str | None
    terminal: str | None
    limit: int


def list_refunds(session: Session, wanted: Wanted) -> ExitCode:
    """Print refunds, the newest first.

    Raises:
        Misused: If there is no such day or amount.
    """
    if wanted.only_open and wanted.text is not None:
        raise Misused("say either --open or --text; what is open is few")
    day = None if wanted.day is None else typed.day(wanted.day, _today(session))
    state = RefundState(wanted.state) if wanted.state else None
    amount = None if wanted.amount is None else Money.parse(wanted.amount, _CURRENCY)
    with session.journal() as journal:
        if wanted.only_open:
            found = [
                refund
                for refund in _open_ones(journal)
                if day in {None, refund.created_at.astimezone().date()}
                and state in {None, refund.state}
                and amount in {None, refund.amount}
                and wanted.terminal in {None, refund.terminal}
            ]
        else:
            # One more than wanted tells whether there are more.
            found = journal.latest(
                limit=wanted.limit + 1,
                day=day,
                state=state,
                text=wanted.text,
                amount=amount,
                terminal=wanted.terminal,
            )
    _show_list(session, found[: wanted.limit])
    if not found:
        session.notices.say(_("There are no such refunds."))
    if len(found) > wanted.limit:
        more = plural(
            "There are more than this one; see --limit.",
            "There are more than these {number}; see --limit.",
            wanted.limit,
        )
        session.notices.say(more.format(number=wanted.limit))
    return session.answered()


def standing(session: Session) -> ExitCode:
    """Print what is open, as the journal has it, and exit by the worst of it. Nobody is asked.

    Raises:
        JournalTrouble: If the journal fails, or there is none. A monitor must not see a new one,
            with nothing open in it, where the one that is followed has gone.
    """
    from posrefund.cli.recovering import worst

    with of_something_sent(), session.journal(NoJournal.REFUSE) as journal:
        found = _open_ones(journal)
    _show_list(session, found)
    if not found:
        session.notices.say(_("Nothing is open."))
    code = worst(found)
    return session.answered() if code is ExitCode.OK else code


def _open_ones(journal: Journal) -> list[Refund]:
    """What is not final, and what is final and contradicted by CCV: a person must look at it."""
    contradicted = [one for one in journal.unsettled_refunds() if one.alarm is not None]
    found = {refund.id: refund for refund in [*journal.open_refunds(), *contradicted]}
    return sorted(found.values(), key=lambda one: (one.created_at, one.id), reverse=True)


def _today(session: Session) -> date:
    return session.clock().now().astimezone().date()


def _show_list(session: Session, refunds: list[Refund]) -> None:
    if not session.output.as_json:
        session.output.show({}, table(refunds))
        return
    for refund in refunds:
        session.output.show(refund_shape(refund), [])


def show(session: Session, text: str) -> ExitCode:
    """Print one refund and its history.

    Raises:
        Misused: If the text cannot be an id.
        NoSuchRefund: If the journal does not have it.
        JournalTrouble: If the journal fails, or there is none: one that was lost must not say of
            the refund what it says of one that never was. The refund stands as it stood.
    """
    wanted = typed.reference(text)
    with of_something_sent(), session.journal(NoJournal.REFUSE) as journal:
        refund = known(journal, wanted)
        entries = journal.entries(refund.id)
    session.output.show(case_shape(refund, entries), case_lines(refund, entries))
    return session.answered()


def known(journal: Journal, wanted: str) -> Refund:
    """Return the refund with this id or reference; of a payment, the last attempt.

    Raises:
        NoSuchRefund: If the journal does not have it.
    """
    refund = journal.get(wanted)
    # Without the key nobody says which environment a reference of CCV's belongs to.
    for environment in Environment:
        refund = refund or journal.with_provider_reference(environment, wanted)
    if refund is None:
        attempts = [one for kind in Environment for one in journal.of_payment(kind, wanted)]
        refund = max(attempts, key=lambda one: (one.created_at, one.id), default=None)
    if refund is None:
        raise NoSuchRefund("the journal has no refund with this id or reference")
    return refund
