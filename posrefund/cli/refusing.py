"""A refund that never came to be, for a script: with --json it is one object on stdout, too."""

import re

from posrefund.cli.exits import ExitCode, code_of_error
from posrefund.cli.session import Session
from posrefund.errors import (
    AlreadyOpen,
    ConfigWrong,
    JournalTrouble,
    JournalUnavailable,
    Misused,
    NotAllowed,
    NotSent,
    PosrefundError,
    Refused,
)
from posrefund.refund.ports import Journal

NOBODY_SAID_YES = "not_agreed"
OF_ANOTHER = "of_another"
"""What JSON calls a refusal that has no error of its own."""
_UNSENT = (Misused, Refused, ConfigWrong, NotSent, JournalUnavailable)
"""After these nothing was sent. The others come of a refund that was begun before."""


def taken_id(error: NotAllowed, refund_id: str | None, journal: Journal) -> str | None:
    """Return the id if the refusal is that another refund has it, of another payment or amount."""
    # The kinds of a refusal, such as an open refund of the payment, say what is in the way.
    if type(error) is not NotAllowed or refund_id is None:
        return None
    try:
        return None if journal.get(refund_id) is None else refund_id
    except JournalTrouble:
        return None


def tell_scripts(session: Session, error: PosrefundError, *, taken: str | None = None) -> None:
    """Print why there is no refund, where nothing was printed of one.

    Args:
        session: Where the answer goes.
        error: Why.
        taken: The id, where the refusal is that another refund has it.
    """
    _tell(
        session,
        OF_ANOTHER if taken is not None else name_of(type(error)),
        message=str(error),
        code=code_of_error(error),
        is_unsent=isinstance(error, _UNSENT),
        refund_id=error.refund_id if isinstance(error, AlreadyOpen) else taken,
        catalogue=error.catalogue,
    )


def tell_scripts_of_a_no(session: Session) -> None:
    """Print that a person was asked and did not agree."""
    code = ExitCode.NOT_SENT
    _tell(session, NOBODY_SAID_YES, message="nobody said yes", code=code, is_unsent=True)


def name_of(kind: type[PosrefundError]) -> str:
    """What an error is called in JSON: `NotAllowed` is `not_allowed`. Stable."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _tell(
    session: Session,
    name: str,
    *,
    message: str,
    code: ExitCode,
    is_unsent: bool,
    refund_id: str | None = None,
    catalogue: str | None = None,
) -> None:
    if session.output.is_begun:
        # The last line of a refund is its outcome, and stays so.
        return
    answer = {
        "error": name,
        "message": message,
        "exit_code": int(code),
        "sent": False if is_unsent else None,
        "refund_id": refund_id,
        "catalogue": catalogue,
    }
    session.output.show(answer, [])
