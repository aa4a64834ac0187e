-- insert --
-- New events. A source id that is already there is the same event: its row stays as it is.
INSERT INTO inbox (number_id, source_id, workspace_id, slot, event_id, conversation_id, kind, received_at, payload)
SELECT * FROM unnest(
    %(numbers)b::uuid[], %(sources)b::text[], %(workspaces)b::uuid[], %(slots)b::int2[], %(events)b::uuid[],
    %(conversations)b::uuid[], %(kinds)b::text[], %(times)b::timestamptz[], %(payloads)b::bytea[]
)
ON CONFLICT DO NOTHING

-- pending --
-- Numbers' undone rows, each number's in the order in which they are to be processed.
SELECT n.number, p.source_id, p.event_id, p.conversation_id, p.kind, p.received_at, p.payload
FROM unnest(%(numbers)b::uuid[], %(slots)b::int2[], %(sinces)b::timestamptz[]) AS n (number, slot, since)
CROSS JOIN LATERAL (
    SELECT source_id, event_id, conversation_id, kind, received_at, payload, seq
    FROM inbox
    WHERE number_id = n.number AND slot = n.slot AND done_at IS NULL AND received_at >= n.since
    ORDER BY received_at, seq
    LIMIT %(limit)s
) AS p
ORDER BY p.received_at, p.seq

-- done --
-- Processed, or quarantined: the payload goes, key and times stay, so that a repeat is recognized.
UPDATE inbox i SET done_at = now(), payload = NULL
FROM unnest(%(numbers)b::uuid[], %(sources)b::text[]) AS d (number, source)
WHERE i.number_id = ANY(%(numbers)b::uuid[]) AND i.source_id = ANY(%(sources)b::text[])
  AND i.number_id = d.number AND i.source_id = d.source

-- events_of --
-- Which events came under these source ids.
SELECT source_id, event_id FROM inbox
WHERE number_id = %(number)s AND source_id = ANY(%(sources)b::text[])

-- depth --
-- How many rows wait, and since when the oldest does.
SELECT count(*), min(received_at) FROM inbox
WHERE number_id = %(number)s AND slot = %(slot)s AND done_at IS NULL
