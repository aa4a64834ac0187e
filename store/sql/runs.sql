-- start --
-- Runs that began.
INSERT INTO runs (number_id, workspace_id, slot, bot_id, id, conversation_id, version, flow, trigger, started_at)
SELECT * FROM unnest(
    %(numbers)b::uuid[], %(workspaces)b::uuid[], %(slots)b::int2[], %(bots)b::uuid[], %(ids)b::uuid[], %(conversations)b::uuid[], %(versions)b::int4[], %(flows)b::text[], %(triggers)b::text[],
    %(times)b::timestamptz[]
)
ON CONFLICT DO NOTHING

-- finish --
-- Runs that ended, and how.
UPDATE runs r SET ended_at = e.at, how = e.how, result = e.result, error = e.error, data = e.data
FROM unnest(
    %(numbers)b::uuid[], %(ids)b::uuid[], %(times)b::timestamptz[], %(hows)b::text[], %(results)b::text[], %(errors)b::text[],
    %(data)b::bytea[]
) AS e (number, id, at, how, result, error, data)
WHERE r.number_id = ANY(%(numbers)b::uuid[]) AND r.id = ANY(%(ids)b::uuid[])
  AND r.number_id = e.number AND r.id = e.id

-- move --
-- Runs that go on with another version of the bot.
UPDATE runs r SET version = e.version
FROM unnest(%(ids)b::uuid[], %(versions)b::int4[]) AS e (id, version)
WHERE r.number_id = %(number)s AND r.id = e.id
