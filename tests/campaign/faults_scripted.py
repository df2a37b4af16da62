"""Faults the pretend bank can be told to commit: one row each, no code."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

from tests.campaign.faults_line import Line, Stall, whole_story

Rule = Mapping[str, object]

ADOPTED = "unknown > succeeded, ledger 1, posts 1"
REPEATED = "unknown > succeeded, ledger 1, posts 2"
PAID_ONCE = "unknown > succeeded, ledger 1"
REFUSED = "failed > failed, ledger 0, posts 1"
IN_TIME = ", in time"
ACCEPTED = "accepted > succeeded, ledger 1, posts 1"
OPTIONAL = ["originalReference", "created", "lastUpdate", "statusFinalDate", "payUrl", "method"]
HOSTILE = "\x1b]0;owned\x07\x1b[2J[@click=app.quit]Paid[/b]\x9b31m"


def rule(do: str, on: str = "POST /refund", *, times: int | str = 1, skip: int = 0, **args) -> Rule:
    """One rule of a script."""
    exact = {
        name: Decimal(str(value)) if isinstance(value, float) else value
        for name, value in args.items()
    }
    return {"do": do, "on": on, "times": times, "skip": skip, "args": exact}


def _play(rules: Sequence[Rule], settings: Rule, line: Line, folder: Path) -> str:
    with Stall(folder) as shop:
        shop.sandbox.bank.settings.apply(settings)
        # The rules meet the request and what follows, not the search before it.
        (finding,) = shop.service.find("1001")
        shop.sandbox.faults.add(rules)
        return whole_story(line, shop, finding=finding)


def scripted(number: str, fault: str, expected: str, *rules: Rule, **settings: object) -> Line:
    """A line that is a script for the bank."""
    play = partial(_play, rules, settings)
    return Line(number=number, fault=fault, expected=expected, play=play)


def _both(number: str, fault: str, do: str, *, more: str = "", **args: object) -> list[Line]:
    done, not_done = rule(do, committed=True, **args), rule(do, committed=False, **args)
    return [
        scripted(number, f"{fault}, executed", ADOPTED + more, done),
        scripted(number, f"{fault}, not executed", REPEATED + more, not_done),
    ]


def _errors() -> list[Line]:
    lines: list[Line] = []
    for code in (500, 502, 503, 504):
        for body in ("json", "html", "empty"):
            number = "F11/F12" if body == "html" else "F11"
            lines += _both(number, f"{code} with {body} body", "status", code=code, body=body)
    for code in (408, 409, 425, 405, 410, 415, 418, 429, 999):
        lines += _both("F16/F17" if code == 409 else "F11", f"{code}", "status", code=code)
    return lines


def _refusals() -> list[Line]:
    lines: list[Line] = []
    lagging = (rule("list_lag", seconds=20), rule("commit_then_hang_up"))
    for code in (400, 402, 403, 404, 422):
        # 422 is what some servers say of a known key with another body.
        again = "F18/F20" if code == 422 else "F20"
        lines += [
            scripted("F19", f"{code} on the first attempt", REFUSED, rule("status", code=code)),
            scripted(
                "F19",
                f"{code} with HTML on the first attempt",
                REPEATED,
                rule("status", code=code, body="html"),
            ),
            scripted(
                again,
                f"{code} on attempt 2, attempt 1 executed and not yet listed",
                PAID_ONCE,
                *lagging,
                rule("status", code=code),
            ),
            scripted(
                again,
                f"{code} on attempt 2, attempt 1 not executed",
                "unknown > succeeded, ledger 1, posts 3",
                rule("hang_up"),
                rule("status", code=code),
            ),
        ]
    return lines


def _refusal(message: str) -> str:
    """An error object as CCV's, with this message."""
    return json.dumps(
        {"type": "process_error", "message": message, "reference": "0a1b2c3d", "failureCode": "x"}
    )


def _answers_about_something_else() -> list[Line]:
    wrong = {
        "reference": "<none>",
        "amount": 5.01,
        "currency": "gbp",
        "originalReference": "T1002.Y",
        "type": "sale",
        "status": 1,
    }
    lines = [
        scripted("F30", f"wrong {name} in the answer", ADOPTED, rule("wrong", fields={name: value}))
        for name, value in wrong.items()
    ]
    lines += [
        scripted("F30", f"no {name} in the answer", ADOPTED, rule("wrong", drop=[name]))
        for name in ("reference", "amount", "currency", "type", "status")
    ]
    for name in ("reference", "amount", "currency", "originalReference", "type"):
        told = rule("wrong", "GET /transaction", fields={name: wrong[name]}, times=2)
        ever = rule("wrong", "GET /transaction", fields={name: wrong[name]}, times="forever")
        lines += [
            scripted("F29", f"wrong {name} in 2 answers to GET", "accepted > succeeded", told),
            scripted(
                "F29",
                f"wrong {name} in every answer to GET",
                "accepted > attention, ledger 1, posts 1",
                ever,
            ),
        ]
    return lines


_FOR_EVER = {"times": "forever"}

SCRIPTED: list[Line] = [
    *_both("F01/F02", "no answer", "silence", more=IN_TIME),
    *(
        scripted("F03", f"carried out {seconds} s late", PAID_ONCE, rule("late", seconds=seconds))
        for seconds in (1, 5, 30, 120, 299)
    ),
    scripted(
        "F03",
        "carried out 40 s late, hung up on",
        PAID_ONCE,
        rule("late", seconds=40, answer="hang_up"),
    ),
    *_both("F05", "reset before any answer byte", "reset"),
    scripted(
        "F05", "closed before any answer byte, executed", ADOPTED, rule("commit_then_hang_up")
    ),
    scripted("F05", "closed before any answer byte, not executed", REPEATED, rule("hang_up")),
    scripted("F06", "reset mid answer", ADOPTED, rule("half_body", at=100, end="reset")),
    scripted("F07", "closed mid answer", ADOPTED, rule("half_body", at=100)),
    scripted("F09", "chunks without an end", ADOPTED, rule("half_body", framing="chunked")),
    scripted(
        "F10",
        "the kept connection is closed before the request",
        ACCEPTED,
        rule("close_idle", "GET /transaction"),
    ),
    *_errors(),
    scripted(
        "F15",
        "429 for ever",
        "unknown > attention, ledger 0, posts 6",
        rule("rate_limit", retry_after="1", **_FOR_EVER),
    ),
    scripted(
        "F15",
        "503 for ever",
        "unknown > attention, ledger 0, posts 6",
        rule("status", code=503, **_FOR_EVER),
    ),
    scripted(
        "F12",
        "503 with escape sequences and markup",
        ADOPTED,
        rule("status", code=503, text=f"<html>{HOSTILE}</html>", committed=True),
    ),
    scripted(
        "F12",
        "a refusal with escape sequences and markup",
        REFUSED,
        rule("status", code=400, text=_refusal(HOSTILE)),
    ),
    *_refusals(),
    scripted(
        "F21", "401", "KeyRefused not_sent > not_sent, ledger 0, posts 1", rule("status", code=401)
    ),
    scripted(
        "F22",
        "403 on GET for 8 min",
        ACCEPTED,
        rule("status", "GET /transaction", code=403, times=60),
    ),
    scripted(
        "F22",
        "403 on GET for ever",
        "accepted > attention, ledger 1, posts 1",
        rule("status", "GET /transaction", code=403, **_FOR_EVER),
    ),
    scripted(
        "F22",
        "no answer to any GET for ever, refund known",
        "accepted > attention, ledger 1, posts 1",
        rule("hang_up", "GET /transaction", **_FOR_EVER),
    ),
    scripted(
        "F22",
        "no answer to any GET for ever, refund unknown",
        "unknown > attention, ledger 1, posts 1",
        rule("commit_then_hang_up"),
        rule("hang_up", "GET /transaction", **_FOR_EVER),
    ),
    *_both("F25", "200 with HTML", "html_200"),
    scripted(
        "F25",
        "200 with HTML to a GET",
        ACCEPTED,
        rule("html_200", "GET /transaction", times=3),
    ),
    *_answers_about_something_else(),
    scripted("F33", "two answers to one request", "accepted > succeeded, ledger 1", rule("twice")),
    scripted(
        "F33",
        "two answers to each GET",
        ACCEPTED,
        rule("twice", "GET /transaction", **_FOR_EVER),
    ),
    scripted(
        "F36",
        "unknown fields, amount as text, capitals, everywhere",
        ACCEPTED,
        rule("weird", "any", **_FOR_EVER),
    ),
    scripted(
        "F36",
        "no field that may be missing, anywhere",
        ACCEPTED,
        rule("wrong", drop=OPTIONAL, **_FOR_EVER),
        rule("wrong", "GET /transaction", drop=OPTIONAL, **_FOR_EVER),
    ),
    scripted(
        "F36",
        "a status nobody knows",
        "accepted > attention, ledger 1",
        rule("final", status="partying"),
    ),
    scripted(
        "F36",
        "failed with a code nobody knows",
        "accepted > failed, ledger 1",
        rule("final", status="failed", failure_code="brand_new", seconds=3),
    ),
    scripted(
        "F37",
        "manualintervention at once",
        "attention > attention, ledger 1",
        rule("final", status="manualintervention"),
    ),
    scripted(
        "F37",
        "manualintervention after pending",
        "accepted > attention, ledger 1",
        rule("final", status="manualintervention", seconds=30),
    ),
    scripted(
        "F39",
        "404 for a known reference, 30 s",
        "accepted > succeeded, ledger 1",
        rule("status", "GET /transaction", code=404, failure_code="unknown_reference", times=12),
    ),
    scripted(
        "F39",
        "404 for a known reference for ever",
        "accepted > attention, ledger 1, posts 1",
        rule("status", "GET /transaction", code=404, failure_code="unknown_reference", **_FOR_EVER),
    ),
    *(
        scripted(
            "F40",
            f"the list lags {seconds} s",
            PAID_ONCE,
            rule("list_lag", seconds=seconds),
            rule("commit_then_hang_up"),
        )
        for seconds in (0, 1, 4, 10, 30, 60)
    ),
    scripted(
        "F40",
        "the list never has it, and CCV deduplicates",
        PAID_ONCE,
        rule("list_lag", seconds=999_999),
        rule("commit_then_hang_up"),
    ),
    *(
        scripted(
            "F41", f"the {part} drips", ADOPTED + IN_TIME, rule("drip", part=part, seconds=0.02)
        )
        for part in ("head", "body")
    ),
    scripted("F41", "the answer is slow", ADOPTED + IN_TIME, rule("slow", seconds=0.5)),
    scripted("F42", "64 MiB of body", ADOPTED + IN_TIME, rule("huge")),
]
