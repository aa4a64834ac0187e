-- insert --
-- What was processed, once, normalized.
INSERT INTO events (number_id, workspace_id, slot, month, id, conversation_id, run_id, version, kind, at, payload, trace)
SELECT number, workspace, slot, month, id, conversation, run, version, kind, at, payload, trace::jsonb
FROM unnest(
    %(numbers)b::uuid[], %(workspaces)b::uuid[], %(slots)b::int2[], %(months)b::date[], %(ids)b::uuid[], %(conversations)b::uuid[], %(runs)b::uuid[], %(versions)b::int4[],
    %(kinds)b::text[], %(times)b::timestamptz[], %(payloads)b::bytea[], %(traces)b::text[]
) AS t (number, workspace, slot, month, id, conversation, run, version, kind, at, payload, trace)
ON CONFLICT DO NOTHING
