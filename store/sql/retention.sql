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

-- words --
-- Delete by what old messages were found.
WITH gone AS (
    DELETE FROM message_words WHERE (number_id, month, id) IN (
        SELECT number_id, month, id FROM message_words
        WHERE number_id = %(number)s AND month <= %(month)s AND id < %(before)s
        ORDER BY month, id LIMIT %(limit)s
    ) RETURNING 1
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

-- calls --
-- Delete old calls of actions that are over, with what was asked and answered.
WITH gone AS (
    DELETE FROM action_calls WHERE (number_id, id) IN (
        SELECT number_id, id FROM action_calls
        WHERE number_id = %(number)s AND id < %(before)s AND state IN ('done', 'failed') ORDER BY id LIMIT %(limit)s
    ) RETURNING 1
)
SELECT count(*) FROM gone

-- notes --
-- Delete old notes, tasks that are done, threads that are closed, and drafts of replies that nobody sent.
WITH note AS (
    DELETE FROM conversation_notes WHERE id IN (
        SELECT id FROM conversation_notes WHERE workspace_id = %(workspace)s AND id < %(before)s
        ORDER BY id LIMIT %(limit)s
    ) RETURNING 1
), task AS (
    DELETE FROM conversation_tasks WHERE id IN (
        SELECT id FROM conversation_tasks
        WHERE workspace_id = %(workspace)s AND id < %(before)s AND done_at < %(at)s ORDER BY id LIMIT %(limit)s
    ) RETURNING 1
), thread AS (
    DELETE FROM threads WHERE id IN (
        SELECT id FROM threads
        WHERE workspace_id = %(workspace)s AND opened_at < %(at)s AND closed_at < %(at)s
        ORDER BY opened_at LIMIT %(limit)s
    ) RETURNING 1
), draft AS (
    DELETE FROM reply_drafts WHERE (user_id, conversation_id) IN (
        SELECT user_id, conversation_id FROM reply_drafts
        WHERE workspace_id = %(workspace)s AND updated_at < %(at)s LIMIT %(limit)s
    ) RETURNING 1
)
SELECT greatest(
    (SELECT count(*) FROM note), (SELECT count(*) FROM task), (SELECT count(*) FROM thread), (SELECT count(*) FROM draft)
)

-- quarantine --
-- Delete what could not be understood long ago.
WITH gone AS (
    DELETE FROM quarantine WHERE id IN (
        SELECT id FROM quarantine WHERE workspace_id = %(workspace)s AND received_at < %(at)s LIMIT %(limit)s
    ) RETURNING 1
)
SELECT count(*) FROM gone

-- webhooks --
-- Delete what endpoints were told of long ago, with its deliveries and their log.
WITH gone AS (
    DELETE FROM webhook_events WHERE id IN (
        SELECT id FROM webhook_events WHERE at < %(at)s AND workspace_id = %(workspace)s LIMIT %(limit)s
    ) RETURNING 1
)
SELECT count(*) FROM gone

-- everybodys_days --
-- How long the workspace that keeps messages longest keeps them; null: one keeps them for good.
SELECT CASE WHEN bool_and(r.messages_days IS NOT NULL) THEN max(r.messages_days) END
FROM workspaces w LEFT JOIN retention r ON r.workspace_id = w.id

-- oldest_waiting --
-- The oldest message that still waits to be sent.
SELECT message_id FROM outbox ORDER BY message_id LIMIT 1

-- drop_partitions --
-- Drop the months before a day, whole.
SELECT drop_partitions(%(before)s)
