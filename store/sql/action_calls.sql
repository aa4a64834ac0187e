-- insert --
-- Calls to make.
INSERT INTO action_calls (
    number_id, workspace_id, slot, id, conversation_id, kind, flow, step, visit, request, due_at, created_at
)
SELECT %(number)s, %(workspace)s, %(slot)s, t.*, t.at FROM unnest(
    %(ids)b::uuid[], %(conversations)b::uuid[], %(kinds)b::text[], %(flows)b::text[], %(steps)b::text[],
    %(visits)b::int4[], %(requests)b::bytea[], %(times)b::timestamptz[]
) AS t (id, conversation, kind, flow, step, visit, request, at)
ON CONFLICT DO NOTHING

-- advance --
-- Where calls stand after a try.
UPDATE action_calls c
SET state = t.state, attempt = t.attempt, due_at = t.due, error = t.error, result = t.result,
    done_at = CASE WHEN t.state IN ('done', 'failed') THEN now() END
FROM unnest(
    %(ids)b::uuid[], %(states)b::text[], %(attempts)b::int2[], %(dues)b::timestamptz[], %(errors)b::text[],
    %(results)b::bytea[]
) AS t (id, state, attempt, due, error, result)
WHERE c.number_id = %(number)s AND c.id = ANY(%(ids)b::uuid[]) AND c.id = t.id

-- open --
-- Calls that have no result yet.
SELECT id, conversation_id, kind, visit, request, attempt, due_at, created_at
FROM action_calls
WHERE number_id = %(number)s AND slot = %(slot)s AND state IN ('queued', 'running')
ORDER BY due_at
