"""What leaves the program for other people: the rows of an export.

The journal is one SQLite file (`journal.sqlite3` in the state folder, or where the configuration
says). For the accountant, who may open a copy of it made by `posrefund backup`:

Table `refund` has one row for each decision to give money back, as it stands now. Decided once and
never changed: `environment` (`test` is no real money), `original_reference` (the payment at CCV),
`order_reference` (the shop's own name for the sale), `amount_minor` and `currency` (whole cents,
never a fraction), `method`, `terminal`, `counter`, `created_at`. The others move on: `state`,
`provider_reference` (the refund at CCV), `failure_code`, `message`, `alarm` (CCV contradicted
itself), `closed_as` (a person decided: `executed` or `not executed`), `attempts`, `updated_at`,
and `facts`, the JSON of what CCV said last.

Table `entry` has everything that ever happened to a refund, in the order of `number`: `at`, `rule`
(the row of `refund/transitions.py`), `state` after it, `text`, `facts`. Triggers refuse to change
or remove an entry. All times are ISO 8601 in UTC.

Money was given back where `state` is `succeeded`, and where it is `closed` with `closed_as`
`executed`, and nowhere else. `failed`, `not_sent` and `intent` moved none. Of `sending`, `unknown`,
`accepted` and `attention`, and of every row with an `alarm`, nobody knows yet: they belong in a
list of their own and never in a sum.
"""
