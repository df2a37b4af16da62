"""The SQL, by name. One text for every engine; `:name` marks a bound value."""

from posrefund.journal.rows import COLUMNS, DERIVED

_NAMES = ", ".join(COLUMNS)
_WRITTEN = (*COLUMNS, *DERIVED)

INSERT_REFUND = (
    f"INSERT INTO refund ({', '.join(_WRITTEN)})"  # noqa: S608 - constant column names
    f" VALUES ({', '.join(f':{column}' for column in _WRITTEN)})"
)

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
    "moment",
    "ordinal",
    "order_reference",
    "id_tail",
    "original_tail",
    "order_tail",
    "version",
    "fence",
}
"""What is decided once. No update names these columns."""

_ASSIGNED = ", ".join(f"{column} = :{column}" for column in _WRITTEN if column not in _FROZEN)

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

SELECT = f"SELECT {_NAMES} FROM refund "  # noqa: S608 - constant column names

BY_ID = SELECT + "WHERE id = :id"

BY_PROVIDER_REFERENCE = (
    SELECT + "WHERE environment = :environment AND provider_reference = :reference"
)

OF_PAYMENT = (
    SELECT
    + "WHERE original_tail IN (:tail, '')"
    + " AND environment = :environment AND original_reference = :reference"
    + " ORDER BY moment DESC, id DESC"
)
"""What may still be given back depends on it: none may be missing. The tail is there for its index
alone, and which they are the reference says; a row without its tail counts, too."""

OPEN_STATES = "('intent', 'sending', 'unknown', 'accepted', 'attention')"
"""As in the partial unique index, so that the index answers."""

OPEN = SELECT + f"WHERE state IN {OPEN_STATES} ORDER BY created_at, id"

UNSETTLED = (
    SELECT
    + "WHERE (state = 'failed' AND verified < 3) OR (alarm IS NOT NULL AND state <> 'closed')"
    + " ORDER BY created_at, id"
)

OPEN_OF_PAYMENT = (
    SELECT
    + "WHERE environment = :environment AND original_reference = :reference"
    + f" AND state IN {OPEN_STATES}"
)

ENTRIES = (
    "SELECT at, rule, state, text, facts FROM entry WHERE refund_id = :refund_id ORDER BY number"
)
