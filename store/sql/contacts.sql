-- find --
-- The contacts whom channels name so.
SELECT i.blind, coalesce(k.merged_into, k.id) FROM identities i JOIN contacts k ON k.id = i.contact_id
WHERE i.workspace_id = %(workspace)s AND i.blind = ANY(%(blinds)b::bytea[])

-- create --
-- New contacts.
INSERT INTO contacts (id, workspace_id)
SELECT id, %(workspace)s FROM unnest(%(ids)b::uuid[]) AS id
ON CONFLICT DO NOTHING

-- identify --
-- How channels name contacts; the first who claims a name keeps it.
INSERT INTO identities (workspace_id, blind, kind, contact_id, value)
SELECT %(workspace)s, t.* FROM unnest(
    %(blinds)b::bytea[], %(kinds)b::text[], %(contacts)b::uuid[], %(values)b::bytea[]
) AS t
ON CONFLICT DO NOTHING

-- discard --
-- Contacts made a moment ago whose names another number claimed first.
DELETE FROM contacts c
WHERE c.workspace_id = %(workspace)s AND c.id = ANY(%(ids)b::uuid[])
  AND NOT EXISTS (SELECT FROM identities i WHERE i.contact_id = c.id)

-- profiles --
-- What the workspace knows of contacts, for their first conversation with a number.
SELECT id, profile, language, opted_out, written FROM contacts
WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)b::uuid[])

-- change --
-- Changes of contacts for the job that applies them to the workspace's profiles.
INSERT INTO contact_changes (number_id, workspace_id, id, contact_id, conversation_id, fields, at, tags)
SELECT %(number)s, %(workspace)s, t.id, t.contact, t.conversation, t.fields, t.at, t.tags::jsonb FROM unnest(
    %(ids)b::uuid[], %(contacts)b::uuid[], %(conversations)b::uuid[], %(fields)b::bytea[], %(times)b::timestamptz[],
    %(tags)b::text[]
) AS t (id, contact, conversation, fields, at, tags)
ON CONFLICT DO NOTHING
