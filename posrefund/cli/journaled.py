"""Questions to the journal: `list` and `show`. They need neither key nor network."""

from datetime import UTC, date

from posrefund.cli import typed
from posrefund.cli.exits import ExitCode
from posrefund.cli.lines import case_lines, table
from posrefund.cli.session import Session
from posrefund.cli.shapes import case_shape, refund_shape
from posrefund.errors import NotFound
from posrefund.refund.model import Environment, Refund, RefundState
from posrefund.refund.ports import Journal


def list_refunds(
    session: Session, *, only_open: bool, day: str | None, state: str | None, limit: int
) -> ExitCode:
    """Print refunds, the newest first.

    Raises:
        Misused: If there is no such day.
    """
    wanted_day = None if day is None else typed.day(day, _today(session))
    wanted_state = RefundState(state) if state else None
    with session.journal() as journal:
        # One more than wanted tells whether there are more.
        if only_open:
            found = [
                refund
                for refund in reversed(journal.open_refunds())
                if wanted_day in {None, refund.created_at.astimezone(UTC).date()}
                and wanted_state in {None, refund.state}
            ]
        else:
            found = journal.latest(limit=limit + 1, day=wanted_day, state=wanted_state)
    _show_list(session, found[:limit])
    if not found:
        session.notices.say("There are no such refunds.")
    if len(found) > limit:
        session.notices.say(f"There are more than these {limit}; see --limit.")
    return session.answered()


def _today(session: Session) -> date:
    return session.clock().now().astimezone(UTC).date()


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
        NotFound: If the journal does not have it.
    """
    wanted = typed.reference(text)
    with session.journal() as journal:
        refund = _known(journal, wanted)
        entries = journal.entries(refund.id)
    session.output.show(case_shape(refund, entries), case_lines(refund, entries))
    return session.answered()


def _known(journal: Journal, wanted: str) -> Refund:
    refund = journal.get(wanted)
    # Without the key nobody says which environment a reference of CCV's belongs to.
    for environment in Environment:
        refund = refund or journal.with_provider_reference(environment, wanted)
    if refund is None:
        raise NotFound("the journal has no refund with this id or reference")
    return refund
