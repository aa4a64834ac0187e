-- insert --
-- Messages in both directions; where the workspace wants to search in them, their words are to be read.
WITH said AS (
    INSERT INTO messages (
        number_id, workspace_id, slot, month, id, conversation_id, direction, kind, body, status, status_at,
        provider_id, flow, step, version, by, place, created_at
    )
    SELECT * FROM unnest(
        %(numbers)b::uuid[], %(workspaces)b::uuid[], %(slots)b::int2[], %(months)b::date[], %(ids)b::uuid[], %(conversations)b::uuid[], %(directions)b::text[], %(kinds)b::text[],
        %(bodies)b::bytea[], %(statuses)b::text[], %(status_times)b::timestamptz[], %(providers)b::text[],
        %(flows)b::text[], %(steps)b::text[], %(versions)b::int4[], %(by)b::text[], %(places)b::int4[],
        %(times)b::timestamptz[]
    )
    ON CONFLICT DO NOTHING
    RETURNING number_id, month, id, workspace_id, conversation_id
)
INSERT INTO message_words (number_id, month, id, workspace_id, conversation_id)
SELECT * FROM said WHERE workspace_id IN (SELECT workspace_id FROM message_search WHERE wanted)
ON CONFLICT DO NOTHING

-- sent --
-- The channel took messages; a status never falls.
UPDATE messages m
SET provider_id = s.provider,
    status = CASE WHEN m.status IN ('queued', 'sending') THEN 'sent' ELSE m.status END,
    status_at = CASE WHEN m.status IN ('queued', 'sending') THEN s.at ELSE m.status_at END
FROM unnest(
    %(numbers)b::uuid[], %(ids)b::uuid[], %(providers)b::text[], %(times)b::timestamptz[]
) AS s (number, id, provider, at)
WHERE m.number_id = ANY(%(numbers)b::uuid[]) AND m.month = %(month)s AND m.id = ANY(%(ids)b::uuid[])
  AND m.number_id = s.number AND m.id = s.id

-- refer --
-- The provider's ids of our messages.
INSERT INTO message_refs (number_id, workspace_id, month, provider_id, message_id)
SELECT t.number, t.workspace, %(month)s, t.provider, t.id
FROM unnest(
    %(numbers)b::uuid[], %(workspaces)b::uuid[], %(ids)b::uuid[], %(providers)b::text[]
) AS t (number, workspace, id, provider)
ON CONFLICT DO NOTHING

-- sending --
-- Messages that may be on their way from now on. One that failed or is unconfirmed is sent again.
UPDATE messages SET status = 'sending', status_at = now(), error_code = '', error = ''
WHERE number_id = %(number)s AND month = %(month)s AND id = ANY(%(ids)b::uuid[]) AND status IN ('queued', 'failed', 'unconfirmed')

-- rewrite --
-- What inbound messages hold now.
UPDATE messages m SET body = t.body, status_at = now()
FROM unnest(%(months)b::date[], %(ids)b::uuid[], %(bodies)b::bytea[]) AS t (month, id, body)
WHERE m.number_id = %(number)s AND m.month = t.month AND m.id = t.id

-- amend --
-- The writer changed messages of the conversation, or took them back; what was taken back stays so.
UPDATE messages m SET amended = a.how, status_at = now()
FROM unnest(
    %(months)b::date[], %(ids)b::uuid[], %(conversations)b::uuid[], %(hows)b::text[]
) AS a (month, id, conversation, how)
WHERE m.number_id = %(number)s AND m.month = a.month AND m.id = a.id AND m.conversation_id = a.conversation
  AND m.amended <> 'deleted'

-- bodies --
-- The sealed bodies of outgoing messages, and who wrote them.
SELECT id, body, by FROM messages
WHERE number_id = %(number)s AND month = ANY(%(months)b::date[]) AND id = ANY(%(ids)b::uuid[])

-- recall --
-- What we sent, or the owner wrote, under a provider's id; not what only a person's phone can send.
SELECT m.id, m.body FROM message_refs r
JOIN messages m ON m.number_id = r.number_id AND m.month = r.month AND m.id = r.message_id
WHERE r.number_id = %(number)s AND r.provider_id = %(provider)s AND m.direction = 'out'
  AND m.kind <> ALL('{edited,deleted,choice,form,order,system,unsupported}'::text[])
ORDER BY r.month DESC LIMIT 1
