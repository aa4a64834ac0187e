-- insert --
-- Keep, whole, what could not be understood or processed.
INSERT INTO quarantine (id, workspace_id, number_id, app_id, source_id, conversation_id, kind, received_at, payload, error)
SELECT * FROM unnest(
    %(ids)b::uuid[], %(workspaces)b::uuid[], %(numbers)b::uuid[], %(apps)b::uuid[], %(sources)b::text[],
    %(conversations)b::uuid[], %(kinds)b::text[], %(times)b::timestamptz[], %(payloads)b::bytea[], %(errors)b::text[]
)
ON CONFLICT DO NOTHING
