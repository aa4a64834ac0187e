-- set --
-- Set timers; one of that name in the conversation moves.
INSERT INTO timers AS t (number_id, workspace_id, slot, conversation_id, name, id, due_at, visit)
SELECT %(number)s, %(workspace)s, %(slot)s, s.* FROM unnest(
    %(conversations)b::uuid[], %(names)b::text[], %(ids)b::uuid[], %(dues)b::timestamptz[], %(visits)b::int4[]
) AS s
ON CONFLICT (number_id, conversation_id, name) DO UPDATE
SET id = excluded.id, due_at = excluded.due_at, visit = excluded.visit

-- cancel --
-- Forget timers by name.
DELETE FROM timers t
USING unnest(%(conversations)b::uuid[], %(names)b::text[]) AS c (conversation, name)
WHERE t.number_id = %(number)s AND t.conversation_id = ANY(%(conversations)b::uuid[])
  AND t.conversation_id = c.conversation AND t.name = c.name

-- fired --
-- Forget timers that became events, unless they were set anew.
DELETE FROM timers t
USING unnest(%(conversations)b::uuid[], %(names)b::text[], %(ids)b::uuid[]) AS f (conversation, name, id)
WHERE t.number_id = %(number)s AND t.conversation_id = ANY(%(conversations)b::uuid[])
  AND t.conversation_id = f.conversation AND t.name = f.name AND t.id = f.id

-- due --
-- Timers that fall due before a moment.
SELECT conversation_id, name, id, due_at, visit FROM timers
WHERE number_id = %(number)s AND slot = %(slot)s AND due_at < %(before)s
ORDER BY due_at
LIMIT %(limit)s
