"""Settings and an API key in, a working program out. The only place that chooses parts."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from posrefund.clock import SystemClock
from posrefund.credentials import ApiKey
from posrefund.journal.place import insist_on_own_disk
from posrefund.journal.sqlite import SqliteJournal
from posrefund.locations import journal_file
from posrefund.provider.deferred import ClosableProvider, DeferredProvider
from posrefund.references import mint, short_id
from posrefund.refund.model import Environment
from posrefund.refund.ports import Clock, Journal
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from posrefund.settings import Settings, agree


class Mode(StrEnum):
    """What the banner says: whose money this is."""

    PRACTICE = "PRACTICE"
    """A sandbox on this machine. Nothing leaves it."""
    TEST = "TEST"
    """CCV with a test key. No real money."""
    LIVE = "LIVE"
    """Real money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Everything a shell needs, built once. Leaving its `with` closes connections and files."""

    settings: Settings
    mode: Mode
    service: RefundService
    recovery: Recovery
    journal: Journal
    clock: Clock
    provider: ClosableProvider
    prepare: Callable[[], object] = lambda: None
    """Loads what the first question needs; a shell that draws first calls it afterwards."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.provider.close()
        self.journal.close()


def build(
    settings: Settings, key: ApiKey, *, opening: Callable[[Settings], Journal] | None = None
) -> Program:
    """Build the program. `opening` opens the journal, where `open_journal` is not meant to.

    Raises:
        ConfigWrong: If key and address do not go together. Nothing was sent.
        JournalUnavailable: If the journal cannot be opened. Nothing was sent.
    """
    agree(settings, key)
    clock = SystemClock()
    provider = DeferredProvider(
        address=settings.provider.base_url,
        environment=key.environment,
        make=lambda: _client(settings, key, clock),
    )
    if settings.provider.ca_file is not None:
        # Certificates that cannot be read are a wrong setting, and those are told at the start.
        provider.load()
    journal = (opening or open_journal)(settings)
    service = RefundService(
        provider=provider,
        journal=journal,
        clock=clock,
        counter=settings.counter,
        mint=mint,
        short_id=short_id,
        profile=settings.polling_profile,
        # Jitter only keeps counters from asking in step; it protects nothing.
        jitter=lambda: random.uniform(0.8, 1.2),  # noqa: S311
    )
    return Program(
        settings=settings,
        mode=_mode(settings, key),
        service=service,
        recovery=Recovery(service=service, journal=journal, clock=clock),
        journal=journal,
        clock=clock,
        provider=provider,
        prepare=provider.load,
    )


def open_journal(settings: Settings, *, on_migration: Callable[[], None] | None = None) -> Journal:
    """Open the journal alone: enough to read what happened, without key or network.

    `on_migration` is told before a large one is brought to a new schema, which takes its time.

    Raises:
        JournalUnavailable: If it cannot be opened, or is on a network share. Nothing was sent.
    """
    path = settings.journal_path or journal_file()
    insist_on_own_disk(path)
    return SqliteJournal(path, on_migration=on_migration)


def _client(settings: Settings, key: ApiKey, clock: Clock) -> ClosableProvider:
    from posrefund.provider.client import HttpProvider

    asked = settings.provider
    return HttpProvider(
        base_url=asked.base_url,
        key=key,
        environment=key.environment,
        pay_url_hosts=asked.pay_url_hosts,
        clock=clock,
        proxy=asked.proxy,
        ca_file=asked.ca_file,
        webhook_url=asked.webhook_url,
        return_url=asked.return_url,
        notification_requests=asked.notification_requests,
    )


def _mode(settings: Settings, key: ApiKey) -> Mode:
    if settings.provider.is_on_loopback:
        return Mode.PRACTICE
    return Mode.LIVE if key.environment is Environment.LIVE else Mode.TEST
