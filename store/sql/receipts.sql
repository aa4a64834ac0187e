-- insert --
-- Delivery reports as the doors took them.
INSERT INTO receipts (number_id, workspace_id, slot, message_id, provider_id, status, at, error_code, error, pricing)
SELECT number, workspace, slot, message, provider, status, at, code, error, pricing::jsonb FROM unnest(
    %(numbers)b::uuid[], %(workspaces)b::uuid[], %(slots)b::int2[], %(messages)b::uuid[], %(providers)b::text[],
    %(statuses)b::text[], %(times)b::timestamptz[], %(codes)b::text[], %(errors)b::text[], %(pricings)b::text[]
) AS t (number, workspace, slot, message, provider, status, at, code, error, pricing)

-- pending --
-- Numbers' reports to fold, each number's from an id, oldest first, but for those whose message is not known yet.
SELECT n.number, p.*
FROM unnest(%(numbers)b::uuid[], %(slots)b::int2[], %(firsts)b::int8[]) AS n (number, slot, first)
CROSS JOIN LATERAL (
    SELECT id, message_id, provider_id, status, at, error_code, error
    FROM receipts
    WHERE number_id = n.number AND id >= n.first AND id <> ALL(%(unknown)b::int8[]) AND slot = n.slot
    ORDER BY id
    LIMIT %(limit)s
) AS p
ORDER BY p.id

-- oldest --
-- The oldest report that is not folded.
SELECT id FROM receipts WHERE number_id = %(number)s AND slot = %(slot)s ORDER BY id LIMIT 1

-- forget --
-- Folded reports.
DELETE FROM receipts WHERE number_id = ANY(%(numbers)b::uuid[]) AND id = ANY(%(ids)b::int8[])

-- messages_of --
-- Which of our messages the provider's ids name.
SELECT provider_id, message_id FROM message_refs
WHERE number_id = %(number)s AND provider_id = ANY(%(providers)b::text[])

-- undelivered --
-- Tell the conversation of messages that failed, unless they were known to have arrived or failed.
INSERT INTO inbox (number_id, source_id, workspace_id, slot, event_id, conversation_id, kind, received_at, payload)
SELECT m.number_id, f.source, m.workspace_id, m.slot, f.event, m.conversation_id, 'undelivered', f.at, f.payload
FROM unnest(
    %(messages)b::uuid[], %(sources)b::text[], %(events)b::uuid[], %(times)b::timestamptz[], %(payloads)b::bytea[]
) AS f (message, source, event, at, payload)
JOIN messages m ON m.number_id = %(number)s AND m.month = %(month)s AND m.id = ANY(%(messages)b::uuid[]) AND m.id = f.message
WHERE m.status NOT IN ('delivered', 'read', 'failed')
ON CONFLICT DO NOTHING

-- fold --
-- Raise messages' statuses; a status never falls. unconfirmed and failed stand between sent and delivered. What failed
-- always has a code, by which an index finds it.
UPDATE messages m
SET status = f.status, status_at = f.at, error = f.error,
    error_code = CASE WHEN f.status = 'failed' AND f.code = '' THEN 'unknown' ELSE f.code END
FROM unnest(
    %(numbers)b::uuid[], %(messages)b::uuid[], %(statuses)b::text[], %(times)b::timestamptz[], %(codes)b::text[],
    %(errors)b::text[]
) AS f (number, message, status, at, code, error)
WHERE m.number_id = ANY(%(numbers)b::uuid[]) AND m.month = %(month)s AND m.id = ANY(%(messages)b::uuid[])
  AND m.number_id = f.number AND m.id = f.message
  AND array_position('{queued,sending,sent,unconfirmed,failed,delivered,read}'::text[], m.status)
    < array_position('{queued,sending,sent,unconfirmed,failed,delivered,read}'::text[], f.status)
