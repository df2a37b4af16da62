"""What a whole answer says: bytes as JSON, an error object, one transaction or several. Pure."""

from typing import Any

from posrefund.provider import wire
from posrefund.provider.answer import Answer
from posrefund.provider.strict_json import NotJson, parse
from posrefund.provider.wire import ErrorAnswer, NotUnderstood, Transaction


def value(answer: Answer) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value in an answer of whatever media type; None also where there is none."""
    try:
        return parse(answer.body)
    except NotJson:
        return None


def error(answer: Answer) -> ErrorAnswer | None:
    """Return CCV's error object, if that is what the answer holds."""
    return wire.read_error(value(answer))


def transaction(answer: Answer) -> Transaction:
    """Return the one transaction the answer holds.

    Raises:
        NotUnderstood: If it holds anything else.
    """
    return wire.read_transaction(_checked_value(answer))


def transactions(answer: Answer) -> list[object]:
    """Return the transactions of an answer, not looked at yet.

    CCV documents one object for `reference=` and a list for `references=`, and is known for
    exceptions; so one object, a list, and an object that holds exactly one list will do.

    Raises:
        NotUnderstood: If it is not JSON.
    """
    found = _checked_value(answer)
    if isinstance(found, dict) and "reference" not in found:
        lists = [inner for inner in found.values() if isinstance(inner, list)]
        found = lists[0] if len(lists) == 1 else found
    return found if isinstance(found, list) else [found]


def _checked_value(answer: Answer) -> Any:  # noqa: ANN401 - any JSON value
    if not answer.is_json:
        raise NotUnderstood("it is not JSON")
    try:
        return parse(answer.body)
    except NotJson as problem:
        raise NotUnderstood(problem.sentence) from None
