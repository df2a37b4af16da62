"""A terminal as the configuration describes it."""

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How a terminal takes part in a refund. The values are CCV's method names."""

    TERMINAL = "terminal"
    """A card terminal reached through CCV's cloud (OPI_NL)."""
    SOFTPOS = "softpos"
    """A phone or tablet with CCV's SoftPOS app."""


class OperatingEnvironment(StrEnum):
    """Who stands at the terminal. The values are CCV's."""

    ATTENDED = "ATTENDED"
    SEMI_UNATTENDED = "SEMI_UNATTENDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """One `[[terminals]]` entry. The settings have checked it; lengths are CCV's limits."""

    name: str
    """What people call it: "Desk 2". Unique in the configuration."""
    method: Method
    terminal_id: str | None = None
    """CCV's id: at most 50 characters for a terminal, 20 for SoftPOS, where it may be missing."""
    management_system_id: str | None = None
    """CCV's id of the terminal management system, at most 50. Terminals only, required there."""
    access_protocol: str | None = None
    """`OPI_NL`, at most 20. Terminals only, required there."""
    operating_environment: OperatingEnvironment | None = None
    """Terminals only; CCV takes SEMI_UNATTENDED when it is missing."""
    merchant_language: str | None = None
    """Three letters, as `NLD`. Sent exactly when the terminal is ATTENDED."""
    card_present: bool = True
    """SoftPOS only: must the customer's card be there?"""
    is_default: bool = False
    """The terminal this counter uses unless a person chooses another."""
