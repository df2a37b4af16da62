"""How the pretend CCV behaves where the real one is undocumented or a person would act."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields


@dataclass(slots=True, kw_only=True)
class Settings:
    """The choices, with the defaults of a demo. Set them by script or over the control path."""

    customer: str = "person"
    """`person`: only somebody at the page finishes a refund. `auto`: it succeeds by itself."""
    auto_seconds: float = 3.0
    """How long the customer takes in `auto`."""
    terminal_starts: str = "post"
    """When the terminal wakes up: at the `post`, or when the `page` is opened. CCV does not say."""
    card_absent_seconds: float = 1.0
    """How long a SoftPOS refund without the card takes."""
    cancel: str = "accept"
    """`accept` while pending, `reject` always, or `absent`: not offered, no cancelUrl."""
    idempotency: str = "on"
    """`off` ignores the header, as an API without idempotency would."""
    idempotency_mismatch: str = "new"
    """The same header with another body: a `new` refund (CCV's literal text) or an `error`."""
    capitals: bool = True
    """POST answers are as in the API reference: status in capitals, statusFinalDate always."""
    busy_terminal: str = "allow"
    """A second refund on a terminal that is waiting: `allow` it, or it comes back as `failed`."""
    list_shape: str = "array"
    """List queries answer a bare `array`, or an `object` with the array in it."""
    page_size: int = 100
    """Transactions in one list answer."""
    error_status: int = 400
    """HTTP status of refusals for which CCV documents none."""
    limit_percent: int = 120
    """Refund limit in per cent of the payment, cut off to cents (refund guide)."""
    api_keys: list[str] = field(default_factory=list)
    """The only keys accepted; empty accepts every key that starts with `t_`."""

    def apply(self, changes: Mapping[str, object]) -> None:
        """Change some settings, all or none.

        Raises:
            ValueError: If a name, a type or a value is not known; nothing was changed then.
        """
        known = {item.name for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown setting {name!r}; known are {', '.join(sorted(known))}")
            _check(name, value, getattr(self, name))
        for name, value in changes.items():
            setattr(self, name, float(str(value)) if name in _SECONDS else value)

    def facts(self) -> dict[str, object]:
        """All settings as JSON values."""
        return asdict(self)


_WORDS = {
    "customer": ("person", "auto"),
    "terminal_starts": ("post", "page"),
    "cancel": ("accept", "reject", "absent"),
    "idempotency": ("on", "off"),
    "idempotency_mismatch": ("new", "error"),
    "busy_terminal": ("allow", "failed"),
    "list_shape": ("array", "object"),
}
_SECONDS = ("auto_seconds", "card_absent_seconds")


def _check(name: str, value: object, present: object) -> None:
    if name in _WORDS:
        if value not in _WORDS[name]:
            raise ValueError(f"{name} must be one of {', '.join(_WORDS[name])}, not {value!r}")
        return
    if name in _SECONDS:
        if isinstance(value, bool) or not _is_seconds(value):
            raise ValueError(f"{name} must be a number of seconds, not {value!r}")
        return
    if type(value) is not type(present):
        raise ValueError(f"{name} must be like {present!r}, not {value!r}")
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        raise ValueError(f"{name} must be a list of texts")
    if isinstance(value, int) and not isinstance(value, bool) and value < 1:
        raise ValueError(f"{name} must be at least 1")


def _is_seconds(value: object) -> bool:
    try:
        return 0 <= float(str(value)) < 1e9
    except ValueError:
        return False
