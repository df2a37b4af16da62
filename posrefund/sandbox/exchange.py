"""One request and its answer, as plain values that know nothing of sockets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from posrefund.sandbox.json_text import write

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What arrived."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    """Each name once; of a repeated name the first."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """How the answer is to be put on the wire, for the socket layer to carry out."""

    kind: str = "plain"
    """`plain`, `hang_up`, `reset`, `silence`, `half`, `drip`, `twice`, `close_idle` or `huge`."""
    delay_seconds: float = 0.0
    """Wait this long before the first byte."""
    seconds: float | None = None
    """`silence`: hang up after so long (None: wait for the client). `drip`: pause between bytes."""
    at: int | None = None
    """`half`: bytes of the body that are sent. `huge`: bytes of the body in total."""
    framing: str = "length"
    """`half`: how the end was announced: `length`, `chunked` or `close`."""
    end: str = "close"
    """`half`: `close` or `reset` after the cut."""
    part: str = "body"
    """`drip`: whether the `head` drips too, or only the `body`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back."""

    status: int = 200
    content_type: str = JSON
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    """Besides Content-Type and the length."""
    value: object = None
    """What the body says, before it was written as JSON; a fault may change it."""
    transport: Transport = Transport()

    @classmethod
    def json(cls, value: object, *, status: int = 200) -> "Answer":
        """Answer with a JSON value."""
        return cls(status=status, body=write(value).encode(), value=value)

    @classmethod
    def html(cls, text: str, *, status: int = 200) -> "Answer":
        """Answer with a page."""
        return cls(status=status, content_type=HTML, body=text.encode("utf-8", "replace"))

    def sent(self, transport: Transport) -> "Answer":
        """The same answer, put on the wire in another way."""
        return replace(self, transport=transport)

    @property
    def head(self) -> list[tuple[str, str]]:
        """Every header but the length."""
        first = [("Content-Type", self.content_type)] if self.body else []
        return [*first, *self.headers]

    @property
    def reason(self) -> str:
        """The words behind the status code."""
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One line of the request log. The API key is never in it."""

    at: int
    """When, epoch milliseconds of the bank's clock."""
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case; the value of `authorization` is masked."""
    body: bytes
    status: int
    """The HTTP status of the answer, whether or not it was ever put on the wire."""
    transport: str
    """How the answer went out: `plain`, or the misbehaviour."""

    def facts(self) -> dict[str, object]:
        """The line as JSON values."""
        return {
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": dict(self.headers),
            "body": self.body.decode("utf-8", "replace"),
            "status": self.status,
            "transport": self.transport,
        }
