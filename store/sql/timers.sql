-- set --
-- Set timers; one of that name in the conversation moves.
INSERT INTO timers AS t (number_id, workspace_id, slot, conversation_id, name, id, due_at, visit)
SELECT * FROM unnest(
    %(numbers)b::uuid[], %(workspaces)b::uuid[], %(slots)b::int2[], %(conversations)b::uuid[], %(names)b::text[], %(ids)b::uuid[], %(dues)b::timestamptz[], %(visits)b::int4[]
)
ON CONFLICT (number_id, conversation_id, name) DO UPDATE
SET id = excluded.id, due_at = excluded.due_at, visit = excluded.visit

-- cancel --
-- Forget the timers of one name. Not a join: planned while the table is young, it compares each with each.
DELETE FROM timers
WHERE number_id = ANY(%(numbers)b::uuid[]) AND conversation_id = ANY(%(conversations)b::uuid[]) AND name = %(name)s

-- fired --
-- Forget timers that became events, unless they were set anew.
DELETE FROM timers
WHERE number_id = %(number)s AND conversation_id = ANY(%(conversations)b::uuid[]) AND id = ANY(%(ids)b::uuid[])

-- due --
-- Timers that fall due before a moment.
SELECT conversation_id, name, id, due_at, visit FROM timers
WHERE number_id = %(number)s AND slot = %(slot)s AND due_at < %(before)s
ORDER BY due_at
LIMIT %(limit)s
