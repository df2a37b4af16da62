"""The wire between `HttpProvider` and the sandbox: real requests, real bytes, and bad luck.

What is promised: an answer reaches the client as the bytes of the sandbox's own `Routes`, or as a
`Broken` that says of itself only what the real transport could know. Nothing here knows the rules
of a refund; it only decides what becomes of requests and answers.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from urllib.parse import parse_qsl

import httpx

from posrefund.provider.answer import Answer
from posrefund.provider.failures import Broken, Unacceptable
from posrefund.sandbox.exchange import Answer as Said
from posrefund.sandbox.exchange import Request
from tests.campaign.world import LATEST_EXECUTION, Post, World
from tests.campaign.world_fates import (
    GET_FATES,
    ODD_STATUSES,
    POST_FATES,
    REDIRECTS,
    REFUSALS,
    REPEAT_FATES,
    good_news,
)

_HEADERS = {
    "authorization": "Basic dF9hX2tleTo=",
    "user-agent": "posrefund/simulated",
    "accept": "application/json",
}
_BROKEN = (
    httpx.ReadTimeout("no answer"),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("cut"),
    Unacceptable("the answer is far too large"),
)


class Wire:
    """Stands in for `Transport` behind an `HttpProvider`."""

    def __init__(self, world: World, process: "object", *, address: str) -> None:
        self._world = world
        self._process = process
        self._address = address
        self._told: dict[str, bytes] = {}

    def exchange(
        self,
        method: str,
        target: str,
        *,
        seconds: float,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Carry one request over, or lose it."""
        world = self._world
        world.boundary(self._process, f"before {method}")
        path, _, query = target.partition("?")
        request = Request(
            method=method,
            path="/api/v1" + path,
            query=dict(parse_qsl(query)),
            headers=_HEADERS
            | {name.lower(): text for name, text in (headers or {}).items()}
            | ({} if body is None else {"content-length": str(len(body))}),
            body=body or b"",
        )
        world.advance(0.05 + 0.2 * world.rng.random())
        try:
            answer = self._carried(request, seconds)
        finally:
            world.faults.clear()
        world.boundary(self._process, f"after {method}")
        return answer

    def close(self) -> None:
        """Nothing to close."""

    # -- sent --------------------------------------------------------------------------------

    def _note_post(self, request: Request) -> None:
        world = self._world
        key = request.headers["idempotency-reference"]
        attempt = 1 + sum(post.key == key for post in world.posts)
        post = Post(
            at=world.ms,
            key=key,
            body=request.body,
            address=self._address,
            process=str(self._process),
            attempt=attempt,
        )
        self._process.before_post(post)  # type: ignore[attr-defined]
        world.posts.append(post)

    def _carried(self, request: Request, seconds: float) -> Answer:
        world = self._world
        fate = self._fate(request)
        if fate != "plain":
            world.note(str(self._process), f"{request.method} meets {fate}")
        if fate in {"wrong", "foreign", "not_known"}:
            world.misled.add(request.query.get("reference", ""))
        if fate == "stale":
            world.cached.add(request.query.get("reference", ""))
        if request.method == "POST":
            if not fate.endswith("unreachable"):
                self._note_post(request)
            self._shape_refund(world.rng, lags=fate.endswith("executed") or fate == "late")
        return getattr(self, f"_{fate}")(request, seconds)

    def _fate(self, request: Request) -> str:
        world = self._world
        is_list = "originalReferences" in request.query
        if is_list and world.ms < world.lists_fail_until and not world.calm:
            return world.rng.choice(("lost", "odd", "html", "redirect"))
        if world.chance(self._trouble(request)):
            return world.rng.choice(self._fates(request))
        if is_list and world.chance(world.temper.listing_hides):
            return "without_marker"
        return "plain"

    def _trouble(self, request: Request) -> float:
        """How likely this request meets trouble: a repeat, which is rare, in half of all cases."""
        trouble = self._world.temper.network
        return max(trouble, 0.5) if trouble and self._is_repeat(request) else trouble

    def _fates(self, request: Request) -> Sequence[str]:
        if request.method == "GET":
            return GET_FATES
        return REPEAT_FATES if self._is_repeat(request) else POST_FATES

    def _is_repeat(self, request: Request) -> bool:
        key = request.headers.get("idempotency-reference")
        return key is not None and any(post.key == key for post in self._world.posts)

    def _shape_refund(self, rng: Random, *, lags: bool) -> None:
        """Decide how a refund ends that this request may make."""
        if self._world.calm:
            return
        script = self._world.faults.script
        draw = rng.random()
        if draw < 0.3:
            status = rng.choice(("success", "success", "failed", "manualintervention", "odd word"))
            code = "card_refused" if status == "failed" else None
            script(
                "final", status=status, failure_code=code, seconds=rng.choice((0, 0, 5, 60, 900))
            )
        elif draw < 0.33:
            script("pending_for_ever")
        if rng.random() < self._world.temper.listing_hides + (0.4 if lags else 0.1):
            script("list_lag", seconds=rng.choice((2, 15, 45, 60, 300)))
        if rng.random() < 0.05:
            script("hostile_pay_url", url="https://ccv.example.org/?reference=1")

    # -- fates: each gives an answer or raises Broken -----------------------------------------

    def _plain(self, request: Request, _seconds: float = 0.0) -> Answer:
        answer = _received(self._world.routes.answer(request))
        if "reference" in request.query and answer.is_success:
            self._told[request.query["reference"]] = answer.body
        return answer

    def _scripted(self, request: Request, do: str, **args: object) -> Answer:
        operation = f"{request.method} {request.path.removeprefix('/api/v1')}"
        self._world.faults.script(do, operation, **args)
        return self._plain(request)

    def _break(self, seconds: float) -> Answer:
        cause = self._world.rng.choice(_BROKEN)
        self._world.advance(seconds if isinstance(cause, httpx.ReadTimeout) else seconds / 10)
        raise Broken(cause, left=True)

    def _unreachable(self, _request: Request, seconds: float) -> Answer:
        self._world.advance(seconds / 6)
        raise Broken(httpx.ConnectError("refused"), left=False)

    def _oddly_unreachable(self, _request: Request, _seconds: float) -> Answer:
        raise Broken(ValueError("a defect somewhere"), left=False)

    def _lost(self, _request: Request, seconds: float) -> Answer:
        return self._break(seconds)

    def _executed(self, request: Request, seconds: float) -> Answer:
        self._plain(request)
        return self._break(seconds)

    def _late(self, request: Request, seconds: float) -> Answer:
        delay = self._world.rng.choice((1, 20, 35, 60, 150, 300, 500, LATEST_EXECUTION))
        self._scripted(request, "late", seconds=delay)
        return self._break(seconds)

    def _odd(self, request: Request, _seconds: float, *, committed: bool = False) -> Answer:
        rng = self._world.rng
        code, body = rng.choice(ODD_STATUSES), rng.choice(("json", "html", "empty"))
        headers = {"Retry-After": rng.choice(("2", "30", "-1", "soon", "999999999"))}
        return self._scripted(
            request, "status", code=code, body=body, committed=committed, headers=headers
        )

    def _odd_executed(self, request: Request, seconds: float) -> Answer:
        return self._odd(request, seconds, committed=True)

    def _busy(self, request: Request, _seconds: float) -> Answer:
        return self._scripted(request, "rate_limit", retry_after=self._world.rng.choice((1, 60)))

    def _redirect(self, request: Request, _seconds: float, *, committed: bool = False) -> Answer:
        """Point elsewhere, with a body that looks like the best of news."""
        code = self._world.rng.choice(REDIRECTS)
        return self._scripted(
            request, "raw", code=code, text=good_news(request), committed=committed
        )

    def _redirect_executed(self, request: Request, seconds: float) -> Answer:
        return self._redirect(request, seconds, committed=True)

    def _declined(self, request: Request, _seconds: float) -> Answer:
        """Refuse with CCV's error object, and not execute.

        LIMIT: an error object with a refusing status on the *first* attempt, of a refund CCV did
        execute, is not drawn. CCV's own word is the only proof there can be that it did not.
        """
        code = self._world.rng.choice(REFUSALS)
        return self._scripted(request, "status", code=code, failure_code="refund_limit")

    def _declined_by_page(self, request: Request, _seconds: float) -> Answer:
        """A page says 4xx: it is somebody else's word, and the refund was executed."""
        code = self._world.rng.choice(REFUSALS)
        body = self._world.rng.choice(("html", "empty"))
        return self._scripted(request, "status", code=code, body=body, committed=True)

    def _named(self, request: Request, _seconds: float) -> Answer:
        """CCV's error object about another transaction: the refund itself, which it executed."""
        error = {"type": "process_error", "message": "duplicate", "transactionReference": "TL0.Y"}
        return self._scripted(request, "raw", code=400, text=json.dumps(error), committed=True)

    def _key_refused(self, request: Request, _seconds: float) -> Answer:
        self._process.key_refused(request.method)  # type: ignore[attr-defined]
        return self._scripted(request, "status", code=401)

    def _not_known(self, request: Request, _seconds: float) -> Answer:
        return self._scripted(request, "status", code=404, failure_code="unknown_reference")

    def _html(self, request: Request, _seconds: float) -> Answer:
        return self._scripted(request, "html_200")

    def _html_executed(self, request: Request, _seconds: float) -> Answer:
        return self._scripted(request, "html_200", committed=True)

    def _half(self, request: Request, _seconds: float) -> Answer:
        """Cut the answer; what is left claims to be whole."""
        answer = self._plain(request)
        cut = self._world.rng.randrange(max(1, len(answer.body)))
        return Answer(answer.status, answer.headers, answer.body[:cut])

    def _weird(self, request: Request, _seconds: float) -> Answer:
        return self._scripted(request, "weird")

    def _wrong(self, request: Request, _seconds: float) -> Answer:
        """Answer about something else: one identifying field is another one's."""
        rng = self._world.rng
        mine = {request.query.get("reference"), self._payment_of(request)}
        others = [
            item.reference for item in self._world.bank.all() if item.reference not in mine
        ] or ["P9.Y"]
        # LIMIT: a first answer that is ours in every field, under a reference nobody has seen,
        # cannot be told from a right one; so a wrong reference is one the journal knows already.
        known = [row.provider_reference for row in self._world.refunds.values()]
        known = [reference for reference in known if reference not in {None, *mine}] or ["?"]
        fields: dict[str, object] = rng.choice(
            (
                {"amount": self._amount_of(request) + 7},
                {"originalReference": rng.choice(others)},
                {"currency": "usd"},
                {"type": "reversal"},
                {"type": "sale"},
                {"reference": "not a reference"},
                {"reference": rng.choice(known)},
            )
        )
        if "originalReferences" in request.query:
            # A list may hold what it likes of other payments; ours must not be found in it.
            fields = {"originalReference": rng.choice(others)}
        if request.method == "GET":
            fields = fields | {"status": rng.choice(("success", "failed"))}
        return self._scripted(request, "wrong", fields=fields)

    def _twice_said(self, request: Request, _seconds: float) -> Answer:
        """A good answer that names its status a second time, in another word."""
        answer = self._plain(request)
        head, end, tail = answer.body.rpartition(b"}")
        if not answer.is_success or not end:
            return answer
        status = self._world.rng.choice((b"success", b"failed"))
        return Answer(answer.status, answer.headers, head + b',"status":"' + status + b'"}' + tail)

    def _stale(self, request: Request, _seconds: float) -> Answer:
        """An answer of before, from some cache."""
        old = self._told.get(request.query.get("reference", ""))
        answer = self._plain(request)
        return answer if old is None else Answer(answer.status, answer.headers, old)

    def _foreign(self, request: Request, _seconds: float) -> Answer:
        """The whole answer to somebody else's request: another refund of another payment."""
        answer = self._plain(request)
        mine = self._payment_of(request)
        others = [
            item
            for item in self._world.bank.all()
            if item.gives_back
            and item.original != mine
            and item.reference != request.query.get("reference")
        ]
        if not others or "originalReferences" in request.query:
            return answer
        facts = self._world.rng.choice(others).facts(self._world.bank_ms())
        return _received(Said.json(facts))

    def _amount_of(self, request: Request) -> Decimal:
        """The amount a request is about."""
        if request.method == "POST":
            return Decimal(json.loads(request.body)["amount"])
        found = self._world.bank.find(request.query.get("reference", ""))
        return Decimal(found.amount if found else 0).scaleb(-2)

    def _payment_of(self, request: Request) -> str | None:
        """The payment a request is about."""
        if request.method == "POST":
            return str(json.loads(request.body)["reference"])
        found = self._world.bank.find(request.query.get("reference", ""))
        return request.query.get("originalReferences") or (found.original if found else None)

    def _without_marker(self, request: Request, _seconds: float) -> Answer:
        """CCV's list leaves the descriptions out."""
        return self._scripted(request, "wrong", drop=["description"])


def _received(said: Said) -> Answer:
    headers = {name.lower(): text for name, text in said.head}
    return Answer(said.status, headers, said.body)
