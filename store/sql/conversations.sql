-- load --
-- Conversations as the engine last left them. One whose contact is erased is as good as gone.
SELECT c.id, c.contact_id, c.state, c.contact, c.last_in_at, k.merged_into IS NOT NULL
FROM conversations c JOIN contacts k ON k.id = c.contact_id
WHERE c.number_id = %(number)s AND c.id = ANY(%(ids)b::uuid[])

-- of_contacts --
-- Conversations of contacts, whatever their ids come from.
SELECT contact_id, id FROM conversations WHERE number_id = %(number)s AND contact_id = ANY(%(contacts)b::uuid[])

-- upsert --
-- Where each conversation stands after a turn. A contact copy that did not change is not sent.
INSERT INTO conversations AS c (
    number_id, workspace_id, slot, id, contact_id, state, contact, status, flow, step, version, run_id, team,
    opted_out, last_in_at
)
SELECT * FROM unnest(
    %(numbers)b::uuid[], %(workspaces)b::uuid[], %(slots)b::int2[], %(ids)b::uuid[], %(contacts)b::uuid[], %(states)b::bytea[], %(copies)b::bytea[], %(statuses)b::text[],
    %(flows)b::text[], %(steps)b::text[], %(versions)b::int4[], %(runs)b::uuid[], %(teams)b::text[],
    %(opted_out)b::bool[], %(last_in)b::timestamptz[]
)
ON CONFLICT (number_id, id) DO UPDATE SET
    state = excluded.state,
    contact = coalesce(excluded.contact, c.contact),
    status = excluded.status, flow = excluded.flow, step = excluded.step, version = excluded.version,
    run_id = excluded.run_id, team = excluded.team, opted_out = excluded.opted_out,
    last_in_at = coalesce(excluded.last_in_at, c.last_in_at),
    updated_at = now()
