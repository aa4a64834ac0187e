-- insert --
-- What was processed, once, normalized.
INSERT INTO events (number_id, workspace_id, slot, month, id, conversation_id, run_id, version, kind, at, payload, trace)
SELECT %(number)s, %(workspace)s, %(slot)s, month, id, conversation, run, version, kind, at, payload, trace::jsonb
FROM unnest(
    %(months)b::date[], %(ids)b::uuid[], %(conversations)b::uuid[], %(runs)b::uuid[], %(versions)b::int4[],
    %(kinds)b::text[], %(times)b::timestamptz[], %(payloads)b::bytea[], %(traces)b::text[]
) AS t (month, id, conversation, run, version, kind, at, payload, trace)
ON CONFLICT DO NOTHING
