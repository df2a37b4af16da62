"""One harmless question to CCV, for `posrefund doctor`: is it there, and does it know our key?"""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic
from urllib.parse import quote, urlsplit

from posrefund.errors import KeyRefused, NoInformation, NotFound
from posrefund.provider import failures, reading
from posrefund.provider.failures import Broken
from posrefund.provider.transport import Secret, Transport
from posrefund.safe_text import safe_text

NOBODY = "posrefund-doctor"
"""A reference that no transaction has."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of the question."""

    seconds: float
    """From connecting to the last byte of the answer."""
    ahead_seconds: float | None
    """How far our clock is ahead of the server's, to a second; None where it does not say."""
    refusal: KeyRefused | NoInformation | None
    """None where CCV answered and takes the key; else why it is not known, or that it does not."""


def probe(
    *,
    base_url: str,
    key: Secret,
    now: Callable[[], datetime],
    proxy: str | None = None,
    ca_file: Path | None = None,
    seconds: float = 10.0,
) -> Probe:
    """Ask for a transaction that does not exist. Moves no money.

    Raises:
        NoInformation: If no whole answer came; says why.
        ConfigWrong: If `ca_file` holds no certificates.
    """
    transport = Transport(base_url=base_url, key=key, proxy=proxy, ca_file=ca_file)
    begun, begun_at = monotonic(), now()
    try:
        answer = transport.exchange("GET", f"/transaction?reference={NOBODY}", seconds=seconds)
    except Broken as broken:
        raise failures.question_broken(broken) from broken.cause
    finally:
        transport.close()
    took = monotonic() - begun
    ahead = None
    with suppress(ValueError, TypeError, OverflowError):
        at = parsedate_to_datetime(answer.headers.get("date", ""))
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        ahead = (begun_at - at).total_seconds() + took / 2
    refusal = None
    if not answer.is_success:
        said = failures.question_refused(
            answer.status, reading.error(answer), is_json=reading.value(answer) is not None
        )
        refusal = None if isinstance(said, NotFound) else said
    elif reading.value(answer) is None:
        refusal = NoInformation("the server answered, and not as CCV does")
    return Probe(seconds=took, ahead_seconds=ahead, refusal=refusal)


def softpos_installation(
    terminal_id: str,
    *,
    base_url: str,
    key: Secret,
    proxy: str | None = None,
    ca_file: Path | None = None,
    seconds: float = 10.0,
) -> str | None:
    """Return CCV's word on a SoftPOS terminal, such as `installed`; None where it knows no such.

    Raises:
        NoInformation: If CCV does not say.
        ConfigWrong: If `ca_file` holds no certificates.
    """
    transport = Transport(base_url=base_url, key=key, proxy=proxy, ca_file=ca_file)
    target = f"/softpos/terminal/{quote(terminal_id, safe='')}"
    try:
        answer = transport.exchange("GET", target, seconds=seconds)
    except Broken as broken:
        raise failures.question_broken(broken) from broken.cause
    finally:
        transport.close()
    if not answer.is_success:
        if reading.error(answer) is not None and answer.status != 401:
            return None
        raise failures.list_refused(answer.status)
    said = reading.value(answer)
    status = said.get("installationStatus") if isinstance(said, dict) else None
    if not isinstance(status, str):
        # CCV documents answers with and without it.
        raise NoInformation("CCV does not say whether it is installed")
    return safe_text(status, limit=40)


def certificate_issuer(base_url: str, *, ca_file: Path | None, seconds: float) -> str | None:
    """Name who issued the server's certificate; None where it cannot be told.

    Only to be shown: every exchange verifies for itself. Not through a proxy.
    """
    url = urlsplit(base_url)
    if url.scheme != "https" or url.hostname is None:
        return None
    context = ssl.create_default_context(cafile=ca_file)
    with (
        suppress(OSError),
        socket.create_connection((url.hostname, url.port or 443), timeout=seconds) as plain,
        context.wrap_socket(plain, server_hostname=url.hostname) as secure,
    ):
        names = (secure.getpeercert() or {}).get("issuer", ())
        shown = {str(pair[0]): str(pair[1]) for part in names for pair in part}
        issuer = shown.get("organizationName") or shown.get("commonName")
        return None if issuer is None else safe_text(issuer, limit=60)
    return None
