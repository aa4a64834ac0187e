-- mark --
-- How far the number's vault is known to have come.
SELECT vault_generation, vault_records FROM sessions
WHERE number_id = %(number)s AND vault_generation IS NOT NULL

-- remember --
-- The vault came further. What is known never falls.
INSERT INTO sessions (number_id, workspace_id, slot, vault_generation, vault_records)
VALUES (%(number)s, %(workspace)s, %(slot)s, %(generation)s, %(records)s)
ON CONFLICT (number_id) DO UPDATE
SET vault_generation = excluded.vault_generation, vault_records = excluded.vault_records, updated_at = now()
WHERE sessions.vault_generation IS NULL
   OR (sessions.vault_generation, sessions.vault_records) < (excluded.vault_generation, excluded.vault_records)

-- say --
-- What a session says of itself: its row, its history where the state or the reason changed, and the number.
WITH known AS (
    SELECT state, why FROM sessions WHERE number_id = %(number)s
), row AS (
    INSERT INTO sessions AS s (number_id, workspace_id, slot, state, why, why_code, why_facts, until, account, pairing, spool_depth, version)
    VALUES (
        %(number)s, %(workspace)s, %(slot)s, %(state)s, %(why)s, %(why_code)s, %(why_facts)s, %(until)s, %(account)s, %(pairing)s, %(spool)s, 1
    )
    ON CONFLICT (number_id) DO UPDATE
    SET state = excluded.state, why = excluded.why, why_code = excluded.why_code, why_facts = excluded.why_facts,
        until = excluded.until,
        account = CASE WHEN %(unlinked)s THEN NULL ELSE coalesce(excluded.account, s.account) END,
        pairing = excluded.pairing, spool_depth = excluded.spool_depth, version = s.version + 1,
        since = CASE WHEN s.state = excluded.state THEN s.since ELSE now() END, updated_at = now()
), history AS (
    INSERT INTO session_states (number_id, workspace_id, state, why, why_code, why_facts, at)
    SELECT %(number)s, %(workspace)s, %(state)s, %(why)s, %(why_code)s, %(why_facts)s, %(at)s
    WHERE NOT EXISTS (SELECT FROM known WHERE state = %(state)s AND why = %(why)s)
)
UPDATE numbers SET state = %(state)s, state_why = %(why)s, why_code = %(why_code)s, why_facts = %(why_facts)s,
    state_since = now()
WHERE id = %(number)s AND (state, state_why) IS DISTINCT FROM (%(state)s, %(why)s)

-- spool --
-- How much waits in the spool.
UPDATE sessions SET spool_depth = %(depth)s, updated_at = now()
WHERE number_id = %(number)s AND spool_depth <> %(depth)s

-- take --
-- The orders that wait, oldest first: each is given out once. Those that a process took and did not finish too.
WITH open AS (
    SELECT id, taken_at FROM number_orders
    WHERE number_id = %(number)s AND done_at IS NULL ORDER BY made_at FOR UPDATE
), taken AS (
    UPDATE number_orders o SET taken_at = now() FROM open
    WHERE o.number_id = %(number)s AND o.id = open.id
    RETURNING o.id, o.kind, o.args, o.made_at, open.taken_at IS NOT NULL, o.made_at < now() - %(age)s
)
SELECT * FROM taken ORDER BY made_at

-- finish --
-- What came of an order.
UPDATE number_orders SET done_at = now(), error_code = %(code)s, error = %(error)s
WHERE number_id = %(number)s AND id = %(id)s

-- changed --
-- Tell those who watch that an order is done.
UPDATE sessions SET version = version + 1 WHERE number_id = %(number)s

-- to_forget --
-- Contacts who were erased and whom a session may still remember, and whether its number has let go of them.
SELECT e.id, e.names, NOT EXISTS (
    SELECT FROM inbox i WHERE i.number_id = %(number)s AND i.kind = %(kind)s AND i.done_at IS NULL
)
FROM session_erasures s JOIN erasures e ON e.id = s.contact_id
WHERE s.number_id = %(number)s AND s.done_at IS NULL AND e.names IS NOT NULL ORDER BY e.ordered_at

-- forgot --
-- The session remembers these contacts no more.
UPDATE session_erasures SET done_at = now()
WHERE number_id = %(number)s AND contact_id = ANY(%(contacts)b::uuid[]) AND done_at IS NULL

-- numbers --
-- The numbers that have a history.
SELECT number_id FROM sessions

-- forget_states --
-- History that is too old, or beyond what a number keeps.
DELETE FROM session_states WHERE number_id = %(number)s AND (
    at < now() - %(age)s
    OR seq <= (SELECT seq FROM session_states WHERE number_id = %(number)s ORDER BY seq DESC OFFSET %(most)s LIMIT 1)
)

-- forget_number_states --
-- The history of numbers on any channel that is too old, but for what each is now.
DELETE FROM number_states s WHERE at < now() - %(age)s
    AND EXISTS (SELECT FROM number_states o WHERE o.number_id = s.number_id AND o.seq > s.seq)

-- forget_orders --
-- Orders that nobody asks about any more.
DELETE FROM number_orders WHERE number_id = %(number)s AND made_at < now() - %(age)s
