"""What may become of a request, in which share, and the lies a server may tell.

What is promised: these are tables and texts only; `world_wire` carries them out.
"""

import json
from collections import Counter

from posrefund.sandbox.exchange import Request

ODD_STATUSES = (408, 409, 425, 429, 500, 502, 503, 504)
REDIRECTS = (301, 302, 303, 307, 308)
REFUSALS = (400, 402, 403, 404, 422)

# Each name is a method of `Wire`; the number is its share.
_SHARES_OF_POSTS = {
    "unreachable": 2,
    "oddly_unreachable": 1,
    "lost": 2,
    "executed": 2,
    "late": 3,
    "odd": 2,
    "odd_executed": 2,
    "redirect": 1,
    "redirect_executed": 1,
    "declined": 2,
    "declined_by_page": 1,
    "key_refused": 2,
    "named": 1,
    "busy": 1,
    "html": 1,
    "html_executed": 1,
    "half": 1,
    "wrong": 2,
    "twice_said": 1,
    "foreign": 1,
    "weird": 1,
}
_SHARES_OF_QUESTIONS = {
    "lost": 2,
    "odd": 2,
    "redirect": 1,
    "html": 1,
    "half": 1,
    "wrong": 1,
    "twice_said": 1,
    "weird": 1,
    "not_known": 1,
    "key_refused": 1,
    "busy": 1,
    "stale": 1,
    "foreign": 1,
}
POST_FATES = tuple(Counter(_SHARES_OF_POSTS).elements())
REPEAT_FATES = (*POST_FATES, *("unreachable", "declined", "key_refused") * 4)
GET_FATES = tuple(Counter(_SHARES_OF_QUESTIONS).elements())


def good_news(request: Request) -> str:
    """A transaction that would be believed, had it come with a 2xx."""
    if request.method == "GET":
        reference = request.query.get("reference", "TL1.Y")
        return json.dumps({"type": "refund", "reference": reference, "status": "success"})
    asked = json.loads(request.body)
    return json.dumps(
        {
            "type": "refund",
            "reference": "TLBELIEVED.Y",
            "originalReference": asked["reference"],
            "amount": asked["amount"],
            "currency": "eur",
            "status": "success",
            "description": asked.get("description"),
        }
    )
