"""Scripted misbehaviour: which request is treated badly, how, and how often.

A script is JSON: `{"faults": [rule, ...], "settings": {...}}`. A rule is
`{"do": name, "on": "POST /refund", "match": {...}, "times": 1, "skip": 0, "args": {...}}`.
`misdeeds` carries them out.

Of the refund that is made:
    pending_for_ever     neither the customer nor time ends it
    final                ends as told: at once, after seconds, or after polls
    hostile_pay_url      the page's address is this one
    list_lag             list queries do not show it for so many seconds
    list_fails           list queries for its payment's refunds get an error from then on
Of the answer:
    error_500_..._commit an error (any code), the refund made or not
    status               any status, body and headers; made only if committed
    raw                  any bytes with any status
    rate_limit           429, Retry-After verbatim
    html_200             a page where JSON was expected
    wrong                fields changed or dropped, in each transaction of a list
    weird                unknown fields, amount as text, capitals
Of the wire:
    commit_then_hang_up  made, then closed without a byte
    hang_up, reset       closed, with a FIN or a RST
    silence              no answer until the client leaves, or so many seconds
    late                 no answer, and made so many seconds later
    slow, drip           the answer after seconds, or byte by byte
    half_body            cut at a byte
    twice, close_idle    the answer two times; or once, and then closed unannounced
    huge                 blanks behind the body up to so many bytes
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from posrefund.sandbox.exchange import Request
from posrefund.sandbox.json_text import read_object
from posrefund.sandbox.transaction import Plan, Shape

ANY = "any"
OPERATIONS = (
    "POST /refund",
    "POST /reversal",
    "POST /cancel",
    "POST /void",
    "GET /transaction",
    "GET /balance",
    ANY,
)
_KEYS = ("match", "times", "skip")
_MAKING = ("POST /refund", "POST /reversal")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a fault."""

    kinds: tuple[type, ...]
    default: object = None
    is_required: bool = False
    words: tuple[str, ...] = ()


_FLAG = Argument((bool,), default=False)
_YES = Argument((bool,), default=True)
_TEXT = Argument((str,))
_SECONDS = Argument((int, Decimal))
_BODY = Argument((str,), default="json", words=("json", "html", "empty"))
_ERROR = {"code": Argument((int,), default=500), "body": _BODY}

SHAPES: dict[str, dict[str, Argument]] = {
    "pending_for_ever": {},
    "final": {
        "status": Argument((str,), default="success"),
        "failure_code": _TEXT,
        "seconds": _SECONDS,
        "polls": Argument((int,)),
    },
    "hostile_pay_url": {"url": Argument((str,), is_required=True)},
    "list_lag": {"seconds": Argument((int, Decimal), is_required=True)},
    "list_fails": {},
}
"""Faults of the refund that is made. Several may meet in one refund."""

WIRE: dict[str, dict[str, Argument]] = {
    "commit_then_hang_up": {},
    "hang_up": {},
    "reset": {"committed": _FLAG},
    "error_500_after_commit": _ERROR,
    "error_500_before_commit": _ERROR,
    "status": {
        "code": Argument((int,), is_required=True),
        "body": _BODY,
        "text": _TEXT,
        "headers": Argument((dict,)),
        "failure_code": Argument((str,), default="processing_error"),
        "committed": _FLAG,
    },
    "raw": {
        "code": Argument((int,), default=200),
        "text": _TEXT,
        "base64": _TEXT,
        "content_type": Argument((str,), default="application/json"),
        "headers": Argument((dict,)),
        "committed": _FLAG,
    },
    "rate_limit": {"retry_after": Argument((str, int))},
    "silence": {"committed": _FLAG, "seconds": _SECONDS},
    "slow": {"seconds": Argument((int, Decimal), is_required=True)},
    "half_body": {
        "at": Argument((int,)),
        "framing": Argument((str,), default="length", words=("length", "chunked", "close")),
        "end": Argument((str,), default="close", words=("close", "reset")),
    },
    "drip": {
        "seconds": Argument((int, Decimal), default=Decimal("0.2")),
        "part": Argument((str,), default="body", words=("body", "head")),
    },
    "html_200": {"committed": _FLAG},
    "wrong": {"fields": Argument((dict,)), "drop": Argument((list,))},
    "weird": {"extra": _YES, "amount_as_text": _YES, "capitals": _YES},
    "late": {
        "seconds": Argument((int, Decimal), is_required=True),
        "answer": Argument((str,), default="silence", words=("silence", "hang_up")),
    },
    "twice": {},
    "close_idle": {},
    "huge": {"bytes": Argument((int,), default=64 * 1024 * 1024)},
}
"""Faults of the answer, or of the wire. One of them for one request: the first that matches."""


@dataclass(slots=True, kw_only=True)
class Rule:
    """One line of a script."""

    do: str
    on: str
    match: Mapping[str, object] = field(default_factory=dict)
    """Fields of the body, the query or the headers that must be equal; `details.terminalId` too."""
    times: int | None = 1
    """How many requests it spoils; None for ever. A request that is refused counts."""
    skip: int = 0
    """How many matching requests it lets pass first."""
    args: Mapping[str, object] = field(default_factory=dict)
    used: int = 0
    """How many requests it has spoilt."""

    def facts(self) -> dict[str, object]:
        """The rule as JSON values."""
        return {
            "do": self.do,
            "on": self.on,
            "match": dict(self.match),
            "times": "forever" if self.times is None else self.times,
            "skip": self.skip,
            "args": dict(self.args),
            "used": self.used,
        }

    def takes(self, operation: str, values: Mapping[str, object]) -> bool:
        """Whether it spoils this request; counts it then."""
        if self.on not in (ANY, operation) or self.times == 0:
            return False
        if not all(_equal(values.get(name), wanted) for name, wanted in self.match.items()):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times = None if self.times is None else self.times - 1
        self.used += 1
        return True


class Faults:
    """The script in force."""

    def __init__(self, rules: Sequence[Mapping[str, object]] = ()) -> None:
        """Start with these rules.

        Raises:
            ValueError: If one of them is not understood.
        """
        self.rules: list[Rule] = []
        self.add(rules)

    def add(self, rules: Sequence[Mapping[str, object]]) -> None:
        """Add rules behind those in force, all or none.

        Raises:
            ValueError: If one of them is not understood; the message names it.
        """
        self.rules += [read_rule(rule) for rule in rules]

    def script(self, do: str, on: str = "POST /refund", **more: object) -> Rule:
        """Add one rule: `script("reset", times=2, committed=True)`; what is no key is an argument.

        Raises:
            ValueError: If it is not understood.
        """
        keys = {name: more[name] for name in _KEYS if name in more}
        args = {name: _exact(value) for name, value in more.items() if name not in _KEYS}
        self.rules.append(read_rule({**keys, "do": do, "on": on, "args": args}))
        return self.rules[-1]

    def clear(self) -> None:
        """Behave again."""
        self.rules.clear()

    def take(self, operation: str, request: Request) -> tuple[Rule | None, Shape]:
        """Find what is scripted for this request and count it.

        Args:
            operation: Such as `POST /refund`.
            request: Where the fields to match are.
        """
        if not self.rules:
            return None, Shape()
        values = _values(request)
        shapes: dict[str, Rule] = {}
        wire: Rule | None = None
        for rule in self.rules:
            if rule.do in SHAPES:
                if operation in _MAKING and rule.do not in shapes and rule.takes(operation, values):
                    shapes[rule.do] = rule
            elif wire is None and rule.takes(operation, values):
                wire = rule
        return wire, _shape(shapes)


def read_rule(rule: Mapping[str, object]) -> Rule:
    """Read one rule of a script.

    Raises:
        ValueError: If a name, a key or a value is not known; the message says which are.
    """
    if not isinstance(rule, Mapping):
        raise ValueError(f"a fault is an object with `do`, not {rule!r}")  # noqa: TRY004
    _known("key", rule, ("do", "on", "match", "times", "skip", "args"))
    do = rule.get("do")
    if do not in SHAPES and do not in WIRE:
        raise ValueError(f"unknown fault {do!r}; known are {', '.join((*SHAPES, *WIRE))}")
    name = str(do)
    on = rule.get("on", "POST /refund")
    allowed = (*_MAKING, ANY) if name in SHAPES else OPERATIONS
    if on not in allowed:
        raise ValueError(f"{name} works on {', '.join(allowed)}, not on {on!r}")
    return Rule(
        do=name,
        on=str(on),
        match=_object(rule, "match"),
        times=_times(rule.get("times", 1)),
        skip=_count("skip", rule.get("skip", 0)),
        args=_args(name, _object(rule, "args")),
    )


def read_script(text: str) -> tuple[list[Mapping[str, object]], Mapping[str, object]]:
    """Read a script file and give its rules and its settings.

    Raises:
        ValueError: If it is not a script; rules are checked here, settings by `Settings.apply`.
    """
    script = read_object(text)
    _known("key", script, ("faults", "settings"))
    rules = script.get("faults", [])
    if not isinstance(rules, list):
        raise ValueError("faults must be a list")  # noqa: TRY004 - one kind of error for a script
    for rule in rules:
        read_rule(rule)
    return rules, _object(script, "settings")


def _shape(rules: Mapping[str, Rule]) -> Shape:
    args = {name: rule.args for name, rule in rules.items()}
    plan: Plan | None = None
    if "final" in args:
        plan = Plan(
            status=str(args["final"]["status"]),
            failure_code=_text(args["final"]["failure_code"]),
            seconds=_number(args["final"]["seconds"]),
            polls=_whole(args["final"]["polls"]),
        )
    if "pending_for_ever" in args:
        plan = Plan(never=True)
    return Shape(
        plan=plan,
        lag_seconds=_number(args.get("list_lag", {}).get("seconds")) or 0.0,
        list_fails="list_fails" in args,
        pay_url=_text(args.get("hostile_pay_url", {}).get("url")),
    )


def _args(name: str, given: Mapping[str, object]) -> dict[str, object]:
    known = {**SHAPES, **WIRE}[name]
    _known(f"argument of {name}", given, tuple(known))
    taken: dict[str, object] = {}
    for key, argument in known.items():
        value = given.get(key, argument.default)
        if value is None and argument.is_required:
            raise ValueError(f"{name} needs the argument {key}")
        taken[key] = value
        if value is None:
            continue
        if not isinstance(value, argument.kinds) or (
            isinstance(value, bool) and bool not in argument.kinds
        ):
            kinds = " or ".join(kind.__name__ for kind in argument.kinds)
            raise ValueError(f"{key} of {name} must be {kinds}, not {value!r}")
        if argument.words and value not in argument.words:
            raise ValueError(f"{key} of {name} must be one of {', '.join(argument.words)}")
    return taken


def _known(what: str, given: Mapping[str, object], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            raise ValueError(f"unknown {what} {name!r}; known are {', '.join(known) or 'none'}")


def _object(given: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = given.get(key, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"{key} must be an object")  # noqa: TRY004 - one kind of error
    return value


def _times(value: object) -> int | None:
    return None if value == "forever" else _count("times", value)


def _count(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    return value


def _values(request: Request) -> dict[str, object]:
    values: dict[str, object] = {**request.headers, **request.query}
    try:
        body = read_object(request.body)
    except ValueError:
        body = {}
    details = body.get("details")
    if isinstance(details, dict):
        values.update({f"details.{name}": value for name, value in details.items()})
    return {**values, **body}


def _equal(present: object, wanted: object) -> bool:
    if present is None or isinstance(present, bool) or isinstance(wanted, bool):
        return present == wanted
    try:
        return Decimal(str(present)) == Decimal(str(wanted))
    except InvalidOperation:
        return str(present) == str(wanted)


def _exact(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, float) else value


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _whole(value: object) -> int | None:
    return None if value is None else int(str(value))
