-- insert --
-- New events. A source id that is already there is the same event: its row stays as it is.
INSERT INTO inbox (number_id, source_id, workspace_id, slot, event_id, conversation_id, kind, received_at, payload)
SELECT * FROM unnest(
    %(numbers)b::uuid[], %(sources)b::text[], %(workspaces)b::uuid[], %(slots)b::int2[], %(events)b::uuid[],
    %(conversations)b::uuid[], %(kinds)b::text[], %(times)b::timestamptz[], %(payloads)b::bytea[]
)
ON CONFLICT DO NOTHING

-- pending --
-- A number's undone rows in the order in which they are to be processed.
SELECT source_id, event_id, conversation_id, kind, received_at, payload
FROM inbox
WHERE number_id = %(number)s AND slot = %(slot)s AND done_at IS NULL AND received_at >= %(since)s
ORDER BY received_at, seq
LIMIT %(limit)s

-- done --
-- Processed, or quarantined: the payload goes, key and times stay, so that a repeat is recognized.
UPDATE inbox SET done_at = now(), payload = NULL
WHERE number_id = %(number)s AND source_id = ANY(%(sources)b::text[])

-- events_of --
-- Which events came under these source ids.
SELECT source_id, event_id FROM inbox
WHERE number_id = %(number)s AND source_id = ANY(%(sources)b::text[])

-- depth --
-- How many rows wait, and since when the oldest does.
SELECT count(*), min(received_at) FROM inbox
WHERE number_id = %(number)s AND slot = %(slot)s AND done_at IS NULL
