-- A program of the first schema that stayed open while a later one was made left these empty.
UPDATE refund SET
    id_tail = (
        WITH RECURSIVE turned (rest, tail) AS (
            SELECT CASE WHEN lower(id) GLOB '?*.[a-z]'
                THEN substr(lower(id), 1, length(id) - 2)
                ELSE lower(id) END, ''
            UNION ALL
            SELECT substr(rest, 2), substr(rest, 1, 1) || tail FROM turned WHERE rest <> ''
        )
        SELECT tail FROM turned WHERE rest = ''
    ),
    provider_tail = (
        WITH RECURSIVE turned (rest, tail) AS (
            SELECT CASE WHEN lower(provider_reference) GLOB '?*.[a-z]'
                THEN substr(lower(provider_reference), 1, length(provider_reference) - 2)
                ELSE lower(coalesce(provider_reference, '')) END, ''
            UNION ALL
            SELECT substr(rest, 2), substr(rest, 1, 1) || tail FROM turned WHERE rest <> ''
        )
        SELECT tail FROM turned WHERE rest = ''
    ),
    original_tail = (
        WITH RECURSIVE turned (rest, tail) AS (
            SELECT CASE WHEN lower(original_reference) GLOB '?*.[a-z]'
                THEN substr(lower(original_reference), 1, length(original_reference) - 2)
                ELSE lower(original_reference) END, ''
            UNION ALL
            SELECT substr(rest, 2), substr(rest, 1, 1) || tail FROM turned WHERE rest <> ''
        )
        SELECT tail FROM turned WHERE rest = ''
    )
WHERE id_tail = '' OR original_tail = '' OR (provider_tail = '' AND provider_reference IS NOT NULL);

UPDATE refund SET moment =
    CAST(strftime('%s', substr(created_at, 1, 19)) AS INTEGER) * 1000000
    + CAST(substr(created_at, 21, 6) AS INTEGER)
WHERE moment = 0;

-- A program of an earlier schema that stayed open would leave these empty: no list of a day and no
-- export would show its refunds. It begins none, then; what it has begun it can still write down.
-- Some builds of the third schema had this trigger already.
DROP TRIGGER IF EXISTS refund_is_written_whole;
CREATE TRIGGER refund_is_written_whole BEFORE INSERT ON refund
WHEN NEW.moment = 0 OR NEW.id_tail = '' OR NEW.original_tail = ''
BEGIN
    SELECT RAISE (ABORT, 'this program is older than its journal: close it and start the new one');
END;
