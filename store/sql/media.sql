-- note --
-- A blob is here, from now on.
INSERT INTO media (workspace_id, ref, mime, bytes)
VALUES (%(workspace)s, %(ref)s, %(mime)s, %(bytes)s)
ON CONFLICT (workspace_id, ref) DO UPDATE SET created_at = now()

-- known --
-- What is known of a blob.
SELECT mime, bytes FROM media WHERE workspace_id = %(workspace)s AND ref = %(ref)s

-- forget --
-- A blob is gone.
DELETE FROM media WHERE workspace_id = %(workspace)s AND ref = %(ref)s

-- expired --
-- Forget blobs of a workspace that nobody has kept since a moment, oldest first.
DELETE FROM media WHERE (workspace_id, ref) IN (
    SELECT workspace_id, ref FROM media WHERE workspace_id = %(workspace)s AND created_at < %(before)s
    ORDER BY created_at LIMIT %(limit)s
) AND created_at < %(before)s
RETURNING ref
