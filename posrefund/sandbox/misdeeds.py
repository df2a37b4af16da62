"""How each fault treats a request: what is carried out, what is answered, how it is sent."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from posrefund.sandbox.exchange import HTML, Answer, Transport
from posrefund.sandbox.faults import Rule
from posrefund.sandbox.refusal import Refusal

_PAGE = "<!doctype html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A request that is about to be treated badly."""

    args: Mapping[str, object]
    carry_out: Callable[[], Answer]
    """Does what was asked, once for each call."""
    later: Callable[[float, Callable[[], None]], None]
    """Does something when so many seconds have passed on the bank's clock."""
    error_reference: str
    """Eight hex digits for an error object."""

    def flag(self, name: str) -> bool:
        """An argument that is yes or no."""
        return bool(self.args[name])

    def seconds(self, name: str = "seconds") -> float | None:
        """An argument in seconds."""
        value = self.args[name]
        return None if value is None else float(str(value))

    def number(self, name: str) -> int | None:
        """An argument that counts."""
        value = self.args[name]
        return None if value is None else int(str(value))

    def word(self, name: str) -> str:
        """An argument that is a text; an empty one when it was not given."""
        value = self.args[name]
        return "" if value is None else str(value)


def misbehave(rule: Rule, scene: Scene) -> Answer:
    """Answer as the rule wants."""
    return _MISDEEDS[rule.do](scene)


def _nothing(kind: str) -> Answer:
    return Answer(status=0, transport=Transport(kind=kind))


def _commit_then_hang_up(scene: Scene) -> Answer:
    scene.carry_out()
    return _nothing("hang_up")


def _hang_up(_scene: Scene) -> Answer:
    return _nothing("hang_up")


def _reset(scene: Scene) -> Answer:
    if scene.flag("committed"):
        scene.carry_out()
    return _nothing("reset")


def _silence(scene: Scene) -> Answer:
    if scene.flag("committed"):
        scene.carry_out()
    return Answer(status=0, transport=Transport(kind="silence", seconds=scene.seconds()))


def _late(scene: Scene) -> Answer:
    def carry_out() -> None:
        scene.carry_out()

    scene.later(scene.seconds() or 0.0, carry_out)
    return _nothing(scene.word("answer"))


def _error(scene: Scene, failure_code: str) -> Answer:
    code = scene.number("code") or 500
    form = scene.word("body")
    if form == "empty":
        return Answer(status=code)
    if form == "html":
        return Answer.html(_PAGE.format(code), status=code)
    refusal = Refusal("Scripted by the sandbox", failure_code=failure_code)
    return Answer.json(refusal.body(scene.error_reference), status=code)


def _error_after(scene: Scene) -> Answer:
    scene.carry_out()
    return _error(scene, "processing_error")


def _error_before(scene: Scene) -> Answer:
    return _error(scene, "processing_error")


def _status(scene: Scene) -> Answer:
    if scene.flag("committed"):
        scene.carry_out()
    answer = _error(scene, scene.word("failure_code"))
    if scene.word("text"):
        answer = replace(answer, body=scene.word("text").encode())
    return replace(answer, headers=_headers(scene))


def _raw(scene: Scene) -> Answer:
    if scene.flag("committed"):
        scene.carry_out()
    coded = scene.word("base64")
    body = base64.b64decode(coded) if coded else scene.word("text").encode()
    return Answer(
        status=scene.number("code") or 200,
        content_type=scene.word("content_type"),
        headers=_headers(scene),
        body=body,
    )


def _headers(scene: Scene) -> tuple[tuple[str, str], ...]:
    headers = scene.args["headers"]
    if not isinstance(headers, Mapping):
        return ()
    return tuple((str(name), str(value)) for name, value in headers.items())


def _rate_limit(scene: Scene) -> Answer:
    refusal = Refusal("Too many requests")
    answer = Answer.json(refusal.body(scene.error_reference), status=429)
    wait = scene.word("retry_after")
    return replace(answer, headers=(("Retry-After", wait),)) if wait else answer


def _slow(scene: Scene) -> Answer:
    return scene.carry_out().sent(Transport(delay_seconds=scene.seconds() or 0.0))


def _half_body(scene: Scene) -> Answer:
    answer = scene.carry_out()
    at = scene.number("at")
    return answer.sent(
        Transport(
            kind="half",
            at=len(answer.body) // 2 if at is None else at,
            framing=scene.word("framing"),
            end=scene.word("end"),
        )
    )


def _drip(scene: Scene) -> Answer:
    transport = Transport(kind="drip", seconds=scene.seconds(), part=scene.word("part"))
    return scene.carry_out().sent(transport)


def _html_200(scene: Scene) -> Answer:
    if scene.flag("committed"):
        scene.carry_out()
    return replace(Answer.html(_PAGE.format("Welcome to the guest network")), content_type=HTML)


def _changed(answer: Answer, change: Callable[[dict[str, object]], dict[str, object]]) -> Answer:
    """Change the transaction of an answer, or each of a list; an error object stays as it is."""
    if answer.status != 200:
        return answer
    value = answer.value
    if isinstance(value, list):
        value = [change(dict(item)) for item in value if isinstance(item, dict)]
    elif isinstance(value, dict):
        value = change(dict(value))
    return replace(Answer.json(value), headers=answer.headers)


def _wrong(scene: Scene) -> Answer:
    fields, drop = scene.args["fields"], scene.args["drop"]

    def change(item: dict[str, object]) -> dict[str, object]:
        item.update(fields if isinstance(fields, Mapping) else {})
        gone = drop if isinstance(drop, list) else []
        return {name: value for name, value in item.items() if name not in gone}

    return _changed(scene.carry_out(), change)


def _weird(scene: Scene) -> Answer:
    def change(item: dict[str, object]) -> dict[str, object]:
        if scene.flag("extra"):
            item.update({"newField": {"nested": [1, None, {"a": "b"}]}, "zone": None})
        if scene.flag("amount_as_text") and "amount" in item:
            item["amount"] = str(item["amount"])
        if scene.flag("capitals"):
            item.update(
                {
                    name: str(item[name]).upper()
                    for name in ("status", "currency", "method", "type", "language")
                    if name in item
                }
            )
        return item

    return _changed(scene.carry_out(), change)


def _twice(scene: Scene) -> Answer:
    return scene.carry_out().sent(Transport(kind="twice"))


def _close_idle(scene: Scene) -> Answer:
    return scene.carry_out().sent(Transport(kind="close_idle"))


def _huge(scene: Scene) -> Answer:
    return scene.carry_out().sent(Transport(kind="huge", at=scene.number("bytes")))


_MISDEEDS: dict[str, Callable[[Scene], Answer]] = {
    "commit_then_hang_up": _commit_then_hang_up,
    "hang_up": _hang_up,
    "reset": _reset,
    "error_500_after_commit": _error_after,
    "error_500_before_commit": _error_before,
    "status": _status,
    "raw": _raw,
    "rate_limit": _rate_limit,
    "silence": _silence,
    "slow": _slow,
    "half_body": _half_body,
    "drip": _drip,
    "html_200": _html_200,
    "wrong": _wrong,
    "weird": _weird,
    "late": _late,
    "twice": _twice,
    "close_idle": _close_idle,
    "huge": _huge,
}
