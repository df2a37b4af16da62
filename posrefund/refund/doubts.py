"""Answers that do not fit: how long they are borne before a person must look. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from posrefund.refund.model import Doubt, Refund
from posrefund.sentence import Sentence

BORNE_FOR = timedelta(minutes=10)
"""Long enough for CCV's own systems to agree with each other."""
MISMATCHES = 3
"""So many answers in a row about something else are no accident."""


def doubted(refund: Refund, doubt: Doubt, *, now: datetime) -> Refund:
    """Return the refund with one more odd answer; another kind begins anew."""
    if refund.doubt is not doubt:
        return replace(refund, doubt=doubt, doubt_since=now, doubt_count=1)
    if doubt is Doubt.MISMATCH:
        return replace(refund, doubt_count=refund.doubt_count + 1)
    return refund


def trusted(refund: Refund) -> Refund:
    """Return the refund after an answer that fits: what was odd before is forgotten."""
    return replace(refund, doubt=None, doubt_since=None, doubt_count=0)


def too_much(refund: Refund, *, now: datetime) -> Sentence | None:
    """Return why a person must look, once odd answers have gone on for too long."""
    since = refund.doubt_since
    if refund.doubt is Doubt.MISMATCH:
        if refund.doubt_count >= MISMATCHES:
            return Sentence("CCV keeps answering about something else.")
    elif since is not None and now - since >= BORNE_FOR:
        if refund.doubt is Doubt.NOT_KNOWN:
            return Sentence("CCV does not know its own reference.")
        if refund.doubt is Doubt.WITHHELD:
            return Sentence("CCV refuses to tell what became of it.")
        return Sentence("CCV gives it a status nobody knows.")
    return None
