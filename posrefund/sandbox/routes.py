"""A request in, an answer out: CCV's addresses, key check and answers, without any socket."""

import base64
import binascii
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate

from posrefund.sandbox import control, lists, pages
from posrefund.sandbox.bank import Bank
from posrefund.sandbox.exchange import Answer, Request, Seen
from posrefund.sandbox.faults import Faults
from posrefund.sandbox.misdeeds import Scene, misbehave
from posrefund.sandbox.orders import Order, read_idempotency, read_order
from posrefund.sandbox.refusal import Refusal
from posrefund.sandbox.transaction import Shape, Transaction

PREFIXES = ("/api/v1", "/vpos/api/v1")
"""Production's path, and that of the test environment for terminals."""
LOG_LENGTH = 20_000
"""Requests the log remembers."""
_RESOURCES = {
    "refund": "POST",
    "reversal": "POST",
    "cancel": "POST",
    "void": "POST",
    "transaction": "GET",
    "balance": "GET",
}
_BLOCKED = "<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>"


class Routes:
    """Answers requests, one at a time."""

    def __init__(
        self, *, bank: Bank, faults: Faults, log: Callable[[Seen], None] | None = None
    ) -> None:
        """Serve this bank under this script, telling `log` of every request."""
        self.bank = bank
        self.faults = faults
        self.requests: deque[Seen] = deque(maxlen=LOG_LENGTH)
        """What was asked, oldest first; the control path is not in it."""
        self._log = log
        self._desk = control.Desk(bank, faults, self.requests)
        self.lock = threading.RLock()
        """Held while the bank is used. Take it to read the bank while a server runs."""

    def answer(self, request: Request) -> Answer:
        """Answer a request; whatever is wrong with it is said in the answer."""
        with self.lock:
            self.bank.settle()
            if request.path.startswith(control.PREFIX):
                return control.answer(self._desk, request)
            if request.path == pages.PATH:
                answer = pages.answer(self.bank, request)
            else:
                answer = self._api(request)
            self._note(request, answer)
            date = ("Date", formatdate(self.bank.now() / 1000, usegmt=True))
            # The page and the news of it share one address; neither may come from a cache.
            return replace(answer, headers=(*answer.headers, date, ("Cache-Control", "no-store")))

    def _note(self, request: Request, answer: Answer) -> None:
        if pages.is_refresh(request):
            return
        headers = dict(request.headers)
        if "authorization" in headers:
            headers["authorization"] = "***"
        seen = Seen(
            at=self.bank.now(),
            method=request.method,
            path=request.path,
            query=request.query,
            headers=headers,
            body=request.body,
            status=answer.status,
            transport=answer.transport.kind,
        )
        self.requests.append(seen)
        if self._log is not None:
            self._log(seen)

    def _api(self, request: Request) -> Answer:
        prefix = next((item for item in PREFIXES if request.path.startswith(item + "/")), None)
        if prefix is None:
            return Answer.html("<h1>404 Not Found</h1>", status=404)
        # A request without these two never reaches CCV's API: it is blocked with a page.
        if not request.headers.get("user-agent") or _lacks_length(request):
            return Answer.html(_BLOCKED, status=403)
        resource = request.path[len(prefix) + 1 :]
        try:
            key = self._key(request)
            return self._misbehaving(request, resource, key)
        except Refusal as refusal:
            return self._refused(refusal)

    def _refused(self, refusal: Refusal) -> Answer:
        status = refusal.status or self.bank.settings.error_status
        return Answer.json(refusal.body(self.bank.mint().lower()), status=status)

    def _key(self, request: Request) -> str:
        key = _basic_user(request.headers.get("authorization", ""))
        known = self.bank.settings.api_keys
        if key is None or not (key in known if known else key.startswith("t_")):
            raise Refusal(
                "Bad credentials",
                failure_code="bad_credentials",
                status=401,
                kind="authentication_error",
            )
        return key

    def _misbehaving(self, request: Request, resource: str, key: str) -> Answer:
        operation = f"{request.method} /{resource}"
        wire, shape = self.faults.take(operation, request)
        if wire is None and shape == Shape():
            wire, shape = self.bank.habits.take(operation, request)

        def carry_out() -> Answer:
            try:
                return self._carry_out(request, resource, key, shape)
            except Refusal as refusal:
                return self._refused(refusal)

        if wire is None:
            return carry_out()
        scene = Scene(
            args=wire.args,
            carry_out=carry_out,
            later=self.bank.later,
            error_reference=self.bank.mint().lower(),
        )
        return misbehave(wire, scene)

    def _carry_out(self, request: Request, resource: str, key: str, shape: Shape) -> Answer:
        if resource.startswith("softpos/terminal/"):
            return self._softpos(request, resource.split("/")[2:])
        if resource not in _RESOURCES:
            raise Refusal(f"There is no resource {resource}", status=404)
        if request.method != _RESOURCES[resource]:
            raise Refusal(f"{resource} does not take {request.method}", status=405)
        if resource == "refund":
            return self._make(request, key, "refund", lambda order: self._refund(order, shape))
        if resource == "reversal":
            return self._make(request, key, "reversal", lambda order: self._reverse(order, shape))
        if resource == "balance":
            return self._balance(request.query.get("methods"))
        if resource == "transaction":
            return self._transaction(request.query)
        return self._end(resource, request.query.get("reference", ""))

    def _refund(self, order: Order, shape: Shape) -> Transaction:
        return self.bank.refund(order, shape=shape)

    def _reverse(self, order: Order, shape: Shape) -> Transaction:
        return self.bank.reverse(order, shape=shape)

    def _make(
        self, request: Request, key: str, operation: str, make: Callable[[Order], Transaction]
    ) -> Answer:
        header = read_idempotency(request.headers.get("idempotency-reference"))
        order = read_order(request.body)
        once = None if header is None else (key, operation, header)
        made = self.bank.once(once, order.fingerprint, lambda: make(order))
        facts = made.facts(self.bank.now())
        if self.bank.settings.capitals:
            # As in the API reference, whose pending example has a statusFinalDate too.
            facts["status"] = made.status.upper()
            facts.setdefault("statusFinalDate", made.created)
        return Answer.json(facts)

    def _transaction(self, query: Mapping[str, str]) -> Answer:
        now = self.bank.now()
        if "reference" in query:
            return Answer.json(self.bank.poll(query["reference"]).facts(now))
        if not lists.is_list_query(query):
            raise Refusal.of_field("reference", "is required")
        found = lists.select(self.bank, query, now=now, size=self.bank.settings.page_size)
        if "references" in query:
            found = [self.bank.poll(item.reference) for item in found]
        items = [item.facts(now) for item in found]
        if self.bank.settings.list_shape == "object":
            return Answer.json({"transactions": items})
        return Answer.json(items)

    def _balance(self, methods: str | None) -> Answer:
        wanted = methods.split(",") if methods else list(self.bank.balances)
        return Answer.json(
            [
                {"method": name, "balances": [self.bank.balances[name].facts()]}
                for name in wanted
                if name in self.bank.balances
            ]
        )

    def _end(self, resource: str, reference: str) -> Answer:
        if not reference:
            raise Refusal.of_field("reference", "is required")
        if resource == "cancel":
            return Answer.json(self.bank.cancel(reference).facts(self.bank.now()))
        self.bank.void(reference)
        return Answer(status=204)

    def _softpos(self, request: Request, parts: list[str]) -> Answer:
        if request.method == "GET" and len(parts) == 1:
            return Answer.json(self.bank.softpos.show(parts[0]))
        actions = ("install", "install-completed", "uninstall")
        if request.method == "POST" and len(parts) == 2 and parts[1] in actions:
            return Answer.json(self.bank.softpos.act(parts[0], parts[1]))
        raise Refusal("There is no such SoftPOS resource", status=404)


def _lacks_length(request: Request) -> bool:
    if request.method != "POST":
        return False
    return not {"content-length", "transfer-encoding"} & set(request.headers)


def _basic_user(header: str) -> str | None:
    """The user of a Basic header with an empty password, else None (CCV: authentication)."""
    kind, _, coded = header.partition(" ")
    try:
        text = base64.b64decode(coded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    user, colon, password = text.partition(":")
    return user if kind.lower() == "basic" and colon and not password and user else None
