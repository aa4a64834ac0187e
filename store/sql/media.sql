-- note --
-- A blob is here, from now on.
INSERT INTO media (workspace_id, ref, mime, bytes)
VALUES (%(workspace)s, %(ref)s, %(mime)s, %(bytes)s)
ON CONFLICT (workspace_id, ref) DO UPDATE SET created_at = now()

-- known --
-- What is known of a blob.
SELECT mime, bytes FROM media WHERE workspace_id = %(workspace)s AND ref = %(ref)s

-- forget --
-- Blobs are gone.
DELETE FROM media WHERE workspace_id = %(workspace)s AND ref = ANY(%(refs)b::text[])

-- expired --
-- Forget blobs of a workspace that nobody has kept since a moment, oldest first.
WITH gone AS (
    DELETE FROM media WHERE (workspace_id, ref) IN (
        SELECT workspace_id, ref FROM media WHERE workspace_id = %(workspace)s AND created_at < %(before)s
        ORDER BY created_at LIMIT %(limit)s
    ) AND created_at < %(before)s
    RETURNING workspace_id, ref
), uses AS (
    DELETE FROM media_uses u USING gone WHERE u.workspace_id = gone.workspace_id AND u.ref = gone.ref
)
SELECT ref FROM gone

-- used --
-- Messages whose files are these blobs.
INSERT INTO media_uses (workspace_id, ref, message_id, number_id, month, conversation_id)
SELECT %(workspace)s, t.ref, m.id, m.number_id, m.month, m.conversation_id
FROM unnest(%(ids)b::uuid[], %(refs)b::text[]) AS t (id, ref)
JOIN messages m ON m.number_id = %(number)s AND m.month = ANY(%(months)b::date[]) AND m.id = t.id
ON CONFLICT DO NOTHING
