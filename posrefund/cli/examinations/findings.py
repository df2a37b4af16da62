"""What an examination answers, and what the next ones may know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from posrefund.cli.exits import ExitCode
from posrefund.cli.session import Session
from posrefund.credentials import ApiKey
from posrefund.errors import PosrefundError
from posrefund.language import _
from posrefund.settings import Settings
from posrefund.speech import said

if TYPE_CHECKING:
    from posrefund.provider.probe import Probe


class Verdict(StrEnum):
    """What became of one examination."""

    OK = "ok"
    LOOK = "look"
    """It works, and somebody should know."""
    WRONG = "wrong"
    SKIPPED = "skipped"
    """It could not be examined, because of something said before."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's."""

    verdict: Verdict
    says: str
    do: str | None = None
    code: ExitCode = ExitCode.OK
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Case:
    """What is examined, and what was found on the way."""

    session: Session
    is_offline: bool
    settings: Settings | None = None
    key: ApiKey | None = None
    probe: "Probe | None" = None


def refused(error: PosrefundError, code: ExitCode, *, says: str | None = None) -> Finding:
    """Make the finding of an error, with its number in the catalogue where it has one."""
    facts = {"catalogue": error.catalogue} if error.catalogue else {}
    return Finding(Verdict.WRONG, says or said(error), code=code, facts=facts)


def with_remark(says: str, remark: str) -> str:
    """What was found, and what is to be said of it, as one sentence."""
    return _("{what}: {remark}").format(what=says, remark=remark)


def skipped(says: str) -> Finding:
    """Make the finding that nothing could be found, and why."""
    return Finding(Verdict.SKIPPED, says)
