-- numbers --
-- A workspace's numbers, those that were removed too; only those of these ids, if any are named.
SELECT id, name FROM numbers
WHERE workspace_id = %(workspace)s AND (%(only)s::uuid IS NULL OR id = %(only)s::uuid) ORDER BY id

-- bots --
-- The names of a workspace's bots.
SELECT id, name FROM bots WHERE workspace_id = %(workspace)s

-- count_messages --
-- How many messages there are to write, up to a bound.
SELECT count(*) FROM (
    SELECT FROM messages
    WHERE number_id = %(number)s AND month BETWEEN %(first_month)s AND %(last_month)s
      AND id >= %(first)s AND id < %(until)s LIMIT %(most)s
) AS found

-- messages --
-- The messages of a number after one of them, each with what came in, and with whom it was.
WITH batch AS (
    SELECT * FROM messages
    WHERE number_id = %(number)s AND month BETWEEN %(month)s AND %(last_month)s
      AND (month, id) > (%(month)s, %(after)s) AND id >= %(first)s AND id < %(until)s
    ORDER BY month, id LIMIT %(limit)s
)
SELECT m.month, m.id, m.conversation_id, c.contact_id, c.contact, m.created_at, m.direction, m.kind, m.body, e.payload,
    m.status, m.error, m.by, m.flow, m.step, coalesce(m.version, e.version), m.provider_id
FROM batch m
LEFT JOIN events e ON m.direction = 'in' AND e.number_id = m.number_id AND e.month = m.month AND e.id = m.id
LEFT JOIN conversations c ON c.number_id = m.number_id AND c.id = m.conversation_id
ORDER BY m.month, m.id

-- count_contacts --
-- How many contacts there are to write, up to a bound.
SELECT count(*) FROM (
    SELECT FROM contacts
    WHERE workspace_id = %(workspace)s AND merged_into IS NULL AND id >= %(first)s AND id < %(until)s LIMIT %(most)s
) AS found

-- contacts --
-- The contacts of a workspace after one of them.
SELECT id, profile, language, opted_out, created_at, updated_at FROM contacts
WHERE workspace_id = %(workspace)s AND merged_into IS NULL AND id > %(after)s AND id >= %(first)s AND id < %(until)s
ORDER BY id LIMIT %(limit)s

-- identities --
-- How channels name these contacts.
SELECT contact_id, kind, blind, value FROM identities
WHERE workspace_id = %(workspace)s AND contact_id = ANY(%(contacts)s) ORDER BY kind, blind

-- count_runs --
-- How many runs that ended there are to write, up to a bound.
SELECT count(*) FROM (
    SELECT FROM runs
    WHERE number_id = %(number)s AND id >= %(first)s AND id < %(until)s AND ended_at IS NOT NULL
      AND (%(bot)s::uuid IS NULL OR bot_id = %(bot)s::uuid) LIMIT %(most)s
) AS found

-- runs --
-- The runs of a number that ended, after one of them, with what they collected and with whom they were.
SELECT r.id, r.conversation_id, c.contact_id, c.contact, r.bot_id, r.version, r.flow, r.trigger, r.started_at, r.ended_at,
    r.how, r.result, r.error, r.data
FROM runs r LEFT JOIN conversations c ON c.number_id = r.number_id AND c.id = r.conversation_id
WHERE r.number_id = %(number)s AND r.id > %(after)s AND r.id >= %(first)s AND r.id < %(until)s
  AND r.ended_at IS NOT NULL AND (%(bot)s::uuid IS NULL OR r.bot_id = %(bot)s::uuid)
ORDER BY r.id LIMIT %(limit)s
