"""The SQL, by name. One text for every engine; `:name` marks a bound value."""

from posrefund.journal.rows import COLUMNS

_NAMES = ", ".join(COLUMNS)

INSERT_REFUND = f"INSERT INTO refund ({_NAMES}) VALUES ({', '.join(f':{c}' for c in COLUMNS)})"  # noqa: S608 - constant column names

_FROZEN = {
    "id",
    "idempotency_reference",
    "environment",
    "address",
    "original_reference",
    "amount_minor",
    "currency",
    "method",
    "terminal",
    "description",
    "marker",
    "counter",
    "body",
    "created_at",
    "ordinal",
    "version",
    "fence",
}
"""What is decided once. No update names these columns."""

_ASSIGNED = ", ".join(f"{column} = :{column}" for column in COLUMNS if column not in _FROZEN)

UPDATE_REFUND = (
    f"UPDATE refund SET version = version + 1, {_ASSIGNED}"  # noqa: S608 - constant column names
    " WHERE id = :id AND version = :version AND fence = :fence"
)

CLAIM = """
UPDATE refund SET owner = :owner, lease_until = :until, fence = fence + 1
WHERE id = :id AND (owner IS NULL OR lease_until <= :now OR owner = :gone)
"""

INSERT_ENTRY = """
INSERT INTO entry (refund_id, at, rule, state, text, facts)
VALUES (:refund_id, :at, :rule, :state, :text, :facts)
"""

_SELECT = f"SELECT {_NAMES} FROM refund "  # noqa: S608 - constant column names

BY_ID = _SELECT + "WHERE id = :id"

BY_PROVIDER_REFERENCE = (
    _SELECT + "WHERE environment = :environment AND provider_reference = :reference"
)

OF_PAYMENT = (
    _SELECT
    + "WHERE environment = :environment AND original_reference = :reference"
    + " ORDER BY created_at DESC"
)

OPEN_STATES = "('intent', 'sending', 'unknown', 'accepted', 'attention')"
"""As in the partial unique index, so that the index answers."""

OPEN = _SELECT + f"WHERE state IN {OPEN_STATES} ORDER BY created_at, id"

UNSETTLED = (
    _SELECT
    + "WHERE (state = 'failed' AND verified < 3) OR (alarm IS NOT NULL AND state <> 'closed')"
    + " ORDER BY created_at, id"
)

OPEN_OF_PAYMENT = (
    _SELECT
    + "WHERE environment = :environment AND original_reference = :reference"
    + f" AND state IN {OPEN_STATES}"
)

LATEST = (
    _SELECT
    + """
WHERE (created_at, id) < (:before_at, :before_id)
AND created_at >= :since
AND (:state IS NULL OR state = :state)
ORDER BY created_at DESC, id DESC LIMIT :limit
"""
)

ENTRIES = (
    "SELECT at, rule, state, text, facts FROM entry WHERE refund_id = :refund_id ORDER BY number"
)
