-- note --
-- A blob is here.
INSERT INTO media (workspace_id, ref, mime, bytes)
VALUES (%(workspace)s, %(ref)s, %(mime)s, %(bytes)s)
ON CONFLICT DO NOTHING

-- known --
-- What is known of a blob.
SELECT mime, bytes FROM media WHERE workspace_id = %(workspace)s AND ref = %(ref)s

-- forget --
-- A blob is gone.
DELETE FROM media WHERE workspace_id = %(workspace)s AND ref = %(ref)s

-- expired --
-- Blobs of a workspace from before a moment, oldest first.
SELECT ref FROM media WHERE workspace_id = %(workspace)s AND created_at < %(before)s
ORDER BY created_at LIMIT %(limit)s
