"""Settings and an API key in, a working program out. The only place that chooses parts."""

import random
import socket
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from posrefund.clock import SystemClock
from posrefund.credentials import ApiKey
from posrefund.journal.sqlite import SqliteJournal
from posrefund.locations import journal_file
from posrefund.provider.client import HttpProvider
from posrefund.references import mint, short_id
from posrefund.refund.model import Environment
from posrefund.refund.polling import Profile
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.settings import Settings


class Mode(StrEnum):
    """What the banner says: whose money this is."""

    PRACTICE = "PRACTICE"
    """The sandbox on this machine. Nothing leaves it."""
    TEST = "TEST"
    """CCV with a test key. No real money."""
    LIVE = "LIVE"
    """Real money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Everything a shell needs, built once. Use it as a context manager."""

    settings: Settings
    mode: Mode
    service: RefundService
    recovery: Recovery
    journal: Journal
    clock: Clock
    provider: HttpProvider

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.provider.close()
        self.journal.close()


def build(settings: Settings, key: ApiKey) -> Program:
    """Build the program.

    Raises:
        JournalUnavailable: If the journal cannot be opened. Nothing was sent.
    """
    clock = SystemClock()
    provider_settings = settings.provider
    host = urlsplit(provider_settings.base_url).hostname or ""
    provider = HttpProvider(
        base_url=provider_settings.base_url,
        key=key,
        environment=key.environment,
        pay_url_hosts=provider_settings.pay_url_hosts,
        proxy=provider_settings.proxy,
        ca_file=provider_settings.ca_file,
        webhook_url=provider_settings.webhook_url,
        return_url=provider_settings.return_url,
        notification_requests=provider_settings.notification_requests,
        clock=clock,
    )
    journal = SqliteJournal(settings.journal_path or journal_file())
    service = RefundService(
        provider=provider,
        journal=journal,
        clock=clock,
        counter=settings.counter,
        mint=mint,
        short_id=short_id,
        profile=Profile(settings.polling_profile),
        # Jitter only spreads the load; it protects nothing.
        jitter=lambda: random.uniform(0.8, 1.2),  # noqa: S311
    )
    return Program(
        settings=settings,
        mode=_mode(key.environment, host),
        service=service,
        recovery=Recovery(service=service, journal=journal, clock=clock),
        journal=journal,
        clock=clock,
        provider=provider,
    )
