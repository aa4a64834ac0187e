-- insert --
-- Messages to send; those that begin as sending may be on their way once this is committed.
INSERT INTO outbox (
    number_id, workspace_id, slot, message_id, conversation_id, priority, state, attempt, due_at, sending_since,
    reply_to, created_at
)
SELECT t.number, t.workspace, t.slot, t.id, t.conversation, t.priority, t.state, t.attempt, t.at,
    CASE WHEN t.state = 'sending' THEN now() END, t.reply_to, t.at
FROM unnest(
    %(numbers)b::uuid[], %(workspaces)b::uuid[], %(slots)b::int2[], %(ids)b::uuid[], %(conversations)b::uuid[], %(priorities)b::int2[], %(states)b::text[], %(attempts)b::int2[],
    %(reply_tos)b::text[], %(times)b::timestamptz[]
) WITH ORDINALITY AS t (number, workspace, slot, id, conversation, priority, state, attempt, reply_to, at, place)
ORDER BY t.place
ON CONFLICT DO NOTHING

-- sending --
-- The durable mark before a send: this message may be on its way.
UPDATE outbox o SET state = 'sending', attempt = s.attempt, sending_since = now()
FROM unnest(%(ids)b::uuid[], %(attempts)b::int2[]) AS s (id, attempt)
WHERE o.number_id = %(number)s AND o.message_id = ANY(%(ids)b::uuid[]) AND o.message_id = s.id

-- requeue --
-- Not sent, for now.
UPDATE outbox o
SET state = 'queued', attempt = r.attempt, due_at = r.due, error_code = r.code, error = r.error
FROM unnest(
    %(ids)b::uuid[], %(attempts)b::int2[], %(dues)b::timestamptz[], %(codes)b::text[], %(errors)b::text[]
) AS r (id, attempt, due, code, error)
WHERE o.number_id = %(number)s AND o.message_id = ANY(%(ids)b::uuid[]) AND o.message_id = r.id AND o.state <> 'dead'

-- settle --
-- Sent, or refused for good: nothing is left to do.
DELETE FROM outbox WHERE number_id = ANY(%(numbers)b::uuid[]) AND message_id = ANY(%(ids)b::uuid[])

-- bury --
-- Failed its last retry: a dead letter, for a person to look at.
UPDATE outbox o SET state = 'dead', attempt = d.attempt, error_code = d.code, error = d.error
FROM unnest(%(ids)b::uuid[], %(attempts)b::int2[], %(codes)b::text[], %(errors)b::text[]) AS d (id, attempt, code, error)
WHERE o.number_id = %(number)s AND o.message_id = ANY(%(ids)b::uuid[]) AND o.message_id = d.id

-- load --
-- What is to be sent, in order.
SELECT message_id, conversation_id, priority, state, attempt, due_at, reply_to, created_at, sending_since
FROM outbox
WHERE number_id = %(number)s AND slot = %(slot)s AND state <> 'dead'
ORDER BY seq

-- depth --
-- How many messages wait, since when the oldest does, and how many are dead letters.
SELECT count(*) FILTER (WHERE state <> 'dead'), min(created_at) FILTER (WHERE state <> 'dead'),
    count(*) FILTER (WHERE state = 'dead')
FROM outbox WHERE number_id = %(number)s AND slot = %(slot)s
