"""What can be configured, and what holds where nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from posrefund.refund.polling import Profile
from posrefund.settings.addresses import is_loopback
from posrefund.terminal.model import Terminal

LANGUAGES = ("nld", "eng", "deu", "fra")
"""Of screens and slips."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """`[provider]`: where CCV is, and what is sent with every refund."""

    base_url: str = "https://api.psp.ccv.eu/api/v1"
    """Without a slash at the end. Plain http only for loopback, and only with a test key."""
    pay_url_hosts: tuple[str, ...] = ("onlinepayments.ccv.eu",)
    """The exact hosts a payUrl may have."""
    api_key_file: Path | None = None
    proxy: str | None = None
    """The only proxy that is used; the variables of the environment are not looked at."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's."""
    webhook_url: str | None = None
    return_url: str | None = None
    notification_requests: tuple[Mapping[str, object], ...] | None = None
    """JSON values only, sent as they are. CCV does not publish their shape."""

    @property
    def is_on_loopback(self) -> bool:
        """Whether the provider is this machine, as the sandbox is."""
        return is_loopback(urlsplit(self.base_url).hostname or "")


class PrinterKind(StrEnum):
    """How the slip printer is reached."""

    NETWORK = "network"
    USB = "usb"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterSettings:
    """`[printer]`: where slips are printed."""

    kind: PrinterKind
    address: str
    """network: `host` or `host:port`. usb: `vendor:product`. file: a path or a device."""
    columns: int = 42
    """Characters of a line of its paper."""
    cut: bool = True
    """Whether it can cut the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration, checked. `Settings()` is what holds where nothing is written."""

    counter: str = "Counter 1"
    """This workstation, as people call it."""
    language: str = "eng"
    provider: ProviderSettings = field(default_factory=ProviderSettings)
    polling_profile: Profile = Profile.RESPONSIVE
    """`[polling] profile`: how often CCV is asked."""
    journal_path: Path | None = None
    """`[journal] path`. None is the platform's state folder (`locations.journal_file`)."""
    terminals: tuple[Terminal, ...] = ()
    kiosk: bool = False
    """No key ends the counter, and what somebody left standing is cleared away."""
    export_folder: Path | None = None
    """Files a person names for an export, a slip or a backup lie in it. None: anywhere."""
    printer: PrinterSettings | None = None
