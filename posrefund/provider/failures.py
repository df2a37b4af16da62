"""What went wrong, as one of our errors: the one place that says what it means for the money.

For a refund the short lists below are the only proof that no money moved. Everything else, also
what nobody has invented yet, is `Unanswered`: the refund may have been carried out.
"""

import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from posrefund.errors import (
    Declined,
    KeyRefused,
    NoInformation,
    NotFound,
    Unanswered,
    Unreachable,
    Withheld,
)
from posrefund.provider.translate import free_text
from posrefund.provider.wire import ErrorAnswer
from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence, Spoken

REFUSING_STATUSES = frozenset({400, 402, 403, 404, 422})
"""With CCV's error object in the body, one of these says that CCV did not take the refund."""
UNKNOWN_REFERENCE_STATUSES = frozenset({400, 404, 422})
"""CCV does not publish which of them answers a question for a reference it does not know."""
BUSY_STATUSES = frozenset({429, 503})
"""Answers that may carry a `Retry-After`."""
UNKNOWN_REFERENCE_CODE = "unknown_reference"
MAX_RETRY_AFTER_SECONDS = 60.0

_KEY_REFUSED = Sentence("CCV does not accept the API key")


class Unacceptable(Spoken):
    """An answer began to come and is refused as it is."""


class Broken(Exception):
    """An exchange that brought no whole answer."""

    def __init__(self, cause: Exception, *, left: bool) -> None:
        super().__init__(type(cause).__name__)
        self.cause = cause
        self.left = left
        """Whether the first byte of the request may have left this machine."""


_SENTENCES: tuple[tuple[type[BaseException], Sentence], ...] = (
    (socket.gaierror, Sentence("the name of the server was not found")),
    (ssl.SSLCertVerificationError, Sentence("the certificate of the server is not accepted")),
    (ssl.SSLError, Sentence("no secure connection could be made")),
    (ConnectionRefusedError, Sentence("the server refused the connection")),
    (httpx.ProxyError, Sentence("the proxy did not connect us")),
    (httpx.PoolTimeout, Sentence("too many requests are under way on this machine")),
    (httpx.ConnectTimeout, Sentence("the server did not pick up in time")),
    (httpx.ConnectError, Sentence("the server could not be reached")),
    (httpx.WriteTimeout, Sentence("the request could not be handed over in time")),
    (httpx.ReadTimeout, Sentence("no answer came in time")),
    (httpx.RemoteProtocolError, Sentence("the connection was cut before a whole answer came")),
    (httpx.NetworkError, Sentence("the connection was cut before a whole answer came")),
)


_PASSING_STATUSES = frozenset({408, 425, 429})
"""4xx statuses that say "not now" and nothing else (RFC 9110, RFC 8470, RFC 6585)."""


def refund_broken(broken: Broken) -> Unreachable | Unanswered:
    """Say what a refund is whose exchange broke.

    `Unreachable` only when the transport vouches that the request never began to leave *and* the
    reason is a known one; a reason that nobody knows proves nothing.
    """
    if not broken.left and isinstance(broken.cause, httpx.TransportError):
        return Unreachable("nothing was sent: {why}", why=sentence(broken.cause))
    return Unanswered(sentence(broken.cause))


def question_broken(broken: Broken) -> NoInformation:
    """Say that a question got no answer. It only asked, so no money moved by it."""
    return NoInformation(sentence(broken.cause))


def refund_refused(
    status: int,
    headers: Mapping[str, str],
    error: ErrorAnswer | None,
    *,
    original_reference: str,
    now: datetime,
) -> Declined | KeyRefused | Unanswered:
    """Say what a refund is that was answered with anything but a 2xx.

    `error` is CCV's error object, when the answer was one. An error that names a transaction other
    than the payment is no refusal: that transaction may be the refund.
    """
    if status == 401:
        return KeyRefused(_KEY_REFUSED)
    named = error.transaction_reference if error is not None else None
    if named not in {None, "", original_reference}:
        return Unanswered(
            "CCV answered with an error about transaction {reference}",
            reference=safe_text(str(named)),
        )
    if error is not None and status in REFUSING_STATUSES:
        return Declined(
            "CCV refused it: {complaint}", complaint=_complaint(error), failure_code=_code(error)
        )
    return Unanswered(_status_sentence(status), retry_after_seconds=retry_after(headers, now=now))


def question_refused(
    status: int, error: ErrorAnswer | None, *, is_json: bool = False
) -> NoInformation | KeyRefused | NotFound:
    """Say what a question for one transaction learned from an answer that is not a 2xx.

    `NotFound` takes CCV's own word for it: a page of HTML that says 404 comes from somebody else.
    """
    if status == 401:
        return KeyRefused(_KEY_REFUSED)
    unknown = error is not None and (
        status in UNKNOWN_REFERENCE_STATUSES or _code(error) == UNKNOWN_REFERENCE_CODE
    )
    if unknown or (status == 404 and is_json):
        return NotFound("CCV does not know this reference")
    return _no_information(status)


def list_refused(status: int) -> NoInformation | KeyRefused:
    """Say what a question for a list learned from an answer that is not a 2xx: nothing."""
    return KeyRefused(_KEY_REFUSED) if status == 401 else _no_information(status)


def asked_to_wait(
    status: int, headers: Mapping[str, str], *, now: datetime
) -> NoInformation | None:
    """Say that a question met a server that wants to be left alone for a while, if it did."""
    if status not in BUSY_STATUSES:
        return None
    seconds = retry_after(headers, now=now)
    return NoInformation(_status_sentence(status), retry_after_seconds=seconds)


def sentence(cause: BaseException) -> Sentence:
    """Say in words a cashier can read why an exchange broke. No address and no key is in it."""
    if isinstance(cause, Unacceptable):
        return cause.sentence
    root = cause.__cause__
    for kind, text in _SENTENCES:
        if isinstance(root, kind) or isinstance(cause, kind):
            reason = _certificate_reason(root)
            return Sentence("{what}: {reason}", what=text, reason=reason) if reason else text
    return Sentence("something unexpected happened while the answer was awaited")


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Read `Retry-After`, in seconds or as a date: at most 60 s, None for nonsense and the past."""
    text = headers.get("retry-after", "").strip()
    # A number of 400 digits is nonsense, not a duration.
    if text.isascii() and text.isdigit() and len(text) <= 20:
        seconds: float = int(text)
    else:
        try:
            at = parsedate_to_datetime(text)
            at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
            seconds = (at - now).total_seconds()
        except (ValueError, OverflowError, TypeError):
            return None
    return min(seconds, MAX_RETRY_AFTER_SECONDS) if seconds > 0 else None


def _no_information(status: int) -> NoInformation:
    """A server in trouble may answer later; one that refuses will go on refusing."""
    kind = Withheld if 400 <= status < 500 and status not in _PASSING_STATUSES else NoInformation
    return kind(_status_sentence(status))


def _code(error: ErrorAnswer) -> str | None:
    return None if error.failure_code is None else safe_text(error.failure_code, limit=100)


def _complaint(error: ErrorAnswer) -> str:
    return free_text(error.message) or _code(error) or ""


def _status_sentence(status: int) -> Sentence:
    if status == 429:
        return Sentence("CCV is too busy to answer now")
    if 300 <= status < 400:
        return Sentence(
            "the server pointed to another address ({status}), which was not followed",
            status=status,
        )
    return Sentence("the server answered with an error ({status})", status=status)


def _certificate_reason(root: BaseException | None) -> str:
    if not isinstance(root, ssl.SSLCertVerificationError):
        return ""
    reason = getattr(root, "verify_message", "") or ""
    return safe_text(reason)
