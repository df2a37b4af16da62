-- The current row of every refund. It can be rebuilt from the entries.
CREATE TABLE refund (
    id                    TEXT PRIMARY KEY,
    idempotency_reference TEXT NOT NULL UNIQUE CHECK (length(idempotency_reference) BETWEEN 1 AND 50),
    environment           TEXT NOT NULL CHECK (environment IN ('test', 'live')),
    address               TEXT NOT NULL,
    original_reference    TEXT NOT NULL,
    amount_minor          INTEGER NOT NULL CHECK (amount_minor > 0),
    currency              TEXT NOT NULL CHECK (length(currency) = 3),
    method                TEXT NOT NULL,
    terminal              TEXT,
    description           TEXT NOT NULL,
    marker                TEXT NOT NULL,
    counter               TEXT NOT NULL,
    body                  BLOB NOT NULL,
    created_at            TEXT NOT NULL,
    ordinal               INTEGER NOT NULL,
    state                 TEXT NOT NULL CHECK (state IN (
        'intent', 'sending', 'unknown', 'accepted', 'attention',
        'succeeded', 'failed', 'not_sent', 'closed')),
    provider_reference    TEXT,
    pay_url               TEXT,
    failure_code          TEXT,
    message               TEXT,
    attempts              INTEGER NOT NULL CHECK (attempts >= 0),
    first_sent_at         TEXT,
    last_sent_at          TEXT,
    not_before            TEXT,
    updated_at            TEXT NOT NULL,
    facts                 TEXT NOT NULL,
    doubt                 TEXT,
    doubt_since           TEXT,
    doubt_count           INTEGER NOT NULL,
    verified              INTEGER NOT NULL,
    alarm                 TEXT,
    closed_as             TEXT CHECK (closed_as IN ('executed', 'not executed')),
    version               INTEGER NOT NULL,
    owner                 TEXT,
    lease_until           TEXT,
    fence                 INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The guard against paying twice: a payment has at most one refund that is not over.
CREATE UNIQUE INDEX one_open_refund_per_payment ON refund (environment, original_reference)
    WHERE state IN ('intent', 'sending', 'unknown', 'accepted', 'attention');

-- Two counters that looked at the payment at the same time cannot both be right about it.
CREATE UNIQUE INDEX one_refund_per_look ON refund (environment, original_reference, ordinal)
    WHERE ordinal > 0;

CREATE INDEX open_refund ON refund (created_at, id)
    WHERE state IN ('intent', 'sending', 'unknown', 'accepted', 'attention');

-- Final, and yet not done with: to be asked about again, or contradicted by CCV.
CREATE INDEX unsettled_refund ON refund (created_at, id)
    WHERE (state = 'failed' AND verified < 3) OR (alarm IS NOT NULL AND state <> 'closed');

CREATE UNIQUE INDEX one_refund_per_provider_reference ON refund (environment, provider_reference)
    WHERE provider_reference IS NOT NULL;

CREATE INDEX refund_of_payment ON refund (environment, original_reference, created_at);

CREATE INDEX refund_newest ON refund (created_at, id);

-- Everything that happened, in order. Nothing here is ever changed.
CREATE TABLE entry (
    number    INTEGER PRIMARY KEY,
    refund_id TEXT NOT NULL REFERENCES refund (id),
    at        TEXT NOT NULL,
    rule      TEXT NOT NULL,
    state     TEXT NOT NULL,
    text      TEXT NOT NULL,
    facts     TEXT NOT NULL
) STRICT;

CREATE INDEX entry_of_refund ON entry (refund_id, number);

CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE (ABORT, 'an entry is never changed');
END;

CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
BEGIN
    SELECT RAISE (ABORT, 'an entry is never removed');
END;
