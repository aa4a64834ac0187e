-- waiting --
-- New messages whose words were not read yet, with what they say.
SELECT w.number_id, w.month, w.id, w.workspace_id, m.body, CASE WHEN m.body IS NULL THEN e.payload END
FROM message_words w
LEFT JOIN messages m ON m.number_id = w.number_id AND m.month = w.month AND m.id = w.id
LEFT JOIN events e ON m.direction = 'in' AND e.number_id = m.number_id AND e.month = m.month AND e.id = m.id
WHERE w.words IS NULL ORDER BY w.id LIMIT %(limit)s

-- write --
-- The words of messages that waited.
UPDATE message_words w SET words = t.words::bigint[]
FROM unnest(%(numbers)b::uuid[], %(months)b::date[], %(ids)b::uuid[], %(words)b::text[]) AS t (number, month, id, words)
WHERE w.number_id = ANY(%(numbers)b::uuid[]) AND w.month = ANY(%(months)b::date[]) AND w.id = ANY(%(ids)b::uuid[])
  AND w.number_id = t.number AND w.month = t.month AND w.id = t.id

-- drop --
-- Messages that waited and have no words, or are gone.
DELETE FROM message_words w
USING unnest(%(numbers)b::uuid[], %(months)b::date[], %(ids)b::uuid[]) AS t (number, month, id)
WHERE w.number_id = ANY(%(numbers)b::uuid[]) AND w.month = ANY(%(months)b::date[]) AND w.id = ANY(%(ids)b::uuid[])
  AND w.number_id = t.number AND w.month = t.month AND w.id = t.id

-- orders --
-- Workspaces for which something is left to do: to index what is stored, or to delete what was indexed.
SELECT workspace_id, wanted FROM message_search WHERE filled_at IS NULL OR NOT wanted ORDER BY changed_at

-- place --
-- How far one is, held until the transaction ends; and whether all transactions know by now what is wanted.
SELECT wanted, filled_at, month, number_id, before, seen_by < pg_snapshot_xmin(pg_current_snapshot())
FROM message_search WHERE workspace_id = %(workspace)s FOR UPDATE

-- see --
-- From here on, transactions that begin know what is wanted.
UPDATE message_search SET seen_by = pg_current_xact_id() WHERE workspace_id = %(workspace)s

-- next --
-- The next month back of which a number of the workspace has messages, after the place that is done.
SELECT n.id, m.month FROM numbers n
CROSS JOIN LATERAL (
    SELECT month FROM messages
    WHERE number_id = n.id AND (month < %(month)s OR (month = %(month)s AND n.id > %(number)s))
    ORDER BY month DESC LIMIT 1
) m
WHERE n.workspace_id = %(workspace)s ORDER BY m.month DESC, n.id LIMIT 1

-- stored --
-- Messages of a number and a month before one, the latest first, with what they say. Held, so that whoever deletes one
-- deletes its words after they were written.
SELECT m.number_id, m.month, m.id, m.conversation_id, m.body, CASE WHEN m.body IS NULL THEN e.payload END
FROM messages m
LEFT JOIN events e ON m.direction = 'in' AND e.number_id = m.number_id AND e.month = m.month AND e.id = m.id
WHERE m.number_id = %(number)s AND m.month = %(month)s AND m.id < %(before)s
ORDER BY m.id DESC LIMIT %(limit)s FOR KEY SHARE OF m

-- index --
-- The words of messages that were stored before.
INSERT INTO message_words (number_id, month, id, workspace_id, conversation_id, words)
SELECT t.number, t.month, t.id, %(workspace)s, t.conversation, t.words::bigint[]
FROM unnest(
    %(numbers)b::uuid[], %(months)b::date[], %(ids)b::uuid[], %(conversations)b::uuid[], %(words)b::text[]
) AS t (number, month, id, conversation, words)
ON CONFLICT DO NOTHING

-- moved --
-- How far it is now.
UPDATE message_search SET month = %(month)s, number_id = %(number)s, before = %(before)s, filled = filled + %(count)s
WHERE workspace_id = %(workspace)s

-- filled --
-- All that was stored is indexed.
UPDATE message_search SET filled_at = now() WHERE workspace_id = %(workspace)s

-- numbers --
-- All numbers of a workspace, those that were removed too.
SELECT id FROM numbers WHERE workspace_id = %(workspace)s ORDER BY id

-- clear --
-- Words that are not wanted any more.
DELETE FROM message_words WHERE (number_id, month, id) IN (
    SELECT number_id, month, id FROM message_words WHERE number_id = %(number)s LIMIT %(limit)s
)

-- cleared --
-- None are left.
DELETE FROM message_search WHERE workspace_id = %(workspace)s
