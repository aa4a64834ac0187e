-- start --
-- Runs that began.
INSERT INTO runs (number_id, workspace_id, slot, bot_id, id, conversation_id, version, flow, trigger, started_at)
SELECT %(number)s, %(workspace)s, %(slot)s, %(bot)s, t.* FROM unnest(
    %(ids)b::uuid[], %(conversations)b::uuid[], %(versions)b::int4[], %(flows)b::text[], %(triggers)b::text[],
    %(times)b::timestamptz[]
) AS t
ON CONFLICT DO NOTHING

-- finish --
-- Runs that ended, and how.
UPDATE runs r SET ended_at = e.at, how = e.how, result = e.result, error = e.error, data = e.data
FROM unnest(
    %(ids)b::uuid[], %(times)b::timestamptz[], %(hows)b::text[], %(results)b::text[], %(errors)b::text[],
    %(data)b::bytea[]
) AS e (id, at, how, result, error, data)
WHERE r.number_id = %(number)s AND r.id = ANY(%(ids)b::uuid[]) AND r.id = e.id
