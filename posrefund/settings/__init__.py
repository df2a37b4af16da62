"""The configuration file: its shape, its defaults, and errors that name the file and the key."""

from posrefund.settings.addresses import is_loopback
from posrefund.settings.loading import agree, load_settings
from posrefund.settings.model import (
    LANGUAGES,
    PrinterKind,
    PrinterSettings,
    ProviderSettings,
    Settings,
)

__all__ = [
    "LANGUAGES",
    "PrinterKind",
    "PrinterSettings",
    "ProviderSettings",
    "Settings",
    "agree",
    "is_loopback",
    "load_settings",
]
