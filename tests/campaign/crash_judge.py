"""Compares what the journal says, and what was printed, with what the bank really did."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.campaign.victim import Ended

SAYS_DONE = {0}
SAYS_NOT_DONE = {1, 2, 3, 4}
"""Exit codes that promise that no money moved."""


def judge(
    rows: Sequence[Mapping[str, Any]],
    ledger: Sequence[Mapping[str, Any]],
    posts: Sequence[Mapping[str, Any]],
    told: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """Compare what the journal says at the end with what the bank did; every line is a defect.

    Args:
        rows: The journal.
        ledger: The bank's refunds.
        posts: The refund requests the bank saw.
        told: Every line any command printed about a refund.
    """
    by_key = {row["idempotency_reference"]: row for row in rows}
    ledger = [_with_key(paid, rows) for paid in ledger]
    found: list[str] = []
    for paid in ledger:
        row = by_key.get(paid["idempotency_reference"])
        twins = [one for one in ledger if one["original_reference"] == paid["original_reference"]]
        if len(twins) > 1:
            found.append(f"double: {len(twins)} refunds of {paid['original_reference']}")
        if row is None:
            found.append(f"lost: {paid['reference']} is not in the journal")
        else:
            found += _compare(row, paid)
    paid_keys = {paid["idempotency_reference"] for paid in ledger}
    for row in rows:
        if row["state"] == "succeeded" and row["idempotency_reference"] not in paid_keys:
            found.append(f"phantom: {row['id']} succeeded, and the bank knows nothing")
        if row["state"] in {"intent", "sending", "unknown", "accepted"}:
            found.append(f"stuck: {row['id']} is {row['state']}")
    return found + _requests(by_key, posts) + _promises(told, ledger)


def _with_key(paid: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A bank that does not know the header did not keep it: the marker tells then."""
    if paid["idempotency_reference"] is not None:
        return paid
    for row in rows:
        if str(paid["description"]).endswith(row["marker"]):
            return {**paid, "idempotency_reference": row["idempotency_reference"]}
    return paid


def _compare(row: Mapping[str, Any], paid: Mapping[str, Any]) -> list[str]:
    if row["state"] == "succeeded" and paid["status"] != "success":
        return [f"phantom: {row['id']} succeeded, at the bank it is {paid['status']}"]
    if row["state"] in {"not_sent", "failed"} and paid["status"] != "failed":
        return [f"lost: {row['id']} is {row['state']}, at the bank it is {paid['status']}"]
    if row["provider_reference"] not in {None, paid["reference"]}:
        return [f"lost: {row['id']} has the reference of another refund"]
    return []


def _requests(
    by_key: Mapping[str, Mapping[str, Any]], posts: Sequence[Mapping[str, Any]]
) -> list[str]:
    """One refund, one key, the same bytes each time, and no attempt that was not written down."""
    found: list[str] = []
    sent: dict[str, list[str]] = {}
    for post in posts:
        key = post["headers"].get("idempotency-reference", "no idempotency reference")
        sent.setdefault(key, []).append(post["body"])
    for key, bodies in sent.items():
        row = by_key.get(key)
        if row is None:
            found.append(f"unwritten: a request with {key} is not in the journal")
            continue
        if set(bodies) != {row["body"].decode()}:
            found.append(f"other bytes: {row['id']} was sent as something else")
        if row["state"] != "not_sent" and len(bodies) > row["attempts"]:
            found.append(f"unwritten: {row['id']} left {len(bodies)} times")
    return found


def _promises(told: Sequence[Mapping[str, Any]], ledger: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was printed as certain must have come true."""
    found: list[str] = []
    fate = {paid["idempotency_reference"]: paid["status"] for paid in ledger}
    for line in told:
        if "error" in line:
            # There is no refund; what its exit code says is judged by `hollow_words`.
            continue
        status = fate.get(line["idempotency_reference"])
        if line["final"] and line["money_moved"] == "no" and status not in {None, "failed"}:
            found.append(f"lied: {line['state']} was printed, and it is {status}")
        # What a closed case says is a person's word.
        is_ours = line["state"] != "closed"
        if is_ours and line["money_moved"] == "yes" and status != "success":
            found.append(f"lied: {line['state']} was printed, and it is {status}")
    return found


def hollow_words(end: Ended, ledger: Sequence[Mapping[str, Any]]) -> list[str]:
    """Compare the exit code of a `refund` with what came of it; a script believes the code."""
    paid = any(one["status"] != "failed" for one in ledger)
    if end.code in SAYS_DONE and not any(one["status"] == "success" for one in ledger):
        return [f"lied: it ended with {end.code}, and nothing was paid"]
    if end.code in SAYS_NOT_DONE and paid:
        return [f"lied: it ended with {end.code}, and money moved"]
    return []
