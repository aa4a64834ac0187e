-- limits --
-- How many days each workspace keeps things, where it said so.
SELECT workspace_id, messages_days, data_days, audit_days FROM retention

-- numbers --
-- All numbers of a workspace, those that were removed too.
SELECT id FROM numbers WHERE workspace_id = %(workspace)s ORDER BY id

-- messages --
-- Delete old messages with their refs, but for those that still wait to be sent.
WITH gone AS (
    DELETE FROM messages WHERE (number_id, month, id) IN (
        SELECT m.number_id, m.month, m.id FROM messages m
        WHERE m.number_id = %(number)s AND m.month <= %(month)s AND m.id < %(before)s
          AND NOT EXISTS (SELECT FROM outbox o WHERE o.number_id = m.number_id AND o.message_id = m.id)
        ORDER BY m.month, m.id LIMIT %(limit)s
    ) RETURNING number_id, month, id, provider_id
), refs AS (
    DELETE FROM message_refs r USING gone
    WHERE r.number_id = %(number)s AND r.provider_id = gone.provider_id AND r.month = gone.month
      AND r.message_id = gone.id
)
SELECT count(*) FROM gone

-- events --
-- Delete old events, which hold what contacts said.
WITH gone AS (
    DELETE FROM events WHERE (number_id, month, id) IN (
        SELECT number_id, month, id FROM events
        WHERE number_id = %(number)s AND month <= %(month)s AND id < %(before)s
        ORDER BY month, id LIMIT %(limit)s
    ) RETURNING 1
)
SELECT count(*) FROM gone

-- runs --
-- Delete runs that ended long ago, with the data that they collected.
WITH gone AS (
    DELETE FROM runs WHERE (number_id, id) IN (
        SELECT number_id, id FROM runs
        WHERE number_id = %(number)s AND id < %(before)s AND ended_at < %(at)s ORDER BY id LIMIT %(limit)s
    ) RETURNING 1
)
SELECT count(*) FROM gone
