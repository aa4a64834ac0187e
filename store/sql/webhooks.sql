-- tell --
-- What a batch of turns tells endpoints, in its order; what none wants is not written.
WITH told AS (
    SELECT * FROM unnest(
        %(ids)b::uuid[], %(types)b::text[], %(conversations)b::uuid[], %(times)b::timestamptz[], %(data)b::bytea[]
    ) WITH ORDINALITY AS t (id, type, conversation, at, data, place)
), wanted AS (
    SELECT told.id, told.conversation, told.place, w.id AS endpoint
    FROM told JOIN webhook_endpoints w ON told.type = ANY(w.types)
    WHERE w.workspace_id = %(workspace)s AND w.disabled_at IS NULL
      AND (w.numbers = '{}' OR %(number)s = ANY(w.numbers)) AND (w.bots = '{}' OR %(bot)s::uuid = ANY(w.bots))
), kept AS (
    INSERT INTO webhook_events (id, workspace_id, type, number_id, bot_id, conversation_id, at, data)
    SELECT told.id, %(workspace)s, told.type, %(number)s, %(bot)s, told.conversation, told.at, told.data
    FROM told WHERE EXISTS (SELECT FROM wanted WHERE wanted.id = told.id)
    ON CONFLICT DO NOTHING
    RETURNING id
)
INSERT INTO webhook_deliveries (workspace_id, endpoint_id, event_id, lane)
SELECT %(workspace)s, wanted.endpoint, wanted.id, wanted.conversation
FROM wanted JOIN kept ON kept.id = wanted.id ORDER BY wanted.place

-- tell_statuses --
-- What messages have become is told where it says more than what is known; before it is written, in its transaction.
WITH told AS (
    SELECT gen_random_uuid() AS id, CASE f.status WHEN 'sent' THEN 'message.sent' ELSE 'message.status' END AS type,
        m.conversation_id AS conversation, f.at, f.place, jsonb_build_object(
            'number', jsonb_build_object('id', n.id, 'name', n.name), 'conversation', m.conversation_id,
            'message', jsonb_build_object('id', m.id, 'status', f.status, 'at', f.at,
                'provider_id', coalesce(nullif(f.provider, ''), m.provider_id),
                'error_code', f.code, 'error', f.error)
        ) AS facts
    FROM unnest(
        %(messages)b::uuid[], %(statuses)b::text[], %(times)b::timestamptz[], %(codes)b::text[], %(errors)b::text[],
        %(providers)b::text[]
    ) WITH ORDINALITY AS f (message, status, at, code, error, provider, place)
    JOIN messages m ON m.number_id = %(number)s AND m.month = ANY(%(months)b::date[]) AND m.id = f.message
    JOIN numbers n ON n.id = %(number)s
    WHERE array_position('{queued,sending,sent,unconfirmed,failed,delivered,read}'::text[], m.status)
        < array_position('{queued,sending,sent,unconfirmed,failed,delivered,read}'::text[], f.status)
), wanted AS (
    SELECT told.id, told.conversation, told.place, w.id AS endpoint
    FROM told JOIN webhook_endpoints w ON told.type = ANY(w.types)
    WHERE w.workspace_id = %(workspace)s AND w.disabled_at IS NULL
      AND (w.numbers = '{}' OR %(number)s = ANY(w.numbers)) AND (w.bots = '{}' OR %(bot)s::uuid = ANY(w.bots))
), kept AS (
    INSERT INTO webhook_events (id, workspace_id, type, number_id, bot_id, conversation_id, at, facts)
    SELECT told.id, %(workspace)s, told.type, %(number)s, %(bot)s, told.conversation, told.at, told.facts
    FROM told WHERE EXISTS (SELECT FROM wanted WHERE wanted.id = told.id)
    RETURNING id
)
INSERT INTO webhook_deliveries (workspace_id, endpoint_id, event_id, lane)
SELECT %(workspace)s, wanted.endpoint, wanted.id, wanted.conversation
FROM wanted JOIN kept ON kept.id = wanted.id ORDER BY wanted.place

-- claim --
-- Take what is due: of each lane the first that waits. A claim that nobody settles runs out.
WITH due AS (
    SELECT d.seq FROM webhook_deliveries d
    WHERE d.state = 'waiting' AND d.due_at <= now() AND (d.claimed_until IS NULL OR d.claimed_until < now())
      AND d.endpoint_id <> ALL(%(full)b::uuid[])
      AND NOT EXISTS (
          SELECT FROM webhook_deliveries b
          WHERE b.endpoint_id = d.endpoint_id AND b.lane = d.lane AND b.state = 'waiting' AND b.seq < d.seq
      )
    ORDER BY d.due_at LIMIT %(limit)s
    FOR UPDATE OF d SKIP LOCKED
), taken AS (
    UPDATE webhook_deliveries d SET attempt = d.attempt + 1, claimed_until = now() + %(hold)s
    FROM due WHERE d.seq = due.seq
    RETURNING d.seq, d.workspace_id, d.endpoint_id, d.event_id, d.attempt
)
SELECT t.seq, t.workspace_id, t.endpoint_id, t.attempt, w.url, w.secret,
    CASE WHEN w.old_until > now() THEN w.old_secret END, e.id, e.type, e.at, e.data, e.facts
FROM taken t JOIN webhook_endpoints w ON w.id = t.endpoint_id JOIN webhook_events e ON e.id = t.event_id

-- settle --
-- How a try ended: delivered, given up, or due again.
UPDATE webhook_deliveries
SET state = %(state)s, due_at = now() + %(wait)s, claimed_until = NULL, status = %(status)s, error = %(error)s,
    done_at = CASE %(state)s WHEN 'waiting' THEN NULL ELSE now() END
WHERE seq = %(seq)s AND attempt = %(attempt)s AND state = 'waiting'

-- log --
-- A try, with what was said, sealed.
INSERT INTO webhook_tries (delivery_seq, attempt, workspace_id, took_ms, status, error, exchange)
SELECT d.seq, %(attempt)s, d.workspace_id, %(took)s, %(status)s, %(error)s, %(exchange)s
FROM webhook_deliveries d WHERE d.seq = %(seq)s
ON CONFLICT DO NOTHING

-- healthy --
-- An endpoint took something.
UPDATE webhook_endpoints SET failing_since = NULL WHERE id = %(endpoint)s AND failing_since IS NOT NULL

-- failing --
-- An endpoint did not take something; one that wants no more, or fails for days, is told nothing more.
UPDATE webhook_endpoints
SET failing_since = coalesce(failing_since, now()),
    disabled_at = CASE WHEN %(gone)s OR failing_since < now() - %(patience)s THEN now() END,
    disabled_why = CASE WHEN %(gone)s THEN 'It answered 410 Gone.'
        WHEN failing_since < now() - %(patience)s THEN 'No try has succeeded for ' || %(patience_days)s || ' days.'
        ELSE '' END
WHERE id = %(endpoint)s AND disabled_at IS NULL
RETURNING disabled_at IS NOT NULL

-- hold --
-- What waits for an endpoint that is told nothing more stays until it is enabled again.
UPDATE webhook_deliveries SET due_at = '9999-01-01T00:00:00Z' WHERE endpoint_id = %(endpoint)s AND state = 'waiting'

-- heard --
-- Let the owners of a workspace's numbers know that endpoints have changed.
SELECT pg_notify('chatloom_numbers', workspace_id::text) FROM webhook_endpoints WHERE id = %(endpoint)s

-- prune --
-- Forget what was told longer ago, with its deliveries and their log, a batch at a time.
DELETE FROM webhook_events WHERE id IN (SELECT id FROM webhook_events WHERE at < now() - %(age)s LIMIT %(limit)s)
