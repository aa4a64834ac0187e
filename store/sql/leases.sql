-- acquire --
-- Take a number that nobody holds, or whose holder let its lease run out. A new holder is a new epoch.
-- Two that take a new number at once: the conflict is on either unique index, so none is named.
WITH heir AS (
    UPDATE leases
    SET epoch = epoch + 1, owner = %(owner)s, expires_at = clock_timestamp() + %(lease)s
    WHERE number_id = %(number)s AND slot = %(slot)s AND expires_at < clock_timestamp()
    RETURNING epoch
), first AS (
    INSERT INTO leases (number_id, slot, workspace_id, epoch, owner, expires_at)
    VALUES (%(number)s, %(slot)s, %(workspace)s, 1, %(owner)s, clock_timestamp() + %(lease)s)
    ON CONFLICT DO NOTHING
    RETURNING epoch
)
SELECT epoch FROM heir UNION ALL SELECT epoch FROM first

-- renew --
-- Prolong all leases of a process that still have its epochs; those that come back are still its own. One that was
-- given back has no owner: a renewal that was under way then does not take it again.
UPDATE leases l SET expires_at = clock_timestamp() + %(lease)s
FROM unnest(%(numbers)b::uuid[], %(slots)b::int2[], %(epochs)b::int8[]) AS mine (number_id, slot, epoch)
WHERE l.number_id = mine.number_id AND l.slot = mine.slot AND l.epoch = mine.epoch AND l.owner <> ''
RETURNING l.number_id, l.slot

-- hold --
-- Keep leases from moving until this transaction ends; fails (dividing by zero) where one already moved.
SELECT 1 / (count(*) = cardinality(%(numbers)b::uuid[]))::int
FROM (
    SELECT 1 FROM leases l
    JOIN unnest(%(numbers)b::uuid[], %(slots)b::int2[], %(epochs)b::int8[]) AS mine (number_id, slot, epoch)
        ON l.number_id = mine.number_id AND l.slot = mine.slot AND l.epoch = mine.epoch
    WHERE l.number_id = ANY(%(numbers)b::uuid[])
    FOR KEY SHARE OF l
) AS held

-- release --
-- Let the lease run out now, so that an heir need not wait.
UPDATE leases SET expires_at = clock_timestamp() - interval '1 second', owner = ''
WHERE number_id = %(number)s AND slot = %(slot)s AND epoch = %(epoch)s

-- release_all --
-- Let all leases of an owner run out now.
UPDATE leases SET expires_at = clock_timestamp() - interval '1 second', owner = ''
WHERE owner = %(owner)s AND expires_at > clock_timestamp()
