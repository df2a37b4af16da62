"""The control path `/_sandbox/`, which the real CCV does not have: script, look, play.

No key is needed; the server listens on loopback only. Names of ours are in snake_case; amounts
are text with two decimals.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from posrefund.sandbox import pages
from posrefund.sandbox.bank import ACTIONS, Bank
from posrefund.sandbox.cents import as_text, read_amount
from posrefund.sandbox.exchange import Answer, Request, Seen
from posrefund.sandbox.faults import Faults
from posrefund.sandbox.json_text import read_object
from posrefund.sandbox.refusal import Refusal
from posrefund.sandbox.samples import SOFTPOS, TERMINAL
from posrefund.sandbox.transaction import Transaction

PREFIX = "/_sandbox"

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the control path has its hands on."""

    bank: Bank
    faults: Faults
    requests: deque[Seen]

    def reset(self) -> None:
        """Forget everything: transactions, script, settings and the log."""
        self.bank.reset()
        self.faults.clear()
        self.requests.clear()


def answer(desk: Desk, request: Request) -> Answer:
    """Answer a request of the control path; 400 with `error` when it is not understood."""
    name = request.path[len(PREFIX) :].strip("/")
    try:
        if request.method == "GET" and name in _GET:
            return _GET[name](desk)
        if request.method == "POST" and name in _POST:
            body = read_object(request.body) if request.body else {}
            return Answer.json(_POST[name](desk, body))
    except (ValueError, Refusal) as error:
        return Answer.json({"error": str(error)}, status=400)
    known = [f"GET {item}" for item in _GET] + [f"POST {item}" for item in _POST]
    return Answer.json({"error": f"known are {', '.join(known)}"}, status=404)


def ledger(bank: Bank, *, origin: str | None = None) -> list[dict[str, object]]:
    """List every refund and reversal, oldest first.

    Args:
        bank: Whose.
        origin: Only those made by the `api`, the `portal`, or present as `sample`.
    """
    return [entry(item) for item in bank.refunds(origin=origin)]


def entry(made: Transaction) -> dict[str, object]:
    """One refund or reversal as a line of the ledger."""
    return {
        "reference": made.reference,
        "original_reference": made.original,
        "type": made.type,
        "amount": as_text(made.amount),
        "currency": made.currency,
        "status": made.status,
        "failure_code": made.failure_code,
        "method": made.method,
        "description": made.description,
        "idempotency_reference": made.idempotency,
        "created": made.created,
        "origin": made.origin,
        "polls": made.polls,
    }


def _ledger(desk: Desk) -> Answer:
    bank = desk.bank
    payments = dict.fromkeys(item.original for item in bank.refunds() if item.original)
    return Answer.json(
        {
            "refunds": ledger(bank),
            "payments": {
                reference: {
                    "given_back": as_text(bank.given_back(reference)),
                    "under_way": as_text(_under_way(bank, reference)),
                }
                for reference in payments
            },
        }
    )


def _under_way(bank: Bank, reference: str) -> int:
    return sum(
        item.amount for item in bank.related(reference) if item.counts and item.status != "success"
    )


def _samples(desk: Desk) -> Answer:
    return Answer.json(
        [
            {
                "reference": item.reference,
                "merchant_order_reference": item.order,
                "amount": as_text(item.amount),
                "currency": item.currency,
                "method": item.method,
                "type": item.type,
                "status": item.status,
                "shows": item.shows,
            }
            for item in desk.bank.all()
            if item.shows
        ]
    )


def _post_faults(desk: Desk, body: Body) -> object:
    _only(body, "faults", "settings", "append")
    rules = body.get("faults", [])
    if not isinstance(rules, list):
        raise ValueError("faults must be a list")  # noqa: TRY004 - answered as one kind of error
    before = list(desk.faults.rules)
    if not body.get("append"):
        desk.faults.clear()
    try:
        desk.faults.add(rules)
        _apply(desk, body.get("settings", {}))
    except ValueError:
        desk.faults.rules[:] = before
        raise
    rules_now = [rule.facts() for rule in desk.faults.rules]
    return {"faults": rules_now, "settings": desk.bank.settings.facts()}


def _post_settings(desk: Desk, body: Body) -> object:
    _apply(desk, body)
    return desk.bank.settings.facts()


def _apply(desk: Desk, settings: object) -> None:
    if not isinstance(settings, Mapping):
        raise ValueError("settings must be an object")  # noqa: TRY004 - one kind of error
    desk.bank.settings.apply(settings)


def _post_act(desk: Desk, body: Body) -> object:
    _only(body, "reference", "action", "failure_code", "status", "force")
    action = str(body.get("action"))
    if action not in ACTIONS:
        raise ValueError(f"unknown action {action!r}; known are {', '.join(ACTIONS)}")
    status, failure_code = ACTIONS[action]
    made = desk.bank.act(
        str(body.get("reference")),
        str(body.get("status") or status),
        str(body["failure_code"]) if "failure_code" in body else failure_code,
        force=bool(body.get("force")),
    )
    return entry(made)


def _post_time(desk: Desk, body: Body) -> object:
    _only(body, "seconds")
    seconds = float(str(body.get("seconds", 0)))
    if not 0 <= seconds < 1e9:
        raise ValueError("seconds must be 0 or more: time does not go back")
    desk.bank.advance(seconds)
    return {"now": desk.bank.now()}


def _post_refund_elsewhere(desk: Desk, body: Body) -> object:
    _only(body, "original_reference", "amount", "description", "status")
    description = body.get("description")
    made = desk.bank.refund_elsewhere(
        str(body.get("original_reference")),
        read_amount(body.get("amount")),
        description=None if description is None else str(description),
        status=str(body.get("status", "success")),
    )
    return entry(made)


def _post_payment(desk: Desk, body: Body) -> object:
    _only(body, "reference", "amount", "currency", "method", "order", "type", "status", "details")
    method = str(body.get("method", "terminal"))
    default = {"terminal": TERMINAL, "softpos": SOFTPOS}.get(method, {})
    details = body.get("details", default)
    if not isinstance(details, Mapping):
        raise ValueError("details must be an object")  # noqa: TRY004 - one kind of error
    made = desk.bank.add(
        reference=str(body.get("reference")),
        amount=read_amount(body.get("amount")),
        created=desk.bank.now(),
        method=method,
        currency=str(body.get("currency", "eur")).lower(),
        order=str(body.get("order", body.get("reference"))),
        type=str(body.get("type", "sale")),
        status=str(body.get("status", "success")),
        details=dict(details),
        origin="sample",
    )
    return made.facts(desk.bank.now())


def _post_reset(desk: Desk, body: Body) -> object:
    _only(body)
    desk.reset()
    return {"now": desk.bank.now()}


def _only(body: Body, *known: str) -> None:
    for name in body:
        if name not in known:
            raise ValueError(f"unknown key {name!r}; known are {', '.join(known) or 'none'}")


_GET: dict[str, Callable[[Desk], Answer]] = {
    "": lambda desk: Answer.html(pages.index(desk.bank)),
    "ledger": _ledger,
    "samples": _samples,
    "requests": lambda desk: Answer.json([seen.facts() for seen in desk.requests]),
    "faults": lambda desk: Answer.json([rule.facts() for rule in desk.faults.rules]),
    "settings": lambda desk: Answer.json(desk.bank.settings.facts()),
}
_POST: dict[str, Callable[[Desk, Body], object]] = {
    "faults": _post_faults,
    "settings": _post_settings,
    "act": _post_act,
    "time": _post_time,
    "refund_elsewhere": _post_refund_elsewhere,
    "payment": _post_payment,
    "reset": _post_reset,
}
