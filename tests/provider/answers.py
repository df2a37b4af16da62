"""Answers of CCV's, as values and as steps of a raw server."""

import json
from urllib.parse import parse_qs, urlsplit

from tests.provider.raw_server import message, says
from tests.support.builders import PAYMENT


def a_transaction(**changes):
    """What CCV says of a refund of 5.00."""
    said = {
        "type": "refund",
        "amount": 5.0,
        "currency": "eur",
        "status": "pending",
        "reference": "TR1.Y",
        "originalReference": PAYMENT,
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def a_sale(**changes):
    return a_transaction(
        **({"type": "sale", "reference": PAYMENT, "originalReference": None} | changes)
    )


def answer(value, **how):
    return says(message(json.dumps(value), **how))


def pages(*values):
    """One answer per request; the last one again and again."""
    return [answer(value) for value in values]


def asked(server, at=-1):
    """Path and query of a request."""
    method, target, _ = server.requests[at].line.split(" ")
    assert method == "GET"
    parts = urlsplit(target)
    return parts.path, dict(parse_qs(parts.query).items())
