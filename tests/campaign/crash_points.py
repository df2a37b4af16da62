"""Which crash point of the reliability study (2.7, CP-01 to CP-42) a named point is."""

NOT_IN_OUR_CODE = {
    4: "anchor",
    8: "anchor",
    20: "anchor",
    33: "anchor",
    36: "PIN",
}
"""Points of what does not exist yet. They are not counted."""

RECOVERING = 41

_QUESTION = {
    "about to ask": 9,
    "before connecting": 10,
    "connected": 10,
    "before TLS": 11,
    "after TLS": 11,
    "headers sent": 12,
    "half the body sent": 13,
    "last byte sent": 14,
    "hung up on": 14,
    "answer's head read": 15,
    "half the answer read": 16,
    "whole answer read": 17,
    "answer believed": 18,
    "trouble understood": 23,
}
_ANSWERED = {15, 16, 17, 18, 23}
_FILES = {
    "slip": 35,
    "export": 35,
    "backup": 40,
    "restore": 40,
    "key": 42,
    "configuration": 42,
}
_FINAL = ("succeeded", "failed", "not_sent")
_OUTSIDE = ("POST", "GET payment", "GET list", "GET status", "GET statuses", "wait", "show")
"""What reaches beyond this process, and is the same in a recovery."""


def crash_point(place: str) -> int:
    """Return the number of a point's name, as `victim` makes them."""
    stood, _, rest = place.partition(" | ")
    work, _, step = rest.rpartition(" #")[0].partition(": ")
    if work in _FILES:
        return _FILES[work]
    if stood.startswith("found "):
        stood = stood.removeprefix("found ")
        if work not in _OUTSIDE:
            # Recovery looks at what it found, and settles it.
            return RECOVERING
    if step.endswith(("CREATE", "DROP", "ALTER")) or (stood == "nothing" and "EXCLUSIVE" in step):
        return 39
    by_state = {
        "nothing": _before_the_decision,
        "intent": _decided,
        "sending": _sending,
        "sending again": _sending,
        "unknown": _unknown,
        "accepted": _accepted,
        "attention": _for_a_person,
        "closed": lambda *_: 38,
    }
    if stood in _FINAL:
        return 34
    return by_state[stood](stood, work, step)


def _before_the_decision(_stood: str, work: str, step: str) -> int:
    if work != "open":
        return 1
    if step in {"after INSERT INTO refund", "before INSERT INTO entry"}:
        return 2
    if step in {"after INSERT INTO entry", "before COMMIT"}:
        return 3
    return 1


def _decided(_stood: str, work: str, step: str) -> int:
    if work == "claim" or step in {"before", "after"}:
        return 6 if work != "show" else 5
    return 7 if work == "record sending" and step != "before BEGIN" else 5


def _sending(stood: str, work: str, step: str) -> int:
    if work == "POST":
        number = _QUESTION[step]
        return 29 if stood == "sending again" and number == 9 else number
    if work.startswith("record sending"):
        return 29 if stood == "sending again" else 9
    if work in {"record unknown", "record intent"}:
        return 23
    if work.startswith("record"):
        return 18 if step == "before BEGIN" else 19
    return 18


def _unknown(_stood: str, work: str, step: str) -> int:
    if work == "record sending again":
        return 28
    if work == "wait":
        return 25
    if work == "GET list":
        return 26 if _QUESTION[step] in _ANSWERED else 25
    if work.startswith(("record", "claim", "keep")):
        return 24 if step == "after COMMIT" and work == "record unknown" else 26
    return 24


def _accepted(_stood: str, work: str, step: str) -> int:
    if work == "show":
        return 22 if step == "after" else 21
    if work == "record accepted":
        return 27
    if work in {"wait", "read"}:
        return 30
    if work in {"GET status", "GET statuses", "GET list"}:
        return 31 if _QUESTION[step] in _ANSWERED else 30
    if work.startswith("record") and step != "before BEGIN":
        return 32
    return 31


def _for_a_person(_stood: str, work: str, _step: str) -> int:
    return 37 if work in {"claim", "record closed", "GET status", "read", "keep"} else 34
